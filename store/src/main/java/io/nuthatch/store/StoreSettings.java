package io.nuthatch.store;

/// What an operator may change about the store while it runs. Fields are volatile: they are written by whoever
/// handles the change and read by every thread.
public final class StoreSettings {
    /// `maxmemory`: bytes that keys and values may take, 0 for no limit.
    public volatile long maxMemoryBytes;

    public volatile EvictionPolicy policy = EvictionPolicy.NOEVICTION;

    /// `maxmemory-samples`: how many keys are compared to choose the one to evict.
    public volatile int samples = 5;

    /// `maxmemory-eviction-tenacity`, 0 to 100: how long one command may go on evicting before it gives up.
    public volatile int tenacity = 10;

    /// `lfu-log-factor` and `lfu-decay-time`.
    public volatile int lfuLogFactor = 10;

    public volatile int lfuDecayMinutes = 1;

    /// Whether keys are removed when their time comes; if not, only when somebody asks for them (DEBUG
    /// SET-ACTIVE-EXPIRE).
    public volatile boolean activeExpiry = true;

    /// Whether anyone is told when a value takes the place of another ([KeyEvent#OVERWRITTEN]).
    public volatile boolean tellsOverwriting;

    /// `list-max-listpack-size`: the most entries of a listpack in a list; negative: its most bytes, -1 for 4 KiB
    /// to -5 for 64 KiB.
    public volatile int listMaxListpackSize = -2;

    /// `set-max-intset-entries`.
    public volatile long setMaxIntsetEntries = 512;

    /// `set-max-listpack-entries` and `set-max-listpack-value`, in bytes; and so on for the other types.
    public volatile long setMaxListpackEntries = 128;

    public volatile long setMaxListpackValue = 64;
    public volatile long hashMaxListpackEntries = 512;
    public volatile long hashMaxListpackValue = 64;
    public volatile long sortedSetMaxListpackEntries = 128;
    public volatile long sortedSetMaxListpackValue = 64;

    /// `stream-node-max-bytes` and `stream-node-max-entries`: the most that a node of a stream takes, 0 for no limit.
    public volatile long streamNodeMaxBytes = 4096;

    public volatile long streamNodeMaxEntries = 100;

    /// `stream-idmp-duration` and `stream-idmp-maxsize`: for how many seconds a stream knows what a producer has called
    /// its entries, and how many of these names it keeps for each.
    public volatile long streamIdmpDuration = 100;

    public volatile long streamIdmpMaxsize = 100;
}
