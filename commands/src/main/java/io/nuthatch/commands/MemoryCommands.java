package io.nuthatch.commands;

import static io.nuthatch.engine.Command.container;
import static io.nuthatch.engine.Command.help;
import static io.nuthatch.engine.Command.row;
import static io.nuthatch.engine.CommandFlag.LOADING;
import static io.nuthatch.engine.CommandFlag.READONLY;

import io.nuthatch.engine.Args;
import io.nuthatch.engine.CommandError;
import io.nuthatch.engine.Family;
import io.nuthatch.engine.Session;
import io.nuthatch.memory.PagePool;
import io.nuthatch.resp.ReplySink;
import io.nuthatch.store.Entry;
import io.nuthatch.store.Tx;
import java.util.Set;

/// MEMORY: where the bytes are. The table, then the bodies in the same order.
public final class MemoryCommands {
    private static final String[] TIPS = {
        "nondeterministic_output", "request_policy:all_shards", "response_policy:special"
    };

    /// Below this there is nothing that advice could be about.
    private static final long SMALL_BYTES = 5L << 20;

    private static final double PEAK_RATIO = 1.5;
    private static final double FRAGMENTATION_RATIO = 1.4;
    private static final long LARGE_CLIENT_BYTES = 200L << 10;

    private MemoryCommands() {}

    public static Family family() {
        return Family.of(
                "server",
                Set.of(),
                container("MEMORY", "4.0.0", "A container for memory diagnostics commands."),
                row("MEMORY DOCTOR")
                        .tips(TIPS)
                        .since("4.0.0")
                        .brief("Outputs a memory problems report.")
                        .answers((args, session, reply) -> reply.verbatim("txt", advice(session))),
                help("MEMORY", "4.0.0"),
                row("MEMORY MALLOC-STATS")
                        .is(LOADING)
                        .tips(TIPS)
                        .since("4.0.0")
                        .brief("Returns the allocator statistics.")
                        .answers((args, session, reply) -> reply.verbatim("txt", allocator(session))),
                row("MEMORY PURGE")
                        .is(LOADING)
                        .tips("request_policy:all_shards", "response_policy:all_succeeded")
                        .since("4.0.0")
                        .brief("Asks the allocator to release memory.")
                        .answers(MemoryCommands::purge),
                row("MEMORY STATS")
                        .tips(TIPS)
                        .since("4.0.0")
                        .brief("Returns details about memory usage.")
                        .answers(MemoryCommands::stats),
                row("MEMORY USAGE @key [SAMPLES count]")
                        .is(READONLY)
                        .categories()
                        .keys("RO")
                        .since("4.0.0")
                        .brief("Estimates the memory usage of a key.")
                        .cost("O(N), N being the number of samples.")
                        .does(MemoryCommands::usage));
    }

    private static String advice(Session session) {
        MemoryFigures memory = MemoryFigures.of(session);
        if (memory.usedBytes() < SMALL_BYTES) {
            return "Too little memory is used for anything to be wrong with it: " + InfoText.human(memory.usedBytes())
                    + ".\n";
        }
        StringBuilder text = new StringBuilder();
        if (memory.peakBytes() > PEAK_RATIO * memory.usedBytes()) {
            text.append("- The peak, ")
                    .append(InfoText.human(memory.peakBytes()))
                    .append(", was far above what is used now. Memory that was given back may still count as the ")
                    .append("process's.\n");
        }
        if (memory.activeBytes() > FRAGMENTATION_RATIO * memory.usedBytes()) {
            text.append("- Pages are half empty: they hold ")
                    .append(InfoText.human(memory.activeBytes()))
                    .append(" for ")
                    .append(InfoText.human(memory.usedBytes()))
                    .append(" of data. New keys of the same sizes will fill them.\n");
        }
        int clients = session.engine().clients().count();
        if (clients > 0 && memory.clientsBytes() / clients > LARGE_CLIENT_BYTES) {
            text.append("- Clients hold ")
                    .append(InfoText.human(memory.clientsBytes()))
                    .append(" in buffers. CLIENT LIST shows which: look at qbuf and omem.\n");
        }
        return text.isEmpty() ? "No problem has been found.\n" : "This may be worth a look:\n" + text;
    }

