package io.nuthatch.commands;

import io.nuthatch.engine.Args;
import io.nuthatch.engine.CommandError;
import io.nuthatch.memory.Bytes;
import io.nuthatch.memory.Numbers;
import java.util.Locale;
import java.util.OptionalLong;

/// A number of BITFIELD's: `i8` is signed and 8 bits wide, `u63` is unsigned and 63 wide, which is the widest such
/// that a reply can hold.
record BitField(boolean signed, int width) {
    private static final CommandError INVALID_TYPE = CommandError.of(
            "ERR Invalid bitfield type. Use something like i16 u8. Note that u64 is not supported but i64 is.");

    /// What to do with a number that the field cannot hold.
    enum Overflow {
        /// Keep the lowest bits.
        WRAP,
        /// Keep the nearest number that it can hold.
        SAT,
        /// Change nothing.
        FAIL;

        private static final Overflow[] ALL = values();

        private final String word = name().toLowerCase(Locale.ROOT);

        static Overflow at(Args args, int index) {
            for (Overflow overflow : ALL) {
                if (args.is(index, overflow.word)) {
                    return overflow;
                }
            }
            throw CommandError.of("ERR Invalid OVERFLOW type specified");
        }
    }

    static BitField parse(Bytes text) {
        int sign = text.isEmpty() ? 0 : text.byteAt(0);
        int most = sign == 'i' ? 64 : sign == 'u' ? 63 : 0;
        if (most == 0 || !Numbers.isLong(text.address() + 1, text.length() - 1)) {
            throw INVALID_TYPE;
        }
        long width = Numbers.parse(text.address() + 1, text.length() - 1);
        if (width < 1 || width > most) {
            throw INVALID_TYPE;
        }
        return new BitField(sign == 'i', (int) width);
    }

    long read(long address, long bytes, long bit) {
        return extended(Bits.field(address, bytes, bit, width));
    }

    void write(long address, long bit, long value) {
        Bits.setField(address, bit, width, value);
    }

    /// The lowest bits, as the field would give them back.
    private long extended(long value) {
        int spare = Long.SIZE - width;
        return signed ? value << spare >> spare : value << spare >>> spare;
    }

    private long most() {
        return (1L << (signed ? width - 1 : width)) - 1;
    }

    private long least() {
        return signed ? -most() - 1 : 0;
    }

    /// What SET stores, or nothing if it must not. A negative number is too *large* for an unsigned field.
    OptionalLong fitted(long value, Overflow overflow) {
        if (value > most() || value < 0 && !signed) {
            return overflown(value, most(), overflow);
        }
        return value < least() ? overflown(value, least(), overflow) : OptionalLong.of(value);
    }

    /// What INCRBY stores, or nothing if it must not.
    OptionalLong sum(long value, long increment, Overflow overflow) {
        long sum = value + increment;
        boolean wrapped = ((value ^ sum) & (increment ^ sum)) < 0;
        if (wrapped ? increment > 0 : sum > most()) {
            return overflown(sum, most(), overflow);
        }
        return wrapped || sum < least() ? overflown(sum, least(), overflow) : OptionalLong.of(sum);
    }

    private OptionalLong overflown(long value, long nearest, Overflow overflow) {
        return switch (overflow) {
            case WRAP -> OptionalLong.of(extended(value));
            case SAT -> OptionalLong.of(nearest);
            case FAIL -> OptionalLong.empty();
        };
    }
}
