package io.nuthatch.store;

import static org.assertj.core.api.Assertions.assertThat;

import io.nuthatch.memory.Bytes;
import io.nuthatch.memory.Memory;
import io.nuthatch.memory.testing.GuardedMemory;
import io.nuthatch.store.StreamValue.Deletion;
import io.nuthatch.store.StreamValue.References;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Objects;
import java.util.Random;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@ExtendWith(GuardedMemory.class)
class StreamValueTest {
    private static final int LONGEST = 10_000;
    private static final int MOST_WORDS = 20;
    private static final List<String> KEYS = List.of("a", "b", "c");

    private final StoreSettings settings = new StoreSettings();
    private final Keyspace keyspace = new Keyspace(2, 42, settings);
    private final Random random = new Random();
    private final Tx tx = keyspace.newTx(random);
    private final Bytes key = new Bytes().set(Memory.allocate(LONGEST), 0);
    private final Bytes otherKey = new Bytes().set(Memory.allocate(LONGEST), 0);
    private final Bytes name = new Bytes().set(Memory.allocate(LONGEST), 0);
    private final List<Bytes> words = new ArrayList<>();
    private final Bytes window = new Bytes();
    private long nowMs;

    StreamValueTest() {
        for (int i = 0; i < MOST_WORDS; i++) {
            words.add(new Bytes().set(Memory.allocate(LONGEST), 0));
        }
    }

    private static Bytes set(Bytes room, String text) {
        byte[] array = text.getBytes(StandardCharsets.ISO_8859_1);
        Memory.copy(array, 0, room.address(), array.length);
        return room.set(room.address(), array.length);
    }

    private static String text(Bytes bytes) {
        return new String(bytes.toArray(), StandardCharsets.ISO_8859_1);
    }

    @AfterEach
    void everythingIsGivenBack() {
        transact(() -> {
            tx.flush(0);
            tx.flush(1);
        });
        keyspace.collectAll();
        for (int shard = 0; shard < Keyspace.SHARDS; shard++) {
            assertThat(keyspace.shard(shard).slab.usedBytes()).isZero();
        }
    }

    private void transact(Runnable work) {
        tx.begin(0, nowMs, true).lock(Keyspace.ALL_SHARDS);
        work.run();
        tx.end();
    }

    private @Nullable StreamValue stream(String keyText) {
        Entry entry = tx.find(set(key, keyText));
        return entry == null ? null : StreamValue.of(entry);
    }

    private StreamValue streamOrNew(String keyText) {
        StreamValue stream = stream(keyText);
        return stream == null ? StreamValue.of(StreamValue.create(tx, key)) : stream;
    }

    private void append(StreamValue stream, StreamId id, List<String> pairs) {
        for (int i = 0; i < pairs.size(); i++) {
            set(words.get(i), pairs.get(i));
        }
        stream.append(id, pairs.size() / 2, words::get);
    }

    @Test
    void whatAGroupHadIsFreedAfterTheCommandThatRemovedIt() {
        int entries = 20_000;
        transact(() -> {
            StreamValue stream = streamOrNew("a");
            for (int i = 1; i <= entries; i++) {
                append(stream, new StreamId(i, 0), List.of("field", "value"));
            }
        });
        long withoutGroup = usedBytes();
        transact(() -> deliverAll(Objects.requireNonNull(stream("a"))));
        long withGroup = usedBytes();
        assertThat(withGroup - withoutGroup).isGreaterThan(entries * 64L);
        transact(() -> {
            StreamValue stream = Objects.requireNonNull(stream("a"));
            Entry entry = Objects.requireNonNull(tx.find(set(key, "a")));
            stream.removeGroup(entry, Objects.requireNonNull(stream.group(set(name, "group"))));
            assertThat(stream.groupCount()).isZero();
        });
        assertThat(usedBytes()).isGreaterThan(withGroup - entries * 8L);
        // It is waited for where the stream is, and another group of that name has nothing to do with it.
        transact(() -> tx.rename(Objects.requireNonNull(tx.find(set(key, "a"))), set(otherKey, "of another shard")));
        transact(() -> deliverAll(Objects.requireNonNull(stream("of another shard"))));
        keyspace.collectAll();
        // How full the nodes of the trees are hangs on which group has the lower address.
        assertThat(usedBytes()).isBetween(withGroup - entries * 8L, withGroup + entries * 8L);
        transact(() -> {
            StreamGroup group = Objects.requireNonNull(
                    Objects.requireNonNull(stream("of another shard")).group(set(name, "group")));
            assertThat(group.pendingCount()).isEqualTo(entries);
            assertThat(group.consumerCount()).isEqualTo(3);
        });
    }

