package io.nuthatch.engine;

/// CLIENT PAUSE: for a while, commands wait, all of them or only those that write.
public final class Pause {
    private volatile long untilMs;
    private volatile boolean writesOnly;

    /// Pauses until a moment; a longer pause that is under way is not cut short.
    public synchronized void begin(long untilMs, boolean writesOnly) {
        this.untilMs = Math.max(this.untilMs, untilMs);
        this.writesOnly = writesOnly;
    }

    /// Ends the pause.
    public synchronized void end() {
        untilMs = 0;
    }

    public boolean isOn(long nowMs) {
        return untilMs > nowMs;
    }

    /// When it ends, in milliseconds since 1970.
    public long untilMs() {
        return untilMs;
    }

    public boolean writesOnly() {
        return writesOnly;
    }

    /// @param writes whether the command may change something
    boolean holds(Command command, boolean writes, long nowMs) {
        return untilMs != 0
                && untilMs > nowMs
                && (!writesOnly || writes)
                && !command.fullName().startsWith("client|");
    }
}
