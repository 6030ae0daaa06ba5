package io.nuthatch.store;

import io.nuthatch.memory.Bytes;
import io.nuthatch.memory.Memory;
import io.nuthatch.memory.Scratch;
import java.util.function.Consumer;

/// A small hash: one listpack in the record.
///
/// ```
///   pairs     record ─► [ field │ value │ field │ value │ … ]                        in the order in which they came
///   triples   record ─► [ field │ value │ deadline │ field │ value │ deadline │ … ]  the next to expire first
/// ```
/// It has triples from the first deadline of a field on, and then for good: what Redis calls a `listpackex`. The
/// deadline is in milliseconds since 1970, 0 where there is none; fields without one are the last. So what is due
/// stands at the beginning, and goes in one step.
///
/// Fields are named by the offsets of their entries. Fields and values that come in must not be the hash's own bytes.
///
/// Locks: the shard's.
final class PackedHash {
    private static final int PAIR = 2;
    private static final int TRIPLE = 3;

    /// What stands for no deadline.
    private static final long NONE = 0;

    private PackedHash() {}

    private static long block(Entry entry) {
        return Payload.address(entry.at);
    }

    private static boolean hasTriples(Entry entry) {
        return Record.hasFields(entry.at);
    }

    private static int entriesEach(Entry entry) {
        return hasTriples(entry) ? TRIPLE : PAIR;
    }

    static int count(Entry entry) {
        return Listpack.count(block(entry)) / entriesEach(entry);
    }

    static String encoding(Entry entry) {
        return hasTriples(entry) ? "listpackex" : "listpack";
    }

    // ---------------------------------------------------------------------------------------------- one field

    /// Where a field is, or 0.
    static int find(Entry entry, Bytes field) {
        long block = block(entry);
        int offset = Listpack.find(block, Listpack.FIRST, field, entriesEach(entry) - 1);
        return Listpack.has(block, offset) ? offset : 0;
    }

    static Bytes value(Entry entry, int offset) {
        long block = block(entry);
        return Listpack.read(block, Listpack.next(block, offset), entry.value, entry.valueDigits);
    }

    /// In milliseconds since 1970, or [Record#NO_DEADLINE].
    static long deadlineMs(Entry entry, int offset) {
        if (!hasTriples(entry)) {
            return Record.NO_DEADLINE;
        }
        long deadlineMs = storedDeadline(block(entry), offset);
        return deadlineMs == NONE ? Record.NO_DEADLINE : deadlineMs;
    }

    private static long storedDeadline(long block, int offset) {
        return Listpack.integer(block, Listpack.skip(block, offset, PAIR));
    }

    /// Whether a field with its value may be added.
    static boolean fits(Entry entry, Bytes field, Bytes value) {
        long more = (long) Listpack.entryBytes(field) + Listpack.entryBytes(value) + Listpack.entryBytes(Record.NEVER);
        return isShort(entry, field)
                && isShort(entry, value)
                && Listpack.bytes(block(entry)) + more < Listpack.MAX_BYTES;
    }

    private static boolean isShort(Entry entry, Bytes bytes) {
        return bytes.length() <= entry.tx.settings().hashMaxListpackValue;
    }

    static boolean isFull(Entry entry) {
        return count(entry) >= entry.tx.settings().hashMaxListpackEntries;
    }

    /// Adds a field that is not there.
    static void add(Entry entry, Bytes field, Bytes value) {
        append(entry, field, value);
    }

    /// Adds a field behind all others.
    private static void append(Entry entry, Bytes field, Bytes value) {
        insert(entry, Listpack.end(block(entry)), field, value, NONE);
    }

    private static void insert(Entry entry, int offset, Bytes field, Bytes value, long deadlineMs) {
        int more = Listpack.entryBytes(field) + Listpack.entryBytes(value);
        more += hasTriples(entry) ? Listpack.entryBytes(deadlineMs) : 0;
        long block = Payload.resize(entry, Listpack.bytes(block(entry)) + (long) more);
        if (hasTriples(entry)) {
            Listpack.insert(block, offset, deadlineMs);
        }
        Listpack.insert(block, offset, value);
        Listpack.insert(block, offset, field);
    }

    /// Gives the field at an offset another value. Its deadline stays.
    static void replace(Entry entry, int offset, Bytes value) {
        int valueOffset = Listpack.next(block(entry), offset);
        int more = Listpack.entryBytes(value) - Listpack.entryBytes(block(entry), valueOffset);
        long block = more > 0 ? Payload.resize(entry, Listpack.bytes(block(entry)) + (long) more) : block(entry);
        Listpack.replace(block, valueOffset, value);
        if (more < 0) {
            Payload.resize(entry, Listpack.bytes(block));
        }
    }

    /// Takes out the field at an offset.
    static void remove(Entry entry, int offset) {
        remove(entry, offset, 1);
    }

    private static void remove(Entry entry, int offset, int count) {
        long block = block(entry);
        Listpack.delete(block, offset, count * entriesEach(entry));
        Payload.resize(entry, Listpack.bytes(block));
    }