    /// Makes a group of which three consumers have all entries.
    private void deliverAll(StreamValue stream) {
        StreamGroup group = stream.addGroup(set(name, "group"), StreamId.MIN, StreamGroup.UNKNOWN);
        List<StreamConsumer> consumers = new ArrayList<>();
        for (int i = 0; i < 3; i++) {
            consumers.add(group.addConsumer(set(name, "consumer" + i), nowMs));
        }
        StreamCursor cursor = group.unread(tx.streamCursor());
        for (int i = 0; cursor.next(); i++) {
            group.deliver(cursor, consumers.get(i % 3), nowMs);
        }
    }

    private long usedBytes() {
        long bytes = 0;
        for (int shard = 0; shard < Keyspace.SHARDS; shard++) {
            bytes += keyspace.shard(shard).slab.usedBytes();
        }
        return bytes;
    }

    // -------------------------------------------------------------------------------------------------- the model

    /// What a stream should be.
    private static final class Model {
        private final NavigableMap<StreamId, List<String>> entries = new TreeMap<>();
        private final NavigableMap<String, ModelGroup> groups = new TreeMap<>();
        private StreamId lastId = StreamId.MIN;
        private StreamId maxDeletedId = StreamId.MIN;
        private long added;

        Model copy() {
            Model copy = new Model();
            copy.entries.putAll(entries);
            groups.forEach((name, group) -> copy.groups.put(name, group.copy()));
            copy.lastId = lastId;
            copy.maxDeletedId = maxDeletedId;
            copy.added = added;
            return copy;
        }

        boolean isReferenced(StreamId id) {
            return groups.values().stream()
                    .anyMatch(group -> group.lastId.isBefore(id) || group.pending.containsKey(id));
        }
    }

    private static final class ModelGroup {
        private final NavigableMap<StreamId, ModelPending> pending = new TreeMap<>();
        /// In the order of the list.
        private final List<StreamId> byTime = new ArrayList<>();
        private final NavigableMap<String, Long> consumers = new TreeMap<>();
        private StreamId lastId = StreamId.MIN;

        ModelGroup copy() {
            ModelGroup copy = new ModelGroup();
            copy.pending.putAll(pending);
            copy.byTime.addAll(byTime);
            copy.consumers.putAll(consumers);
            copy.lastId = lastId;
            return copy;
        }

        void put(StreamId id, ModelPending entry) {
            pending.put(id, entry);
            byTime.remove(id);
            int at = byTime.size();
            while (at > 0
                    && (entry.consumer.isEmpty()
                            ? !pending.get(byTime.get(at - 1)).consumer.isEmpty()
                            : !pending.get(byTime.get(at - 1)).consumer.isEmpty()
                                    && pending.get(byTime.get(at - 1)).deliveredMs > entry.deliveredMs)) {
                at--;
            }
            byTime.add(at, id);
        }

        void remove(StreamId id) {
            pending.remove(id);
            byTime.remove(id);
        }
    }

    /// @param consumer empty if it was returned
    private record ModelPending(String consumer, long deliveredMs, long deliveries) {}

