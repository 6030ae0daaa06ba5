package io.nuthatch.persistence;

import io.nuthatch.memory.Memory;

/// LZF, the compression of strings in RDB: raw, without the header of LZF files, and of any length.
///
/// ```
///   000xxxxx            x + 1 bytes follow as they are, 1 to 32
///   xxxyyyyy z          x + 2 bytes again as they stood yz + 1 before, 3 to 8
///   111yyyyy x z        x + 9 bytes again as they stood yz + 1 before, 9 to 264
/// ```
///
/// The distance has 13 bits, its high ones in `y`. What is repeated may run into itself.
///
/// The writer is greedy: it remembers where it has last seen each three bytes, by their hash, and takes what it finds
/// there. The library `compress-lzf` does not serve: it cuts its input into chunks of 64 KiB, and RDB has none.
///
/// Source: Marc Lehmann's LibLZF, for the format.
final class Lzf {
    private static final int MAX_LITERALS = 32;
    private static final int MIN_MATCH = 3;
    private static final int MAX_MATCH = 264;
    private static final int MAX_DISTANCE = 1 << 13;
    private static final int LONG_MATCH = 7;

    /// After so many bytes without a match (2^5), two are stepped over at once, and so on.
    private static final int STEP_SHIFT = 5;

    private static final int MIN_HASH_BITS = 6;
    private static final int MAX_HASH_BITS = 16;

    /// Nothing that is compressed becomes more times as long: three bytes say 264.
    static final int MAX_EXPANSION = MAX_MATCH / MIN_MATCH;

    private Lzf() {}

    /// Compresses.
    ///
    /// @param most how long the result may be; not more than `length`
    /// @return how long it is, or 0 if it would be longer
    static int compress(long from, int length, long to, int most) {
        int[] seen = new int[1 << hashBits(length)];
        int out = 0;
        int literals = 0;
        int in = 0;
        while (in + MIN_MATCH <= length) {
            int slot = slot(three(from + in, length - in), seen.length);
            // One more than the place, so that 0 is none.
            int before = seen[slot] - 1;
            seen[slot] = in + 1;
            int matched = before < 0 || in - before > MAX_DISTANCE ? 0 : matched(from, before, in, length);
            if (matched < MIN_MATCH) {
                // Where nothing has matched for long, nothing may be expected: steps become longer.
                int step = Math.min(1 + (literals >>> STEP_SHIFT), length - in);
                literals += step;
                in += step;
                continue;
            }
            out = literals(from, in - literals, literals, to, out, most);
            if (out + matchBytes(matched) > most) {
                return 0;
            }
            out = match(to, out, matched, in - before - 1);
            literals = 0;
            in += matched;
        }
        literals += length - in;
        out = literals(from, length - literals, literals, to, out, most);
        return out > most ? 0 : out;
    }

    private static int hashBits(int length) {
        return Math.clamp(Integer.SIZE - Integer.numberOfLeadingZeros(length), MIN_HASH_BITS, MAX_HASH_BITS);
    }

    /// Three bytes, of at least so many that are left, as a number.
    private static int three(long at, int left) {
        return left > MIN_MATCH
                ? Memory.getInt(at)
                : Memory.getByte(at) & 0xFF | (Memory.getByte(at + 1) & 0xFF) << 8 | Memory.getByte(at + 2) << 16;
    }

    private static int slot(int three, int slots) {
        // Multiplicative hashing, after Knuth; the upper bits are the good ones.
        return (three & 0xFFFFFF) * 0x9E3779B1 >>> Integer.numberOfLeadingZeros(slots) + 1;
    }

    /// How many bytes at two places are the same.
    private static int matched(long from, int before, int in, int length) {
        int most = Math.min(MAX_MATCH, length - in);
        int matched = 0;
        while (matched < most && Memory.getByte(from + before + matched) == Memory.getByte(from + in + matched)) {
            matched++;
        }
        return matched;
    }

    /// Writes bytes as they are.
    ///
    /// @return where the output goes on, beyond `most` if there is no room for them
    private static int literals(long from, int in, int count, long to, int out, int most) {
        if (out + count + (count + MAX_LITERALS - 1) / MAX_LITERALS > most) {
            return most + 1;
        }
        int at = out;
        for (int done = 0; done < count; done += MAX_LITERALS) {
            int run = Math.min(MAX_LITERALS, count - done);
            Memory.putByte(to + at, run - 1);
            Memory.copy(from + in + done, to + at + 1, run);
            at += 1 + run;
        }
        return at;
    }

    private static int matchBytes(int length) {
        return length - 2 < LONG_MATCH ? 2 : 3;
    }

    private static int match(long to, int out, int length, int distance) {
        int at = out;
        int code = length - 2;
        Memory.putByte(to + at++, Math.min(code, LONG_MATCH) << 5 | distance >>> 8);
        if (code >= LONG_MATCH) {
            Memory.putByte(to + at++, code - LONG_MATCH);
        }
        Memory.putByte(to + at++, distance);
        return at;
    }

    /// Expands into exactly `length` bytes.
    ///
    /// @return whether the input was LZF, and of that length; if not, some of the bytes are unwritten
    static boolean expand(long from, int bytes, long to, int length) {
        int in = 0;
        int out = 0;
        while (in < bytes) {
            int control = Memory.getByte(from + in++) & 0xFF;
            int count = control < MAX_LITERALS ? control + 1 : (control >>> 5) + 2;
            if (control < MAX_LITERALS) {
                if (count > bytes - in || count > length - out) {
                    return false;
                }
                Memory.copy(from + in, to + out, count);
                in += count;
            } else {
                boolean isLong = control >>> 5 == LONG_MATCH;
                if (bytes - in < (isLong ? 2 : 1)) {
                    return false;
                }
                if (isLong) {
                    count += Memory.getByte(from + in++) & 0xFF;
                }
                int before = out - ((control & 31) << 8 | Memory.getByte(from + in++) & 0xFF) - 1;
                if (before < 0 || count > length - out) {
                    return false;
                }
                repeat(to + before, to + out, count);
            }
            out += count;
        }
        return out == length;
    }

    /// Byte by byte: what is repeated may only just have been written.
    private static void repeat(long before, long to, int count) {
        for (int i = 0; i < count; i++) {
            Memory.putByte(to + i, Memory.getByte(before + i));
        }
    }
}
