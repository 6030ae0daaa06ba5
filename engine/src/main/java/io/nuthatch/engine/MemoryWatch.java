package io.nuthatch.engine;

/// What the use of memory was over time: its peak, and for how long it exceeded `maxmemory`.
///
/// It is looked at every few milliseconds ([Engine#observe]) and whenever someone asks, so a peak that is over in
/// less may go unseen.
///
/// Thread: any; its own monitor guards it.
public final class MemoryWatch {
    private final long startupBytes;
    private long peakBytes;
    private long peakMs;
    private long exceededSinceMs;
    private long exceededMs;

    MemoryWatch(long startupBytes) {
        this.startupBytes = startupBytes;
    }

    synchronized void observe(long usedBytes, long maxBytes, long nowMs) {
        if (usedBytes > peakBytes) {
            peakBytes = usedBytes;
            peakMs = nowMs;
        }
        boolean exceeds = maxBytes > 0 && usedBytes > maxBytes;
        if (exceeds && exceededSinceMs == 0) {
            exceededSinceMs = nowMs;
        } else if (!exceeds && exceededSinceMs != 0) {
            exceededMs += nowMs - exceededSinceMs;
            exceededSinceMs = 0;
        }
    }

    /// What was used before there was any key.
    public long startupBytes() {
        return startupBytes;
    }

    public synchronized long peakBytes() {
        return peakBytes;
    }

    /// When the peak was reached, in milliseconds since 1970; 0 before the first look.
    public synchronized long peakMs() {
        return peakMs;
    }

    /// For how long `maxmemory` has been exceeded without a break, in milliseconds.
    public synchronized long exceedingMs(long nowMs) {
        return exceededSinceMs == 0 ? 0 : Math.max(0, nowMs - exceededSinceMs);
    }

    /// For how long it was exceeded in all.
    public synchronized long exceededMs(long nowMs) {
        return exceededMs + exceedingMs(nowMs);
    }

    synchronized void resetCounts() {
        exceededMs = 0;
    }
}