    // -------------------------------------------------------------------------------------------------- comparing

    private List<List<String>> read(StreamCursor cursor) {
        List<List<String>> found = new ArrayList<>();
        while (cursor.next()) {
            List<String> entry = new ArrayList<>(List.of(cursor.id().toString()));
            int most = random.nextInt(3) == 0 ? random.nextInt(3) : Integer.MAX_VALUE;
            // Sometimes not to the end: the cursor must find the next entry from anywhere.
            for (int i = 0; i < most && cursor.nextField(); i++) {
                entry.add(text(cursor.field()));
                entry.add(text(cursor.value()));
            }
            entry.add(most < cursor.fields() ? "cut" : "whole");
            found.add(entry);
        }
        return found;
    }

    private static void assertSame(List<List<String>> found, NavigableMap<StreamId, List<String>> expected) {
        assertThat(found).hasSize(expected.size());
        int at = 0;
        for (Map.Entry<StreamId, List<String>> each : expected.entrySet()) {
            List<String> entry = found.get(at++);
            assertThat(entry.getFirst()).isEqualTo(each.getKey().toString());
            List<String> pairs = entry.subList(1, entry.size() - 1);
            assertThat(pairs)
                    .isEqualTo(
                            entry.getLast().equals("whole")
                                    ? each.getValue()
                                    : each.getValue().subList(0, pairs.size()));
        }
    }

    private void compareAll(StreamValue stream, Model model) {
        StreamCursor cursor = tx.streamCursor();
        assertThat(stream.length()).isEqualTo(model.entries.size());
        assertThat(stream.lastId()).isEqualTo(model.lastId);
        assertThat(stream.maxDeletedId()).isEqualTo(model.maxDeletedId);
        assertThat(stream.entriesAdded()).isEqualTo(model.added);
        assertThat(stream.firstId()).isEqualTo(model.entries.isEmpty() ? StreamId.MIN : model.entries.firstKey());
        assertThat(stream.lastEntryId(cursor))
                .isEqualTo(model.entries.isEmpty() ? StreamId.MIN : model.entries.lastKey());
        assertSame(read(cursor.forwards(stream, StreamId.MIN, StreamId.MAX)), model.entries);
        assertSame(read(cursor.backwards(stream, StreamId.MIN, StreamId.MAX)), model.entries.descendingMap());
        stream.nodes.check();
        List<String> groups = new ArrayList<>();
        for (StreamGroup group = stream.firstGroup(); group != null; group = group.next()) {
            groups.add(text(group.name(window)));
            compare(group, Objects.requireNonNull(model.groups.get(groups.getLast())));
        }
        assertThat(groups).containsExactlyElementsOf(model.groups.keySet());
        assertThat(stream.groupCount()).isEqualTo(groups.size());
    }

    private void compare(StreamGroup group, ModelGroup model) {
        assertThat(group.lastId()).isEqualTo(model.lastId);
        assertThat(group.pendingCount()).isEqualTo(model.pending.size());
        assertThat(group.returnedCount())
                .isEqualTo(model.pending.values().stream()
                        .filter(each -> each.consumer.isEmpty())
                        .count());
        assertThat(pending(group.pending(), StreamId.MIN)).isEqualTo(describe(model.pending));
        PendingEntry last = group.pending();
        assertThat(last.last() ? last.id() : null).isEqualTo(model.pending.isEmpty() ? null : model.pending.lastKey());
        List<StreamId> byTime = new ArrayList<>();
        PendingEntry each = group.pending();
        for (boolean more = each.oldest(); more; more = each.newer()) {
            byTime.add(each.id());
        }
        assertThat(byTime).isEqualTo(model.byTime);
        List<String> consumers = new ArrayList<>();
        for (StreamConsumer consumer = group.firstConsumer(); consumer != null; consumer = consumer.next()) {
            String consumerName = text(consumer.name(window));
            consumers.add(consumerName);
            NavigableMap<StreamId, ModelPending> own = new TreeMap<>(model.pending);
            own.values().removeIf(entry -> !entry.consumer.equals(consumerName));
            assertThat(consumer.pendingCount()).isEqualTo(own.size());
            assertThat(pending(consumer.pending(), StreamId.MIN)).isEqualTo(describe(own));
            assertThat(consumer.seenMs()).isEqualTo(model.consumers.get(consumerName));
        }
        assertThat(consumers).containsExactlyElementsOf(model.consumers.keySet());
        assertThat(group.consumerCount()).isEqualTo(consumers.size());
    }

