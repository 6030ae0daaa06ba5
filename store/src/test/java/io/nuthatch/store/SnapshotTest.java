package io.nuthatch.store;

import static org.assertj.core.api.Assertions.assertThat;

import io.nuthatch.memory.Bytes;
import io.nuthatch.memory.Scratch;
import io.nuthatch.memory.testing.GuardedMemory;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/// A snapshot is what there was at the cut, to the byte, whatever is done while it is handed out: random operations on
/// keys of all types between its steps, and from other threads; in guarded memory.
@ExtendWith(GuardedMemory.class)
class SnapshotTest {
    private static final int LONG_FACTOR = Boolean.getBoolean("nuthatch.long") ? 20 : 1;
    private static final int ROUNDS = 12 * LONG_FACTOR;
    private static final int CHANGES = 900;
    private static final int DATABASES = 3;
    private static final int KEYS = 40;
    private static final long NOW_MS = 1_800_000_000_000L;
    private static final int PAIRS = 300;
    private static final int STREAMS = 4;
    private static final int STREAM_ROUNDS = 15 * LONG_FACTOR;
    private static final int CUTS = 20 * LONG_FACTOR;

    private final long seed = Long.getLong("nuthatch.seed", System.nanoTime());
    private final Random random = new Random(seed);
    private final StoreSettings settings = new StoreSettings();
    private final Keyspace keyspace = new Keyspace(DATABASES, 42, settings);
    private final Tx tx = keyspace.newTx(random);
    private final RandomStreams streams = new RandomStreams(random, tx);

    @BeforeEach
    void tellSeed() {
        System.out.println("SnapshotTest seed=" + seed);
        settings.listMaxListpackSize = 8;
        settings.hashMaxListpackEntries = 8;
        settings.setMaxListpackEntries = 8;
        settings.setMaxIntsetEntries = 8;
        settings.sortedSetMaxListpackEntries = 8;
        settings.streamNodeMaxEntries = 8;
    }

    @AfterEach
    void givesAllMemoryBack() {
        keyspace.close();
        assertThat(keyspace.usedBytes()).isZero();
    }

    // ---- what is handed out

    /// Notes each key once.
    private static final class Notes implements Snapshot.Receiver {
        final Map<String, String> content = new ConcurrentSkipListMap<>();

        @Override
        public void whole(int shard, int db, Entry entry) {
            note(name(db, entry), content(entry));
        }

        private void note(String name, String text) {
            assertThat(content.put(name, text)).as("handed out twice: %s", name).isNull();
        }

        @Override
        public Snapshot.Pieces inPieces(int shard, int db, Entry entry, long count) {
            String name = name(db, entry);
            String head = head(entry);
            boolean ordered = isOrdered(entry);
            RandomStreams.Text stream = new RandomStreams.Text();
            List<String> parts = stream.parts();
            long[] left = {count};
            return new Snapshot.Pieces() {
                @Override
                public void turn() {
                    assertThat(left[0]).isNotNegative();
                }

                private void add(String part) {
                    parts.add(part);
                    left[0]--;
                }

                @Override
                public void member(Bytes member) {
                    add(text(member));
                }

                @Override
                public void member(Bytes member, double score) {
                    add(text(member) + " " + score);
                }

                @Override
                public void field(Bytes field, Bytes value, long deadlineMs) {
                    add(text(field) + "=" + text(value));
                }

                @Override
                public void listpack(Bytes listpack) {
                    PackedBlock.visitListpack(listpack, element -> parts.add(text(element)));
                    left[0]--;
                }

                @Override
                public void node(StreamId first, Bytes listpack) {
                    add(RandomStreams.Text.nodeText(first, listpack));
                }

                @Override
                public Snapshot.Kept keepListpack(Bytes listpack) {
                    List<String> elements = new ArrayList<>();
                    PackedBlock.visitListpack(listpack, element -> elements.add(text(element)));
                    return new KeptText(elements);
                }

                @Override
                public Snapshot.Kept keepNode(StreamId first, Bytes listpack) {
                    return new KeptText(List.of(RandomStreams.Text.nodeText(first, listpack)));
                }

                @Override
                public void kept(Snapshot.Kept kept) {
                    parts.addAll(((KeptText) kept).parts);
                    left[0]--;
                }

                @Override
                public StreamParts stream() {
                    return stream;
                }

                @Override
                public void end() {
                    assertThat(left[0])
                            .as("pieces that are missing of %s", name)
                            .isZero();
                    note(name, head + joined(parts, ordered));
                }
            };
        }
    }

