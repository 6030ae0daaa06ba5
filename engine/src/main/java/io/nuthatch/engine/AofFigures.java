package io.nuthatch.engine;

/// What INFO tells of the append-only file.
///
/// @param enabled `appendonly`
/// @param rewriting whether it is being rewritten
/// @param scheduled whether it will be, when a snapshot has ended
/// @param lastRewriteSeconds how long the last rewrite took, -1 if there was none
/// @param currentRewriteSeconds for how long one has been under way, -1 if none is
/// @param rewriteOk whether the last rewrite went well
/// @param writeOk whether the last attempt to write went well
/// @param rewrites since the start
/// @param failures of rewrites, one after another
/// @param currentBytes of all its files
/// @param baseBytes of them after the last rewrite, or at the start
/// @param bufferedBytes that are not written
/// @param unforcedBytes written that may not be on disk
public record AofFigures(
        boolean enabled,
        boolean rewriting,
        boolean scheduled,
        long lastRewriteSeconds,
        long currentRewriteSeconds,
        boolean rewriteOk,
        boolean writeOk,
        long rewrites,
        long failures,
        long currentBytes,
        long baseBytes,
        long bufferedBytes,
        long unforcedBytes) {
    /// Of a server without persistence.
    public static final AofFigures NONE = new AofFigures(false, false, false, -1, -1, true, true, 0, 0, 0, 0, 0, 0);
}
