package io.nuthatch.store;

import static org.assertj.core.api.Assertions.assertThat;

import io.nuthatch.memory.Bytes;
import io.nuthatch.memory.Memory;
import io.nuthatch.memory.testing.GuardedMemory;
import io.nuthatch.store.ListValue.End;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@ExtendWith(GuardedMemory.class)
class ListValueTest {
    private static final int LONGEST = 40_000;
    private static final List<String> KEYS = List.of("a", "b", "c", "d");

    private final StoreSettings settings = new StoreSettings();
    private final Keyspace keyspace = new Keyspace(2, 42, settings);
    private final Random random = new Random();
    private final Tx tx = keyspace.newTx(random);
    private final Native key = new Native();
    private final Native otherKey = new Native();
    private final Native value = new Native();
    private final Native otherValue = new Native();
    private final Bytes window = new Bytes();

    /// Room for bytes outside of the store.
    private static final class Native {
        private final long address = Memory.allocate(LONGEST);
        private final Bytes bytes = new Bytes();

        Bytes set(String text) {
            byte[] array = text.getBytes(StandardCharsets.ISO_8859_1);
            Memory.copy(array, 0, address, array.length);
            return bytes.set(address, array.length);
        }
    }

    @AfterEach
    void everythingIsGivenBack() {
        tx.begin(0, 0, true).lock(Keyspace.ALL_SHARDS);
        tx.flush(0);
        tx.flush(1);
        tx.end();
        keyspace.collectAll();
        for (int shard = 0; shard < Keyspace.SHARDS; shard++) {
            assertThat(keyspace.shard(shard).slab.usedBytes()).isZero();
        }
    }

    private void transact(Runnable work) {
        tx.begin(0, 0, true).lock(Keyspace.ALL_SHARDS);
        work.run();
        tx.end();
    }

    private Entry entry(String name) {
        Entry entry = tx.find(key.set(name));
        return entry == null ? ListValue.create(tx, key.set(name)) : entry;
    }

    private void push(Entry entry, End end, String text) {
        ListValue.expect(entry, text.length(), 1);
        ListValue.push(entry, end, value.set(text));
    }

    private static String text(Bytes bytes) {
        return new String(bytes.toArray(), StandardCharsets.ISO_8859_1);
    }

    private String randomText() {
        return switch (random.nextInt(8)) {
            case 0 -> Integer.toString(random.nextInt(100));
            case 1 -> Long.toString(random.nextLong());
            case 2 -> "x".repeat(random.nextInt(300));
            case 3 -> random.nextInt(30) == 0 ? "y".repeat(random.nextInt(12_000)) : "y";
            default -> "w" + random.nextInt(30);
        };
    }

    @ParameterizedTest
    @ValueSource(ints = {-2, -1, -5, 5, 128, 1})
    void holdsWhatAListHolds(int maxListpackSize) {
        settings.listMaxListpackSize = maxListpackSize;
        long seed = System.nanoTime();
        System.out.println("ListValueTest size=" + maxListpackSize + " seed=" + seed);
        random.setSeed(seed);
        List<List<String>> models = new ArrayList<>();
        KEYS.forEach(name -> models.add(new ArrayList<>()));
        for (int step = 0; step < 12_000; step++) {
            boolean growing = step / 2_000 % 2 == 0;
            int which = random.nextInt(KEYS.size());
            transact(() -> change(KEYS.get(which), models.get(which), growing));
            if (step % 10 == 0) {
                int other = random.nextInt(KEYS.size());
                transact(() -> rename(which, other, models));
                transact(() -> move(other, random.nextInt(KEYS.size()), models));
            }
            if (step % 100 == 0) {
                transact(() -> compare(KEYS.get(which), models.get(which)));
            }
        }
    }

