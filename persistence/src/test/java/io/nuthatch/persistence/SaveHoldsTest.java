package io.nuthatch.persistence;

import static org.assertj.core.api.Assertions.assertThat;

import io.nuthatch.memory.Bytes;
import io.nuthatch.memory.Scratch;
import io.nuthatch.store.Entry;
import io.nuthatch.store.EvictionPolicy;
import io.nuthatch.store.HashValue;
import io.nuthatch.store.Keyspace;
import io.nuthatch.store.ListValue;
import io.nuthatch.store.SetValue;
import io.nuthatch.store.SortedSetDraft;
import io.nuthatch.store.StoreSettings;
import io.nuthatch.store.StreamConsumer;
import io.nuthatch.store.StreamCursor;
import io.nuthatch.store.StreamGroup;
import io.nuthatch.store.StreamId;
import io.nuthatch.store.StreamValue;
import io.nuthatch.store.StringValue;
import io.nuthatch.store.Tx;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.function.BiConsumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// How long a save has the lock of a shard at a time, and a command on its behalf: in time of the thread's processor,
/// so
/// that others on the machine do not count. With `-Dnuthatch.long=true`, of collections of a million.
class SaveHoldsTest {
    private static final boolean LONG = Boolean.getBoolean("nuthatch.long");
    private static final int ELEMENTS = LONG ? 1_000_000 : 30_000;

    /// Once, the code is not compiled yet.
    private static final int ROUNDS = LONG ? 6 : 4;

    /// What is aimed at, and what a run that is mostly interpreted may take.
    private static final long MOST_NANOS = TimeUnit.MILLISECONDS.toNanos(LONG ? 2 : 20);

    private static final RdbFormat FORMAT =
            new RdbFormat(true, true, false, EvictionPolicy.NOEVICTION, RdbFormat.Purpose.SNAPSHOT);
    private static final long NOW_MS = 1_800_000_000_000L;

    private final ThreadMXBean threads = ManagementFactory.getThreadMXBean();
    private final Random random = new Random(1);

    @TempDir
    private Path folder;

    /// The longest hold of the save, and of a command that was the first to change the collection.
    private record Holds(long saveNanos, long commandNanos) {}

    @Test
    void noLockIsHeldForLong() throws IOException {
        Map<String, BiConsumer<Tx, Bytes>> kinds = new LinkedHashMap<>();
        kinds.put("strings", this::strings);
        kinds.put("30 KB each", this::longStrings);
        kinds.put("list", this::list);
        kinds.put("set", this::set);
        kinds.put("hash", this::hash);
        kinds.put("sorted set", this::sortedSet);
        kinds.put("stream", this::stream);
        Map<String, Holds> longest = new LinkedHashMap<>();
        for (Map.Entry<String, BiConsumer<Tx, Bytes>> kind : kinds.entrySet()) {
            longest.put(kind.getKey(), measure(kind.getValue()));
        }
        longest.forEach((kind, holds) -> System.out.printf(
                "%-10s of %,d: the save %4d us, a command %4d us%n",
                kind, ELEMENTS, holds.saveNanos / 1000, holds.commandNanos / 1000));
        assertThat(longest.values())
                .allSatisfy(holds -> assertThat(Math.max(holds.saveNanos, holds.commandNanos))
                        .isLessThan(MOST_NANOS));
    }

    private Holds measure(BiConsumer<Tx, Bytes> fill) throws IOException {
        try (Keyspace keyspace = new Keyspace(1, 1, new StoreSettings());
                Scratch key = Scratch.of("key")) {
            Tx tx = keyspace.newTx(random);
            tx.begin(0, NOW_MS, true).lock(Keyspace.ALL_SHARDS);
            fill.accept(tx, key.bytes());
            tx.end();
            Holds holds = new Holds(0, 0);
            for (int round = 0; round < ROUNDS; round++) {
                holds = save(keyspace, tx, key.bytes());
            }
            return holds;
        }
    }

    /// A command comes upon the key, to change it, right after the cut.
    private Holds save(Keyspace keyspace, Tx tx, Bytes key) throws IOException {
        long[] commandNanos = {0};
        boolean[] isPastCut = {false};
        Disk disk = new CallingDisk(() -> {
            if (isPastCut[0] && commandNanos[0] == 0) {
                long began = threads.getCurrentThreadCpuTime();
                tx.begin(0, NOW_MS, true).lock(Keyspace.ALL_SHARDS);
                tx.write(key);
                tx.end();
                commandNanos[0] = threads.getCurrentThreadCpuTime() - began;
            }
        });
        Path file = folder.resolve("dump.rdb");
        RdbSave save = new RdbSave(disk, keyspace, FORMAT, file, folder.resolve("temp.rdb"));
        save.run(NOW_MS, () -> isPastCut[0] = true);
        return new Holds(save.longestHoldNanos(), commandNanos[0]);
    }

    // ---- what is saved

    private void each(BiConsumer<Bytes, Bytes> use) {
        for (int i = 0; i < ELEMENTS; i++) {
            try (Scratch element = Scratch.of("element:" + i);
                    Scratch value = Scratch.of("a value of some length, as they are: " + random.nextInt())) {
                use.accept(element.bytes(), value.bytes());
            }
        }
    }

    private void strings(Tx tx, Bytes key) {
        each((name, value) -> StringValue.set(tx, name, value, Tx.NO_DEADLINE));
        StringValue.set(tx, key, key, Tx.NO_DEADLINE);
    }

    /// Just short enough to be compressed while the lock is held.
    private void longStrings(Tx tx, Bytes key) {
        byte[] text = new byte[30_000];
        for (int i = 0; i < ELEMENTS / 300; i++) {
            for (int j = 0; j < text.length; j++) {
                text[j] = (byte) ('a' + random.nextInt(3));
            }
            try (Scratch name = Scratch.of("string:" + i);
                    Scratch value = Scratch.of(text)) {
                StringValue.set(tx, name.bytes(), value.bytes(), Tx.NO_DEADLINE);
            }
        }
        StringValue.set(tx, key, key, Tx.NO_DEADLINE);
    }

    private void list(Tx tx, Bytes key) {
        Entry list = ListValue.create(tx, key);
        each((_, value) -> {
            ListValue.expect(list, value.length(), 1);
            ListValue.push(list, ListValue.End.TAIL, value);
        });
    }

    private void set(Tx tx, Bytes key) {
        Entry set = SetValue.create(tx, key, key, ELEMENTS);
        each((_, value) -> SetValue.add(set, value));
    }

    private void hash(Tx tx, Bytes key) {
        Entry hash = HashValue.create(tx, key);
        each((field, value) -> HashValue.put(hash, field, value));
    }

    private void sortedSet(Tx tx, Bytes key) {
        try (SortedSetDraft draft = SortedSetDraft.of(tx, key)) {
            each((member, _) -> draft.put(member, random.nextGaussian()));
            draft.store(key);
        }
    }

    /// All entries are pending.
    private void stream(Tx tx, Bytes key) {
        StreamValue stream = StreamValue.of(StreamValue.create(tx, key));
        each((field, value) -> stream.append(stream.lastId().next(), 1, i -> i == 0 ? field : value));
        StreamGroup group = stream.addGroup(key, StreamId.MIN, 0);
        StreamConsumer consumer = group.addConsumer(key, NOW_MS);
        StreamCursor cursor = group.unread(tx.streamCursor());
        while (cursor.next()) {
            group.deliver(cursor, consumer, NOW_MS);
        }
    }
}
