package io.nuthatch.server;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// Random commands on bitmaps and HyperLogLogs have the same replies here and in a real Redis, and leave the same
/// bytes.
class StringsHoldForRedisTest {
    private static final int LONG_FACTOR = Boolean.getBoolean("nuthatch.long") ? 20 : 1;
    private static final int BITMAP_COMMANDS = 40_000 * LONG_FACTOR;
    private static final int SKETCH_COMMANDS = 6_000 * LONG_FACTOR;
    private static final int DECIMAL_COMMANDS = 20_000 * LONG_FACTOR;
    private static final int LCS_COMMANDS = 10_000 * LONG_FACTOR;
    private static final int BATCH = 100;

    private static final List<String> KEYS = List.of("a", "b", "c", "d");

    private final long seed = Long.getLong("nuthatch.seed", System.nanoTime());
    private final Random random = new Random(seed);
    private ServerUnderTest redis;
    private ServerUnderTest nuthatch;
    private RespClient expected;
    private RespClient actual;

    @BeforeEach
    void start() {
        System.out.println("StringsHoldForRedisTest seed=" + seed);
        redis = ServerKind.REDIS.start();
        nuthatch = ServerKind.NUTHATCH.start();
        expected = RespClient.connect(redis.port());
        actual = RespClient.connect(nuthatch.port());
    }

    @AfterEach
    void stop() {
        expected.close();
        actual.close();
        nuthatch.close();
        redis.close();
    }

    @Test
    void bitmaps() {
        for (int i = 0; i < BITMAP_COMMANDS; i += BATCH) {
            compare(this::bitmapCommand);
        }
    }

    @Test
    void sketches() {
        for (int i = 0; i < SKETCH_COMMANDS; i += BATCH) {
            if (random.nextInt(8) == 0) {
                String most = oneOf("3000", "3000", "0", "18", "40", "200", "1000", "20000");
                List<String> command = List.of("CONFIG", "SET", "hll-sparse-max-bytes", most);
                compare(() -> command);
            }
            compare(this::sketchCommand);
        }
    }

    @Test
    void decimals() {
        for (int i = 0; i < DECIMAL_COMMANDS; i += BATCH) {
            compare(this::decimalCommand);
        }
    }

    @Test
    void commonSubsequences() {
        for (int i = 0; i < LCS_COMMANDS; i += BATCH) {
            compare(this::lcsCommand);
        }
    }

    private interface Draw {
        List<String> words();
    }

    /// Sends a batch of commands to both, in one go, and compares reply by reply.
    private void compare(Draw draw) {
        List<List<String>> commands = new ArrayList<>();
        for (int i = 0; i < BATCH; i++) {
            commands.add(draw.words());
        }
        for (RespClient client : List.of(expected, actual)) {
            commands.forEach(client::queue);
            client.flush();
        }
        for (List<String> command : commands) {
            assertThat(actual.read()).as("%s (seed=%d)", command, seed).isEqualTo(expected.read());
        }
    }

    private String oneOf(String... choices) {
        return choices[random.nextInt(choices.length)];
    }

    private String key() {
        return KEYS.get(random.nextInt(KEYS.size()));
    }

    private String number(int bound) {
        return String.valueOf(random.nextInt(bound));
    }

    /// An index from either end, and beyond.
    private String index(int bound) {
        return random.nextInt(20) == 0
                ? oneOf("9223372036854775807", "-9223372036854775808")
                : String.valueOf(random.nextInt(-bound, bound));
    }

    private List<String> bitmapCommand() {
        return switch (random.nextInt(12)) {
            case 0 -> List.of("SET", key(), oneOf("", "foobar", "12345", "-7", "\u00ff".repeat(random.nextInt(100))));
            case 1 -> List.of("SETRANGE", key(), number(300), oneOf("\u0000", "\u00ff\u00ff", "abc"));
            case 2 -> List.of("SETBIT", key(), number(3000), number(2));
            case 3 -> List.of("GETBIT", key(), number(3000));
            case 4 -> List.of("BITCOUNT", key());
            case 5 -> List.of("BITCOUNT", key(), index(400), index(400), oneOf("BYTE", "BIT"));
            case 6 -> List.of("BITPOS", key(), number(2), index(100));
            case 7 -> List.of("BITPOS", key(), number(2), index(400), index(400), oneOf("BYTE", "BIT"));
            case 8 -> bitOp();
            case 9, 10 -> bitField();
            default -> List.of(oneOf("GET", "STRLEN", "DEL"), key());
        };
    }

