package io.nuthatch.engine;

import org.jspecify.annotations.Nullable;

/// Something that may refuse a command before it runs: for want of a password, of memory, of a right. The engine
/// asks its gates in order; the first refusal is the reply.
@FunctionalInterface
public interface Gate {
    /// @return the refusal, or null to let the command pass
    @Nullable
    CommandError refuse(Session session, Command command, Args args);
}
