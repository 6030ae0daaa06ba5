package io.nuthatch.persistence;

import static org.assertj.core.api.Assertions.assertThat;

import io.nuthatch.memory.Bytes;
import io.nuthatch.memory.Scratch;
import io.nuthatch.memory.testing.GuardedMemory;
import io.nuthatch.store.Entry;
import io.nuthatch.store.EvictionPolicy;
import io.nuthatch.store.Keyspace;
import io.nuthatch.store.PendingEntry;
import io.nuthatch.store.StoreSettings;
import io.nuthatch.store.StreamConsumer;
import io.nuthatch.store.StreamCursor;
import io.nuthatch.store.StreamGroup;
import io.nuthatch.store.StreamId;
import io.nuthatch.store.StreamValue;
import io.nuthatch.store.StreamValue.References;
import io.nuthatch.store.StringValue;
import io.nuthatch.store.Tx;
import io.nuthatch.store.Type;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/// The file of a large stream is of the cut, to the byte of its nodes, whatever is done to the stream whenever a piece
/// is written; in guarded memory.
@ExtendWith(GuardedMemory.class)
class StreamSaveTest {
    private static final RdbFormat FORMAT =
            new RdbFormat(true, true, true, EvictionPolicy.NOEVICTION, RdbFormat.Purpose.SNAPSHOT);
    private static final long NOW_MS = 1_800_000_000_000L;
    private static final int ENTRIES = 20_000;
    private static final int GROUPS = 3;
    private static final int CONSUMERS = 4;

    /// What waits for the disk goes to the second file at once.
    private static final long NOTHING_MAY_WAIT = 1;

    private static final long MUCH_MAY_WAIT = 1 << 30;

    @TempDir
    private Path folder;

    private final long seed = Long.getLong("nuthatch.seed", System.nanoTime());
    private final Random random = new Random(seed);
    private final Keyspace from = new Keyspace(1, 1, new StoreSettings());
    private final Keyspace to = new Keyspace(1, 2, new StoreSettings());
    private final Tx tx = from.newTx(random);

    @BeforeEach
    void tellSeed() {
        System.out.println("StreamSaveTest seed=" + seed);
    }

    @AfterEach
    void close() {
        from.close();
        to.close();
    }

    @Test
    void isAsItWasAtTheCutWhateverIsDone() throws IOException {
        make();
        List<String> before = parts(from);
        save(MUCH_MAY_WAIT, this::change, () -> {});
        assertThat(parts(load())).isEqualTo(before);
        assertThat(parts(from).equals(before)).as("nothing has changed").isFalse();
    }

    /// What is kept goes to the second file, and comes back from there.
    @Test
    void isAsItWasAtTheCutThoughNothingMayWait() throws IOException, InterruptedException {
        make();
        List<String> before = parts(from);
        AtomicBoolean stop = new AtomicBoolean();
        AtomicReference<Throwable> fault = new AtomicReference<>();
        Thread writer = new Thread(() -> {
            while (!stop.get()) {
                change();
            }
        });
        writer.setUncaughtExceptionHandler((_, failed) -> fault.set(failed));
        RdbSave save = save(NOTHING_MAY_WAIT, () -> {}, writer::start);
        stop.set(true);
        writer.join();
        assertThat(fault.get()).isNull();
        assertThat(parts(load())).isEqualTo(before);
        assertThat(save.spilledPieces()).isPositive();
    }

    @Test
    void isInTheFileThoughItsKeyIsGoneOrAnothers() throws IOException {
        for (String end : List.of("deleted", "replaced", "renamed")) {
            make();
            List<String> before = parts(from);
            int[] calls = {0};
            Runnable change = () -> {
                calls[0]++;
                if (calls[0] == 10) {
                    endKey(end);
                }
                change();
            };
            save(MUCH_MAY_WAIT, change, () -> {});
            assertThat(calls[0]).as("the save has gone on").isGreaterThan(10);
            assertThat(parts(load())).as(end).isEqualTo(before);
            from.collectAll();
        }
    }

    private void endKey(String how) {
        transact(() -> {
            try (Scratch key = Scratch.of("stream");
                    Scratch other = Scratch.of("other")) {
                Entry entry = Objects.requireNonNull(tx.write(key.bytes()));
                switch (how) {
                    case "deleted" -> entry.delete();
                    case "replaced" -> StringValue.set(tx, key.bytes(), other.bytes(), Tx.NO_DEADLINE);
                    default -> tx.rename(entry, other.bytes());
                }
            }
        });
    }

    private void transact(Runnable work) {
        tx.begin(0, NOW_MS, true).lock(Keyspace.ALL_SHARDS);
        work.run();
        tx.end();
    }

