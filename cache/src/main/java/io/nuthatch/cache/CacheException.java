package io.nuthatch.cache;

import org.jspecify.annotations.Nullable;

/// What a cache throws when it cannot do what was asked. A tier that fails is no reason: only the source is, or
/// the caller.
public sealed class CacheException extends RuntimeException {
    private CacheException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }

    /// The source failed and there was nothing stale to answer with. The cause is what the loader threw.
    public static final class LoadFailed extends CacheException {
        LoadFailed(String cache, Object key, Throwable cause) {
            super("cache " + cache + " could not load key " + key + ": " + cause, cause);
        }
    }

    /// The source took longer than the hard timeout and there was nothing stale to answer with. The load runs on;
    /// its result is kept.
    public static final class LoadTimedOut extends CacheException {
        LoadTimedOut(String cache, Object key, java.time.Duration timeout) {
            super("cache " + cache + " waited " + timeout + " for the load of key " + key, null);
        }
    }

    /// The writer refused or failed a change; no tier holds the value that was to be written.
    public static final class WriteFailed extends CacheException {
        WriteFailed(String cache, Object change, Throwable cause) {
            super("cache " + cache + " could not write " + change + ": " + cause, cause);
        }
    }

    /// The thread was interrupted while it waited.
    public static final class Interrupted extends CacheException {
        Interrupted(String cache, InterruptedException cause) {
            super("cache " + cache + " was interrupted while waiting", cause);
        }
    }
}
