package io.nuthatch.engine;

/// CLIENT PAUSE: for a while, commands wait, all of them or only those that write.
public final class Pause {
    /// What waits.
    public enum Extent {
        WRITES,
        ALL
    }

    private volatile long untilMs;
    private volatile Extent extent = Extent.WRITES;

    /// Pauses until a moment. A pause that is under way is neither cut short nor loosened.
    public synchronized void begin(long nowMs, long untilMs, Extent extent) {
        boolean stricter = !isOn(nowMs) || extent == Extent.ALL;
        this.extent = stricter ? extent : this.extent;
        this.untilMs = Math.max(this.untilMs, untilMs);
    }

    /// Ends the pause.
    public synchronized void end() {
        untilMs = 0;
    }

    public boolean isOn(long nowMs) {
        return untilMs > nowMs;
    }

    /// When it ends, in milliseconds since 1970; in the past if there is none.
    public long untilMs() {
        return untilMs;
    }

    public Extent extent() {
        return extent;
    }

    /// @param writes whether the command may change something
    boolean holds(boolean writes, long nowMs) {
        return untilMs != 0 && untilMs > nowMs && (extent == Extent.ALL || writes);
    }
}