    private List<String> pending(PendingEntry each, StreamId from) {
        List<String> found = new ArrayList<>();
        for (boolean more = each.seek(from); more; more = each.next()) {
            found.add(each.id() + " " + text(each.consumerName(window)) + " " + each.deliveredMs() + " "
                    + each.deliveries());
        }
        return found;
    }

    private static List<String> describe(NavigableMap<StreamId, ModelPending> pending) {
        List<String> found = new ArrayList<>();
        pending.forEach(
                (id, each) -> found.add(id + " " + each.consumer + " " + each.deliveredMs + " " + each.deliveries));
        return found;
    }

    // -------------------------------------------------------------------------------------------------- random steps

    /// With nodes of one entry, of a few, of many, and of any number; short and long ones.
    @ParameterizedTest
    @CsvSource({"1, 4096", "5, 4096", "100, 4096", "100, 200", "0, 0", "300, 65536"})
    void holdsWhatAStreamHolds(int maxEntries, int maxBytes) {
        settings.streamNodeMaxEntries = maxEntries;
        settings.streamNodeMaxBytes = maxBytes;
        long seed = Long.getLong("nuthatch.seed", System.nanoTime());
        System.out.println("StreamValueTest maxEntries=" + maxEntries + " maxBytes=" + maxBytes + " seed=" + seed);
        random.setSeed(seed);
        Map<String, Model> models = new HashMap<>();
        for (int step = 0; step < 12_000; step++) {
            nowMs += random.nextInt(3);
            String keyText = KEYS.get(random.nextInt(KEYS.size()));
            boolean growing = step / 3_000 % 2 == 0;
            transact(() -> change(keyText, models.computeIfAbsent(keyText, any -> new Model()), growing));
            if (step % 60 == 0) {
                transact(() -> combine(keyText, KEYS.get(random.nextInt(KEYS.size())), models));
                for (String each : models.keySet()) {
                    transact(() -> {
                        StreamValue stream = stream(each);
                        if (stream != null) {
                            compareAll(stream, models.get(each));
                        }
                    });
                }
            }
        }
    }

    private void change(String keyText, Model model, boolean growing) {
        StreamValue stream = streamOrNew(keyText);
        int draw = random.nextInt(100);
        if (draw < (growing ? 45 : 15)) {
            add(stream, model);
        } else if (draw < 50) {
            delete(stream, model);
        } else if (draw < (growing ? 51 : 56)) {
            trim(stream, model);
        } else if (draw < 66) {
            readRange(stream, model);
        } else {
            changeGroups(stream, model);
        }
    }

    private void add(StreamValue stream, Model model) {
        StreamId last = model.lastId;
        StreamId id = switch (random.nextInt(4)) {
            case 0 -> last.next();
            case 1 -> new StreamId(last.ms() + 1 + random.nextInt(300), random.nextInt(3));
            case 2 -> new StreamId(last.ms() + 1, random.nextLong());
            default -> new StreamId(last.ms(), last.seq() + 1 + random.nextInt(70_000));
        };
        if (!id.isAfter(last)) {
            return;
        }
        List<String> pairs = new ArrayList<>();
        int fields = random.nextInt(5) == 0 ? 1 + random.nextInt(MOST_WORDS / 2) : 2;
        for (int i = 0; i < fields; i++) {
            pairs.add(random.nextInt(10) == 0 ? "f" + random.nextInt(5) : "field" + i);
            pairs.add(randomValue());
        }
        append(stream, id, pairs);
        model.entries.put(id, pairs);
        model.lastId = id;
        model.added++;
    }

