package io.nuthatch.commands;

import static io.nuthatch.engine.Command.row;
import static io.nuthatch.engine.CommandFlag.ADMIN;
import static io.nuthatch.engine.CommandFlag.LOADING;
import static io.nuthatch.engine.CommandFlag.NOSCRIPT;
import static io.nuthatch.engine.CommandFlag.PROTECTED;
import static io.nuthatch.engine.CommandFlag.STALE;

import io.nuthatch.engine.Args;
import io.nuthatch.engine.CommandError;
import io.nuthatch.engine.Engine;
import io.nuthatch.engine.Family;
import io.nuthatch.engine.Glob;
import io.nuthatch.engine.Help;
import io.nuthatch.engine.Persistence;
import io.nuthatch.engine.Session;
import io.nuthatch.memory.Bytes;
import io.nuthatch.memory.Scratch;
import io.nuthatch.resp.ReplySink;
import io.nuthatch.store.Entry;
import io.nuthatch.store.KeyEvent;
import io.nuthatch.store.Keyspace;
import io.nuthatch.store.StringValue;
import io.nuthatch.store.Tx;
import java.lang.management.ManagementFactory;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.concurrent.locks.LockSupport;
import javax.management.JMException;
import javax.management.ObjectName;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// DEBUG: what test suites and the curious need. It is allowed only as `enable-debug-command` says.
///
/// To COMMAND it is one command without subcommands, so its own are in a table here.
@SuppressWarnings("StaticAssignmentOfThrowable") // They have neither stack trace nor suppressed exceptions to keep.
public final class DebugCommands {
    private static final Logger LOG = LoggerFactory.getLogger(DebugCommands.class);

    private static final CommandError NOT_POSITIVE = CommandError.of("ERR value is out of range, must be positive");
    private static final CommandError WRONG_RELOAD =
            CommandError.of("ERR DEBUG RELOAD only supports the MERGE, NOFLUSH and NOSAVE options.");
    private static final CommandError NO_RELOAD_IN_EXEC =
            CommandError.of("ERR DEBUG RELOAD cannot be run in a transaction, which holds all keys");
    private static final CommandError NO_LOADAOF_IN_EXEC =
            CommandError.of("ERR DEBUG LOADAOF cannot be run in a transaction, which holds all keys");
    private static final CommandError RESP2 = CommandError.of("ERR RESP2 is not supported by this command");
    private static final CommandError WRONG_KIND =
            CommandError.of("ERR Wrong protocol type name. Please use one of the following: string|integer|double|"
                    + "bignum|null|array|set|map|attrib|push|verbatim|true|false");

    private DebugCommands() {}

    /// A subcommand.
    ///
    /// @param least how many words it takes after its name, at least
    private record Subcommand(String syntax, String brief, int least, int most, Body body) {
        String name() {
            return syntax.split(" ")[0].toLowerCase(Locale.ROOT);
        }
    }

    @FunctionalInterface
    private interface Body {
        void run(Args args, Session session, ReplySink reply);
    }

    private static final List<Subcommand> SUBCOMMANDS = List.of(
            new Subcommand(
                    "CHANGE-REPL-ID",
                    "Gives the history of the data another replication ID.",
                    0,
                    0,
                    DebugCommands::changeReplicationId),
            new Subcommand("ERROR string", "Replies with an error of this text.", 1, 1, DebugCommands::error),
            new Subcommand("HELP", "Returns helpful text about the different subcommands.", 0, 0, DebugCommands::help),
            new Subcommand(
                    "JMAP",
                    "Returns what is on the Java heap, class by class. Data is not there.",
                    0,
                    0,
                    DebugCommands::jmap),
            new Subcommand(
                    "LOADAOF",
                    "Brings the log to disk, empties all databases, and loads it.",
                    0,
                    0,
                    DebugCommands::loadLog),
            new Subcommand("LOG message", "Writes a message to the server's log.", 1, 1, DebugCommands::log),
            new Subcommand("OBJECT key", "Tells how the value of a key is kept.", 1, 2, DebugCommands::object),
            new Subcommand(
                    "POPULATE count [prefix] [size]",
                    "Makes string keys prefix:0, prefix:1 ... unless they are there.",
                    1,
                    3,
                    DebugCommands::populate),
            new Subcommand(
                    "PROTOCOL type", "Replies with a sample of a type of the protocol.", 1, 1, DebugCommands::protocol),
            new Subcommand(
                    "RELOAD [NOSAVE] [NOFLUSH] [MERGE]",
                    "Saves the data, empties all databases, and loads the file.",
                    0,
                    3,
                    DebugCommands::reload),
            new Subcommand(
                    "SET-ACTIVE-EXPIRE <0 | 1>",
                    "Stops or starts the removal of keys whose time has come.",
                    1,
                    1,
                    DebugCommands::setActiveExpire),
            new Subcommand("SLEEP seconds", "Keeps the thread of the connection busy.", 1, 1, DebugCommands::sleep),
            new Subcommand(
                    "STRINGMATCH-LEN pattern string",
                    "Tells whether a string matches a glob pattern.",
                    2,
                    2,
                    DebugCommands::stringMatch));

