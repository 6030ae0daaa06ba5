package io.nuthatch.store;

import static org.assertj.core.api.Assertions.assertThat;

import io.nuthatch.memory.Bytes;
import io.nuthatch.memory.Memory;
import io.nuthatch.memory.Numbers;
import io.nuthatch.memory.testing.GuardedMemory;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(GuardedMemory.class)
class ListpackTest {
    private static final int LONGEST = 70_000;

    private final long digits = Memory.allocate(Numbers.MAX_LONG_DIGITS);
    private final long input = Memory.allocate(LONGEST);
    private final Bytes value = new Bytes();
    private final Bytes window = new Bytes();
    private long at = Memory.allocate(Listpack.EMPTY_BYTES);
    private int bytes = Listpack.EMPTY_BYTES;

    @BeforeEach
    void begin() {
        Listpack.create(at);
    }

    @AfterEach
    void free() {
        Memory.free(at, bytes);
        Memory.free(digits, Numbers.MAX_LONG_DIGITS);
        Memory.free(input, LONGEST);
    }

    /// The block is always exactly as large as the listpack, so that the guards see the first byte beyond.
    private void resize(int newBytes) {
        at = Memory.reallocate(at, bytes, newBytes);
        bytes = newBytes;
    }

    private Bytes bytes(String text) {
        byte[] array = text.getBytes(StandardCharsets.ISO_8859_1);
        Memory.copy(array, 0, input, array.length);
        return value.set(input, array.length);
    }

    private String read(int offset) {
        return new String(Listpack.read(at, offset, window, digits).toArray(), StandardCharsets.ISO_8859_1);
    }

    private void insert(int offset, String text) {
        Bytes entry = bytes(text);
        resize(bytes + Listpack.entryBytes(entry));
        Listpack.insert(at, offset, entry);
        assertThat(Listpack.bytes(at)).isEqualTo(bytes);
    }

    /// The block has just the room that the entry takes before the listpack.
    private void prepend(String text) {
        Bytes entry = bytes(text);
        int more = Listpack.entryBytes(entry);
        resize(bytes + more);
        Memory.copy(at, at + more, bytes - more);
        assertThat(Listpack.prepend(at + more, entry)).isEqualTo(at);
        assertThat(Listpack.bytes(at)).isEqualTo(bytes);
    }

    private void deleteFirst(int count) {
        long to = Listpack.deleteFirst(at, count);
        int left = Listpack.bytes(to);
        assertThat(to + left).isEqualTo(at + bytes);
        Memory.copy(to, at, left);
        resize(left);
    }

    private void append(String text) {
        insert(Listpack.end(at), text);
    }

    private void replace(int offset, String text) {
        Bytes entry = bytes(text);
        int changed = bytes + Listpack.entryBytes(entry) - Listpack.entryBytes(at, offset);
        resize(Math.max(bytes, changed));
        Listpack.replace(at, offset, entry);
        resize(changed);
        assertThat(Listpack.bytes(at)).isEqualTo(bytes);
    }

    private void delete(int offset, int count) {
        Listpack.delete(at, offset, count);
        resize(Listpack.bytes(at));
    }

    private String hex() {
        byte[] array = new byte[bytes];
        Memory.copy(at, array, 0, bytes);
        return HexFormat.of().formatHex(array);
    }

    @Test
    void holdsWhatAListHolds() {
        long seed = System.nanoTime();
        System.out.println("ListpackTest seed=" + seed);
        SplittableRandom random = new SplittableRandom(seed);
        List<String> model = new ArrayList<>();
        for (int step = 0; step < 20_000; step++) {
            int place = random.nextInt(model.size() + 1);
            int offset = Listpack.seek(at, place);
            assertThat(Listpack.has(at, offset)).isEqualTo(place < model.size());
            String text = randomText(random);
            int dice = random.nextInt(100);
            if (dice < 5) {
                prepend(text);
                model.addFirst(text);
            } else if (dice < 10) {
                int count = random.nextInt(3);
                deleteFirst(count);
                model.subList(0, Math.min(model.size(), count)).clear();
            } else if (dice < 50) {
                insert(offset, text);
                model.add(place, text);
            } else if (dice < 65 && place < model.size()) {
                replace(offset, text);
                model.set(place, text);
            } else if (dice < 97) {
                delete(offset, 1);
                if (place < model.size()) {
                    model.remove(place);
                }
            } else if (step % 2000 > 1000) {
                int count = random.nextInt(40);
                delete(offset, count);
                model.subList(place, Math.min(model.size(), place + count)).clear();
            }
            if (step % 20 == 0) {
                compare(model, random);
            }
        }
    }