    private String randomValue() {
        return switch (random.nextInt(60)) {
            case 0 -> "x".repeat(random.nextInt(LONGEST));
            case 1 -> "";
            case 2 -> Long.toString(random.nextLong());
            default -> "v".repeat(random.nextInt(12)) + random.nextInt(1000);
        };
    }

    /// An ID that is there, that was there, or close by.
    private StreamId anyId(Model model) {
        if (model.entries.isEmpty()) {
            return new StreamId(random.nextInt(100), 0);
        }
        StreamId first = model.entries.firstKey();
        StreamId last = model.lastId;
        long ms = first.ms() + (long) (random.nextDouble() * (last.ms() - first.ms() + 2));
        StreamId near = new StreamId(ms, random.nextInt(4));
        StreamId there = model.entries.floorKey(near);
        return there == null || random.nextInt(6) == 0 ? near : there;
    }

    private void delete(StreamValue stream, Model model) {
        StreamId id = anyId(model);
        References references = References.values()[random.nextInt(3)];
        Deletion expected = references == References.RESPECT && model.isReferenced(id)
                ? Deletion.REFERENCED
                : model.entries.containsKey(id) ? Deletion.DONE : Deletion.MISSING;
        assertThat(stream.delete(id, references, tx.streamCursor())).isEqualTo(expected);
        if (references == References.DELETE) {
            model.groups.values().forEach(group -> group.remove(id));
        }
        if (expected == Deletion.DONE) {
            model.entries.remove(id);
            model.maxDeletedId = id.isAfter(model.maxDeletedId) ? id : model.maxDeletedId;
        }
    }

    private void trim(StreamValue stream, Model model) {
        long keep = random.nextInt(3) == 0 ? random.nextInt(20) : model.entries.size() - random.nextInt(30);
        StreamId from = anyId(model);
        boolean byId = random.nextBoolean();
        References references = References.values()[random.nextInt(3)];
        StreamValue.Trim trim = new StreamValue.Trim(Math.max(0, keep), byId ? from : null, false, 0, references);
        List<StreamId> gone = new ArrayList<>();
        for (StreamId id : model.entries.keySet()) {
            boolean stop = byId ? !id.isBefore(from) : model.entries.size() - gone.size() <= Math.max(0, keep);
            if (stop) {
                break;
            }
            if (references != References.RESPECT || !model.isReferenced(id)) {
                gone.add(id);
            }
        }
        if (references == References.RESPECT && !byId) {
            // Where some stay, how far it goes on hangs on the nodes.
            return;
        }
        assertThat(stream.trim(trim, tx.streamCursor())).isEqualTo(gone.size());
        for (StreamId id : gone) {
            model.entries.remove(id);
            if (references == References.DELETE) {
                model.groups.values().forEach(group -> group.remove(id));
            }
        }
    }

    private void readRange(StreamValue stream, Model model) {
        StreamId from = anyId(model);
        StreamId to = random.nextInt(4) == 0 ? StreamId.MAX : anyId(model);
        NavigableMap<StreamId, List<String>> expected =
                from.isAfter(to) ? Collections.emptyNavigableMap() : model.entries.subMap(from, true, to, true);
        StreamCursor cursor = tx.streamCursor();
        assertSame(read(cursor.forwards(stream, from, to)), expected);
        assertSame(read(cursor.backwards(stream, from, to)), expected.descendingMap());
        assertThat(stream.has(from, cursor)).isEqualTo(model.entries.containsKey(from));
    }

