package io.nuthatch.commands;

import static io.nuthatch.engine.Command.help;
import static io.nuthatch.engine.Command.row;
import static io.nuthatch.engine.CommandFlag.LOADING;
import static io.nuthatch.engine.CommandFlag.STALE;

import io.nuthatch.engine.Args;
import io.nuthatch.engine.Command;
import io.nuthatch.engine.CommandError;
import io.nuthatch.engine.CommandTable;
import io.nuthatch.engine.Family;
import io.nuthatch.engine.Glob;
import io.nuthatch.engine.KeySpec;
import io.nuthatch.engine.Session;
import io.nuthatch.resp.ReplySink;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.Stream;

/// COMMAND: what there is to say of commands. All of it comes from their rows. The table, then the bodies in the
/// same order.
@SuppressWarnings("StaticAssignmentOfThrowable") // They have neither stack trace nor suppressed exceptions to keep.
public final class CommandCommands {
    private static final CommandError INVALID_COMMAND = CommandError.of("ERR Invalid command specified");
    private static final CommandError NO_KEYS = CommandError.of("ERR The command has no key arguments");
    private static final CommandError WRONG_WORDS =
            CommandError.of("ERR Invalid number of arguments specified for command");
    private static final CommandError WRONG_KEYS = CommandError.of("ERR Invalid arguments specified for command");

    private CommandCommands() {}

    public static Family family() {
        return Family.of(
                "server",
                Set.of("connection"),
                row("COMMAND")
                        .contains()
                        .is(LOADING, STALE)
                        .tips("nondeterministic_output_order")
                        .since("2.8.13")
                        .brief("Returns detailed information about all commands.")
                        .cost("O(N), N being the number of commands.")
                        .answers(CommandCommands::command),
                row("COMMAND COUNT")
                        .is(LOADING, STALE)
                        .since("2.8.13")
                        .brief("Returns a count of commands.")
                        .answers((args, session, reply) -> reply.integer(
                                session.engine().commands().commands().size())),
                row("COMMAND DOCS [command-name [command-name ...]]")
                        .is(LOADING, STALE)
                        .tips("nondeterministic_output_order")
                        .since("7.0.0")
                        .brief("Returns documentary information about one, multiple or all commands.")
                        .cost("O(N), N being the number of commands.")
                        .answers(CommandCommands::docs),
                row("COMMAND GETKEYS command [arg [arg ...]]")
                        .is(LOADING, STALE)
                        .since("2.8.13")
                        .brief("Extracts the key names from an arbitrary command.")
                        .cost("O(N), N being the number of arguments.")
                        .answers(CommandCommands::getKeys),
                row("COMMAND GETKEYSANDFLAGS command [arg [arg ...]]")
                        .is(LOADING, STALE)
                        .since("7.0.0")
                        .brief("Extracts the key names and access flags for an arbitrary command.")
                        .cost("O(N), N being the number of arguments.")
                        .answers(CommandCommands::getKeysAndFlags),
                help("COMMAND", "5.0.0"),
                row("COMMAND INFO [command-name [command-name ...]]")
                        .is(LOADING, STALE)
                        .tips("nondeterministic_output_order")
                        .since("2.8.13")
                        .brief("Returns information about one, multiple or all commands.")
                        .cost("O(N), N being the number of commands.")
                        .answers(CommandCommands::info),
                row("COMMAND LIST [FILTERBY <MODULE module-name | ACLCAT category | PATTERN pattern>]")
                        .is(LOADING, STALE)
                        .tips("nondeterministic_output_order")
                        .since("7.0.0")
                        .brief("Returns a list of command names.")
                        .cost("O(N), N being the number of commands.")
                        .answers(CommandCommands::list));
    }

    private static void command(Args ignored, Session session, ReplySink reply) {
        List<Command> all = session.engine().commands().commands();
        reply.array(all.size());
        all.forEach(each -> describe(each, reply));
    }

    private static void docs(Args args, Session session, ReplySink reply) {
        CommandTable table = session.engine().commands();
        List<Command> named = new ArrayList<>();
        for (int i = 2; i < args.count(); i++) {
            named(table, args.text(i)).ifPresent(named::add);
        }
        CommandDocs.of(args.count() == 2 ? table.commands() : named, reply);
    }

    private static void getKeys(Args args, Session session, ReplySink reply) {
        List<Key> keys = keys(args, session);
        reply.array(keys.size());
        keys.forEach(key -> reply.bulk(args.bytes(key.index())));
    }

    private static void getKeysAndFlags(Args args, Session session, ReplySink reply) {
        List<Key> keys = keys(args, session);
        reply.array(keys.size());
        for (Key key : keys) {
            reply.array(2);
            reply.bulk(args.bytes(key.index()));
            statuses(key.flags(), reply);
        }
    }

    /// @param index among the words of COMMAND GETKEYS
    /// @param flags what the command does to it, in Redis's words
    private record Key(int index, List<String> flags) {}

    private static List<Key> keys(Args args, Session session) {
        int first = 2;
        Args call = args.from(first);
        Command command = called(session.engine().commands(), call);
        if (command.keySpecs().isEmpty()) {
            throw NO_KEYS;
        }
        if (!command.takes(call.count())) {
            throw WRONG_WORDS;
        }
        List<Key> keys = new ArrayList<>();
        for (KeySpec spec : command.keySpecs()) {
            List<String> flags = command.keyFlags(spec, call).stream()
                    .filter(flag -> !flag.equals("variable_flags"))
                    .toList();
            spec.positions(call, index -> keys.add(new Key(first + index, flags)));
        }
        if (keys.isEmpty()) {
            throw WRONG_KEYS;
        }
        return keys;
    }

