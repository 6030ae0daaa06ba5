package io.nuthatch.commands;

import static org.assertj.core.api.Assertions.assertThat;

import java.math.BigInteger;
import java.util.OptionalLong;
import java.util.Random;
import org.junit.jupiter.api.Test;

/// [BitField] against numbers that cannot overflow.
class BitFieldTest {
    private static final int ROUNDS = 50_000;

    private final long seed = Long.getLong("nuthatch.seed", System.nanoTime());
    private final Random random = new Random(seed);

    @Test
    void addsAsNumbersWithoutBoundsDo() {
        System.out.println("BitFieldTest seed=" + seed);
        for (int round = 0; round < ROUNDS; round++) {
            BitField field = field();
            long old = within(field);
            long increment = number();
            BigInteger sum = BigInteger.valueOf(old).add(BigInteger.valueOf(increment));
            for (BitField.Overflow overflow : BitField.Overflow.values()) {
                assertThat(field.sum(old, increment, overflow))
                        .as("%s + %d, %s, %s", old, increment, field, overflow)
                        .isEqualTo(stored(field, sum, overflow));
            }
        }
    }

    @Test
    void fitsNumbersIn() {
        System.out.println("BitFieldTest seed=" + seed);
        for (int round = 0; round < ROUNDS; round++) {
            BitField field = field();
            long number = number();
            BigInteger value = BigInteger.valueOf(number);
            // For an unsigned field a negative number is one beyond all others.
            BigInteger seen = field.signed() || number >= 0 ? value : value.add(BigInteger.TWO.pow(64));
            for (BitField.Overflow overflow : BitField.Overflow.values()) {
                assertThat(field.fitted(number, overflow))
                        .as("%s, %s, %s", number, field, overflow)
                        .isEqualTo(stored(field, seen, overflow));
            }
        }
    }

    private BitField field() {
        boolean signed = random.nextBoolean();
        return new BitField(signed, 1 + random.nextInt(signed ? 64 : 63));
    }

    private long number() {
        return random.nextLong() >> random.nextInt(64);
    }

    /// A number that the field can hold.
    private long within(BitField field) {
        long bits = random.nextLong();
        int spare = 64 - field.width();
        return field.signed() ? bits << spare >> spare : bits << spare >>> spare;
    }

    private static OptionalLong stored(BitField field, BigInteger value, BitField.Overflow overflow) {
        BigInteger size = BigInteger.TWO.pow(field.width());
        BigInteger least = field.signed() ? size.shiftRight(1).negate() : BigInteger.ZERO;
        BigInteger most = least.add(size).subtract(BigInteger.ONE);
        if (value.compareTo(least) >= 0 && value.compareTo(most) <= 0) {
            return OptionalLong.of(value.longValueExact());
        }
        return switch (overflow) {
            case WRAP ->
                OptionalLong.of(value.subtract(least).mod(size).add(least).longValueExact());
            case SAT -> OptionalLong.of(value.max(least).min(most).longValueExact());
            case FAIL -> OptionalLong.empty();
        };
    }
}
