package io.nuthatch.commands;

import static io.nuthatch.engine.Command.container;
import static io.nuthatch.engine.Command.row;
import static io.nuthatch.engine.CommandFlag.ADMIN;
import static io.nuthatch.engine.CommandFlag.ALLOW_BUSY;
import static io.nuthatch.engine.CommandFlag.FAST;
import static io.nuthatch.engine.CommandFlag.LOADING;
import static io.nuthatch.engine.CommandFlag.NOSCRIPT;
import static io.nuthatch.engine.CommandFlag.NO_MULTI;
import static io.nuthatch.engine.CommandFlag.PROTECTED;
import static io.nuthatch.engine.CommandFlag.READONLY;
import static io.nuthatch.engine.CommandFlag.STALE;
import static io.nuthatch.engine.CommandFlag.WRITE;

import io.nuthatch.engine.Args;
import io.nuthatch.engine.Command;
import io.nuthatch.engine.CommandError;
import io.nuthatch.engine.CommandStats;
import io.nuthatch.engine.CommandTable;
import io.nuthatch.engine.Config;
import io.nuthatch.engine.Engine;
import io.nuthatch.engine.Family;
import io.nuthatch.engine.KeySpec;
import io.nuthatch.engine.Session;
import io.nuthatch.engine.Setting;
import io.nuthatch.engine.SlowLog;
import io.nuthatch.engine.Worker;
import io.nuthatch.resp.ReplySink;
import io.nuthatch.store.Keyspace;
import io.nuthatch.store.Tx;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.locks.LockSupport;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/// What concerns the server as a whole: the table, then the bodies in the same order.
public final class ServerCommands {
    private static final long DEFAULT_SLOWLOG_ENTRIES = 10;

    private static final List<String> SECTIONS =
            List.of("server", "clients", "memory", "stats", "replication", "errorstats", "keyspace");

    private ServerCommands() {}

    /// @param shutdown has the server end, without waiting for it: it is called on the thread of a connection
    public static Family family(Runnable shutdown) {
        return new Family(
                "server",
                Set.of(),
                Stream.concat(introspection().stream(), administration(shutdown).stream())
                        .toList());
    }

