package io.nuthatch.memory;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class NumbersTest {
    private final long address = Memory.allocateForever(512);
    private int length;

    private void set(String text) {
        byte[] bytes = text.getBytes(StandardCharsets.ISO_8859_1);
        Memory.copy(bytes, 0, address, bytes.length);
        length = bytes.length;
    }

    private double parse(String text) {
        set(text);
        return Numbers.parseDouble(address, length);
    }

    @ParameterizedTest
    @CsvSource({
        "0, 0",
        "-0, -0.0",
        "1, 1",
        "+1, 1",
        "-1.5, -1.5",
        ".5, 0.5",
        "5., 5",
        "1e3, 1000",
        "1E+3, 1000",
        "12e-1, 1.2",
        "inf, Infinity",
        "-INF, -Infinity",
        "+Infinity, Infinity",
        "1e400, Infinity",
        "-1e400, -Infinity",
        "1e-400, 0",
        "0x10, 16",
        "-0X1.8, -1.5",
        "0x.8p1, 1",
        "0x1p-1, 0.5",
        "007, 7",
        "1e0000000000000001, 10",
        "9007199254740993, 9007199254740992",
        "0.1000000000000000055511151231257827021181583404541015625, 0.1"
    })
    void textIsReadAsInC(String text, double value) {
        assertThat(parse(text)).isEqualTo(value);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "", " ", " 1", "1 ", "+", "-", ".", "e1", "1e", "1e+", "1.2.3", "1f", "1d", "1x", "--1", "nan", "-nan",
                "in", "infx", "0x", "0x.", "0xg", "0x1p", "1_0", "\u00ff", "1\u0000"
            })
    void whatIsNoNumberIsNaN(String text) {
        assertThat(parse(text)).isNaN();
    }

    @ParameterizedTest
    @CsvSource({
        "1e400, true",
        "-1e400, true",
        "1e-400, true",
        "0x0.0000000001p-9999, true",
        "inf, false",
        "-Infinity, false",
        "0, false",
        "-0.00e7, false",
        "0x0p9, false",
        "1, false",
        "1e-320, false"
    })
    void onlyWhatIsLostIsOutOfRange(String text, boolean outOfRange) {
        double value = parse(text);
        assertThat(Numbers.isOutOfRange(value, address, length)).isEqualTo(outOfRange);
    }

    @Test
    void whatIsWrittenReadsBack() {
        long seed = System.nanoTime();
        System.out.println("NumbersTest seed=" + seed);
        Random random = new Random(seed);
        for (int i = 0; i < 100_000; i++) {
            double value = switch (random.nextInt(4)) {
                case 0 -> Double.longBitsToDouble(random.nextLong());
                case 1 -> random.nextInt() / 8.0;
                case 2 -> random.nextInt(1000) / 100.0;
                default -> (double) random.nextLong();
            };
            int written = Numbers.write(value, address);
            assertThat(written).isLessThanOrEqualTo(Numbers.MAX_DOUBLE_BYTES);
            String text = new String(new Bytes().set(address, written).toArray(), StandardCharsets.ISO_8859_1);
            assertThat(text).isEqualTo(Numbers.text(value));
            if (!Double.isNaN(value)) {
                assertThat(Numbers.parseDouble(address, written)).isEqualTo(value);
                assertThat(parse(Double.toString(value).replace("Infinity", "inf")))
                        .isEqualTo(value);
            }
        }
    }

    @ParameterizedTest
    @CsvSource({
        "0, 0",
        "-0.0, -0",
        "3, 3",
        "1e15, 1000000000000000",
        "4503599627370496, 4503599627370496",
        "1e17, 1e+17",
        "0.1, 0.1",
        "-2.5, -2.5",
        "1e-7, 1e-7",
        "1.5e300, 1.5e+300",
        "Infinity, inf",
        "-Infinity, -inf",
        "NaN, nan"
    })
    void doublesAreWrittenAsRedisDoes(double value, String text) {
        assertThat(Numbers.text(value)).isEqualTo(text);
    }

    @Test
    void bytesAreComparedAsUnsigned() {
        long seed = System.nanoTime();
        System.out.println("NumbersTest compare seed=" + seed);
        Random random = new Random(seed);
        for (int i = 0; i < 20_000; i++) {
            byte[] one = new byte[random.nextInt(20)];
            random.nextBytes(one);
            byte[] other = random.nextBoolean() ? one.clone() : new byte[random.nextInt(20)];
            if (other.length > 0) {
                other[random.nextInt(other.length)] = (byte) random.nextInt();
            }
            Memory.copy(one, 0, address, one.length);
            Memory.copy(other, 0, address + 100, other.length);
            assertThat(Integer.signum(Memory.compare(address, one.length, address + 100, other.length)))
                    .isEqualTo(Integer.signum(java.util.Arrays.compareUnsigned(one, other)));
        }
    }
}
