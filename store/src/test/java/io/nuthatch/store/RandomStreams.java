package io.nuthatch.store;

import io.nuthatch.memory.Bytes;
import io.nuthatch.memory.Scratch;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// Streams, and what commands do with them, drawn at random: everything that a file of a stream shows.
final class RandomStreams {
    private static final int GROUPS = 4;
    private static final int CONSUMERS = 5;
    private static final int MOST_FIELDS = 3;

    private final Random random;
    private final Tx tx;

    RandomStreams(Random random, Tx tx) {
        this.random = random;
        this.tx = tx;
    }

    /// Adds entries, and sometimes groups that have read some of them.
    void fill(Entry entry, int entries) {
        StreamValue stream = StreamValue.of(entry);
        for (int i = 0; i < entries; i++) {
            append(stream);
        }
        for (int i = random.nextInt(GROUPS); i > 0; i--) {
            StreamGroup group = group(stream);
            for (int j = random.nextInt(4); j >= 0; j--) {
                deliver(group, random.nextInt(1 + entries / 2));
            }
        }
    }

    void change(Entry entry) {
        StreamValue stream = StreamValue.of(entry);
        switch (random.nextInt(20)) {
            case 0, 1, 2, 3 -> append(stream);
            case 4, 5, 6 -> {
                StreamValue.References[] all = StreamValue.References.values();
                StreamId id = entryFrom(stream, someId(stream));
                if (id != null) {
                    stream.delete(id, all[random.nextInt(all.length)], tx.streamCursor());
                }
            }
            case 7 -> trim(stream, stream.length() - random.nextInt(150));
            case 8 -> startAnew(stream);
            case 9 -> stream.removeGroup(entry, group(stream));
            case 10 -> group(stream).lastId(someId(stream));
            case 11 -> group(stream).entriesRead(random.nextInt(100));
            case 12 -> deliver(group(stream), random.nextInt(40));
            case 13 -> consumer(group(stream)).seenMs(random.nextInt(1_000_000));
            case 14 -> {
                if (random.nextInt(4) == 0) {
                    consumer(group(stream)).remove();
                }
            }
            case 15 -> claimMissing(group(stream), someId(stream));
            default -> {
                for (int i = random.nextInt(30); i >= 0; i--) {
                    changePending(group(stream), someId(stream));
                }
            }
        }
    }

    private void append(StreamValue stream) {
        StreamId last = stream.lastId();
        StreamId id = random.nextBoolean() ? last.next() : new StreamId(last.ms() + 1 + random.nextInt(3), 0);
        int fields = 1 + random.nextInt(MOST_FIELDS);
        List<Scratch> words = new ArrayList<>();
        for (int i = 0; i < 2 * fields; i++) {
            words.add(Scratch.of(i % 2 == 0 ? "field" + i : String.valueOf(random.nextInt(100_000))));
        }
        stream.append(id, fields, i -> words.get(i).bytes());
        words.forEach(Scratch::close);
    }

    private void trim(StreamValue stream, long length) {
        boolean byId = random.nextBoolean();
        StreamValue.References[] all = StreamValue.References.values();
        stream.trim(
                new StreamValue.Trim(
                        Math.max(0, length),
                        byId ? entryFrom(stream, new StreamId(random.nextInt(50), 0)) : null,
                        random.nextBoolean(),
                        0,
                        all[random.nextInt(all.length)]),
                tx.streamCursor());
    }

    /// Empties the stream and sets its last ID back, so that IDs come again.
    private void startAnew(StreamValue stream) {
        if (random.nextInt(10) == 0) {
            stream.trim(
                    new StreamValue.Trim(random.nextInt(3), null, false, 0, StreamValue.References.KEEP),
                    tx.streamCursor());
            StreamId last = stream.lastEntryId(tx.streamCursor());
            stream.lastId(last.equals(StreamId.MIN) ? new StreamId(random.nextInt(20), 0) : last);
            append(stream);
        }
    }

    private StreamId someId(StreamValue stream) {
        return new StreamId(random.nextLong(stream.lastId().ms() + 2), random.nextInt(2));
    }