    public static Family family() {
        return Family.of(
                "server",
                Set.of(),
                row("DEBUG subcommand [arg [arg ...]]")
                        .is(ADMIN, NOSCRIPT, LOADING, STALE, PROTECTED)
                        .since("1.0.0")
                        .brief("A container for debugging commands.")
                        .cost("Depends on subcommand.")
                        .answers(DebugCommands::debug));
    }

    private static void debug(Args args, Session session, ReplySink reply) {
        int words = args.count() - 2;
        String name = args.text(1).toLowerCase(Locale.ROOT);
        SUBCOMMANDS.stream()
                .filter(each -> each.name().equals(name) && words >= each.least() && words <= each.most())
                .findFirst()
                .orElseThrow(() -> CommandError.wrongSubcommandArity(args.cited(1), "DEBUG"))
                .body()
                .run(args, session, reply);
    }

    private static void changeReplicationId(Args ignored, Session session, ReplySink reply) {
        session.engine().changeReplicationId();
        reply.ok();
    }

    private static void error(Args args, Session ignored, ReplySink reply) {
        reply.error(args.cited(2));
    }

    private static void help(Args ignored, Session session, ReplySink reply) {
        new Help(
                        "DEBUG",
                        SUBCOMMANDS.stream()
                                .map(each -> new Help.Entry(each.syntax(), each.brief()))
                                .toList())
                .tell(reply);
    }

    private static void jmap(Args ignored, Session session, ReplySink reply) {
        try {
            Object histogram = ManagementFactory.getPlatformMBeanServer()
                    .invoke(
                            new ObjectName("com.sun.management:type=DiagnosticCommand"),
                            "gcClassHistogram",
                            new Object[] {new String[0]},
                            new String[] {String[].class.getName()});
            reply.verbatim("txt", String.valueOf(histogram));
        } catch (JMException unavailable) {
            LOG.warn("this JVM tells no histogram of its heap", unavailable);
            throw CommandError.of("ERR this JVM tells no histogram of its heap");
        }
    }

    private static void log(Args args, Session ignored, ReplySink reply) {
        LOG.warn("DEBUG LOG: {}", args.cited(2));
        reply.ok();
    }

    private static void object(Args args, Session session, ReplySink reply) {
        Bytes key = args.bytes(2);
        Tx tx = session.tx();
        if (!session.isInExec()) {
            tx.lock(1L << Keyspace.shardOf(session.engine().keyspace().hash(key)));
        }
        Entry entry = tx.find(key);
        if (entry == null) {
            throw CommandError.NO_SUCH_KEY;
        }
        reply.simple("Value at:0x" + Long.toHexString(entry.address())
                + " refcount:1 encoding:" + KeyCommands.encoding(entry)
                + " serializedlength:" + serializedBytes(entry)
                + " lru:" + entry.accessBits()
                + " lru_seconds_idle:" + entry.idleSeconds());
    }

    /// How many bytes a string takes in an RDB file, uncompressed: integers of up to 32 bits in binary, others
    /// after their length. Of the other types, what they take in memory: no file holds them yet.
    private static long serializedBytes(Entry entry) {
        return switch (entry.type()) {
            case STRING -> StringValue.isInteger(entry) ? integerBytes(entry) : lengthBytes(entry) + length(entry);
            case LIST, SET, SORTED_SET, HASH, STREAM -> entry.usedBytes();
        };
    }

    private static long length(Entry entry) {
        return StringValue.length(entry);
    }

    private static long integerBytes(Entry entry) {
        long value = StringValue.integer(entry);
        if (value != (int) value) {
            return lengthBytes(entry) + length(entry);
        }
        if (value != (short) value) {
            return 5;
        }
        return value != (byte) value ? 3 : 2;
    }

    private static long lengthBytes(Entry entry) {
        long length = length(entry);
        if (length < 1 << 6) {
            return 1;
        }
        return length < 1 << 14 ? 2 : 5;
    }

    private static void populate(Args args, Session session, ReplySink reply) {
        long count = args.integer(2, 0, Long.MAX_VALUE, NOT_POSITIVE);
        String prefix = args.count() > 3 ? args.text(3) : "key";
        int size = args.count() > 4 ? (int) args.integer(4, 0, Integer.MAX_VALUE, NOT_POSITIVE) : 0;
        for (long i = 0; i < count; i++) {
            populate(prefix + ":" + i, value(i, size), session);
        }
        reply.ok();
    }