    /// What was handed out before its turn.
    private record KeptText(List<String> parts) implements Snapshot.Kept {
        @Override
        public void close() {
            // There is nothing to free.
        }
    }

    private static boolean isOrdered(Entry entry) {
        return entry.type() == Type.LIST || entry.type() == Type.STREAM;
    }

    private static String name(int db, Entry entry) {
        return db + "/" + text(entry.key(new Bytes()));
    }

    private static String head(Entry entry) {
        return entry.type() + " " + entry.deadlineMs() + " ";
    }

    private static String content(Entry entry) {
        List<String> parts = new ArrayList<>();
        switch (entry.type()) {
            case STRING -> parts.add(text(entry.value()));
            case LIST -> ListValue.forEach(entry, 0, ListValue.length(entry), element -> parts.add(text(element)));
            case SET -> SetView.of(entry).forEach(member -> parts.add(text(member)));
            case SORTED_SET ->
                SortedSetValue.forEach(
                        entry,
                        0,
                        SortedSetValue.length(entry),
                        (member, score) -> parts.add(text(member) + " " + score));
            case HASH -> HashValue.forEach(entry, (field, value) -> parts.add(text(field) + "=" + text(value)));
            case STREAM -> parts.addAll(RandomStreams.Text.of(StreamValue.of(entry)));
        }
        return head(entry) + joined(parts, isOrdered(entry));
    }

    private static String joined(List<String> parts, boolean ordered) {
        if (!ordered) {
            Collections.sort(parts);
        }
        return String.join("|", parts);
    }

    private static String text(Bytes bytes) {
        return new String(bytes.toArray(), StandardCharsets.ISO_8859_1);
    }

    private Map<String, String> content() {
        Map<String, String> content = new TreeMap<>();
        for (int db = 0; db < DATABASES; db++) {
            int number = db;
            tx.begin(db, NOW_MS, false).readOnly();
            tx.keys(entry -> content.put(name(number, entry), content(entry)));
            tx.end();
        }
        return content;
    }

    // ---- what is done meanwhile

    @Test
    void isWhatThereWasAtTheCutWhateverIsDone() {
        for (int round = 0; round < ROUNDS; round++) {
            for (int i = 0; i < CHANGES; i++) {
                change();
            }
            Map<String, String> before = content();
            Notes notes = new Notes();
            Snapshot snapshot = keyspace.cut(notes, NOW_MS, () -> {});
            long keys = 0;
            for (int db = 0; db < DATABASES; db++) {
                keys += snapshot.keys(db);
            }
            assertThat(keys).isEqualTo(before.size());
            int pace = 1 + random.nextInt(40);
            boolean more = true;
            while (more) {
                for (int i = random.nextInt(pace); i > 0; i--) {
                    change();
                    keyspace.compact();
                    keyspace.collect();
                }
                more = snapshot.advance();
            }
            assertThat(snapshot.isComplete()).isTrue();
            assertThat(notes.content).isEqualTo(before);
            snapshot.close();
        }
    }

    @Test
    void oneThatIsGivenUpLeavesNothingBehind() {
        for (int round = 0; round < ROUNDS; round++) {
            for (int i = 0; i < CHANGES; i++) {
                change();
            }
            try (Snapshot snapshot = keyspace.cut(new Notes(), NOW_MS, () -> {})) {
                for (int steps = random.nextInt(60); steps > 0; steps--) {
                    snapshot.advance();
                    change();
                }
            }
            Map<String, String> before = content();
            Notes notes = new Notes();
            try (Snapshot next = keyspace.cut(notes, NOW_MS, () -> {})) {
                while (next.advance()) {
                    change();
                }
            }
            assertThat(notes.content).isEqualTo(before);
        }
    }

