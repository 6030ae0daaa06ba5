package io.nuthatch.engine;

/// Whether data is being read from disk, and how far that has come. Clients are turned away meanwhile.
///
/// Threads: one loads; any look.
public final class Loading {
    private final Clock clock;
    private volatile boolean on;
    private volatile long beganMs;
    private volatile long totalBytes;
    private volatile long doneBytes;

    Loading(Clock clock) {
        this.clock = clock;
    }

    /// @param bytes how much there is to read
    public void begin(long bytes) {
        beganMs = clock.wallMs();
        totalBytes = bytes;
        doneBytes = 0;
        on = true;
    }

    /// So much has been read, of all there is.
    public void reached(long bytes) {
        doneBytes = bytes;
    }

    public void end() {
        on = false;
    }

    public boolean isOn() {
        return on;
    }

    /// When it began, in seconds since 1970.
    public long beganSeconds() {
        return beganMs / 1000;
    }

    public long totalBytes() {
        return totalBytes;
    }

    public long doneBytes() {
        return doneBytes;
    }

    /// How long it will take from now on, if it goes on as before; -1 while nobody can tell.
    public long leftSeconds() {
        long seconds = (clock.wallMs() - beganMs) / 1000;
        return seconds == 0 || doneBytes == 0 ? -1 : seconds * (totalBytes - doneBytes) / doneBytes;
    }
}