    private void changeGroups(StreamValue stream, Model model) {
        stream.clear(random.nextInt(20));
        String groupName = "group" + random.nextInt(3);
        StreamGroup group = stream.group(set(name, groupName));
        ModelGroup modelGroup = model.groups.get(groupName);
        assertThat(group == null).isEqualTo(modelGroup == null);
        if (group == null || modelGroup == null) {
            StreamId from = random.nextBoolean() ? StreamId.MIN : model.lastId;
            stream.addGroup(name, from, StreamGroup.UNKNOWN);
            ModelGroup added = new ModelGroup();
            added.lastId = from;
            model.groups.put(groupName, added);
            return;
        }
        String consumerName = "consumer" + random.nextInt(4);
        StreamConsumer consumer = group.consumer(set(name, consumerName));
        assertThat(consumer == null).isEqualTo(!modelGroup.consumers.containsKey(consumerName));
        if (consumer == null) {
            consumer = group.addConsumer(name, nowMs);
            modelGroup.consumers.put(consumerName, nowMs);
        }
        switch (random.nextInt(40)) {
            case 0 -> {
                stream.takeOut(group);
                model.groups.remove(groupName);
            }
            case 1 -> {
                consumer.remove();
                modelGroup.consumers.remove(consumerName);
                List.copyOf(modelGroup.pending.keySet()).stream()
                        .filter(id -> modelGroup.pending.get(id).consumer.equals(consumerName))
                        .forEach(modelGroup::remove);
            }
            case 2 -> {
                StreamId id = anyId(model);
                group.lastId(id);
                modelGroup.lastId = id;
            }
            default -> changePending(model, group, modelGroup, consumer, consumerName);
        }
    }

    private void changePending(
            Model model, StreamGroup group, ModelGroup modelGroup, StreamConsumer consumer, String consumerName) {
        PendingEntry pending = group.pending();
        StreamId id = modelGroup.pending.isEmpty() || random.nextInt(8) == 0
                ? anyId(model)
                : modelGroup.byTime.get(random.nextInt(modelGroup.byTime.size()));
        ModelPending known = modelGroup.pending.get(id);
        switch (random.nextInt(10)) {
            case 0, 1, 2, 3 -> deliver(model, group, modelGroup, consumer, consumerName);
            case 4, 5, 6 -> {
                assertThat(pending.find(id)).isEqualTo(known != null);
                if (known != null) {
                    pending.acknowledge();
                    modelGroup.remove(id);
                }
            }
            case 7 -> {
                long deliveredMs = nowMs - random.nextInt(20);
                if (known != null && pending.find(id)) {
                    pending.countDelivery();
                    pending.give(consumer, deliveredMs);
                    modelGroup.put(id, new ModelPending(consumerName, deliveredMs, known.deliveries + 1));
                } else {
                    pending.add(id, nowMs, 7);
                    pending.give(consumer, deliveredMs);
                    modelGroup.put(id, new ModelPending(consumerName, deliveredMs, 7));
                }
            }
            case 8 -> {
                if (known != null && pending.find(id)) {
                    pending.giveBack();
                    modelGroup.put(id, new ModelPending("", 0, known.deliveries));
                } else {
                    pending.add(id, nowMs, 0);
                    pending.giveBack();
                    modelGroup.put(id, new ModelPending("", 0, 0));
                }
            }
            default -> {
                NavigableMap<StreamId, ModelPending> own = new TreeMap<>(modelGroup.pending.tailMap(id, true));
                own.values().removeIf(each -> !each.consumer.equals(consumerName));
                assertThat(pending(consumer.pending(), id)).isEqualTo(describe(own));
            }
        }
    }

