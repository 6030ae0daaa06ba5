package io.nuthatch.engine;

import java.util.List;
import java.util.Set;

/// How one client wants to hear of changes to what it caches: CLIENT TRACKING ON.
///
/// Threads: whoever changes a key reads it; the client's own thread writes.
public final class Tracker {
    /// What it hears of.
    public enum Mode {
        /// All keys that it reads.
        ALL,
        /// Those that it reads right after CLIENT CACHING YES.
        OPT_IN,
        /// All that it reads but right after CLIENT CACHING NO.
        OPT_OUT,
        /// All keys that begin with its prefixes, whether it has read them or not.
        BROADCAST
    }

    /// What a client asks for.
    ///
    /// @param noLoop not to hear of its own changes
    /// @param redirect the client who is to hear of it instead, or 0
    /// @param prefixes for broadcasts; none stands for the empty one
    public record Options(Mode mode, boolean noLoop, long redirect, List<byte[]> prefixes) {}

    private final Options options;

    /// Of a broadcast, in the order of their bytes.
    private final Set<ByteString> prefixes;

    private volatile boolean redirectBroken;

    /// Whether CLIENT CACHING has been said for the command or transaction that follows. Thread: the client's.
    private boolean caching;

    Tracker(Options options, Set<ByteString> prefixes) {
        this.options = options;
        this.prefixes = prefixes;
    }

    public Mode mode() {
        return options.mode();
    }

    public boolean isNoLoop() {
        return options.noLoop();
    }

    /// The client who hears of it instead, or 0.
    public long redirect() {
        return options.redirect();
    }

    /// Whether that one has been found to be gone.
    public boolean isRedirectBroken() {
        return redirectBroken;
    }

    void breakRedirect() {
        redirectBroken = true;
    }

    public List<byte[]> prefixes() {
        return prefixes.stream().map(ByteString::toArray).toList();
    }

    Set<ByteString> prefixNames() {
        return prefixes;
    }

    public boolean isCaching() {
        return caching;
    }

    public void caching(boolean is) {
        caching = is;
    }

    /// Whether what is read now is to be remembered.
    boolean remembers() {
        return switch (options.mode()) {
            case ALL -> true;
            case OPT_IN -> caching;
            case OPT_OUT -> !caching;
            case BROADCAST -> false;
        };
    }
}
