package io.nuthatch.commands;

import static io.nuthatch.engine.Command.row;
import static io.nuthatch.engine.CommandFlag.LOADING;
import static io.nuthatch.engine.CommandFlag.STALE;

import io.nuthatch.engine.Args;
import io.nuthatch.engine.Family;
import io.nuthatch.engine.Session;
import io.nuthatch.resp.ReplySink;
import java.util.EnumSet;
import java.util.Locale;
import java.util.Set;
import java.util.stream.Collectors;

/// INFO: what the server knows of itself, section by section. What stands in each is in [InfoSection].
public final class InfoCommands {
    private InfoCommands() {}

    public static Family family() {
        return Family.of(
                "server",
                Set.of(),
                row("INFO [section [section ...]]")
                        .is(LOADING, STALE)
                        .categories("dangerous")
                        .tips("nondeterministic_output", "request_policy:all_shards", "response_policy:special")
                        .since("1.0.0")
                        .brief("Returns information and statistics about the server.")
                        .answers(InfoCommands::info));
    }

    private static void info(Args args, Session session, ReplySink reply) {
        String text =
                wanted(args).stream().map(section -> section.text(session)).collect(Collectors.joining("\r\n"));
        reply.verbatim("txt", text);
    }

    /// The sections come in their own order, each once, however they were asked for.
    private static Set<InfoSection> wanted(Args args) {
        Set<InfoSection> wanted = EnumSet.noneOf(InfoSection.class);
        if (args.count() == 1) {
            wanted.addAll(InfoSection.USUAL);
        }
        for (int i = 1; i < args.count(); i++) {
            String name = args.text(i).toUpperCase(Locale.ROOT);
            switch (name) {
                case "DEFAULT" -> wanted.addAll(InfoSection.USUAL);
                case "ALL", "EVERYTHING" -> wanted.addAll(EnumSet.allOf(InfoSection.class));
                default -> InfoSection.named(name).ifPresent(wanted::add);
            }
        }
        return wanted;
    }
}
