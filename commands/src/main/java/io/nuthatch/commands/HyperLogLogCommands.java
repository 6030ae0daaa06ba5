package io.nuthatch.commands;

import static io.nuthatch.engine.Command.row;
import static io.nuthatch.engine.CommandFlag.ADMIN;
import static io.nuthatch.engine.CommandFlag.DENYOOM;
import static io.nuthatch.engine.CommandFlag.FAST;
import static io.nuthatch.engine.CommandFlag.READONLY;
import static io.nuthatch.engine.CommandFlag.WRITE;

import io.nuthatch.engine.Args;
import io.nuthatch.engine.CommandError;
import io.nuthatch.engine.Family;
import io.nuthatch.engine.Session;
import io.nuthatch.memory.Bytes;
import io.nuthatch.memory.Memory;
import io.nuthatch.memory.Scratch;
import io.nuthatch.resp.ReplySink;
import io.nuthatch.store.Entry;
import io.nuthatch.store.KeyEvent;
import io.nuthatch.store.StringValue;
import io.nuthatch.store.Tx;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// HyperLogLogs: estimates of how many different elements have been seen. The table, then the bodies in the same
/// order. [HyperLogLog] tells how a sketch works and what its bytes are.
///
/// A dense sketch is changed where it stands. A sparse one, which moves its bytes about as it grows, is copied, changed
/// and stored again; it has three kilobytes at most, unless the configuration says otherwise.
public final class HyperLogLogCommands {
    private HyperLogLogCommands() {}

    public static Family family() {
        return Family.of(
                "hyperloglog",
                Set.of("hyperloglog"),
                row("PFADD @key [element ...]")
                        .is(WRITE, DENYOOM, FAST)
                        .keys("RW insert")
                        .since("2.8.9")
                        .brief("Adds elements to a HyperLogLog. Creates the key if it doesn't exist.")
                        .cost("O(1) for each element, in a dense one.")
                        .answers(HyperLogLogCommands::pfAdd),
                row("PFCOUNT @key [@key ...]")
                        .is(READONLY)
                        .keys("RW access")
                        .since("2.8.9")
                        .brief("Estimates how many different elements one or more HyperLogLogs have seen together.")
                        .cost(
                                "O(1) for one key that has not changed since the last time, else O(N) with a large factor, "
                                        + "N being the number of keys.")
                        .does(HyperLogLogCommands::pfCount),
                row("PFDEBUG subcommand @key")
                        .is(WRITE, DENYOOM, ADMIN)
                        .keys("RW access")
                        .since("2.8.9")
                        .brief("Looks into a HyperLogLog; for tests.")
                        .does(HyperLogLogCommands::pfDebug),
                row("PFMERGE @destkey [@sourcekey ...]")
                        .is(WRITE, DENYOOM)
                        .keys("RW access insert", "RO access")
                        .since("2.8.9")
                        .brief("Unites HyperLogLogs and stores the result.")
                        .cost("O(N), N being the number of HyperLogLogs, with a large factor.")
                        .answers(HyperLogLogCommands::pfMerge),
                row("PFSELFTEST")
                        .is(ADMIN)
                        .since("2.8.9")
                        .brief("Tests whether HyperLogLogs keep their registers and estimate within bounds.")
                        .answers(HyperLogLogCommands::pfSelfTest));
    }

    private static void pfAdd(Args args, Session session, ReplySink reply) {
        Tx tx = session.tx();
        Bytes key = args.bytes(1);
        Entry entry = tx.write(key);
        boolean changed;
        if (entry != null && HyperLogLog.isDense(HyperLogLog.of(entry))) {
            changed = addDense(args, entry);
        } else {
            try (HyperLogLog sketch = sketch(entry, session)) {
                changed = entry == null;
                for (int i = 2; i < args.count(); i++) {
                    changed |= sketch.add(args.bytes(i).address(), args.bytes(i).length());
                }
                if (changed) {
                    HyperLogLog.forgetCount(sketch.bytes().address());
                    store(sketch, key, entry, tx);
                }
            }
        }
        if (changed) {
            tx.changed(args.bytes(1), KeyEvent.PFADD);
        }
        reply.integer(changed ? 1 : 0);
    }

    private static boolean addDense(Args args, Entry entry) {
        long address = StringValue.writable(entry, HyperLogLog.DENSE_BYTES);
        boolean changed = false;
        for (int i = 2; i < args.count(); i++) {
            changed |= HyperLogLog.addDense(
                    address, args.bytes(i).address(), args.bytes(i).length());
        }
        if (changed) {
            HyperLogLog.forgetCount(address);
        }
        return changed;
    }

    /// A copy of a key's sketch, or a new one.
    private static HyperLogLog sketch(@Nullable Entry entry, Session session) {
        long mostSparseBytes = session.engine().config().hllSparseMaxBytes.value();
        return entry == null
                ? HyperLogLog.empty(mostSparseBytes)
                : HyperLogLog.copyOf(HyperLogLog.of(entry), mostSparseBytes);
    }

