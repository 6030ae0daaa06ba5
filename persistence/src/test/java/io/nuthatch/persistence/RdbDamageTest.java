package io.nuthatch.persistence;

import static org.assertj.core.api.Assertions.assertThat;

import io.nuthatch.memory.testing.GuardedMemory;
import io.nuthatch.store.EvictionPolicy;
import io.nuthatch.store.Keyspace;
import io.nuthatch.store.StoreSettings;
import io.nuthatch.store.Tx;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/// A damaged file is refused with one sentence, or is what it was; in guarded memory, where nothing that is read beyond
/// an end goes unseen.
@ExtendWith(GuardedMemory.class)
class RdbDamageTest {
    private static final RdbFormat FORMAT =
            new RdbFormat(true, true, false, EvictionPolicy.ALLKEYS_LFU, RdbFormat.Purpose.SNAPSHOT);
    private static final int LONG_FACTOR = Boolean.getBoolean("nuthatch.long") ? 20 : 1;
    private static final long NOW_MS = 1_800_000_000_000L;
    private static final int SMALL_BYTES = 400;
    private static final int LARGE_KEYS = 300;
    private static final int DAMAGES = 60 * LONG_FACTOR;
    private static final int FORGERIES = 600 * LONG_FACTOR;

    @TempDir
    private Path folder;

    private final long seed = Long.getLong("nuthatch.seed", System.nanoTime());
    private final Random random = new Random(seed);
    private final RandomKeys keys = new RandomKeys(random, NOW_MS);
    private final Keyspace from = new Keyspace(16, 1, new StoreSettings());
    private final Keyspace to = new Keyspace(16, 2, new StoreSettings());
    private final Tx fromTx = from.newTx(random);
    private final Tx toTx = to.newTx(random);
    private final RdbLoader loader = new RdbLoader(to);

    @BeforeEach
    void tellSeed() {
        System.out.println("RdbDamageTest seed=" + seed);
    }

    @AfterEach
    void close() {
        from.close();
        to.close();
    }

    private byte[] saved() throws IOException {
        Path file = folder.resolve("dump.rdb");
        new RdbSave(Disk.REAL, from, FORMAT, file, folder.resolve("temp.rdb")).run(NOW_MS, () -> {});
        return Files.readAllBytes(file);
    }

    /// What has been loaded, or null if the file was refused.
    private Map<String, String> loaded(byte[] bytes, boolean checked) throws IOException {
        toTx.begin(0, NOW_MS, false).flushAll();
        toTx.end();
        to.collectAll();
        Path file = folder.resolve("damaged.rdb");
        Files.write(file, bytes);
        try {
            loader.load(file, new RdbLoader.Options(NOW_MS, false, false, checked), _ -> {});
        } catch (RdbFileException refused) {
            assertThat(refused).hasMessageContaining(file.toString()).hasMessageContaining(": ");
            return Map.of("refused", String.valueOf(refused.getMessage()));
        }
        return Content.of(to, NOW_MS);
    }

    @Test
    void everyBitOfASmallFileCounts() throws IOException {
        for (int i = 0; saved().length < SMALL_BYTES; i++) {
            keys.put(fromTx, i % 3, "k" + i);
        }
        byte[] whole = saved();
        Map<String, String> right = Content.of(from, NOW_MS);
        assertThat(loaded(whole, true)).isEqualTo(right);
        int bits = Math.min(whole.length, 2 * SMALL_BYTES) * 8;
        for (int bit = 0; bit < bits; bit++) {
            int at = bit / 8 < SMALL_BYTES ? bit / 8 : whole.length - 1 - (bit / 8 - SMALL_BYTES);
            byte[] damaged = whole.clone();
            damaged[at] ^= (byte) (1 << bit % 8);
            Map<String, String> got = loaded(damaged, true);
            assertThat(got.containsKey("refused") || got.equals(right))
                    .as("byte %d, bit %d: %s", at, bit % 8, got)
                    .isTrue();
        }
    }

    @Test
    void randomDamageOfALargeFileIsSeen() throws IOException {
        for (int i = 0; i < LARGE_KEYS; i++) {
            keys.put(fromTx, i % 3, "k" + i);
        }
        byte[] whole = saved();
        for (int i = 0; i < DAMAGES; i++) {
            byte[] damaged = damaged(whole);
            if (!Arrays.equals(damaged, whole)) {
                assertThat(loaded(damaged, true)).as("damage %d", i).containsOnlyKeys("refused");
            }
        }
    }