    // ---------------------------------------------------------------------------------------------- deadlines

    /// Gives the field at an offset another deadline, or with [Record#NO_DEADLINE] none. It may have to be moved.
    ///
    /// @param field its bytes
    static void deadlineMs(Entry entry, int offset, Bytes field, long deadlineMs) {
        int from = offset;
        if (!hasTriples(entry)) {
            makeTriples(entry);
            from = find(entry, field);
        }
        Bytes value = value(entry, from);
        try (Scratch copy = Scratch.ofLength(value.length())) {
            Memory.copy(value.address(), copy.bytes().address(), value.length());
            remove(entry, from);
            if (deadlineMs == Record.NO_DEADLINE) {
                append(entry, field, copy.bytes());
            } else {
                insert(entry, placeOf(entry, deadlineMs), field, copy.bytes(), deadlineMs);
            }
        }
    }

    /// The first field that expires later or never, or the end.
    private static int placeOf(Entry entry, long deadlineMs) {
        long block = block(entry);
        int offset = Listpack.FIRST;
        while (Listpack.has(block, offset) && isBy(storedDeadline(block, offset), deadlineMs)) {
            offset = Listpack.skip(block, offset, TRIPLE);
        }
        return offset;
    }

    private static boolean isBy(long stored, long timeMs) {
        return stored != NONE && stored <= timeMs;
    }

    private static void makeTriples(Entry entry) {
        int count = count(entry);
        int bytes = Listpack.bytes(block(entry)) + count * Listpack.entryBytes(NONE);
        try (Scratch triples = Scratch.ofLength(bytes)) {
            long to = triples.bytes().address();
            Listpack.create(to);
            forEach(entry, (field, value) -> {
                Listpack.insert(to, Listpack.end(to), field);
                Listpack.insert(to, Listpack.end(to), value);
                Listpack.insert(to, Listpack.end(to), NONE);
            });
            entry.at = entry.table.addFields(entry.hash, entry.at);
            Memory.copy(to, Payload.resize(entry, bytes), bytes);
        }
    }

    /// When the next field is due, or [Record#NEVER].
    static long nextDueMs(Entry entry) {
        long block = block(entry);
        long first = Listpack.has(block, Listpack.FIRST) ? storedDeadline(block, Listpack.FIRST) : NONE;
        return first == NONE ? Record.NEVER : first;
    }

    /// How many fields are due by a time.
    static int due(Entry entry, long nowMs) {
        if (!hasTriples(entry)) {
            return 0;
        }
        long block = block(entry);
        int due = 0;
        for (int offset = Listpack.FIRST;
                Listpack.has(block, offset) && isBy(storedDeadline(block, offset), nowMs);
                offset = Listpack.skip(block, offset, TRIPLE)) {
            due++;
        }
        return due;
    }

    /// Takes out the first fields, and shows each before they go.
    static void expire(Entry entry, int count, Consumer<Bytes> visit) {
        Bytes field = new Bytes();
        long block = block(entry);
        int offset = Listpack.FIRST;
        for (int left = count; left > 0; left--) {
            visit.accept(Listpack.read(block, offset, field, entry.digits));
            offset = Listpack.skip(block, offset, TRIPLE);
        }
        remove(entry, Listpack.FIRST, count);
    }

    // ---------------------------------------------------------------------------------------------- many fields

    /// Visits all fields.
    static void forEach(Entry entry, HashValue.Visitor visitor) {
        Bytes field = new Bytes();
        Bytes value = new Bytes();
        long block = block(entry);
        int each = entriesEach(entry);
        for (int offset = Listpack.FIRST; Listpack.has(block, offset); offset = Listpack.skip(block, offset, each)) {
            show(entry, block, offset, field, value, visitor);
        }
    }

    /// Visits all fields with their deadlines.
    static void forEachTimed(Entry entry, HashValue.TimedVisitor visitor) {
        Bytes field = new Bytes();
        Bytes value = new Bytes();
        long block = block(entry);
        int each = entriesEach(entry);
        for (int offset = Listpack.FIRST; Listpack.has(block, offset); offset = Listpack.skip(block, offset, each)) {
            long deadlineMs = deadlineMs(entry, offset);
            show(entry, block, offset, field, value, (_, _) -> visitor.visit(field, value, deadlineMs));
        }
    }

    /// Visits the field of an index.
    static void visit(Entry entry, int index, HashValue.Visitor visitor) {
        long block = block(entry);
        int offset = Listpack.seek(block, index * entriesEach(entry));
        show(entry, block, offset, new Bytes(), new Bytes(), visitor);
    }

    private static void show(Entry entry, long block, int offset, Bytes field, Bytes value, HashValue.Visitor visitor) {
        Listpack.read(block, offset, field, entry.digits);
        Listpack.read(block, Listpack.next(block, offset), value, entry.valueDigits);
        visitor.visit(field, value);
    }
}
