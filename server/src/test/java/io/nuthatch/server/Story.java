package io.nuthatch.server;

import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// A fact about the server, told as what clients send and what they see.
///
/// @param fact the sentence the story proves, and the name of its test
/// @param notRedis7 why Redis 7.0 cannot be expected to pass, or null when it can
/// @param line where the story begins in its file
record Story(String fact, @Nullable String notRedis7, int line, List<Step> steps) {
    sealed interface Step {
        /// Where the step stands in its file.
        int line();
    }

    /// A connection sends a command line and gets a reply.
    record Send(int line, String connection, String command, List<String> reply) implements Step {}

    /// A connection sends a command line whose reply comes later, or never.
    record SendOnly(int line, String connection, String command) implements Step {}

    /// Something reaches a connection without a command of its own: a push, a MONITOR line, a late reply.
    record Arrive(int line, String connection, List<String> reply) implements Step {}

    /// Time passes.
    record Pass(int line, Duration duration) implements Step {}
}
