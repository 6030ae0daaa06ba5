package io.nuthatch.memory;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT_UNALIGNED;
import static java.lang.foreign.ValueLayout.JAVA_LONG_UNALIGNED;
import static java.lang.foreign.ValueLayout.JAVA_SHORT_UNALIGNED;

import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.util.Set;

/// All of the process's memory, by raw address. This is the only class of Nuthatch that turns a number into
/// memory: everything else holds addresses as `long` and reads and writes through the static methods here.
///
/// Reads and writes go through one segment that spans the whole address space, so they compile to plain moves
/// (the bounds check is against `Long.MAX_VALUE`). Numbers are stored in the machine's own byte order, unaligned.
///
/// Blocks come from the system allocator. Small blocks should come from a `Slab`, which is several times cheaper
/// and wastes less.
///
/// With `-Dnuthatch.memory=guarded` every misuse of a block is found ([Guard] says how): tests run so. Otherwise
/// the guards cost nothing.
///
/// Locks: none. Whoever owns a block guards it.
@SuppressWarnings("restricted")
public final class Memory {
    private static final MemorySegment ALL = MemorySegment.NULL.reinterpret(Long.MAX_VALUE);

    /// From this size on malloc maps a block by itself and gives its memory back when it is freed.
    private static final int MMAP_THRESHOLD_BYTES = 128 * 1024;

    private static final int SYSTEM_PAGE_BYTES = 4096;

    static {
        LibC.fixMmapThreshold(MMAP_THRESHOLD_BYTES);
    }

    private Memory() {}

    public static byte getByte(long address) {
        return ALL.get(JAVA_BYTE, address);
    }

    public static void putByte(long address, int value) {
        ALL.set(JAVA_BYTE, address, (byte) value);
    }

    public static short getShort(long address) {
        return ALL.get(JAVA_SHORT_UNALIGNED, address);
    }

    public static void putShort(long address, int value) {
        ALL.set(JAVA_SHORT_UNALIGNED, address, (short) value);
    }

    public static int getInt(long address) {
        return ALL.get(JAVA_INT_UNALIGNED, address);
    }

    public static void putInt(long address, int value) {
        ALL.set(JAVA_INT_UNALIGNED, address, value);
    }

    public static long getLong(long address) {
        return ALL.get(JAVA_LONG_UNALIGNED, address);
    }

    public static void putLong(long address, long value) {
        ALL.set(JAVA_LONG_UNALIGNED, address, value);
    }

    /// Copies `bytes` bytes; the two ranges may overlap.
    public static void copy(long from, long to, long bytes) {
        MemorySegment.copy(ALL, from, ALL, to, bytes);
    }

    /// Copies `length` bytes of an array, starting at `offset`, to native memory.
    public static void copy(byte[] from, int offset, long to, int length) {
        MemorySegment.copy(from, offset, ALL, JAVA_BYTE, to, length);
    }

    /// Copies native memory into an array, starting at `offset`.
    public static void copy(long from, byte[] to, int offset, int length) {
        MemorySegment.copy(ALL, JAVA_BYTE, from, to, offset, length);
    }

    public static void fill(long address, long bytes, int value) {
        ALL.asSlice(address, bytes).fill((byte) value);
    }

    /// A buffer onto `bytes` bytes, for writing them to a file. It is good as long as they are where they are.
    public static ByteBuffer buffer(long address, int bytes) {
        return ALL.asSlice(address, bytes).asByteBuffer();
    }

    /// The offset of the first byte in which two ranges differ, or -1 if all `bytes` bytes are equal.
    public static long mismatch(long a, long b, long bytes) {
        return MemorySegment.mismatch(ALL, a, a + bytes, ALL, b, b + bytes);
    }