    private static String randomText(SplittableRandom random) {
        return switch (random.nextInt(10)) {
            case 0, 1, 2, 3 -> Long.toString(random.nextLong() >> random.nextInt(64));
            case 4 -> "0" + random.nextInt(100);
            case 5 -> "";
            case 6 -> "x".repeat(random.nextInt(60, 70));
            case 7 -> random.nextInt(20) == 0 ? "y".repeat(random.nextInt(4090, 4100)) : "-";
            case 8 -> "z".repeat(random.nextInt(120, 130));
            default -> "w" + random.nextInt(1000);
        };
    }

    private void compare(List<String> model, SplittableRandom random) {
        assertThat(Listpack.count(at)).isEqualTo(model.size());
        assertThat(Listpack.isValid(at, bytes)).isTrue();
        List<String> there = new ArrayList<>();
        for (int offset = Listpack.FIRST; Listpack.has(at, offset); offset = Listpack.next(at, offset)) {
            there.add(read(offset));
            assertThat(Listpack.length(at, offset)).isEqualTo(there.getLast().length());
        }
        assertThat(there).isEqualTo(model);
        List<String> back = new ArrayList<>();
        for (int offset = Listpack.last(at); Listpack.has(at, offset); offset = Listpack.previous(at, offset)) {
            back.add(read(offset));
        }
        assertThat(back.reversed()).isEqualTo(model);
        if (!model.isEmpty()) {
            int index = random.nextInt(model.size());
            int offset = Listpack.seek(at, index);
            assertThat(read(offset)).isEqualTo(model.get(index));
            assertThat(Listpack.seek(at, index - model.size())).isEqualTo(offset);
            assertThat(Listpack.equal(at, offset, bytes(model.get(index)))).isTrue();
            int found = Listpack.find(at, Listpack.FIRST, bytes(model.get(index)), 0);
            assertThat(found).isEqualTo(Listpack.seek(at, model.indexOf(model.get(index))));
        }
        assertThat(Listpack.has(at, Listpack.find(at, Listpack.FIRST, bytes("nowhere"), 0)))
                .isFalse();
        assertThat(Listpack.has(at, Listpack.seek(at, -model.size() - 1))).isFalse();
    }

    @Test
    void findCanPassOverValues() {
        for (String text : List.of("a", "b", "b", "a", "7", "7")) {
            append(text);
        }
        assertThat(Listpack.find(at, Listpack.FIRST, bytes("b"), 1)).isEqualTo(Listpack.seek(at, 2));
        assertThat(Listpack.find(at, Listpack.FIRST, bytes("7"), 1)).isEqualTo(Listpack.seek(at, 4));
        assertThat(Listpack.find(at, Listpack.FIRST, bytes("07"), 1)).isEqualTo(Listpack.end(at));
    }

    @Test
    void theFormatIsRedis() {
        for (String text : List.of("1", "-1", "4095", "-4097", "8388607", "2147483647", "9223372036854775807", "ab")) {
            append(text);
        }
        append("x".repeat(64));
        assertThat(hex())
                .isEqualTo("6f0000000900" + "0101" + "dfff02" + "cfff02" + "f1ffef03" + "f2ffff7f04" + "f3ffffff7f05"
                        + "f4ffffffffffffff7f09" + "82616203" + "e040" + "78".repeat(64) + "42" + "ff");
    }