    /// Streams whose groups have more than goes out under one lock, changed in all that a file shows of them.
    @Test
    void aLargeStreamIsAsItWasAtTheCutWhateverIsDone() {
        for (int round = 0; round < STREAM_ROUNDS; round++) {
            for (int i = 0; i < STREAMS; i++) {
                makeLargeStream("stream:" + i);
            }
            Map<String, String> before = content();
            Notes notes = new Notes();
            try (Snapshot snapshot = keyspace.cut(notes, NOW_MS, () -> {})) {
                int pace = 1 + random.nextInt(12);
                do {
                    for (int i = random.nextInt(pace); i > 0; i--) {
                        changeStream("stream:" + random.nextInt(STREAMS));
                        keyspace.collect();
                    }
                } while (snapshot.advance());
            }
            assertThat(notes.content).isEqualTo(before);
        }
    }

    private void makeLargeStream(String name) {
        tx.begin(0, NOW_MS, true).lock(Keyspace.ALL_SHARDS);
        try (Scratch key = Scratch.of(name)) {
            Entry old = tx.write(key.bytes());
            if (old != null) {
                old.delete();
            }
            Entry entry = StreamValue.create(tx, key.bytes());
            streams.fill(entry, 300 + random.nextInt(1000));
            for (int i = random.nextInt(300); i > 0; i--) {
                streams.change(entry);
            }
            if (random.nextInt(3) == 0) {
                entry.deadlineMs(NOW_MS + 1);
            }
        } finally {
            tx.end();
        }
    }

    /// As commands do, with all shards locked; now and then the key as a whole, at a time when it may have expired.
    private void changeStream(String name) {
        tx.begin(0, NOW_MS + random.nextInt(60) / 59, true).lock(Keyspace.ALL_SHARDS);
        try (Scratch key = Scratch.of(name);
                Scratch other = Scratch.of("stream:" + random.nextInt(STREAMS))) {
            Entry entry = tx.write(key.bytes());
            int choice = random.nextInt(200);
            if (entry == null) {
                streams.fill(StreamValue.create(tx, key.bytes()), 10);
            } else if (choice == 0) {
                entry.delete();
            } else if (choice == 1) {
                rename(key.bytes(), other.bytes());
            } else if (choice == 2) {
                with(text(), value -> StringValue.set(tx, key.bytes(), value, Tx.NO_DEADLINE));
            } else if (choice == 3 && !key.bytes().equals(other.bytes())) {
                tx.copy(entry, other.bytes(), 0);
            } else if (choice == 4 && tx.find(key.bytes(), 1) == null) {
                tx.move(entry, 1);
            } else if (entry.type() == Type.STREAM) {
                streams.change(entry);
            } else {
                entry.delete();
            }
        } finally {
            tx.end();
        }
    }

    private void change() {
        String name = "key:" + random.nextInt(KEYS);
        int db = random.nextInt(DATABASES);
        tx.begin(db, NOW_MS, true).lock(Keyspace.ALL_SHARDS);
        try (Scratch key = Scratch.of(name);
                Scratch other = Scratch.of("key:" + random.nextInt(KEYS))) {
            change(key.bytes(), other.bytes());
        } finally {
            tx.end();
        }
    }

    private void change(Bytes key, Bytes other) {
        Entry entry = tx.write(key);
        int choice = random.nextInt(400);
        if (choice == 0) {
            tx.flush(random.nextInt(DATABASES));
        } else if (choice == 1) {
            tx.swap(0, 1 + random.nextInt(DATABASES - 1));
        } else if (entry == null) {
            create(key);
        } else if (choice < 8) {
            entry.delete();
        } else if (choice < 16) {
            if (tx.find(other) == null || random.nextBoolean()) {
                rename(key, other);
            }
        } else if (choice < 22) {
            int toDb = random.nextInt(DATABASES);
            if (toDb != tx.db() && tx.find(other, toDb) == null && tx.find(key, toDb) == null) {
                tx.move(entry, toDb);
            }
        } else if (choice < 28) {
            if (!key.equals(other)) {
                tx.copy(entry, other, tx.db());
            }
        } else if (choice < 40) {
            entry.deadlineMs(random.nextInt(3) == 0 ? Tx.NO_DEADLINE : NOW_MS + 1 + random.nextInt(1000));
        } else if (choice < 44) {
            create(key);
        } else {
            change(entry);
        }
    }

