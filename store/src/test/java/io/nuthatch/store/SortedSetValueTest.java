package io.nuthatch.store;

import static org.assertj.core.api.Assertions.assertThat;

import io.nuthatch.memory.Bytes;
import io.nuthatch.memory.Memory;
import io.nuthatch.memory.testing.GuardedMemory;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@ExtendWith(GuardedMemory.class)
class SortedSetValueTest {
    private static final int LONGEST = 2_000;
    private static final List<String> KEYS = List.of("a", "b", "c");
    private static final double[] ODD_SCORES = {
        0,
        -0.0,
        Double.POSITIVE_INFINITY,
        Double.NEGATIVE_INFINITY,
        1e300,
        Double.MIN_VALUE,
        -Double.MAX_VALUE,
        1L << 53,
        0.1,
        -1.0 / 3
    };

    /// A member as the model has it. Scores are compared as Redis does: -0 is 0.
    private record Scored(String member, double score) {
        static final Comparator<Scored> ORDER =
                Comparator.<Scored>comparingDouble(each -> each.score + 0.0).thenComparing(Scored::member);

        boolean isSame(Scored other) {
            return member.equals(other.member) && score == other.score;
        }
    }

    private final StoreSettings settings = new StoreSettings();
    private final Keyspace keyspace = new Keyspace(2, 42, settings);
    private final Random random = new Random();
    private final Tx tx = keyspace.newTx(random);
    private final Native key = new Native();
    private final Native otherKey = new Native();
    private final Native member = new Native();

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
        tx.begin(0, 0, true).lock(Keyspace.ALL_SHARDS);
        work.run();
        tx.end();
    }

    private Entry entry(String name) {
        Entry entry = tx.find(key.set(name));
        return entry == null ? SortedSetValue.create(tx, key.set(name)) : entry;
    }

    private static String text(Bytes bytes) {
        return new String(bytes.toArray(), StandardCharsets.ISO_8859_1);
    }

    private double randomScore() {
        return switch (random.nextInt(6)) {
            case 0 -> ODD_SCORES[random.nextInt(ODD_SCORES.length)];
            case 1 -> random.nextDouble();
            case 2 -> random.nextInt() / 4.0;
            default -> random.nextInt(20);
        };
    }

    private String randomMember() {
        int number = random.nextInt(400);
        return number % 3 == 0
                ? Integer.toString(number - 200)
                : number % 50 == 1 ? "long".repeat(number) : "m" + (char) (number % 256) + number;
    }

    @ParameterizedTest
    @CsvSource({"128, 64", "0, 64", "10, 8", "1000, 1000"})
    void holdsWhatAListInOrderHolds(int maxEntries, int maxValue) {
        settings.sortedSetMaxListpackEntries = maxEntries;
        settings.sortedSetMaxListpackValue = maxValue;
        long seed = System.nanoTime();
        System.out.println("SortedSetValueTest entries=" + maxEntries + " seed=" + seed);
        random.setSeed(seed);
        Map<String, List<Scored>> models = new HashMap<>();
        KEYS.forEach(name -> models.put(name, new ArrayList<>()));
        for (int step = 0; step < 6_000; step++) {
            boolean growing = step / 1_000 % 2 == 0;
            String name = KEYS.get(random.nextInt(KEYS.size()));
            transact(() -> change(name, Objects.requireNonNull(models.get(name)), growing));
            if (step % 50 == 0) {
                transact(() -> carry(name, KEYS.get(random.nextInt(KEYS.size())), models));
            }
            if (step % 40 == 0) {
                transact(() -> compare(name, Objects.requireNonNull(models.get(name))));
            }
        }
    }

    private void change(String name, List<Scored> model, boolean growing) {
        Entry entry = entry(name);
        int dice = random.nextInt(100);
        if (dice < (growing ? 80 : 40)) {
            put(entry, randomMember(), randomScore(), model);
        } else if (dice < 97) {
            String gone = randomMember();
            boolean there = model.removeIf(each -> each.member.equals(gone));
            assertThat(SortedSetValue.remove(entry, member.set(gone))).isEqualTo(there);
        } else if (!model.isEmpty()) {
            int from = random.nextInt(model.size());
            int count = Math.min(1 + random.nextInt(growing ? 5 : 60), model.size() - from);
            model.subList(from, from + count).clear();
            SortedSetValue.remove(entry, from, count);
        }
        assertThat(SortedSetValue.length(entry)).isEqualTo(model.size());
        SortedSetValue.settle(entry);
    }

    private void put(Entry entry, String name, double score, List<Scored> model) {
        boolean there = model.removeIf(each -> each.member.equals(name));
        assertThat(Double.isNaN(SortedSetValue.score(entry, member.set(name)))).isEqualTo(!there);
        if (there) {
            SortedSetValue.score(entry, member.set(name), score);
        } else {
            SortedSetValue.add(entry, member.set(name), score);
        }
        model.add(new Scored(name, score));
        model.sort(Scored.ORDER);
    }

    /// Renames, copies, or takes to another database and back.
    private void carry(String from, String to, Map<String, List<Scored>> models) {
        List<Scored> model = Objects.requireNonNull(models.get(from));
        if (model.isEmpty() || from.equals(to)) {
            return;
        }
        switch (random.nextInt(3)) {
            case 0 -> {
                tx.rename(entry(from), otherKey.set(to));
                models.put(to, model);
                models.put(from, new ArrayList<>());
            }
            case 1 -> {
                tx.copy(entry(from), otherKey.set(to), 0);
                models.put(to, new ArrayList<>(model));
            }
            default -> {
                tx.move(entry(from), 1);
                tx.copy(Objects.requireNonNull(tx.find(key.set(from), 1)), otherKey.set(from), 0);
                Objects.requireNonNull(tx.find(key.set(from), 1)).delete();
            }
        }
    }

    private void compare(String name, List<Scored> model) {
        Entry entry = tx.find(key.set(name));
        if (entry == null) {
            assertThat(model).isEmpty();
            return;
        }
        List<Scored> there = new ArrayList<>();
        SortedSetValue.forEach(entry, 0, Long.MAX_VALUE, (found, score) -> there.add(new Scored(text(found), score)));
        assertSame(there, model);
        if (entry.isRoot()) {
            ((SortedSetRoot) entry.root()).order.check();
        }
        compareRanges(entry, model);
        compareMembers(entry, model);
        Set<String> scanned = new HashSet<>();
        long cursor = 0;
        do {
            cursor = SortedSetValue.scan(entry, cursor, 7, (found, score) -> scanned.add(text(found)));
        } while (cursor != 0);
        assertThat(scanned).hasSize(model.size());
    }

    private void compareRanges(Entry entry, List<Scored> model) {
        int from = random.nextInt(model.size());
        int count = random.nextInt(10);
        List<Scored> forwards = new ArrayList<>();
        SortedSetValue.forEach(entry, from, count, (found, score) -> forwards.add(new Scored(text(found), score)));
        assertSame(forwards, model.subList(from, Math.min(from + count, model.size())));
        List<Scored> backwards = new ArrayList<>();
        SortedSetValue.forEachBackwards(
                entry, from, count, (found, score) -> backwards.addFirst(new Scored(text(found), score)));
        assertSame(
                backwards,
                model.subList(Math.max(0, from - count + 1), count == 0 ? Math.max(0, from - count + 1) : from + 1));
        double bound = randomScore();
        assertThat(SortedSetValue.rank(entry, Place.beforeScore(bound)))
                .isEqualTo(model.stream().filter(each -> each.score < bound).count());
        assertThat(SortedSetValue.rank(entry, Place.afterScore(bound)))
                .isEqualTo(model.stream().filter(each -> each.score <= bound).count());
        assertThat(SortedSetValue.rank(entry, Place.End.START)).isZero();
        assertThat(SortedSetValue.rank(entry, Place.End.END)).isEqualTo(model.size());
    }

    private void compareMembers(Entry entry, List<Scored> model) {
        for (int rank = 0; rank < model.size(); rank += 1 + random.nextInt(20)) {
            Scored each = model.get(rank);
            assertThat(SortedSetValue.rank(entry, member.set(each.member))).isEqualTo(rank);
            assertThat(SortedSetValue.score(entry, member.set(each.member)))
                    .isEqualTo(
                            each.score + 0.0 == 0 ? SortedSetValue.score(entry, member.set(each.member)) : each.score);
        }
        assertThat(SortedSetValue.rank(entry, member.set("not there"))).isEqualTo(-1);
    }

    private static void assertSame(List<Scored> there, List<Scored> model) {
        assertThat(there).hasSameSizeAs(model);
        for (int i = 0; i < model.size(); i++) {
            assertThat(there.get(i).isSame(model.get(i)))
                    .as("%s at %d, should be %s", there.get(i), i, model.get(i))
                    .isTrue();
        }
    }

    @Test
    void membersOfOneScoreAreFoundByThemselves() {
        settings.sortedSetMaxListpackEntries = random.nextInt(2) * 1000L;
        transact(() -> {
            Entry entry = entry("a");
            for (String name : List.of("b", "d", "\u00ff", "", "10", "9")) {
                SortedSetValue.add(entry, member.set(name), 5);
            }
            assertThat(SortedSetValue.rank(entry, Place.beforeMember(member.set("b"))))
                    .isEqualTo(3);
            assertThat(SortedSetValue.rank(entry, Place.afterMember(member.set("b"))))
                    .isEqualTo(4);
            assertThat(SortedSetValue.rank(entry, Place.beforeMember(member.set(""))))
                    .isZero();
            assertThat(SortedSetValue.rank(entry, Place.beforeMember(member.set("10\u0000"))))
                    .isEqualTo(2);
            assertThat(SortedSetValue.rank(entry, Place.afterMember(member.set("\u00ff"))))
                    .isEqualTo(6);
        });
    }

    @ParameterizedTest
    @CsvSource({"20", "3000"})
    void aDraftBecomesASortedSet(int members) {
        long seed = System.nanoTime();
        System.out.println("SortedSetValueTest draft seed=" + seed);
        random.setSeed(seed);
        Map<String, Double> model = new HashMap<>();
        transact(() -> {
            SortedSetValue.add(entry("a"), member.set("old"), 1);
            try (SortedSetDraft draft = SortedSetDraft.of(tx, key.set("a"))) {
                for (int i = 0; i < members; i++) {
                    String name = "m" + random.nextInt(members);
                    double score = random.nextInt(50);
                    draft.merge(member.set(name), score, Double::sum);
                    model.merge(name, score, Double::sum);
                }
                draft.rescore((name, score) -> score % 3 == 0 ? Double.NaN : -score);
                model.values().removeIf(score -> score % 3 == 0);
                model.replaceAll((name, score) -> -score);
                draft.remove(member.set("m1"));
                model.remove("m1");
                assertThat(draft.size()).isEqualTo(model.size());
                draft.store(key.set("a"));
            }
            List<Scored> sorted = new ArrayList<>();
            model.forEach((name, score) -> sorted.add(new Scored(name, score)));
            sorted.sort(Scored.ORDER);
            compare("a", sorted);
            assertThat(SortedSetValue.encoding(entry("a"))).isEqualTo(members > 128 ? "skiplist" : "listpack");
        });
    }

    @Test
    void anEmptyDraftLeavesNoKey() {
        transact(() -> {
            SortedSetValue.add(entry("a"), member.set("old"), 1);
            try (SortedSetDraft draft = SortedSetDraft.of(tx, key.set("a"))) {
                draft.put(member.set("m"), 1);
                draft.remove(member.set("m"));
                draft.store(key.set("a"));
            }
            assertThat(tx.find(key.set("a"))).isNull();
        });
    }

    @Test
    void aMemberOf16BytesTakesLessThan60() {
        transact(() -> {
            Entry entry = entry("a");
            for (int i = 0; i < 100_000; i++) {
                SortedSetValue.add(entry, member.set("%016d".formatted(i * 7919L % 100_000)), random.nextInt());
            }
            assertThat(entry.usedBytes() / 100_000.0).isLessThan(58);
        });
    }
}