    private static void store(HyperLogLog sketch, Bytes key, @Nullable Entry entry, Tx tx) {
        Entry target = entry == null ? StringValue.setEmpty(tx, key) : entry;
        Bytes bytes = sketch.bytes();
        Memory.copy(bytes.address(), StringValue.resize(target, bytes.length()), bytes.length());
    }

    private static void pfCount(Args args, Tx tx, ReplySink reply) {
        if (args.count() > 2) {
            reply.integer(countUnion(args, tx));
            return;
        }
        Entry entry = tx.read(args.bytes(1));
        if (entry == null) {
            reply.integer(0);
            return;
        }
        Bytes sketch = HyperLogLog.of(entry);
        if (!HyperLogLog.hasCount(sketch.address())) {
            long count = HyperLogLog.count(sketch);
            HyperLogLog.keepCount(StringValue.writable(entry, sketch.length()), count);
            tx.changed(args.bytes(1), KeyEvent.RECOUNTED);
        }
        reply.integer(HyperLogLog.lastCount(entry.value().address()));
    }

    private static long countUnion(Args args, Tx tx) {
        try (Scratch registers = Scratch.ofLength(HyperLogLog.REGISTERS)) {
            long address = registers.bytes().address();
            unite(args, tx, address);
            return HyperLogLog.countBytes(address);
        }
    }

    /// Writes the higher of all keys' registers, a byte each.
    ///
    /// @return whether one of the sketches is dense
    private static boolean unite(Args args, Tx tx, long byteRegisters) {
        Memory.fill(byteRegisters, HyperLogLog.REGISTERS, 0);
        boolean dense = false;
        for (int i = 1; i < args.count(); i++) {
            Entry entry = tx.read(args.bytes(i));
            if (entry != null) {
                Bytes sketch = HyperLogLog.of(entry);
                dense |= HyperLogLog.isDense(sketch);
                HyperLogLog.mergeInto(sketch, byteRegisters);
            }
        }
        return dense;
    }

    private static void pfDebug(Args args, Tx tx, ReplySink reply) {
        Entry entry = tx.write(args.bytes(2));
        if (entry == null) {
            throw CommandError.of("ERR The specified key does not exist");
        }
        Bytes value = HyperLogLog.of(entry);
        if (args.is(1, "getreg")) {
            toDense(entry, args.bytes(2), tx);
            replyRegisters(entry.value().address(), reply);
        } else if (args.is(1, "decode")) {
            reply.bulk(runs(value));
        } else if (args.is(1, "encoding")) {
            reply.simple(HyperLogLog.isDense(value) ? "dense" : "sparse");
        } else if (args.is(1, "todense")) {
            reply.integer(toDense(entry, args.bytes(2), tx) ? 1 : 0);
        } else {
            throw CommandError.of("ERR Unknown PFDEBUG subcommand '" + args.latin1(1) + "'");
        }
    }

    /// Makes a key's sketch dense, if it is not.
    private static boolean toDense(Entry entry, Bytes key, Tx tx) {
        try (HyperLogLog sketch = HyperLogLog.copyOf(HyperLogLog.of(entry), 0)) {
            boolean changed = sketch.toDense();
            if (changed) {
                store(sketch, key, entry, tx);
                tx.changed(key, KeyEvent.PFADD);
            }
            return changed;
        }
    }

    private static void replyRegisters(long sketch, ReplySink reply) {
        reply.array(HyperLogLog.REGISTERS);
        for (int i = 0; i < HyperLogLog.REGISTERS; i++) {
            reply.integer(DenseRegisters.get(sketch + HyperLogLog.HEADER_BYTES, i));
        }
    }

    private static String runs(Bytes sketch) {
        if (HyperLogLog.isDense(sketch)) {
            throw CommandError.of("ERR HLL encoding is not sparse");
        }
        return SparseRegisters.text(
                sketch.address() + HyperLogLog.HEADER_BYTES, sketch.length() - HyperLogLog.HEADER_BYTES);
    }

    private static void pfMerge(Args args, Session session, ReplySink reply) {
        Tx tx = session.tx();
        Bytes key = args.bytes(1);
        try (Scratch registers = Scratch.ofLength(HyperLogLog.REGISTERS)) {
            long address = registers.bytes().address();
            boolean dense = unite(args, tx, address);
            Entry entry = tx.write(key);
            try (HyperLogLog sketch = sketch(entry, session)) {
                if (dense) {
                    sketch.toDense();
                }
                sketch.raiseAll(address);
                store(sketch, key, entry, tx);
            }
        }
        tx.changed(args.bytes(1), KeyEvent.PFADD);
        reply.ok();
    }

    private static void pfSelfTest(Args args, Session session, ReplySink reply) {
        long mostSparseBytes = session.engine().config().hllSparseMaxBytes.value();
        String fault = HyperLogLogTrial.run(session.worker().random(), mostSparseBytes);
        if (fault.isEmpty()) {
            reply.ok();
        } else {
            throw CommandError.of("ERR TESTFAILED " + fault);
        }
    }
}