    private void rename(Bytes key, Bytes other) {
        if (!key.equals(other)) {
            Entry from = tx.find(key);
            assertThat(from).isNotNull();
            tx.rename(from, other);
        }
    }

    private void create(Bytes key) {
        Entry old = tx.find(key);
        if (old != null) {
            old.delete();
        }
        switch (random.nextInt(6)) {
            case 0 -> with(text(), value -> StringValue.set(tx, key, value, Tx.NO_DEADLINE));
            case 4 -> streams.fill(StreamValue.create(tx, key), size());
            case 1 -> fill(ListValue.create(tx, key));
            case 2 -> with(text(), member -> fill(SetValue.create(tx, key, member, 1)));
            case 3 -> fill(HashValue.create(tx, key));
            default -> {
                try (SortedSetDraft draft = SortedSetDraft.of(tx, key)) {
                    for (int i = size(); i > 0; i--) {
                        with(text(), member -> draft.put(member, random.nextInt(50)));
                    }
                    draft.store(key);
                }
            }
        }
    }

    /// One or a few, many that go out whole, or so many that they go out in pieces.
    private int size() {
        return switch (random.nextInt(8)) {
            case 0 -> 257 + random.nextInt(1500);
            case 1 -> 1 + random.nextInt(200);
            default -> 1 + random.nextInt(10);
        };
    }

    private void fill(Entry entry) {
        for (int i = size(); i > 0; i--) {
            with(text(), element -> add(entry, element));
        }
    }

    private void add(Entry entry, Bytes element) {
        switch (entry.type()) {
            case LIST -> {
                ListValue.expect(entry, element.length(), 1);
                ListValue.push(entry, random.nextBoolean() ? ListValue.End.HEAD : ListValue.End.TAIL, element);
            }
            case SET -> SetValue.add(entry, element);
            case HASH -> with(text(), value -> HashValue.put(entry, element, value));
            case SORTED_SET -> rank(entry, element, random.nextInt(50));
            case STRING -> StringValue.append(entry, element);
            case STREAM -> throw new IllegalStateException("not made here");
        }
    }

    private void change(Entry entry) {
        switch (entry.type()) {
            case STRING -> changeString(entry);
            case LIST -> changeList(entry);
            case SET -> {
                with(text(), member -> SetValue.add(entry, member));
                for (int i = random.nextInt(6); i > 0 && SetValue.size(entry) > 1; i--) {
                    SetValue.pop(entry, _ -> {});
                }
            }
            case HASH -> {
                List<byte[]> some = new ArrayList<>();
                HashValue.random(entry, random, (field, _) -> some.add(field.toArray()));
                with(text(), value -> with(some.getFirst(), field -> HashValue.put(entry, field, value)));
                with(text(), value -> with(text(), field -> HashValue.put(entry, field, value)));
                if (random.nextBoolean() && HashValue.length(entry) > 1) {
                    with(some.getFirst(), field -> HashValue.remove(entry, field));
                }
            }
            case SORTED_SET -> changeSortedSet(entry);
            case STREAM -> streams.change(entry);
        }
    }

    private void changeString(Entry entry) {
        if (StringValue.isInteger(entry) && random.nextBoolean()) {
            StringValue.integer(entry, random.nextInt());
        } else if (random.nextBoolean()) {
            with(text(), more -> StringValue.append(entry, more));
        } else {
            with(text(), bytes -> StringValue.setRange(entry, random.nextInt(10), bytes));
        }
    }

    private void changeList(Entry entry) {
        long length = ListValue.length(entry);
        switch (random.nextInt(5)) {
            case 0 -> with(text(), element -> ListValue.set(entry, random.nextLong(length), element));
            case 1 -> {
                if (length > 30) {
                    ListValue.remove(entry, random.nextLong(length - 25), 1 + random.nextInt(20));
                }
            }
            case 2 -> {
                if (length > 3) {
                    ListValue.pop(entry, random.nextBoolean() ? ListValue.End.HEAD : ListValue.End.TAIL, 2, _ -> {});
                }
            }
            case 3 ->
                with(text(), element -> {
                    Bytes pivot = ListValue.read(entry, random.nextLong(length), new Bytes());
                    assertThat(pivot).isNotNull();
                    with(pivot.toArray(), copy -> ListValue.insertBefore(entry, copy, element));
                });
            default -> with(text(), element -> add(entry, element));
        }
        ListValue.settle(entry);
    }