    @Test
    void lengthsAtTheEndTakeAsManyBytesAsRedisWrites() {
        for (int length : new int[] {126, 127, 16_377, 16_378, 65_536}) {
            append("x".repeat(length));
        }
        assertThat(Listpack.isValid(at, bytes)).isTrue();
        int offset = Listpack.FIRST;
        for (int back : new int[] {2, 2, 2, 3, 3}) {
            assertThat(Listpack.entryBytes(at, offset))
                    .isEqualTo(Listpack.length(at, offset) + (Listpack.length(at, offset) < 4096 ? 2 : 5) + back);
            offset = Listpack.next(at, offset);
        }
        for (int length : new int[] {65_536, 16_378, 16_377, 127, 126}) {
            offset = Listpack.previous(at, offset);
            assertThat(Listpack.length(at, offset)).isEqualTo(length);
        }
    }

    @Test
    void beyond65534EntriesTheCountIsFoundByCounting() {
        for (int i = 0; i < 65_533; i++) {
            resize(bytes + 2);
            Listpack.insert(at, Listpack.end(at), 1L);
        }
        for (int i = 0; i < 4; i++) {
            append("x");
            assertThat(Listpack.count(at)).isEqualTo(65_534 + i);
        }
        assertThat(Memory.getShort(at + 4) & 0xFFFF).isEqualTo(65_535);
        assertThat(Listpack.isValid(at, bytes)).isTrue();
        assertThat(read(Listpack.seek(at, 65_536))).isEqualTo("x");
        assertThat(read(Listpack.seek(at, -65_537))).isEqualTo("1");
        assertThat(Listpack.has(at, Listpack.seek(at, 65_537))).isFalse();
        delete(Listpack.FIRST, 10);
        assertThat(Listpack.count(at)).isEqualTo(65_527);
    }

    @Test
    void halvesCanBeCopiedAndJoined() {
        for (int i = 0; i < 100; i++) {
            append("entry" + i);
        }
        String whole = hex();
        int middle = Listpack.seek(at, 40);
        int tail = Listpack.tailBytes(at, middle);
        long other = Memory.allocate(tail);
        Listpack.copyTail(at, middle, other);
        assertThat(Listpack.count(other)).isEqualTo(60);
        assertThat(Listpack.isValid(other, tail)).isTrue();
        delete(middle, 60);
        assertThat(Listpack.count(at)).isEqualTo(40);
        resize(bytes + tail - Listpack.EMPTY_BYTES);
        Listpack.append(at, other);
        assertThat(hex()).isEqualTo(whole);
        Memory.free(other, tail);
    }

    /// Guards do not see reads; but what is read outside would make a difference between two copies of the same bytes
    /// amid different ones.
    @Test
    void corruptBytesAreRefusedOrGood() {
        long seed = System.nanoTime();
        System.out.println("ListpackTest corrupt seed=" + seed);
        SplittableRandom random = new SplittableRandom(seed);
        for (int round = 0; round < 20_000; round++) {
            if (round % 50 == 0) {
                delete(Listpack.FIRST, Integer.MAX_VALUE);
                for (int i = random.nextInt(8); i >= 0; i--) {
                    append(randomText(random));
                }
            }
            byte[] good = new byte[bytes];
            Memory.copy(at, good, 0, bytes);
            for (int i = random.nextInt(3); i >= 0; i--) {
                Memory.putByte(at + random.nextInt(bytes), random.nextInt());
            }
            boolean valid = Listpack.isValid(at, bytes);
            assertThat(isValidAmid(random.nextInt())).isEqualTo(valid);
            if (valid) {
                int counted = 0;
                for (int offset = Listpack.FIRST; Listpack.has(at, offset); offset = Listpack.next(at, offset)) {
                    Listpack.read(at, offset, window, digits);
                    counted++;
                }
                for (int offset = Listpack.last(at); Listpack.has(at, offset); offset = Listpack.previous(at, offset)) {
                    counted--;
                }
                assertThat(counted).isZero();
            }
            Memory.copy(good, 0, at, bytes);
        }
        assertThat(Listpack.isValid(at, bytes - 1)).isFalse();
        assertThat(Listpack.isValid(at, 3)).isFalse();
    }

    private boolean isValidAmid(int around) {
        int zone = 16;
        long copy = Memory.allocate(bytes + 2L * zone);
        Memory.fill(copy, bytes + 2L * zone, around);
        Memory.copy(at, copy + zone, bytes);
        boolean valid = Listpack.isValid(copy + zone, bytes);
        Memory.free(copy, bytes + 2L * zone);
        return valid;
    }
}