    /// Without its checksum nobody can tell that it is damaged; but nothing must break.
    @Test
    void whatIsNotCheckedDoesNoHarm() throws IOException {
        for (int i = 0; i < LARGE_KEYS / 20; i++) {
            keys.put(fromTx, i % 3, "k" + i);
        }
        byte[] whole = saved();
        int refused = 0;
        for (int i = 0; i < FORGERIES; i++) {
            refused += loaded(damaged(whole), false).containsKey("refused") ? 1 : 0;
        }
        assertThat(refused).isGreaterThan(FORGERIES / 20);
    }

    /// Some bytes changed, some left out, some put in, or the end cut off.
    private byte[] damaged(byte[] whole) {
        byte[] damaged = whole.clone();
        int at = random.nextInt(random.nextBoolean() ? Math.min(200, whole.length) : whole.length);
        switch (random.nextInt(4)) {
            case 0 -> damaged = Arrays.copyOf(damaged, at);
            case 1 -> System.arraycopy(whole, at / 2, damaged, at, Math.min(whole.length - at, 40));
            case 2 -> {
                for (int i = at; i < Math.min(whole.length, at + 1 + random.nextInt(8)); i++) {
                    damaged[i] = (byte) random.nextInt();
                }
            }
            default -> damaged[at] ^= (byte) (1 + random.nextInt(255));
        }
        return damaged;
    }

    @Test
    void whatIsNoSuchFileIsRefusedWithARemedy() throws IOException {
        assertThat(loaded(new byte[0], true).get("refused")).contains("is empty", "restore it from a copy");
        assertThat(loaded("REDI".getBytes(), true).get("refused")).contains("is too short to be an RDB file");
        assertThat(loaded("PK\3\4 a zip file".getBytes(), true).get("refused")).contains("is not an RDB file");
        assertThat(loaded("REDIS0099 and more".getBytes(), true).get("refused"))
                .contains("version 99", "12 is the newest");
        assertThat(loaded("REDIS0000 and more".getBytes(), true).get("refused")).contains("version 0");
        assertThat(loaded(module(), true).get("refused")).contains("has data of the module 'JSONmodul' at byte 9");
        assertThat(loaded(new byte[] {'R', 'E', 'D', 'I', 'S', '0', '0', '0', '9', (byte) 246}, true)
                        .get("refused"))
                .contains("release candidate");
    }

    /// The number of a module is nine letters of six bits and a version.
    private static byte[] module() {
        String letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
        long number = 0;
        for (char c : "JSONmodul".toCharArray()) {
            number = number << 6 | letters.indexOf(c);
        }
        number = number << 10 | 3;
        byte[] file = Arrays.copyOf("REDIS0009".getBytes(), 19);
        file[9] = (byte) 247;
        file[10] = (byte) 0x81;
        for (int i = 0; i < 8; i++) {
            file[11 + i] = (byte) (number >>> 8 * (7 - i));
        }
        return file;
    }

    @Test
    void noRoomIsMadeForKeysThatTheFileCannotHave() throws IOException {
        ByteBuffer file = ByteBuffer.allocate(40).put("REDIS0009".getBytes());
        file.put((byte) RdbFile.DATABASE).put((byte) 0);
        file.put((byte) RdbFile.SIZES).put((byte) 10).put((byte) 0x81).putLong(-1 << 26); // 64 M fewer than none
        file.put((byte) 255).putLong(0);
        long before = to.usedBytes();
        assertThat(loaded(Arrays.copyOf(file.array(), file.position()), true)).isEmpty();
        assertThat(to.usedBytes() - before).isLessThan(1 << 20);
    }

    @Test
    void aDirectoryIsRefused() throws IOException {
        Path directory = Files.createDirectory(folder.resolve("folder.rdb"));
        try {
            loader.load(directory, new RdbLoader.Options(NOW_MS, false, false, true), _ -> {});
            throw new AssertionError("a directory was loaded");
        } catch (RdbFileException refused) {
            assertThat(refused).hasMessageContaining("is a directory: move it away");
        }
    }
}