    /// Whether two ranges hold the same bytes. Made for keys: short ranges are compared eight bytes at a time,
    /// inline, and what is left together with some of the bytes before it.
    public static boolean equal(long a, long b, int bytes) {
        if (bytes > 64) {
            return mismatch(a, b, bytes) < 0;
        }
        if (bytes >= 8) {
            for (int done = 0; done + 8 <= bytes; done += 8) {
                if (getLong(a + done) != getLong(b + done)) {
                    return false;
                }
            }
            return getLong(a + bytes - 8) == getLong(b + bytes - 8);
        }
        if (bytes >= 4) {
            return getInt(a) == getInt(b) && getInt(a + bytes - 4) == getInt(b + bytes - 4);
        }
        for (int done = 0; done < bytes; done++) {
            if (getByte(a + done) != getByte(b + done)) {
                return false;
            }
        }
        return true;
    }

    /// The order of two byte strings: the first byte in which they differ decides, as an unsigned number; of two
    /// that do not differ the shorter comes first.
    public static int compare(long a, int aBytes, long b, int bBytes) {
        int both = Math.min(aBytes, bBytes);
        int done = 0;
        for (; done + 8 <= both; done += 8) {
            long one = getLong(a + done);
            long other = getLong(b + done);
            if (one != other) {
                return Long.compareUnsigned(Long.reverseBytes(one), Long.reverseBytes(other));
            }
        }
        for (; done < both; done++) {
            int difference = (getByte(a + done) & 0xFF) - (getByte(b + done) & 0xFF);
            if (difference != 0) {
                return difference;
            }
        }
        return Integer.compare(aBytes, bBytes);
    }

    /// A block of the system allocator, with undefined content, aligned to 16 bytes.
    ///
    /// @throws OutOfMemoryError if the system has none left
    public static long allocate(long bytes) {
        return Guard.ON ? Guard.allocate(bytes) : allocateRaw(bytes);
    }

    /// A block that lives as long as the process: nobody frees it, and the guards do not call it a leak.
    public static long allocateForever(long bytes) {
        return allocateRaw(bytes);
    }

    static long allocateRaw(long bytes) {
        return orExhausted(LibC.malloc(bytes), bytes);
    }

    /// Grows or shrinks a block of [#allocate]; large blocks are moved by their page tables, without copying.
    ///
    /// @throws OutOfMemoryError if the system has none left; the block is then as it was
    public static long reallocate(long address, long oldBytes, long newBytes) {
        return Guard.ON
                ? Guard.reallocate(address, oldBytes, newBytes)
                : orExhausted(LibC.realloc(address, newBytes), newBytes);
    }

    /// Gives back a block of [#allocate]; `bytes` is the size it was asked with.
    public static void free(long address, long bytes) {
        if (Guard.ON) {
            Guard.free(address, bytes);
        } else {
            LibC.free(address);
        }
    }

    private static long orExhausted(long address, long bytes) {
        if (address == 0) {
            throw new OutOfMemoryError("native memory exhausted: bytes=" + bytes);
        }
        return address;
    }

    /// The bytes that a block of [#allocate] takes from the system, by glibc's rule: eight bytes of its own, in
    /// multiples of 16; a block that is mapped by itself takes whole pages. Other C libraries differ by a few
    /// percent.
    public static long allocationCost(long bytes) {
        long chunk = Math.max(32, (bytes + 8 + 15) & -16);
        return chunk < MMAP_THRESHOLD_BYTES ? chunk : (chunk + 8 + SYSTEM_PAGE_BYTES - 1) & -SYSTEM_PAGE_BYTES;
    }

    /// Whether the guards are on.
    public static boolean guarded() {
        return Guard.ON;
    }

    /// Looks at the zones around every live block.
    ///
    /// @throws IllegalStateException if somebody wrote past one's end or before its start
    public static void checkGuards() {
        Guard.checkAll();
    }

    /// The addresses of all blocks, slabs' blocks included, that were allocated and not freed. Empty if
    /// unguarded.
    public static Set<Long> liveBlocks() {
        return Guard.live();
    }

    /// What the guards know of a live block, for a message.
    public static String describe(long address) {
        return Guard.describe(address);
    }
}
