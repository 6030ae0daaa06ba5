package io.nuthatch.cache;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// What a journal gives back after a crash, byte by byte.
class JournalTest {
    private static final long SMALL = 4_096;

    @TempDir
    private Path folder;

    private Journal open() {
        return new Journal(folder, SMALL, Step.Listener.NONE);
    }

    private static JournalRecord put(long number, String value) {
        return new JournalRecord(number, number * 10, bytes("k" + number), bytes(value));
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    private List<Path> files() throws IOException {
        try (Stream<Path> all = Files.list(folder)) {
            return all.filter(file -> file.toString().endsWith(".journal"))
                    .sorted()
                    .toList();
        }
    }

    private static List<Long> numbers(Journal journal) {
        return journal.takeFound().stream().map(JournalRecord::number).toList();
    }

    @Test
    void whatWasAppendedIsFound() throws Exception {
        String identity;
        try (Journal journal = open()) {
            identity = journal.identity();
            journal.append(List.of(put(1, "one"), new JournalRecord(2, 20, bytes("gone"), null)));
            journal.append(List.of(put(3, "")));
        }
        try (Journal journal = open()) {
            List<JournalRecord> found = journal.takeFound();
            assertThat(journal.identity()).isEqualTo(identity);
            assertThat(journal.next()).isEqualTo(4);
            assertThat(found).extracting(JournalRecord::number).containsExactly(1L, 2L, 3L);
            assertThat(found).extracting(JournalRecord::version).containsExactly(10L, 20L, 30L);
            assertThat(found.get(0).value()).isEqualTo(bytes("one"));
            assertThat(found.get(1).key()).isEqualTo(bytes("gone"));
            assertThat(found.get(1).value()).isNull();
            assertThat(found.get(2).value()).isEmpty();
        }
    }

    @Test
    void recordsLargerThanTheBufferAreWhole() throws Exception {
        byte[] large = new byte[3 << 20];
        new Random(7).nextBytes(large);
        try (Journal journal = open()) {
            journal.append(List.of(put(1, "a"), new JournalRecord(2, 2, bytes("k"), large), put(3, "b")));
        }
        try (Journal journal = open()) {
            List<JournalRecord> found = journal.takeFound();
            assertThat(found).extracting(JournalRecord::number).containsExactly(1L, 2L, 3L);
            assertThat(found.get(1).value()).isEqualTo(large);
        }
    }

    /// Cut off at each byte in turn: what was whole before is found, and the journal goes on behind it.
    @Test
    void aTailThatIsCutOffIsLeftOut() throws Exception {
        try (Journal journal = open()) {
            journal.append(List.of(put(1, "one"), put(2, "two")));
            journal.append(List.of(put(3, "three")));
        }
        Path file = files().getFirst();
        byte[] whole = Files.readAllBytes(file);
        int one = put(1, "one").bytes();
        int three = put(3, "three").bytes();
        for (int length = whole.length; length >= 44; length--) {
            for (Path old : files()) {
                Files.delete(old);
            }
            Files.write(file, Arrays.copyOf(whole, length));
            int expected = length == whole.length ? 3 : length >= whole.length - three ? 2 : length >= 44 + one ? 1 : 0;
            List<Long> there = LongStream.rangeClosed(1, expected).boxed().toList();
            try (Journal journal = open()) {
                assertThat(numbers(journal)).as("cut at " + length).isEqualTo(there);
                journal.append(List.of(put(expected + 1, "next")));
            }
            try (Journal journal = open()) {
                assertThat(numbers(journal)).as("gone on from " + length).hasSize(expected + 1);
            }
        }
    }

    @Test
    void zerosAndNoiseBehindTheEndAreLeftOut() throws Exception {
        long seed = new Random().nextLong();
        System.out.println("seed " + seed);
        Random random = new Random(seed);
        for (int round = 0; round < 50; round++) {
            try (Journal journal = open()) {
                journal.append(List.of(put(journal.next(), "v")));
            }
            byte[] noise = new byte[random.nextInt(100)];
            if (random.nextBoolean()) {
                random.nextBytes(noise);
            }
            Files.write(files().getLast(), noise, java.nio.file.StandardOpenOption.APPEND);
        }
        try (Journal journal = open()) {
            assertThat(numbers(journal))
                    .isEqualTo(LongStream.rangeClosed(1, 50).boxed().toList());
        }
    }

    @Test
    void aHeadThatIsCutOffIsLeftOut() throws Exception {
        try (Journal journal = open()) {
            journal.append(List.of(put(1, "one")));
        }
        Files.write(folder.resolve("00000000000000000002.journal"), new byte[20]);
        try (Journal journal = open()) {
            assertThat(numbers(journal)).containsExactly(1L);
            journal.append(List.of(put(2, "two")));
        }
        try (Journal journal = open()) {
            assertThat(numbers(journal)).containsExactly(1L, 2L);
        }
    }

    @Test
    void damageInTheMiddleIsRefused() throws Exception {
        try (Journal journal = open()) {
            for (long number = 1; number <= 10; number++) {
                journal.append(List.of(put(number, "x".repeat(1_000))));
            }
        }
        assertThat(files()).hasSizeGreaterThan(2);
        Path first = files().getFirst();
        byte[] bytes = Files.readAllBytes(first);
        bytes[1_500] ^= 1;
        Files.write(first, bytes);
        assertThatThrownBy(this::open)
                .isInstanceOfSatisfying(
                        ConfigurationException.class,
                        e -> assertThat(e)
                                .hasMessageContaining(first.getFileName().toString())
                                .hasMessageContaining("damaged"));
        bytes[1_500] ^= 1;
        Files.write(first, bytes);
        open().close();
    }

    @Test
    void filesGoWhenAllInThemIsDone() throws Exception {
        try (Journal journal = open()) {
            for (long number = 1; number <= 40; number++) {
                journal.append(List.of(put(number, "x".repeat(1_000))));
            }
            int before = files().size();
            assertThat(before).isGreaterThan(8);
            long bytes = journal.bytes();

            journal.trim(20);
            assertThat(files()).hasSizeBetween(before / 2 - 1, before / 2 + 2);
            assertThat(journal.bytes()).isLessThan(bytes);

            journal.trim(40);
            assertThat(files()).hasSize(1);
        }
        try (Journal journal = open()) {
            assertThat(journal.next()).isEqualTo(41);
            journal.trim(40);
            assertThat(files()).hasSize(1);
        }
    }

    @Test
    void aNewerFormatIsRefused() throws Exception {
        try (Journal journal = open()) {
            journal.append(List.of(put(1, "one")));
        }
        Path file = files().getFirst();
        byte[] bytes = Files.readAllBytes(file);
        bytes[7] = 2;
        java.util.zip.CRC32C crc = new java.util.zip.CRC32C();
        crc.update(bytes, 0, 40);
        java.nio.ByteBuffer.wrap(bytes).putInt(40, (int) crc.getValue());
        Files.write(file, bytes);
        assertThatThrownBy(this::open)
                .isInstanceOf(ConfigurationException.class)
                .hasMessageContaining("format 2");
    }

    @Test
    void aDirectoryThatCannotBeMadeIsRefused() throws Exception {
        Path file = Files.writeString(folder.resolve("file"), "");
        assertThatThrownBy(() -> new Journal(file.resolve("journal"), SMALL, Step.Listener.NONE))
                .isInstanceOfSatisfying(
                        ConfigurationException.class,
                        e -> assertThat(e.option()).isEqualTo("writeBehind"));
    }
}