    private @Nullable StreamId entryFrom(StreamValue stream, StreamId from) {
        StreamCursor cursor = tx.streamCursor().forwards(stream, from, StreamId.MAX);
        return cursor.next() ? cursor.id() : null;
    }

    private StreamGroup group(StreamValue stream) {
        String name = "group" + random.nextInt(GROUPS);
        @Nullable StreamGroup[] found = new StreamGroup[1];
        with(name, bytes -> {
            found[0] = stream.group(bytes);
            if (found[0] == null) {
                found[0] = stream.addGroup(bytes, random.nextBoolean() ? StreamId.MIN : someId(stream), 0);
            }
        });
        return Objects.requireNonNull(found[0]);
    }

    /// One of a few, one of which has no name.
    private StreamConsumer consumer(StreamGroup group) {
        int number = random.nextInt(CONSUMERS);
        String name = number == 0 ? "" : "consumer" + number;
        @Nullable StreamConsumer[] found = new StreamConsumer[1];
        with(name, bytes -> {
            found[0] = group.consumer(bytes);
            if (found[0] == null) {
                found[0] = group.addConsumer(bytes, random.nextInt(1_000_000));
            }
        });
        return Objects.requireNonNull(found[0]);
    }

    private void deliver(StreamGroup group, int most) {
        StreamConsumer consumer = consumer(group);
        StreamCursor cursor = group.unread(tx.streamCursor());
        for (int i = 0; i < most && cursor.next(); i++) {
            group.deliver(cursor, consumer, random.nextInt(1_000_000));
            group.hasRead(cursor);
        }
    }

    /// What XCLAIM with FORCE does.
    private void claimMissing(StreamGroup group, StreamId id) {
        PendingEntry pending = group.pending();
        if (!pending.find(id)) {
            pending.add(id, random.nextInt(1_000_000), random.nextInt(5));
            if (random.nextBoolean()) {
                pending.give(consumer(group), random.nextInt(1_000_000));
            } else {
                pending.giveBack();
            }
        }
    }

    private void changePending(StreamGroup group, StreamId from) {
        PendingEntry pending = group.pending();
        if (pending.seek(from)) {
            switch (random.nextInt(5)) {
                case 0 -> pending.acknowledge();
                case 1 -> pending.give(consumer(group), random.nextInt(1_000_000));
                case 2 -> pending.countDelivery();
                case 3 -> pending.giveBack();
                default -> {
                    if (pending.isOwned()) {
                        pending.redeliver(random.nextInt(1_000_000));
                    }
                }
            }
        }
    }

    private static void with(String text, Consumer<Bytes> use) {
        try (Scratch scratch = Scratch.of(text)) {
            use.accept(scratch.bytes());
        }
    }

    /// All that a file has of a stream, as text.
    static final class Text implements StreamParts {
        private final List<String> parts = new ArrayList<>();

        static List<String> of(StreamValue stream) {
            Text text = new Text();
            stream.forEachNode(text::node);
            StreamParts.tell(stream, text);
            return text.parts;
        }

        List<String> parts() {
            return parts;
        }

        void node(StreamId first, Bytes listpack) {
            parts.add(nodeText(first, listpack));
        }

        static String nodeText(StreamId first, Bytes listpack) {
            return "node " + first + " " + HexFormat.of().formatHex(listpack.toArray());
        }

        @Override
        public void figures(Figures figures) {
            parts.add(figures.toString());
        }

        @Override
        public void group(Bytes name, StreamId lastId, long entriesRead, long pending) {
            parts.add("group " + name + " " + lastId + " " + entriesRead + " " + pending);
        }

        @Override
        public void pending(StreamId id, long deliveredMs, long deliveries) {
            parts.add("pending " + id + " " + deliveredMs + " " + deliveries);
        }

        @Override
        public void consumers(long count) {
            parts.add("consumers " + count);
        }

        @Override
        public void consumer(Bytes name, long seenMs, long owned) {
            parts.add("consumer " + name + " " + seenMs + " " + owned);
        }

        @Override
        public void owned(StreamId id) {
            parts.add("owned " + id);
        }
    }
}
