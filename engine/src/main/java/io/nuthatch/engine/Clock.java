package io.nuthatch.engine;

/// The time, which comes in from outside: the system's in production, one that a test moves by hand elsewhere.
public interface Clock {
    /// The system's own.
    Clock SYSTEM = new Clock() {
        @Override
        public long wallMicros() {
            java.time.Instant now = java.time.Instant.now();
            return now.getEpochSecond() * 1_000_000 + now.getNano() / 1000;
        }

        @Override
        public long wallMs() {
            return System.currentTimeMillis();
        }

        @Override
        public long nanos() {
            return System.nanoTime();
        }
    };

    /// Microseconds since 1970.
    long wallMicros();

    /// Milliseconds since 1970: what deadlines are measured against.
    default long wallMs() {
        return wallMicros() / 1000;
    }

    /// A monotonic count of nanoseconds from an arbitrary beginning: for durations.
    long nanos();
}