    private static Command called(CommandTable table, Args call) {
        Command command = named(table, call.text(0)).orElseThrow(() -> INVALID_COMMAND);
        if (!command.isContainer() || call.count() == 1) {
            return command;
        }
        return named(table, command.name() + "|" + call.text(1)).orElseThrow(() -> INVALID_COMMAND);
    }

    private static void info(Args args, Session session, ReplySink reply) {
        if (args.count() == 2) {
            command(args, session, reply);
            return;
        }
        CommandTable table = session.engine().commands();
        reply.array(args.count() - 2);
        for (int i = 2; i < args.count(); i++) {
            Optional<Command> found = named(table, args.text(i));
            if (found.isPresent()) {
                describe(found.get(), reply);
            } else {
                reply.nullBulk();
            }
        }
    }

    private static Optional<Command> named(CommandTable table, String name) {
        String[] parts = name.split("\\|", -1);
        boolean wellFormed = parts.length <= 2 && Stream.of(parts).noneMatch(String::isEmpty);
        return wellFormed ? table.named(name.toLowerCase(Locale.ROOT)) : Optional.empty();
    }

    private static void describe(Command command, ReplySink reply) {
        reply.array(10);
        reply.bulk(command.fullName());
        reply.integer(command.arity());
        statuses(command.flags().stream().map(flag -> flag.redisName()).toList(), reply);
        keyRange(command.keySpecs(), reply);
        statuses(command.categories().stream().map(category -> "@" + category).toList(), reply);
        reply.set(command.tips().size());
        command.tips().forEach(reply::bulk);
        reply.set(command.keySpecs().size());
        command.keySpecs().forEach(spec -> describe(spec, reply));
        if (command.subcommands().isEmpty()) {
            reply.set(0);
            return;
        }
        reply.array(command.subcommands().size());
        command.subcommands().forEach(each -> describe(each, reply));
    }

    private static void statuses(Collection<String> words, ReplySink reply) {
        reply.set(words.size());
        words.forEach(reply::simple);
    }

    /// The first key, the last and the step: what the first key specification says, widened by those that follow.
    private static void keyRange(List<KeySpec> specs, ReplySink reply) {
        int first = 0;
        int last = 0;
        int step = 0;
        for (KeySpec spec : specs) {
            if (spec.begin() instanceof KeySpec.Begin.Index(int position)
                    && spec.find() instanceof KeySpec.Find.Range(int end, int each, int _)) {
                int stop = end < 0 ? end : position + end;
                if (first == 0) {
                    first = position;
                    last = stop;
                    step = each;
                } else if (last >= 0 && position == last + 1) {
                    last = stop;
                }
            }
        }
        reply.integer(first);
        reply.integer(last);
        reply.integer(step);
    }

    private static void describe(KeySpec spec, ReplySink reply) {
        reply.map(3);
        reply.bulk("flags");
        statuses(spec.flags(), reply);
        reply.bulk("begin_search");
        switch (spec.begin()) {
            case KeySpec.Begin.Index(int position) -> {
                typed("index", 1, reply);
                field("index", position, reply);
            }
            case KeySpec.Begin.Keyword(String word, int start) -> {
                typed("keyword", 2, reply);
                reply.bulk("keyword");
                reply.bulk(word);
                field("startfrom", start, reply);
            }
            case KeySpec.Begin.Unknown _ -> typed("unknown", 0, reply);
        }
        reply.bulk("find_keys");
        switch (spec.find()) {
            case KeySpec.Find.Range(int last, int step, int limit) -> {
                typed("range", 3, reply);
                field("lastkey", last, reply);
                field("keystep", step, reply);
                field("limit", limit, reply);
            }
            case KeySpec.Find.Counted(int count, int first, int step) -> {
                typed("keynum", 3, reply);
                field("keynumidx", count, reply);
                field("firstkey", first, reply);
                field("keystep", step, reply);
            }
            case KeySpec.Find.Unknown() -> typed("unknown", 0, reply);
        }
    }

    private static void typed(String type, int fields, ReplySink reply) {
        reply.map(2);
        reply.bulk("type");
        reply.bulk(type);
        reply.bulk("spec");
        reply.map(fields);
    }

    private static void field(String name, long value, ReplySink reply) {
        reply.bulk(name);
        reply.integer(value);
    }

    private static void list(Args args, Session session, ReplySink reply) {
        List<String> names = session.engine().commands().all().stream()
                .filter(filter(args))
                .map(Command::fullName)
                .toList();
        reply.array(names.size());
        names.forEach(reply::bulk);
    }

    private static Predicate<Command> filter(Args args) {
        if (args.count() == 2) {
            return each -> true;
        }
        if (args.count() != 5 || !args.is(2, "filterby")) {
            throw CommandError.SYNTAX;
        }
        if (args.is(3, "module")) {
            return each -> false;
        }
        if (args.is(3, "aclcat")) {
            String category = args.text(4).toLowerCase(Locale.ROOT);
            return each -> each.categories().contains(category);
        }
        if (args.is(3, "pattern")) {
            String pattern = args.text(4);
            return each -> Glob.matchesAnyCase(pattern, each.fullName());
        }
        throw CommandError.SYNTAX;
    }
}