    private static List<Command> introspection() {
        return List.of(
                row("COMMAND")
                        .contains()
                        .is(LOADING, STALE)
                        .categories("connection")
                        .tips("nondeterministic_output_order")
                        .since("2.8.13")
                        .brief("Returns detailed information about all commands.")
                        .cost("O(N), N being the number of commands.")
                        .answers(ServerCommands::command),
                row("COMMAND COUNT")
                        .is(LOADING, STALE)
                        .categories("connection")
                        .since("2.8.13")
                        .brief("Returns a count of commands.")
                        .answers(ServerCommands::commandCount),
                row("COMMAND INFO [command-name [command-name ...]]")
                        .is(LOADING, STALE)
                        .categories("connection")
                        .tips("nondeterministic_output_order")
                        .since("2.8.13")
                        .brief("Returns information about one, multiple or all commands.")
                        .cost("O(N), N being the number of commands.")
                        .answers(ServerCommands::commandInfo),
                row("COMMAND LIST [FILTERBY <MODULE module-name | ACLCAT category | PATTERN pattern>]")
                        .is(LOADING, STALE)
                        .categories("connection")
                        .tips("nondeterministic_output_order")
                        .since("7.0.0")
                        .brief("Returns a list of command names.")
                        .cost("O(N), N being the number of commands.")
                        .answers(ServerCommands::commandList),
                container("CONFIG", "2.0.0", "A container for server configuration commands."),
                row("CONFIG GET parameter [parameter ...]")
                        .is(ADMIN, NOSCRIPT, LOADING, STALE)
                        .since("2.0.0")
                        .brief("Returns the effective values of configuration parameters.")
                        .cost("O(N), N being the number of parameters.")
                        .answers(ServerCommands::configGet),
                row("CONFIG RESETSTAT")
                        .is(ADMIN, NOSCRIPT, LOADING, STALE)
                        .tips("request_policy:all_nodes", "response_policy:all_succeeded")
                        .since("2.0.0")
                        .brief("Resets the server's statistics.")
                        .answers(ServerCommands::configResetStat),
                row("CONFIG SET parameter value [parameter value ...]")
                        .is(ADMIN, NOSCRIPT, LOADING, STALE)
                        .tips("request_policy:all_nodes", "response_policy:all_succeeded")
                        .since("2.0.0")
                        .brief("Sets configuration parameters in-flight.")
                        .cost("O(N), N being the number of parameters.")
                        .answers(ServerCommands::configSet),
                row("DBSIZE")
                        .is(READONLY, FAST)
                        .categories("keyspace")
                        .tips("request_policy:all_shards", "response_policy:agg_sum")
                        .since("1.0.0")
                        .brief("Returns the number of keys in the database.")
                        .does(ServerCommands::dbSize),
                row("INFO [section [section ...]]")
                        .is(LOADING, STALE)
                        .categories("dangerous")
                        .tips("nondeterministic_output", "request_policy:all_shards", "response_policy:special")
                        .since("1.0.0")
                        .brief("Returns information and statistics about the server.")
                        .answers(ServerCommands::info),
                container("SLOWLOG", "2.2.12", "A container for slow log commands."),
                row("SLOWLOG GET [count]")
                        .is(ADMIN, LOADING, STALE)
                        .tips("request_policy:all_nodes", "nondeterministic_output")
                        .since("2.2.12")
                        .brief("Returns the slow log's entries.")
                        .cost("O(N), N being the number of entries returned.")
                        .answers(ServerCommands::slowlogGet),
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
                        .answers(ServerCommands::slowlogReset),
                row("TIME")
                        .is(LOADING, STALE, FAST)
                        .categories()
                        .tips("nondeterministic_output")
                        .since("2.6.0")
                        .brief("Returns the server's time.")
                        .answers(ServerCommands::time));
    }

    private static List<Command> administration(Runnable shutdown) {
        return List.of(
                row("DEBUG subcommand [arg [arg ...]]")
                        .is(ADMIN, NOSCRIPT, LOADING, STALE, PROTECTED)
                        .since("1.0.0")
                        .brief("Serves the testing of the server: SLEEP seconds, SET-ACTIVE-EXPIRE 0 or 1.")
                        .cost("Depends on subcommand.")
                        .answers(ServerCommands::debug),
                row("FLUSHALL [ASYNC | SYNC]")
                        .is(WRITE)
                        .categories("keyspace", "dangerous")
                        .tips("request_policy:all_shards", "response_policy:all_succeeded")
                        .since("1.0.0")
                        .brief("Removes all keys from all databases.")
                        .cost("O(1), the memory being freed in the background.")
                        .answers(ServerCommands::flushAll),
                row("FLUSHDB [ASYNC | SYNC]")
                        .is(WRITE)
                        .categories("keyspace", "dangerous")
                        .tips("request_policy:all_shards", "response_policy:all_succeeded")
                        .since("1.0.0")
                        .brief("Removes all keys from the current database.")
                        .cost("O(1), the memory being freed in the background.")
                        .answers(ServerCommands::flushDb),
                row("MONITOR")
                        .is(ADMIN, NOSCRIPT, LOADING, STALE)
                        .since("1.0.0")
                        .brief("Listens for all requests received by the server in real-time.")
                        .answers(ServerCommands::monitor),
                row("SHUTDOWN [NOSAVE | SAVE] [NOW] [FORCE] [ABORT]")
                        .is(ADMIN, NOSCRIPT, LOADING, STALE, NO_MULTI, ALLOW_BUSY)
                        .since("1.0.0")
                        .brief("Shuts the server down.")
                        .answers((args, session, reply) -> shutdown(args, session, shutdown)),
                row("SWAPDB index1 index2")
                        .is(WRITE, FAST)
                        .categories("keyspace", "dangerous")
                        .since("4.0.0")
                        .brief("Swaps two databases.")
                        .answers(ServerCommands::swapDb));
    }