    private void change(String name, List<String> model, boolean growing) {
        Entry entry = entry(name);
        int dice = random.nextInt(100);
        int place = model.isEmpty() ? 0 : random.nextInt(model.size());
        int count = random.nextInt(random.nextInt(20) == 0 ? 200 : 4);
        String text = randomText();
        if (model.isEmpty() || dice < (growing ? 25 : 8)) {
            push(entry, End.HEAD, text);
            model.addFirst(text);
        } else if (dice < (growing ? 50 : 16)) {
            push(entry, End.TAIL, text);
            model.addLast(text);
        } else if (dice < 60) {
            insertBeside(entry, model, model.get(place), text);
        } else if (dice < 70) {
            assertThat(ListValue.set(entry, random.nextBoolean() ? place : place - model.size(), value.set(text)))
                    .isTrue();
            model.set(place, text);
            ListValue.settle(entry);
        } else if (dice < 80) {
            removeEqual(entry, model, model.get(place), count);
            ListValue.settle(entry);
        } else if (dice < 90) {
            End end = random.nextBoolean() ? End.HEAD : End.TAIL;
            List<String> popped = new ArrayList<>();
            ListValue.pop(entry, end, count, element -> popped.add(text(element)));
            List<String> expected =
                    (end == End.HEAD ? model : model.reversed()).subList(0, Math.min(count, model.size()));
            assertThat(popped).isEqualTo(expected);
            expected.clear();
            ListValue.settle(entry);
        } else {
            ListValue.remove(entry, place, count);
            model.subList(place, Math.min(model.size(), place + count)).clear();
            ListValue.settle(entry);
        }
        Entry after = tx.find(key.set(name));
        assertThat(after == null).isEqualTo(model.isEmpty());
        if (after != null && !model.isEmpty()) {
            assertThat(ListValue.length(after)).isEqualTo(model.size());
            int index = random.nextInt(model.size());
            assertThat(text(Objects.requireNonNull(ListValue.read(after, index - model.size(), window))))
                    .isEqualTo(model.get(index));
            assertThat(ListValue.read(after, model.size(), window)).isNull();
            assertThat(ListValue.read(after, -model.size() - 1, window)).isNull();
        }
    }

    private void insertBeside(Entry entry, List<String> model, String pivot, String text) {
        int at = model.indexOf(pivot);
        if (random.nextBoolean()) {
            assertThat(ListValue.insertBefore(entry, otherValue.set(pivot), value.set(text)))
                    .isTrue();
            model.add(at, text);
        } else {
            assertThat(ListValue.insertAfter(entry, otherValue.set(pivot), value.set(text)))
                    .isTrue();
            model.add(at + 1, text);
        }
        assertThat(ListValue.insertBefore(entry, otherValue.set("nowhere"), value.set(text)))
                .isFalse();
    }

    private void removeEqual(Entry entry, List<String> model, String text, int most) {
        boolean fromHead = random.nextBoolean();
        List<String> order = fromHead ? model : model.reversed();
        int removed = 0;
        while (removed < most && order.remove(text)) {
            removed++;
        }
        assertThat(ListValue.removeEqual(entry, value.set(text), fromHead ? End.HEAD : End.TAIL, most))
                .isEqualTo(removed);
    }

    private void rename(int from, int to, List<List<String>> models) {
        Entry entry = tx.find(key.set(KEYS.get(from)));
        if (entry == null || from == to) {
            return;
        }
        if (random.nextBoolean()) {
            tx.copy(entry, otherKey.set(KEYS.get(to)), 0);
            models.set(to, new ArrayList<>(models.get(from)));
        } else {
            tx.rename(entry, otherKey.set(KEYS.get(to)));
            models.set(to, models.get(from));
            models.set(from, new ArrayList<>());
        }
    }