    private void changeSortedSet(Entry entry) {
        List<byte[]> some = new ArrayList<>();
        long length = SortedSetValue.length(entry);
        SortedSetValue.forEach(entry, random.nextLong(length), 1, (member, _) -> some.add(member.toArray()));
        with(some.getFirst(), member -> rank(entry, member, random.nextInt(50)));
        with(text(), member -> rank(entry, member, random.nextInt(50)));
        if (length > 10 && random.nextBoolean()) {
            SortedSetValue.remove(entry, random.nextLong(length - 5), 1 + random.nextInt(5));
        }
    }

    private static void rank(Entry entry, Bytes member, double score) {
        if (Double.isNaN(SortedSetValue.score(entry, member))) {
            SortedSetValue.add(entry, member, score);
        } else {
            SortedSetValue.score(entry, member, score);
        }
    }

    private byte[] text() {
        int length = 5_000 + random.nextInt(3_000);
        return switch (random.nextInt(3)) {
            case 0 -> String.valueOf(random.nextInt(10_000)).getBytes(StandardCharsets.ISO_8859_1);
            default -> {
                byte[] bytes = new byte[random.nextInt(50) == 0 ? length : 1 + random.nextInt(12)];
                random.nextBytes(bytes);
                yield bytes;
            }
        };
    }

    private static void with(byte[] bytes, Consumer<Bytes> use) {
        try (Scratch scratch = Scratch.of(bytes)) {
            use.accept(scratch.bytes());
        }
    }

    // ---- from other threads

    /// Two keys of one transaction always have the same value, whichever shards they are in.
    @Test
    void transactionsAreInItAsAWholeOrNotAtAll() throws InterruptedException {
        AtomicBoolean stop = new AtomicBoolean();
        List<Throwable> faults = Collections.synchronizedList(new ArrayList<>());
        List<Thread> writers = new ArrayList<>();
        for (int i = 0; i < 2; i++) {
            Random own = new Random(seed + i);
            Thread writer = new Thread(() -> writePairs(own, stop));
            writer.setUncaughtExceptionHandler((_, fault) -> faults.add(fault));
            writer.start();
            writers.add(writer);
        }
        for (int i = 0; i < CUTS; i++) {
            Notes notes = new Notes();
            try (Snapshot snapshot = keyspace.cut(notes, NOW_MS, () -> {})) {
                while (snapshot.advance()) {
                    Thread.onSpinWait();
                }
            }
            for (int pair = 0; pair < PAIRS; pair++) {
                assertThat(notes.content.get("0/left:" + pair)).isEqualTo(notes.content.get("0/right:" + pair));
            }
        }
        stop.set(true);
        for (Thread writer : writers) {
            writer.join();
        }
        assertThat(faults).isEmpty();
    }

    private void writePairs(Random own, AtomicBoolean stop) {
        Tx each = keyspace.newTx(own);
        while (!stop.get()) {
            int pair = own.nextInt(PAIRS);
            try (Scratch left = Scratch.of("left:" + pair);
                    Scratch right = Scratch.of("right:" + pair);
                    Scratch value = Scratch.of("value:" + own.nextInt())) {
                long shards = 1L << Keyspace.shardOf(keyspace.hash(left.bytes()))
                        | 1L << Keyspace.shardOf(keyspace.hash(right.bytes()));
                each.begin(0, NOW_MS, true).lock(shards);
                put(each, left.bytes(), value.bytes());
                put(each, right.bytes(), value.bytes());
                each.end();
            }
        }
    }

    private static void put(Tx each, Bytes key, Bytes value) {
        @Nullable Entry entry = each.write(key);
        if (entry != null && value.byteAt(value.length() - 1) == '7') {
            entry.delete();
        } else {
            StringValue.set(each, key, value, Tx.NO_DEADLINE);
        }
    }
}