    private List<String> bitOp() {
        List<String> words = new ArrayList<>(List.of("BITOP", oneOf("AND", "OR", "XOR", "NOT"), key(), key()));
        while (!words.get(1).equals("NOT") && random.nextInt(3) > 0) {
            words.add(oneOf("missing", key()));
        }
        return words;
    }

    private List<String> bitField() {
        List<String> words = new ArrayList<>(List.of("BITFIELD", key()));
        for (int i = random.nextInt(4); i >= 0; i--) {
            if (random.nextInt(3) == 0) {
                words.addAll(List.of("OVERFLOW", oneOf("WRAP", "SAT", "FAIL")));
            }
            String type = random.nextBoolean() ? "i" + (1 + random.nextInt(64)) : "u" + (1 + random.nextInt(63));
            String offset = oneOf("", "#") + number(60);
            switch (random.nextInt(3)) {
                case 0 -> words.addAll(List.of("GET", type, offset));
                case 1 -> words.addAll(List.of("SET", type, offset, fieldNumber()));
                default -> words.addAll(List.of("INCRBY", type, offset, fieldNumber()));
            }
        }
        return words;
    }

    /// Up to 2^62 in either direction: beyond, Redis takes too small a value of an `i63` for too large a one.
    private String fieldNumber() {
        return String.valueOf(random.nextLong() >> 1 + random.nextInt(63));
    }

    private List<String> sketchCommand() {
        return switch (random.nextInt(12)) {
            case 0, 1, 2, 3, 4 -> pfAdd();
            case 5 -> List.of("PFCOUNT", key());
            case 6 -> List.of("PFCOUNT", key(), key(), "missing");
            case 7 -> List.of("PFMERGE", key(), key(), oneOf("missing", key()));
            case 8 -> List.of("PFDEBUG", oneOf("ENCODING", "DECODE"), key());
            case 9 -> List.of(oneOf("DEL", "STRLEN", "STRLEN", "PFCOUNT"), key());
            default -> List.of("GET", key());
        };
    }

    private List<String> pfAdd() {
        List<String> words = new ArrayList<>(List.of("PFADD", key()));
        for (int i = random.nextInt(random.nextInt(6) == 0 ? 400 : 6); i > 0; i--) {
            int range = random.nextInt(3) == 0 ? 100 : 100_000;
            words.add("x".repeat(random.nextInt(9)) + number(range));
        }
        return words;
    }

    private List<String> decimalCommand() {
        return switch (random.nextInt(6)) {
            case 0 -> List.of("SET", key(), decimal());
            case 1 -> List.of(oneOf("GET", "DEL", "STRLEN"), key());
            default -> List.of("INCRBYFLOAT", key(), decimal());
        };
    }

    /// In every notation that Redis reads, and some that it does not.
    private String decimal() {
        String digits = String.valueOf(random.nextLong() >>> random.nextInt(64));
        String sign = oneOf("", "", "-", "+");
        return switch (random.nextInt(9)) {
            case 0 -> sign + digits;
            case 1 -> sign + digits + "." + number(1_000_000);
            case 2 -> sign + "0." + "0".repeat(random.nextInt(20)) + digits;
            case 3 -> sign + digits + oneOf("e", "E") + oneOf("", "-", "+") + number(40);
            case 4 ->
                sign + "0x" + Long.toHexString(random.nextLong() >>> random.nextInt(64))
                        + oneOf("", ".8", "p3", "p-70");
            case 5 -> sign + digits + "e" + oneOf("4900", "4913", "4932", "-4930", "-4950", "-4970", "5000", "-6000");
            case 6 -> String.valueOf(random.nextGaussian());
            case 7 ->
                sign + oneOf("inf", "Infinity", "nan", ".5", "5.", ".", "", "0x", "1e", "0x.8p1", "1e999999999999");
            default -> number(100) + "." + number(100);
        };
    }

    private List<String> lcsCommand() {
        if (random.nextInt(3) == 0) {
            StringBuilder text = new StringBuilder();
            for (int i = random.nextInt(30); i > 0; i--) {
                text.append((char) ('a' + random.nextInt(3)));
            }
            return List.of("SET", key(), text.toString());
        }
        List<String> words = new ArrayList<>(List.of("LCS", key(), key()));
        while (random.nextInt(3) > 0) {
            words.addAll(
                    oneOf("LEN", "IDX", "IDX", "WITHMATCHLEN", "MINMATCHLEN").equals("MINMATCHLEN")
                            ? List.of("MINMATCHLEN", number(4))
                            : List.of(oneOf("LEN", "IDX", "IDX", "WITHMATCHLEN")));
        }
        return words;
    }
}
