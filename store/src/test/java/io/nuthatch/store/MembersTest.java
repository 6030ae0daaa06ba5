package io.nuthatch.store;

import static org.assertj.core.api.Assertions.assertThat;

import io.nuthatch.memory.Bytes;
import io.nuthatch.memory.Lease;
import io.nuthatch.memory.Memory;
import io.nuthatch.memory.Slab;
import io.nuthatch.memory.Usage;
import io.nuthatch.memory.testing.GuardedMemory;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;
import java.util.SplittableRandom;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(GuardedMemory.class)
class MembersTest {
    private record Content(int parts, double score, long deadlineMs, String value) {}

    private static final int LONGEST = 600;

    private final Usage usage = new Usage();
    private final Slab slab = new Slab(usage);
    private final Slab otherSlab = new Slab(usage);
    private final Lease lease = new Lease(slab);
    private final Members members = new Members(lease, 42);
    private final long input = Memory.allocate(LONGEST);
    private final Bytes member = new Bytes();
    private final Bytes window = new Bytes();

    @AfterEach
    void everythingIsGivenBack() {
        long most = members.size() / 100 * 2 + 10;
        for (int slices = 0; !members.drain(100); slices++) {
            assertThat(slices).isLessThan((int) most);
        }
        assertThat(lease.usedBytes()).isZero();
        Memory.free(input, LONGEST);
        otherSlab.close();
        slab.close();
    }

    private Bytes bytes(String text) {
        byte[] array = text.getBytes(StandardCharsets.ISO_8859_1);
        Memory.copy(array, 0, input, array.length);
        return member.set(input, array.length);
    }

    private static Content randomContent(SplittableRandom random) {
        int parts = random.nextInt(8);
        String value = (parts & Member.VALUE) == 0 ? "" : "v".repeat(random.nextInt(random.nextBoolean() ? 20 : 600));
        return new Content(
                parts,
                (parts & Member.SCORE) == 0 ? 0 : random.nextDouble(),
                (parts & Member.DEADLINE) == 0 ? Record.NO_DEADLINE : random.nextLong(),
                value);
    }

    private static void fill(long at, Content content) {
        if ((content.parts & Member.SCORE) != 0) {
            Member.score(at, content.score);
        }
        if ((content.parts & Member.DEADLINE) != 0) {
            Member.deadlineMs(at, content.deadlineMs);
        }
        byte[] value = content.value.getBytes(StandardCharsets.ISO_8859_1);
        Memory.copy(value, 0, Member.valueAddress(at), value.length);
    }

    private Content contentOf(long at) {
        int parts = Member.parts(at);
        return new Content(
                parts,
                (parts & Member.SCORE) == 0 ? 0 : Member.score(at),
                Member.deadlineMs(at),
                new String(Member.value(at, window).toArray(), StandardCharsets.ISO_8859_1));
    }

    @Test
    void holdWhatAMapHolds() {
        long seed = System.nanoTime();
        System.out.println("MembersTest seed=" + seed);
        SplittableRandom random = new SplittableRandom(seed);
        Map<String, Content> model = new HashMap<>();
        for (int step = 0; step < 30_000; step++) {
            int number = random.nextInt(2_000);
            String name = "m" + number + "x".repeat(number % 10 == 0 ? 254 + number % 500 / 100 : 0);
            long at = members.find(bytes(name));
            assertThat(at != 0).isEqualTo(model.containsKey(name));
            Content content = randomContent(random);
            if (at == 0) {
                at = members.add(bytes(name), content.parts, content.value.length());
                fill(at, content);
                model.put(name, content);
            } else if (random.nextBoolean()) {
                assertThat(contentOf(at)).isEqualTo(model.remove(name));
                members.remove(at);
            } else {
                fill(members.reshape(at, content.parts, content.value.length()), content);
                model.put(name, content);
            }
        }
        assertThat(members.size()).isEqualTo(model.size());
        Map<String, Content> there = new HashMap<>();
        members.forEach(at -> there.put(Member.read(at, window).toString(), contentOf(at)));
        assertThat(there).isEqualTo(model);

        Lease another = new Lease(slab);
        Members copy = new Members(another, 42);
        Map<String, Content> copied = new HashMap<>();
        copy.addAll(members, at -> copied.put(Member.read(at, window).toString(), contentOf(at)));
        assertThat(copied).isEqualTo(model);
        another.moveTo(otherSlab);
        assertThat(copy.find(bytes(model.keySet().iterator().next()))).isNotZero();
        assertThat(copy.drain(Integer.MAX_VALUE)).isTrue();
        assertThat(another.usedBytes()).isZero();
    }

    @Test
    void whatStaysOfAMemberIsKept() {
        long at = members.add(bytes("m"), Member.SCORE | Member.VALUE, 3);
        fill(at, new Content(Member.SCORE | Member.VALUE, 1.5, Record.NO_DEADLINE, "abc"));
        at = members.reshape(at, Member.SCORE | Member.VALUE | Member.DEADLINE, 3);
        Member.deadlineMs(at, 99);
        assertThat(contentOf(at)).isEqualTo(new Content(7, 1.5, 99, "abc"));
        at = members.reshape(at, Member.VALUE | Member.DEADLINE, 3);
        assertThat(contentOf(at)).isEqualTo(new Content(6, 0, 99, "abc"));
        assertThat(members.find(bytes("m"))).isEqualTo(at);
    }

    @Test
    void aSetsMemberOf16BytesTakesLessThan36() {
        for (int i = 0; i < 100_000; i++) {
            members.add(bytes("%016d".formatted(i)), 0, 0);
        }
        assertThat((double) lease.usedBytes() / 100_000).isLessThan(34.5);
    }
}
