package io.nuthatch.persistence;

import io.nuthatch.memory.Memory;
import java.util.Arrays;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;

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

    /// Up to this length a text is a short one.
    private static final int MOST_FEW_BYTES = 2048;

    private static final int FEW_BITS = 12;
    private static final int MIN_HASH_BITS = 6;
    private static final int MAX_HASH_BITS = 16;

    /// Nothing that is compressed becomes more times as long: three bytes say 264.
    static final int MAX_EXPANSION = MAX_MATCH / MIN_MATCH;

    private Lzf() {}

    /// Tables that are used again, by whoever needs one: nobody has one for longer than a text.
    static final class Tables {
        private final Queue<Seen> free = new ConcurrentLinkedQueue<>();

        private Seen take() {
            Seen table = free.poll();
            return table == null ? new Seen() : table;
        }

        private void giveBack(Seen table) {
            free.add(table);
        }
    }

    /// Where three bytes were seen last, by their hash; to be used again and again without being emptied in between:
    /// what is not above the base is of a text before.
    ///
    /// Thread: one at a time.
    private static final class Seen {
        /// Short texts have a table that is much larger than they are, so that few slots are taken by others.
        private final int[] few = new int[1 << FEW_BITS];

        private int base;
        private int[] table = few;
        private int tableBase;

        private void begin(int length) {
            if (length > MOST_FEW_BYTES) {
                table = new int[1 << hashBits(length)];
                tableBase = 0;
                return;
            }
            if (base > Integer.MAX_VALUE - 2 * MOST_FEW_BYTES) {
                Arrays.fill(few, 0);
                base = 0;
            }
            table = few;
            tableBase = base;
            base += length + 1;
        }
    }

    /// Compresses.
    ///
    /// @param most how long the result may be; not more than `length`
    /// @return how long it is, or 0 if it would be longer
    static int compress(long from, int length, long to, int most) {
        return compress(from, length, to, most, new Seen());
    }

    /// The same with a table that has been used before.
    static int compress(long from, int length, long to, int most, Tables tables) {
        Seen memory = tables.take();
        int bytes = compress(from, length, to, most, memory);
        tables.giveBack(memory);
        return bytes;
    }

    private static int compress(long from, int length, long to, int most, Seen memory) {
        memory.begin(length);
        int[] seen = memory.table;
        int base = memory.tableBase;
        int shift = Integer.numberOfLeadingZeros(seen.length) + 1;
        int out = 0;
        int literals = 0;
        int in = 0;
        while (in + MIN_MATCH <= length) {
            int three = three(from + in, length - in);
            int slot = three * 0x9E3779B1
                    >>> shift; // Multiplicative hashing, after Knuth; the upper bits are the good ones.
            // One more than the place, so that the base is none.
            int before = seen[slot] - base - 1;
            seen[slot] = base + in + 1;
            boolean matches =
                    before >= 0 && in - before <= MAX_DISTANCE && three(from + before, length - before) == three;
            int matched = matches ? matched(from, before, in, length) : 0;
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
                ? Memory.getInt(at) & 0xFFFFFF
                : Memory.getByte(at) & 0xFF
                        | (Memory.getByte(at + 1) & 0xFF) << 8
                        | (Memory.getByte(at + 2) & 0xFF) << 16;
    }

    /// How many bytes at two places are the same.
    private static int matched(long from, int before, int in, int length) {
        int most = Math.min(MAX_MATCH, length - in);
        int matched = 0;
        while (matched + Long.BYTES <= most) {
            long differs = Memory.getLong(from + before + matched) ^ Memory.getLong(from + in + matched);
            if (differs != 0) {
                return matched + Long.numberOfTrailingZeros(differs) / Byte.SIZE;
            }
            matched += Long.BYTES;
        }
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

    /// What is repeated may only just have been written: in steps of no more than the distance.
    private static void repeat(long before, long to, int count) {
        int done = 0;
        if (to - before >= Long.BYTES) {
            for (; done + Long.BYTES <= count; done += Long.BYTES) {
                Memory.putLong(to + done, Memory.getLong(before + done));
            }
        } else if (to - before == 1) {
            Memory.fill(to, count, Memory.getByte(before));
            return;
        }
        for (; done < count; done++) {
            Memory.putByte(to + done, Memory.getByte(before + done));
        }
    }
}