    private RdbSave save(long mostBytes, Runnable betweenPieces, Runnable atTheCut) throws IOException {
        boolean[] isPastCut = {false};
        Disk disk = new CallingDisk(() -> {
            if (isPastCut[0]) {
                betweenPieces.run();
            }
        });
        RdbSave save = new RdbSave(disk, from, FORMAT, file(), folder.resolve("temp.rdb"), mostBytes);
        save.run(NOW_MS, () -> {
            isPastCut[0] = true;
            atTheCut.run();
        });
        try (Stream<Path> files = Files.list(folder)) {
            assertThat(files.toList()).isEqualTo(List.of(file()));
        }
        return save;
    }

    private Path file() {
        return folder.resolve("dump.rdb");
    }

    private Keyspace load() throws IOException {
        Tx loading = to.newTx(random);
        loading.begin(0, NOW_MS, true).flushAll();
        loading.end();
        new RdbLoader(to).load(file(), new RdbLoader.Options(NOW_MS, false, false, true), _ -> {});
        return to;
    }

    private static List<String> parts(Keyspace of) {
        List<String> parts = new ArrayList<>();
        Tx reading = of.newTx(new Random(1));
        reading.begin(0, NOW_MS, false).lock(Keyspace.ALL_SHARDS);
        try (Scratch key = Scratch.of("stream")) {
            Entry entry = reading.find(key.bytes());
            if (entry != null && entry.type() == Type.STREAM) {
                try (RdbOutput output = new RdbOutput()) {
                    StreamValue.of(entry)
                            .forEachNode((first, listpack) ->
                                    parts.add(first + " " + HexFormat.of().formatHex(listpack.toArray())));
                    RdbStream.write(entry, output);
                    parts.add(HexFormat.of().formatHex(output.bytes().toArray()));
                }
            }
        } finally {
            reading.end();
        }
        return parts;
    }

    // ---- the stream and what is done to it

    private void make() {
        transact(() -> {
            try (Scratch key = Scratch.of("stream")) {
                Entry old = tx.write(key.bytes());
                if (old != null) {
                    old.delete();
                }
                StreamValue stream = StreamValue.of(StreamValue.create(tx, key.bytes()));
                for (int i = 0; i < ENTRIES; i++) {
                    append(stream);
                }
                for (int i = 0; i < GROUPS; i++) {
                    try (Scratch name = Scratch.of("group" + i)) {
                        StreamGroup group = stream.addGroup(name.bytes(), StreamId.MIN, 0);
                        deliver(group, ENTRIES / 2);
                        deliver(group, ENTRIES / 4);
                    }
                }
            }
        });
    }

    private void append(StreamValue stream) {
        try (Scratch field = Scratch.of("field");
                Scratch value = Scratch.of("value " + random.nextInt())) {
            StreamId id = new StreamId(stream.lastId().ms() + 1, 0);
            stream.append(id, 1, i -> i == 0 ? field.bytes() : value.bytes());
        }
    }

    private void deliver(StreamGroup group, int count) {
        StreamConsumer consumer = consumer(group);
        StreamCursor cursor = group.unread(tx.streamCursor());
        for (int i = 0; i < count && cursor.next(); i++) {
            group.deliver(cursor, consumer, NOW_MS);
            group.hasRead(cursor);
        }
    }

    private StreamConsumer consumer(StreamGroup group) {
        try (Scratch name = Scratch.of("consumer" + random.nextInt(CONSUMERS))) {
            StreamConsumer found = group.consumer(name.bytes());
            return found == null ? group.addConsumer(name.bytes(), NOW_MS) : found;
        }
    }

    /// Some commands in one transaction.
    private void change() {
        transact(() -> {
            try (Scratch key = Scratch.of("stream");
                    Scratch name = Scratch.of("group" + random.nextInt(GROUPS))) {
                Entry entry = tx.write(key.bytes());
                if (entry != null && entry.type() == Type.STREAM) {
                    for (int i = 0; i < 20; i++) {
                        change(entry, StreamValue.of(entry), name.bytes());
                    }
                }
            }
        });
    }

    private void change(Entry entry, StreamValue stream, Bytes name) {
        StreamGroup found = stream.group(name);
        StreamGroup group = found == null ? stream.addGroup(name, StreamId.MIN, 0) : found;
        StreamId id = new StreamId(random.nextInt(ENTRIES), 0);
        switch (random.nextInt(8)) {
            case 0 -> append(stream);
            case 1 -> stream.delete(id, References.KEEP, tx.streamCursor());
            case 2 -> {
                long length = stream.length() - random.nextInt(20);
                stream.trim(new StreamValue.Trim(length, null, false, 0, References.KEEP), tx.streamCursor());
            }
            case 3 -> deliver(group, 5);
            case 4 -> {
                if (random.nextInt(200) == 0) {
                    stream.removeGroup(entry, group);
                }
            }
            default -> {
                PendingEntry pending = group.pending();
                if (pending.seek(id)) {
                    if (random.nextBoolean()) {
                        pending.acknowledge();
                    } else {
                        pending.give(consumer(group), NOW_MS + random.nextInt(1000));
                    }
                }
            }
        }
    }
}