    /// `value:7`, cut to a size, or filled up with zero bytes.
    private static byte[] value(long number, int size) {
        byte[] text = ("value:" + number).getBytes(java.nio.charset.StandardCharsets.US_ASCII);
        return size == 0 ? text : java.util.Arrays.copyOf(text, size);
    }

    /// Each key is a transaction of its own, so other clients need not wait for all of them; but for those of
    /// EXEC.
    private static void populate(String name, byte[] value, Session session) {
        Tx tx = session.tx();
        try (Scratch key = Scratch.of(name);
                Scratch bytes = Scratch.of(value)) {
            if (!session.isInExec()) {
                tx.begin(session.db(), session.worker().nowMs(), true);
                tx.lock(1L << Keyspace.shardOf(session.engine().keyspace().hash(key.bytes())));
            }
            if (tx.find(key.bytes()) == null) {
                StringValue.set(tx, key.bytes(), bytes.bytes(), Tx.NO_DEADLINE);
                tx.changed(key.bytes(), KeyEvent.SET);
                tx.effect("SET").add(key.bytes()).add(bytes.bytes());
            }
        } finally {
            if (!session.isInExec()) {
                tx.end();
            }
        }
    }

    private static void protocol(Args args, Session ignored, ReplySink reply) {
        switch (args.text(2).toLowerCase(Locale.ROOT)) {
            case "string" -> reply.bulk("Hello World");
            case "integer" -> reply.integer(12345);
            case "double" -> reply.doubleNumber(3.141);
            case "bignum" -> reply.bigNumber("1234567999999999999999999999999999999");
            case "null" -> reply.nullBulk();
            case "array" -> {
                reply.array(3);
                List.of(0, 1, 2).forEach(reply::integer);
            }
            case "set" -> {
                reply.set(3);
                List.of(0, 1, 2).forEach(reply::integer);
            }
            case "map" -> {
                reply.map(3);
                for (int i = 0; i < 3; i++) {
                    reply.integer(i);
                    reply.bool(i == 1);
                }
            }
            case "attrib" -> attribute(reply);
            case "push" -> push(reply);
            case "verbatim" -> reply.verbatim("txt", "This is a verbatim\nstring");
            case "true" -> reply.bool(true);
            case "false" -> reply.bool(false);
            default -> throw WRONG_KIND;
        }
    }

    private static void attribute(ReplySink reply) {
        if (reply.protocol() == 3) {
            reply.attribute(1);
            reply.bulk("key-popularity");
            reply.array(2);
            reply.bulk("key:123");
            reply.integer(90);
        }
        reply.bulk("Some real reply following the attribute");
    }

    private static void push(ReplySink reply) {
        if (reply.protocol() == 2) {
            throw RESP2;
        }
        reply.push(2);
        reply.bulk("server-cpu-usage");
        reply.integer(42);
    }

    private static void reload(Args args, Session session, ReplySink reply) {
        boolean saves = true;
        boolean flushes = true;
        boolean merges = false;
        for (int i = 2; i < args.count(); i++) {
            if (args.is(i, "nosave")) {
                saves = false;
            } else if (args.is(i, "noflush")) {
                flushes = false;
            } else if (args.is(i, "merge")) {
                merges = true;
            } else {
                throw WRONG_RELOAD;
            }
        }
        if (session.isInExec()) {
            throw NO_RELOAD_IN_EXEC;
        }
        session.engine().persistence().reload(new Persistence.Reload(saves, flushes, merges));
        reply.ok();
    }

    private static void loadLog(Args ignored, Session session, ReplySink reply) {
        if (session.isInExec()) {
            throw NO_LOADAOF_IN_EXEC;
        }
        session.engine().aof().reload();
        reply.ok();
    }

    private static void setActiveExpire(Args args, Session session, ReplySink reply) {
        session.engine().keyspace().settings().activeExpiry = args.integer(2) != 0;
        reply.ok();
    }

    private static void sleep(Args args, Session session, ReplySink reply) {
        double nanos;
        try {
            nanos = Double.parseDouble(args.text(2)) * 1e9;
        } catch (NumberFormatException notANumber) {
            throw CommandError.NOT_A_FLOAT;
        }
        Engine engine = session.engine();
        long until = engine.clock().nanos() + (long) nanos;
        long left = (long) nanos;
        while (left > 0 && !Thread.currentThread().isInterrupted()) {
            LockSupport.parkNanos(left);
            left = until - engine.clock().nanos();
        }
        reply.ok();
    }

    private static void stringMatch(Args args, Session ignored, ReplySink reply) {
        reply.integer(new Glob(args.bytes(2)).matches(args.bytes(3)) ? 1 : 0);
    }
}