    private static String allocator(Session session) {
        MemoryFigures memory = MemoryFigures.of(session);
        return """
                pages in use: %d x %d bytes
                pages kept warm: %d x %d bytes
                blocks beside the pages: %d bytes
                used: %d bytes
                """.formatted(
                        PagePool.inUseBytes() / PagePool.PAGE_BYTES,
                        PagePool.PAGE_BYTES,
                        PagePool.idleBytes() / PagePool.PAGE_BYTES,
                        PagePool.PAGE_BYTES,
                        session.engine().keyspace().outsideBytes(),
                        memory.usedBytes());
    }

    private static void purge(Args ignored, Session session, ReplySink reply) {
        PagePool.purge();
        reply.ok();
    }

    private static void stats(Args ignored, Session session, ReplySink reply) {
        MemoryFigures memory = MemoryFigures.of(session);
        reply.map(28 + memory.databases().size());
        field("peak.allocated", memory.peakBytes(), reply);
        field("total.allocated", memory.usedBytes(), reply);
        field("startup.allocated", memory.startupBytes(), reply);
        field("replication.backlog", 0, reply);
        field("clients.slaves", 0, reply);
        field("clients.normal", memory.clientsBytes(), reply);
        field("cluster.links", 0, reply);
        field("aof.buffer", 0, reply);
        field("lua.caches", 0, reply);
        field("functions.caches", 0, reply);
        for (MemoryFigures.Database database : memory.databases()) {
            reply.bulk("db." + database.number());
            reply.map(2);
            field("overhead.hashtable.main", database.indexBytes(), reply);
            field("overhead.hashtable.expires", database.wheelBytes(), reply);
        }
        field("overhead.total", memory.overheadBytes(), reply);
        field("db.dict.rehashing.count", 0, reply);
        field("keys.count", memory.keys(), reply);
        field("keys.bytes-per-key", memory.bytesPerKey(), reply);
        field("dataset.bytes", memory.datasetBytes(), reply);
        decimal("dataset.percentage", memory.datasetPercent(), reply);
        decimal("peak.percentage", memory.peakPercent(), reply);
        field("allocator.allocated", memory.usedBytes(), reply);
        field("allocator.active", memory.activeBytes(), reply);
        field("allocator.resident", memory.heldBytes(), reply);
        compared("allocator-fragmentation", memory.activeBytes(), memory.usedBytes(), reply);
        compared("allocator-rss", memory.heldBytes(), memory.activeBytes(), reply);
        compared("rss-overhead", memory.residentBytes(), memory.heldBytes(), reply);
        decimal("fragmentation", ratio(memory.residentBytes(), memory.usedBytes()), reply);
        field("fragmentation.bytes", memory.residentBytes() - memory.usedBytes(), reply);
    }

    private static void field(String name, long value, ReplySink reply) {
        reply.bulk(name);
        reply.integer(value);
    }

    private static void decimal(String name, double value, ReplySink reply) {
        reply.bulk(name);
        reply.doubleNumber(value);
    }

    private static void compared(String name, long bytes, long toBytes, ReplySink reply) {
        decimal(name + ".ratio", ratio(bytes, toBytes), reply);
        field(name + ".bytes", bytes - toBytes, reply);
    }

    private static double ratio(long bytes, long toBytes) {
        return toBytes == 0 ? 0 : (double) bytes / toBytes;
    }

    /// Exact for every key, however few samples are asked for.
    private static void usage(Args args, Tx tx, ReplySink reply) {
        for (int i = 3; i < args.count(); i += 2) {
            if (!args.is(i, "samples") || i + 1 == args.count()) {
                throw CommandError.SYNTAX;
            }
            if (args.integer(i + 1) < 0) {
                throw CommandError.SYNTAX;
            }
        }
        Entry entry = tx.find(args.bytes(2));
        if (entry == null) {
            reply.nullBulk();
        } else {
            reply.integer(entry.usedBytes());
        }
    }
}
