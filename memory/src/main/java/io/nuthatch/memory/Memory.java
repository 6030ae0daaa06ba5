package io.nuthatch.memory;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT_UNALIGNED;
import static java.lang.foreign.ValueLayout.JAVA_LONG;
import static java.lang.foreign.ValueLayout.JAVA_LONG_UNALIGNED;
import static java.lang.foreign.ValueLayout.JAVA_SHORT_UNALIGNED;

import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;

/// All of the process's memory, by raw address. This is the only class of Nuthatch that turns a number into memory:
/// everything else holds addresses as `long` and reads and writes through the static methods here.
///
/// Reads and writes go through one segment that spans the whole address space, so they compile to plain moves (the
/// bounds check is against `Long.MAX_VALUE`). Numbers are stored in the machine's own byte order, unaligned.
///
/// Blocks come from the system allocator. Small blocks should come from a `Slab`, which is several times cheaper and
/// wastes less.
///
/// Locks: none. Whoever owns a block guards it.
@SuppressWarnings("restricted")
public final class Memory {
    private static final MemorySegment ALL = MemorySegment.NULL.reinterpret(Long.MAX_VALUE);

    private static final Linker LINKER = Linker.nativeLinker();
    private static final MethodHandle MALLOC = function("malloc", FunctionDescriptor.of(JAVA_LONG, JAVA_LONG));
    private static final MethodHandle REALLOC =
            function("realloc", FunctionDescriptor.of(JAVA_LONG, JAVA_LONG, JAVA_LONG));
    private static final MethodHandle FREE = function("free", FunctionDescriptor.ofVoid(JAVA_LONG));

    private Memory() {}

    private static MethodHandle function(String name, FunctionDescriptor shape) {
        return LINKER.downcallHandle(LINKER.defaultLookup().findOrThrow(name), shape);
    }

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

    /// The offset of the first byte in which two ranges differ, or -1 if all `bytes` bytes are equal.
    public static long mismatch(long a, long b, long bytes) {
        return MemorySegment.mismatch(ALL, a, a + bytes, ALL, b, b + bytes);
    }

    /// Whether two ranges hold the same bytes. Made for keys: short ranges are compared eight bytes at a time, inline.
    public static boolean equal(long a, long b, int bytes) {
        if (bytes > 64) {
            return mismatch(a, b, bytes) < 0;
        }
        int done = 0;
        for (; done + 8 <= bytes; done += 8) {
            if (getLong(a + done) != getLong(b + done)) {
                return false;
            }
        }
        for (; done < bytes; done++) {
            if (getByte(a + done) != getByte(b + done)) {
                return false;
            }
        }
        return true;
    }

    /// A block of the system allocator, with undefined content, aligned to 16 bytes.
    ///
    /// @throws OutOfMemoryError if the system has none left
    public static long allocate(long bytes) {
        long address;
        try {
            address = (long) MALLOC.invokeExact(bytes);
        } catch (Throwable fault) {
            throw new IllegalStateException("malloc failed: bytes=" + bytes, fault);
        }
        if (address == 0) {
            throw new OutOfMemoryError("native memory exhausted: bytes=" + bytes);
        }
        return address;
    }

    /// Grows or shrinks a block of [#allocate]; large blocks are moved by their page tables, without copying.
    public static long reallocate(long address, long oldBytes, long newBytes) {
        long moved;
        try {
            moved = (long) REALLOC.invokeExact(address, newBytes);
        } catch (Throwable fault) {
            throw new IllegalStateException("realloc failed: bytes=" + newBytes, fault);
        }
        if (moved == 0) {
            throw new OutOfMemoryError("native memory exhausted: bytes=" + newBytes);
        }
        return moved;
    }

    /// Gives back a block of [#allocate]; `bytes` is the size it was asked with.
    public static void free(long address, long bytes) {
        try {
            FREE.invokeExact(address);
        } catch (Throwable fault) {
            throw new IllegalStateException("free failed: bytes=" + bytes, fault);
        }
    }
}