    /// What [ListValue#move] does: takes all, then adds them one after another.
    private void move(int from, int to, List<List<String>> models) {
        List<String> source = models.get(from);
        if (source.isEmpty()) {
            return;
        }
        End taken = random.nextBoolean() ? End.HEAD : End.TAIL;
        End added = random.nextBoolean() ? End.HEAD : End.TAIL;
        boolean keepsOrder = random.nextBoolean();
        int count = 1 + random.nextInt(Math.min(source.size(), random.nextInt(10) == 0 ? 1000 : 6));
        Entry entry = entry(KEYS.get(from));
        ListValue.move(entry, taken, count, from == to ? entry : entry(KEYS.get(to)), added, keepsOrder);
        ListValue.settle(entry);
        List<String> moved = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            moved.add(taken == End.HEAD ? source.removeFirst() : source.removeLast());
        }
        if (keepsOrder && taken == added) {
            Collections.reverse(moved);
        }
        List<String> target = models.get(to);
        moved.forEach(added == End.HEAD ? target::addFirst : target::addLast);
    }

    private void compare(String name, List<String> model) {
        Entry entry = tx.find(key.set(name));
        if (entry == null) {
            assertThat(model).isEmpty();
            return;
        }
        if (entry.isRoot()) {
            ((ListRoot) entry.root()).nodes.check();
        }
        List<String> there = new ArrayList<>();
        ListValue.forEach(entry, 0, Long.MAX_VALUE, element -> there.add(text(element)));
        assertThat(there).isEqualTo(model);
        List<String> back = new ArrayList<>();
        ListValue.forEachBackwards(entry, -1, Long.MAX_VALUE, element -> back.add(text(element)));
        assertThat(back.reversed()).isEqualTo(model);
        String sought = model.get(random.nextInt(model.size()));
        int rank = 1 + random.nextInt(3);
        List<Long> expected = new ArrayList<>();
        for (int i = 0; i < model.size(); i++) {
            if (model.get(i).equals(sought)) {
                expected.add((long) i);
            }
        }
        boolean forwards = random.nextBoolean();
        if (!forwards) {
            Collections.reverse(expected);
        }
        List<Long> found = new ArrayList<>();
        ListValue.positions(
                entry, value.set(sought), forwards ? rank : -rank, Long.MAX_VALUE, Long.MAX_VALUE, found::add);
        assertThat(found).isEqualTo(expected.stream().skip(rank - 1).toList());
    }

    @Test
    void aListOf16ByteElementsTakesLittleMoreThanTheirListpacks() {
        int count = 100_000;
        transact(() -> {
            Entry entry = entry("l");
            for (int i = 0; i < count; i++) {
                push(entry, End.TAIL, "%016d".formatted(i).replace('0', 'x'));
            }
            assertThat((double) entry.usedBytes() / count).isLessThan(18.2);
        });
    }

    @Test
    void aListBuiltFromItsHeadIsAsSmall() {
        int count = 100_000;
        transact(() -> {
            Entry entry = entry("l");
            for (int i = 0; i < count; i++) {
                push(entry, End.HEAD, "%016d".formatted(i).replace('0', 'x'));
            }
            assertThat((double) entry.usedBytes() / count).isLessThan(18.2);
        });
    }

    @Test
    void whatHasBeenTakenFromTheHeadTakesNoRoom() {
        int count = 10_000;
        transact(() -> {
            Entry entry = entry("l");
            for (int i = 0; i < count; i++) {
                push(entry, End.TAIL, "%016d".formatted(i).replace('0', 'x'));
            }
            for (int left = count; left > 600; left--) {
                ListValue.pop(entry, End.HEAD, 1, _ -> {});
                ListValue.settle(entry);
                assertThat(entry.usedBytes()).isLessThan(left * 18L + 8192);
            }
        });
    }

    @Test
    void aLargeListIsFreedInSlices() {
        transact(() -> {
            Entry entry = entry("l");
            for (int i = 0; i < 1000; i++) {
                push(entry, End.TAIL, "x".repeat(9000));
            }
            entry.delete();
        });
        assertThat(keyspace.counts().pendingFrees()).isEqualTo(1);
        keyspace.collectAll();
        assertThat(keyspace.counts().pendingFrees()).isZero();
    }

    @Test
    void anExpiredLargeListIsGivenBack() {
        transact(() -> {
            Entry entry = entry("l");
            for (int i = 0; i < 10; i++) {
                push(entry, End.TAIL, "x".repeat(9000));
            }
            entry.deadlineMs(5);
        });
        keyspace.advance(1000);
        tx.begin(0, 1000, true).lock(Keyspace.ALL_SHARDS);
        assertThat(tx.find(key.set("l"))).isNull();
        tx.end();
    }
}
