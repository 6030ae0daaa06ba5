package io.nuthatch.engine;

import io.nuthatch.resp.ReplySink;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;

/// What HELP answers: a line of introduction, then two lines for each subcommand.
///
/// @param command the container's name, in capitals
public record Help(String command, List<Entry> entries) {
    /// A subcommand.
    ///
    /// @param syntax without the container's name
    public record Entry(String syntax, String brief) {}

    /// Taken from the rows of the subcommands, HELP itself last.
    static Help of(Command container) {
        String name = container.name().toUpperCase(Locale.ROOT);
        return new Help(
                name,
                container.subcommands().stream()
                        .sorted(Comparator.comparing(each -> each.name().equals("help")))
                        .map(each -> new Entry(each.syntax().substring(name.length() + 1), each.brief()))
                        .toList());
    }

    public void tell(ReplySink reply) {
        reply.array(1 + 2 * entries.size());
        reply.simple(command + " <subcommand> [<arg> [value] [opt] ...]. Subcommands are:");
        for (Entry entry : entries) {
            reply.simple(entry.syntax());
            reply.simple("    " + entry.brief());
        }
    }
}
