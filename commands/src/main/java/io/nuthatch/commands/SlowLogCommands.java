package io.nuthatch.commands;

import static io.nuthatch.engine.Command.container;
import static io.nuthatch.engine.Command.help;
import static io.nuthatch.engine.Command.row;
import static io.nuthatch.engine.CommandFlag.ADMIN;
import static io.nuthatch.engine.CommandFlag.LOADING;
import static io.nuthatch.engine.CommandFlag.STALE;

import io.nuthatch.engine.Args;
import io.nuthatch.engine.CommandError;
import io.nuthatch.engine.Family;
import io.nuthatch.engine.Session;
import io.nuthatch.engine.SlowLog;
import io.nuthatch.memory.Scratch;
import io.nuthatch.resp.ReplySink;
import java.util.List;
import java.util.Set;

/// SLOWLOG: the commands that took long. The table, then the bodies in the same order.
@SuppressWarnings("StaticAssignmentOfThrowable") // They have neither stack trace nor suppressed exceptions to keep.
public final class SlowLogCommands {
    private static final CommandError COUNT_TOO_SMALL =
            CommandError.of("ERR count should be greater than or equal to -1");

    private static final long USUAL_ENTRIES = 10;

    private SlowLogCommands() {}

    public static Family family() {
        return Family.of(
                "server",
                Set.of(),
                container("SLOWLOG", "2.2.12", "A container for slow log commands."),
                row("SLOWLOG GET [count]")
                        .is(ADMIN, LOADING, STALE)
                        .tips("request_policy:all_nodes", "nondeterministic_output")
                        .since("2.2.12")
                        .brief("Returns the slow log's entries.")
                        .cost("O(N), N being the number of entries returned.")
                        .answers(SlowLogCommands::get),
                help("SLOWLOG", "6.2.0"),
                row("SLOWLOG LEN")
                        .is(ADMIN, LOADING, STALE)
                        .tips("request_policy:all_nodes", "response_policy:agg_sum", "nondeterministic_output")
                        .since("2.2.12")
                        .brief("Returns the number of entries in the slow log.")
                        .answers((args, session, reply) ->
                                reply.integer(session.engine().slowLog().size())),
                row("SLOWLOG RESET")
                        .is(ADMIN, LOADING, STALE)
                        .tips("request_policy:all_nodes", "response_policy:all_succeeded")
                        .since("2.2.12")
                        .brief("Clears all entries from the slow log.")
                        .cost("O(N), N being the number of entries in the slow log.")
                        .answers(SlowLogCommands::reset));
    }

    private static void get(Args args, Session session, ReplySink reply) {
        if (args.count() > 3) {
            throw CommandError.wrongSubcommandArity(args.cited(1), "SLOWLOG");
        }
        long most = USUAL_ENTRIES;
        if (args.count() == 3) {
            most = args.integer(2, -1, Integer.MAX_VALUE, COUNT_TOO_SMALL);
        }
        List<SlowLog.Entry> entries = session.engine().slowLog().newest(most < 0 ? Long.MAX_VALUE : most);
        reply.array(entries.size());
        for (SlowLog.Entry entry : entries) {
            reply.array(6);
            reply.integer(entry.id());
            reply.integer(entry.wallSeconds());
            reply.integer(entry.micros());
            reply.array(entry.words().size());
            for (byte[] word : entry.words()) {
                try (Scratch bytes = Scratch.of(word)) {
                    reply.bulk(bytes.bytes());
                }
            }
            reply.bulk(entry.client());
            reply.bulk(entry.name());
        }
    }

    private static void reset(Args ignored, Session session, ReplySink reply) {
        session.engine().slowLog().clear();
        reply.ok();
    }
}