    // ---- COMMAND ----------------------------------------------------------------------------------------------

    private static void command(Args ignored, Session session, ReplySink reply) {
        List<Command> all = session.engine().commands().commands();
        reply.array(all.size());
        all.forEach(each -> describe(each, reply));
    }

    private static void commandCount(Args ignored, Session session, ReplySink reply) {
        reply.integer(session.engine().commands().commands().size());
    }

    private static void commandInfo(Args args, Session session, ReplySink reply) {
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
                reply.nullArray();
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
        reply.array(command.tips().size());
        command.tips().forEach(reply::bulk);
        reply.array(command.keySpecs().size());
        command.keySpecs().forEach(spec -> describe(spec, reply));
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
            case KeySpec.Begin.Unknown() -> typed("unknown", 0, reply);
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

    private static void commandList(Args args, Session session, ReplySink reply) {
        List<Command> all = new ArrayList<>();
        for (Command each : session.engine().commands().commands()) {
            all.add(each);
            all.addAll(each.subcommands());
        }
        if (args.count() == 5 && args.is(2, "filterby")) {
            String wanted = args.text(4).toLowerCase(Locale.ROOT);
            if (args.is(3, "module")) {
                all.clear();
            } else if (args.is(3, "aclcat")) {
                all.removeIf(each -> !each.categories().contains(wanted));
            } else if (args.is(3, "pattern")) {
                Pattern glob = configGlob(wanted);
                all.removeIf(each -> !glob.matcher(each.fullName()).matches());
            } else {
                throw CommandError.SYNTAX;
            }
        } else if (args.count() != 2) {
            throw CommandError.SYNTAX;
        }
        reply.array(all.size());
        all.forEach(each -> reply.bulk(each.fullName()));
    }

    // ---- CONFIG -----------------------------------------------------------------------------------------------

    private static void configGet(Args args, Session session, ReplySink reply) {
        Map<String, String> found = new TreeMap<>();
        for (int i = 2; i < args.count(); i++) {
            Pattern glob = configGlob(args.text(i));
            session.engine().config().byName().forEach((name, setting) -> {
                if (glob.matcher(name).matches()) {
                    found.put(name, setting.text());
                }
            });
        }
        reply.map(found.size());
        found.forEach((name, text) -> {
            reply.bulk(name);
            reply.bulk(text);
        });
    }

    /// A glob as a regular expression; runs of stars become one, so that matching takes no exponential time.
    private static Pattern configGlob(String glob) {
        StringBuilder regex = new StringBuilder();
        for (int i = 0; i < glob.length(); i++) {
            char c = glob.charAt(i);
            int close = c == '[' ? glob.indexOf(']', i + 1) : -1;
            if (c == '*') {
                if (i == 0 || glob.charAt(i - 1) != '*') {
                    regex.append(".*");
                }
            } else if (c == '?') {
                regex.append('.');
            } else if (close > i + 1 && !glob.substring(i + 1, close).equals("^")) {
                boolean not = glob.charAt(i + 1) == '^';
                String within = glob.substring(i + (not ? 2 : 1), close).replaceAll("([\\[\\]\\\\&^])", "\\\\$1");
                regex.append(not ? "[^" : "[").append(within).append(']');
                i = close;
            } else {
                boolean escaped = c == '\\' && i + 1 < glob.length();
                regex.append(Pattern.quote(String.valueOf(escaped ? glob.charAt(++i) : c)));
            }
        }
        try {
            return Pattern.compile(regex.toString(), Pattern.CASE_INSENSITIVE | Pattern.DOTALL);
        } catch (java.util.regex.PatternSyntaxException backwardRange) {
            return Pattern.compile(Pattern.quote(glob));
        }
    }

    private static void configResetStat(Args ignored, Session session, ReplySink reply) {
        session.engine().resetStats();
        reply.ok();
    }

    private static void configSet(Args args, Session session, ReplySink reply) {
        if (args.count() % 2 != 0) {
            throw CommandError.wrongArity("config|set");
        }
        Config config = session.engine().config();
        Map<String, String> changes = new LinkedHashMap<>();
        for (int i = 2; i < args.count(); i += 2) {
            String name = args.text(i).toLowerCase(Locale.ROOT);
            Setting setting = config.named(name)
                    .orElseThrow(() -> CommandError.of(
                            "ERR Unknown option or number of arguments for CONFIG SET - '" + name + "'"));
            if (setting.isHidden()) {
                throw CommandError.of("ERR Unknown option or number of arguments for CONFIG SET - '" + name + "'");
            }
            if (!setting.isMutable()) {
                throw configSetFailed(name, "can't set immutable config");
            }
            if (changes.put(name, args.text(i + 1)) != null) {
                throw configSetFailed(name, "duplicate parameter");
            }
        }
        try {
            config.set(changes);
        } catch (Setting.Refused refused) {
            throw configSetFailed(refused.directive(), refused.reason());
        }
        reply.ok();
    }

    private static CommandError configSetFailed(String name, String reason) {
        return CommandError.of("ERR CONFIG SET failed (possibly related to argument '" + name + "') - " + reason);
    }

    // ---- INFO, SLOWLOG, TIME ----------------------------------------------------------------------------------

    private static void dbSize(Args ignored, Tx tx, ReplySink reply) {
        reply.integer(tx.size(tx.db()));
    }

    private static void info(Args args, Session session, ReplySink reply) {
        Set<String> wanted = new LinkedHashSet<>();
        for (int i = 1; i < args.count(); i++) {
            String section = args.text(i).toLowerCase(Locale.ROOT);
            switch (section) {
                case "default" -> wanted.addAll(SECTIONS);
                case "all", "everything" -> {
                    wanted.addAll(SECTIONS);
                    wanted.add("commandstats");
                }
                default -> wanted.add(section);
            }
        }
        if (args.count() == 1) {
            wanted.addAll(SECTIONS);
        }
        String text = wanted.stream()
                .map(section -> section(section, session))
                .filter(section -> !section.isEmpty())
                .collect(Collectors.joining("\r\n"));
        reply.verbatim("txt", text);
    }

    private static String section(String name, Session session) {
        Engine engine = session.engine();
        return switch (name) {
            case "server" -> server(engine);
            case "clients" ->
                lines(
                        "Clients",
                        "connected_clients:" + engine.clients().count(),
                        "maxclients:" + engine.config().maxclients.value());
            case "memory" -> memory(engine);
            case "stats" -> stats(engine);
            case "replication" -> lines("Replication", "role:master", "connected_slaves:0");
            case "commandstats" -> commandStats(engine);
            case "errorstats" ->
                lines(
                        "Errorstats",
                        engine.errors().entrySet().stream()
                                .map(error -> "errorstat_" + error.getKey() + ":count=" + error.getValue())
                                .toArray(String[]::new));
            case "keyspace" -> keyspace(engine, session.tx());
            default -> "";
        };
    }

    private static String lines(String title, String... lines) {
        StringBuilder text = new StringBuilder("# ").append(title).append("\r\n");
        for (String line : lines) {
            text.append(line).append("\r\n");
        }
        return text.toString();
    }

    private static String server(Engine engine) {
        long seconds = Math.max(0, engine.clock().wallMs() - engine.bornMs()) / 1000;
        return lines(
                "Server",
                "redis_version:" + ConnectionCommands.REDIS_VERSION,
                "nuthatch_version:" + ConnectionCommands.NUTHATCH_VERSION,
                "redis_mode:standalone",
                "os:" + System.getProperty("os.name") + " " + System.getProperty("os.version") + " "
                        + System.getProperty("os.arch"),
                "arch_bits:64",
                "process_id:" + ProcessHandle.current().pid(),
                "tcp_port:" + engine.config().port.value(),
                "server_time_usec:" + engine.clock().wallMicros(),
                "uptime_in_seconds:" + seconds,
                "uptime_in_days:" + seconds / 86_400);
    }

    private static String memory(Engine engine) {
        Keyspace.Counts counts = engine.keyspace().counts();
        long used = engine.keyspace().usedBytes();
        long most = engine.config().maxmemory.value();
        return lines(
                "Memory",
                "used_memory:" + used,
                "used_memory_human:" + human(used),
                "maxmemory:" + most,
                "maxmemory_human:" + human(most),
                "maxmemory_policy:" + engine.config().maxmemoryPolicy.value(),
                "lazyfree_pending_objects:" + counts.pendingFrees(),
                "lazyfreed_objects:" + counts.frees());
    }

    private static String human(long bytes) {
        if (bytes < 1024) {
            return bytes + "B";
        }
        int power = (63 - Long.numberOfLeadingZeros(bytes)) / 10;
        return String.format(Locale.ROOT, "%.2f%c", bytes / (double) (1L << 10 * power), "KMGTPE".charAt(power - 1));
    }

    private static String stats(Engine engine) {
        Keyspace.Counts counts = engine.keyspace().counts();
        long calls = everyCommand(engine)
                .mapToLong(command -> engine.stats(command).calls())
                .sum();
        return lines(
                "Stats",
                "total_connections_received:" + engine.clients().accepted(),
                "total_commands_processed:" + calls,
                "total_net_input_bytes:"
                        + engine.workers().stream()
                                .mapToLong(Worker::inputBytes)
                                .sum(),
                "total_net_output_bytes:"
                        + engine.workers().stream()
                                .mapToLong(Worker::outputBytes)
                                .sum(),
                "rejected_connections:" + engine.clients().refused(),
                "expired_keys:" + counts.expired(),
                "evicted_keys:" + counts.evicted(),
                "keyspace_hits:" + counts.hits(),
                "keyspace_misses:" + counts.misses(),
                "total_error_replies:"
                        + engine.errors().values().stream()
                                .mapToLong(Long::longValue)
                                .sum());
    }

    private static Stream<Command> everyCommand(Engine engine) {
        return engine.commands().commands().stream()
                .flatMap(each -> Stream.concat(Stream.of(each), each.subcommands().stream()));
    }

    private static String commandStats(Engine engine) {
        List<String> lines = new ArrayList<>();
        everyCommand(engine).forEach(command -> {
            CommandStats stats = engine.stats(command);
            if (stats.calls() + stats.rejected() + stats.failed() > 0) {
                double each = stats.calls() == 0 ? 0 : stats.nanos() / 1000.0 / stats.calls();
                lines.add(String.format(
                        Locale.ROOT,
                        "cmdstat_%s:calls=%d,usec=%d,usec_per_call=%.2f,rejected_calls=%d,failed_calls=%d",
                        command.fullName(),
                        stats.calls(),
                        stats.nanos() / 1000,
                        each,
                        stats.rejected(),
                        stats.failed()));
            }
        });
        return lines("Commandstats", lines.toArray(String[]::new));
    }

    private static String keyspace(Engine engine, Tx tx) {
        List<String> lines = new ArrayList<>();
        for (int db = 0; db < engine.keyspace().databases(); db++) {
            long keys = tx.size(db);
            if (keys > 0) {
                lines.add("db" + db + ":keys=" + keys + ",expires=" + tx.sizeWithDeadline(db));
            }
        }
        return lines("Keyspace", lines.toArray(String[]::new));
    }

    private static void slowlogGet(Args args, Session session, ReplySink reply) {
        long most = DEFAULT_SLOWLOG_ENTRIES;
        if (args.count() > 3) {
            throw CommandError.wrongArity("slowlog|get");
        }
        if (args.count() == 3) {
            most = args.integer(
                    2, -1, Integer.MAX_VALUE, CommandError.of("ERR count should be greater than or equal to -1"));
        }
        List<SlowLog.Entry> entries = session.engine().slowLog().newest(most < 0 ? Long.MAX_VALUE : most);
        reply.array(entries.size());
        for (SlowLog.Entry entry : entries) {
            reply.array(6);
            reply.integer(entry.id());
            reply.integer(entry.wallSeconds());
            reply.integer(entry.micros());
            reply.array(entry.words().size());
            entry.words().forEach(word -> reply.bulk(new String(word, StandardCharsets.UTF_8)));
            reply.bulk(entry.client());
            reply.bulk(entry.name());
        }
    }

    private static void slowlogReset(Args ignored, Session session, ReplySink reply) {
        session.engine().slowLog().clear();
        reply.ok();
    }

    private static void time(Args ignored, Session session, ReplySink reply) {
        long micros = session.engine().clock().wallMicros();
        reply.array(2);
        reply.bulkInteger(micros / 1_000_000);
        reply.bulkInteger(micros % 1_000_000);
    }

    // ---- administration ---------------------------------------------------------------------------------------

    private static void debug(Args args, Session session, ReplySink reply) {
        if (args.count() == 3 && args.is(1, "sleep")) {
            sleep(args.text(2), session.engine());
        } else if (args.count() == 3 && args.is(1, "set-active-expire")) {
            session.engine().keyspace().settings().activeExpiry = args.integer(2) != 0;
        } else {
            throw CommandError.of(
                    "ERR unknown subcommand or wrong number of arguments for '" + args.text(1) + "'. Try DEBUG HELP.");
        }
        reply.ok();
    }

    private static void sleep(String seconds, Engine engine) {
        double nanos;
        try {
            nanos = Double.parseDouble(seconds) * 1e9;
        } catch (NumberFormatException notANumber) {
            throw CommandError.NOT_A_FLOAT;
        }
        long until = engine.clock().nanos() + (long) nanos;
        long left = (long) nanos;
        while (left > 0 && !Thread.currentThread().isInterrupted()) {
            LockSupport.parkNanos(left);
            left = until - engine.clock().nanos();
        }
    }

    private static void flushAll(Args args, Session session, ReplySink reply) {
        checkFlush(args);
        session.tx().flushAll();
        freeFlushed(args, session);
        reply.ok();
    }

    private static void checkFlush(Args args) {
        if (args.count() > 2 || args.count() == 2 && !args.is(1, "async") && !args.is(1, "sync")) {
            throw CommandError.SYNTAX;
        }
    }

    /// Unless ASYNC is said, the reply waits until the memory is free. Inside a transaction it cannot: what drains
    /// the dropped tables needs the locks that the transaction holds.
    private static void freeFlushed(Args args, Session session) {
        if (!args.has(1, "async") && !session.tx().isLocked()) {
            session.engine().keyspace().collectAll();
        }
    }

    private static void flushDb(Args args, Session session, ReplySink reply) {
        checkFlush(args);
        session.tx().flush(session.tx().db());
        freeFlushed(args, session);
        reply.ok();
    }

    private static void monitor(Args ignored, Session session, ReplySink reply) {
        if (!session.isMonitor()) {
            session.engine().monitors().add(session);
        }
        reply.ok();
    }

    /// Nothing is ever saved, so SAVE cannot be granted; there is no slow shutdown that ABORT could stop.
    private static void shutdown(Args args, Session session, Runnable shutdown) {
        for (int i = 1; i < args.count(); i++) {
            if (args.is(i, "abort") && args.count() == 2) {
                throw CommandError.of("ERR No shutdown in progress.");
            }
            if (args.is(i, "save")) {
                throw CommandError.of("ERR Errors trying to SHUTDOWN. Check logs.");
            }
            if (!args.is(i, "nosave") && !args.is(i, "now") && !args.is(i, "force")) {
                throw CommandError.SYNTAX;
            }
        }
        session.close();
        shutdown.run();
    }

    private static void swapDb(Args args, Session session, ReplySink reply) {
        int one = database(args, 1, "first", session);
        int other = database(args, 2, "second", session);
        session.tx().swap(one, other);
        reply.ok();
    }

    private static int database(Args args, int index, String which, Session session) {
        long db = args.integer(
                index, Integer.MIN_VALUE, Integer.MAX_VALUE, CommandError.of("ERR invalid " + which + " DB index"));
        if (db < 0 || db >= session.engine().keyspace().databases()) {
            throw CommandError.DB_INDEX_OUT_OF_RANGE;
        }
        return (int) db;
    }
}