    private void deliver(
            Model model, StreamGroup group, ModelGroup modelGroup, StreamConsumer consumer, String consumerName) {
        StreamCursor cursor = group.unread(tx.streamCursor());
        int most = 1 + random.nextInt(5);
        List<StreamId> expected = model.entries.tailMap(modelGroup.lastId, false).keySet().stream()
                .limit(most)
                .toList();
        List<StreamId> found = new ArrayList<>();
        while (found.size() < most && cursor.next()) {
            found.add(cursor.id());
            if (random.nextBoolean()) {
                cursor.nextField();
            }
            group.hasRead(cursor);
            group.deliver(cursor, consumer, nowMs);
        }
        if (found.size() == most) {
            group.goOnAfter(cursor);
        }
        assertThat(found).isEqualTo(expected);
        for (StreamId id : expected) {
            modelGroup.lastId = id;
            modelGroup.put(id, new ModelPending(consumerName, nowMs, 1));
        }
    }

    private void combine(String from, String to, Map<String, Model> models) {
        Entry entry = tx.find(set(key, from));
        if (entry == null || from.equals(to)) {
            return;
        }
        Model model = models.get(from);
        switch (random.nextInt(4)) {
            case 0 -> {
                tx.copy(entry, set(otherKey, to), 0);
                models.put(to, model.copy());
            }
            case 1 -> {
                tx.rename(entry, set(otherKey, to));
                models.put(to, model);
                models.remove(from);
            }
            case 2 -> {
                entry.delete();
                models.remove(from);
            }
            default -> {}
        }
    }

    // -------------------------------------------------------------------------------------------------- alone

    @Test
    void aSmallStreamIsSmall() {
        transact(() -> {
            append(streamOrNew("s"), new StreamId(1, 0), List.of("field", "value"));
            assertThat(Objects.requireNonNull(tx.find(key)).usedBytes()).isLessThan(250);
        });
    }

    @Test
    void aLargeStreamIsFreedInSlices() {
        settings.streamNodeMaxEntries = 1;
        transact(() -> {
            StreamValue stream = streamOrNew("s");
            for (int i = 1; i <= 5000; i++) {
                append(stream, new StreamId(i, 0), List.of("field", "value"));
            }
            Objects.requireNonNull(tx.find(key)).delete();
        });
        assertThat(keyspace.counts().pendingFrees()).isEqualTo(1);
        keyspace.collectAll();
        assertThat(keyspace.counts().pendingFrees()).isZero();
    }

    @Test
    void idsAreReadAsRedisReadsThem() {
        assertThat(parse("5-7")).isEqualTo(new StreamId(5, 7));
        assertThat(parse("5")).isEqualTo(new StreamId(5, 9));
        assertThat(parse("18446744073709551615-18446744073709551615")).isEqualTo(StreamId.MAX);
        assertThat(parse("007-+1")).isEqualTo(new StreamId(7, 1));
        assertThat(parse(" 1- 2")).isEqualTo(new StreamId(1, 2));
        assertThat(parse("1--02")).isEqualTo(new StreamId(1, -2));
        assertThat(parse("1\0-x")).isEqualTo(new StreamId(1, 9));
        for (String bad :
                List.of("", "-", "+", "-1", "1-", "x", "1-x", "1-2-3", "1--2", "18446744073709551616", "1 ")) {
            assertThat(parse(bad)).as(bad).isNull();
        }
        assertThat(StreamId.parseOpen(set(name, "5-*"))).isEqualTo(new StreamId(5, 0));
        for (String bad : List.of("5", "5-", "-*", "*", "5-**", "5-1*", "")) {
            assertThat(StreamId.parseOpen(set(name, bad))).as(bad).isNull();
        }
    }

    private @Nullable StreamId parse(String text) {
        return StreamId.parse(set(name, text), 9);
    }

    @Test
    void idsAreWrittenUnsigned() {
        for (StreamId id : List.of(StreamId.MIN, StreamId.MAX, new StreamId(Long.MIN_VALUE, 1), new StreamId(9, -10))) {
            int length = StreamId.write(id.ms(), id.seq(), name.address());
            assertThat(text(name.set(name.address(), length))).isEqualTo(id.toString());
        }
    }
}
