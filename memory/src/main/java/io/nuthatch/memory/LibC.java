package io.nuthatch.memory;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.invoke.MethodHandle;

/// The functions of the C library that native memory is made of, and those that say what the system need not keep.
///
/// Only [Memory], [PagePool], their guards and [CachedPages] call it. Every method returns what the C function
/// returns; what a failure means is the caller's to say.
@SuppressWarnings("restricted")
final class LibC {
    private static final boolean LINUX = System.getProperty("os.name", "").equals("Linux");

    // <sys/mman.h>; Linux and macOS agree on all but three.
    private static final int PROT_NONE = 0;
    private static final int PROT_READ_WRITE = 1 | 2;
    private static final int MAP_PRIVATE = 2;
    private static final int MAP_ANONYMOUS = LINUX ? 0x20 : 0x1000;
    private static final int MAP_NORESERVE = LINUX ? 0x4000 : 0x40;
    private static final int MADV_GIVE_BACK = LINUX ? 4 /* MADV_DONTNEED */ : 5 /* MADV_FREE */;
    private static final int MADV_HUGEPAGE = 14;
    private static final int MADV_NOHUGEPAGE = 15;
    private static final long MAP_FAILED = -1;

    // <fcntl.h> of Linux
    private static final int O_RDONLY = 0;
    private static final int O_CLOEXEC = 0x80000;
    private static final int POSIX_FADV_DONTNEED = 4;

    // <malloc.h>
    private static final int M_MMAP_THRESHOLD = -3;

    private static final Linker LINKER = Linker.nativeLinker();
    private static final MethodHandle MALLOC = function("malloc", FunctionDescriptor.of(JAVA_LONG, JAVA_LONG));
    private static final MethodHandle REALLOC =
            function("realloc", FunctionDescriptor.of(JAVA_LONG, JAVA_LONG, JAVA_LONG));
    private static final MethodHandle FREE = function("free", FunctionDescriptor.ofVoid(JAVA_LONG));
    private static final MethodHandle MMAP = function(
            "mmap", FunctionDescriptor.of(JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_INT, JAVA_INT, JAVA_INT, JAVA_LONG));
    private static final MethodHandle MPROTECT =
            function("mprotect", FunctionDescriptor.of(JAVA_INT, JAVA_LONG, JAVA_LONG, JAVA_INT));
    private static final MethodHandle MADVISE =
            function("madvise", FunctionDescriptor.of(JAVA_INT, JAVA_LONG, JAVA_LONG, JAVA_INT));

    private LibC() {}

    private static MethodHandle function(String name, FunctionDescriptor shape) {
        return LINKER.downcallHandle(LINKER.defaultLookup().findOrThrow(name), shape);
    }

    /// The address, or 0 if there is no memory left.
    static long malloc(long bytes) {
        try {
            return (long) MALLOC.invokeExact(bytes);
        } catch (Throwable fault) {
            throw failed("malloc", fault);
        }
    }

    /// The address, or 0 if there is no memory left (the old block is then untouched).
    static long realloc(long address, long bytes) {
        try {
            return (long) REALLOC.invokeExact(address, bytes);
        } catch (Throwable fault) {
            throw failed("realloc", fault);
        }
    }

    static void free(long address) {
        try {
            FREE.invokeExact(address);
        } catch (Throwable fault) {
            throw failed("free", fault);
        }
    }

    /// Reserves addresses without memory behind them: touching them faults until [#commit]. 0 if refused.
    static long reserve(long bytes) {
        try {
            long address =
                    (long) MMAP.invokeExact(0L, bytes, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0L);
            return address == MAP_FAILED ? 0 : address;
        } catch (Throwable fault) {
            throw failed("mmap", fault);
        }
    }

    /// Makes reserved addresses usable; they read as zero. Whether the system agreed.
    static boolean commit(long address, long bytes) {
        try {
            return (int) MPROTECT.invokeExact(address, bytes, PROT_READ_WRITE) == 0;
        } catch (Throwable fault) {
            throw failed("mprotect", fault);
        }
    }

    /// Gives the physical memory behind a range back; the addresses stay readable, their content is lost. A
    /// system that refuses (its own pages are larger than ours) merely keeps the memory.
    static void giveBack(long address, long bytes) {
        try {
            int refused = (int) MADVISE.invokeExact(address, bytes, MADV_GIVE_BACK);
            assert refused <= 0;
        } catch (Throwable fault) {
            throw failed("madvise", fault);
        }
    }

    /// Says whether the system should make huge pages of a range. A system without them, or without room for another
    /// range that differs from its neighbours, leaves all as it was.
    static void adviseHugePages(long address, long bytes, boolean wanted) {
        if (LINUX) {
            try {
                int refused = (int) MADVISE.invokeExact(address, bytes, wanted ? MADV_HUGEPAGE : MADV_NOHUGEPAGE);
                assert refused <= 0;
            } catch (Throwable fault) {
                throw failed("madvise", fault);
            }
        }
    }

    /// Fixes the size from which malloc maps a block by itself, so that freeing it gives the memory back at once.
    /// glibc otherwise raises the threshold to the largest block ever freed. A C library without `mallopt` has no
    /// such habit.
    static void fixMmapThreshold(int bytes) {
        LINKER.defaultLookup().find("mallopt").ifPresent(address -> {
            try {
                MethodHandle mallopt =
                        LINKER.downcallHandle(address, FunctionDescriptor.of(JAVA_INT, JAVA_INT, JAVA_INT));
                int accepted = (int) mallopt.invokeExact(M_MMAP_THRESHOLD, bytes);
                assert accepted == 1 : "mallopt refused: bytes=" + bytes;
            } catch (Throwable fault) {
                throw failed("mallopt", fault);
            }
        });
    }

    /// Has malloc give free memory back to the system. Only glibc has a function for it.
    static void trim() {
        LINKER.defaultLookup().find("malloc_trim").ifPresent(address -> {
            try {
                MethodHandle trim = LINKER.downcallHandle(address, FunctionDescriptor.of(JAVA_INT, JAVA_LONG));
                int released = (int) trim.invokeExact(0L);
                assert released == 0 || released == 1 : "malloc_trim: " + released;
            } catch (Throwable fault) {
                throw failed("malloc_trim", fault);
            }
        });
    }

    /// Opens a file for [#adviseUnneeded]: a descriptor, or -1 if it cannot be opened or there is no such advice.
    static int openToRead(String path) {
        if (!LINUX) {
            return -1;
        }
        try (Arena arena = Arena.ofConfined()) {
            return (int) Advice.OPEN.invokeExact(arena.allocateFrom(path), O_RDONLY | O_CLOEXEC);
        } catch (Throwable fault) {
            throw failed("open", fault);
        }
    }

    /// Says that a range of an open file will not be read soon. A system that keeps no pages of it, or keeps some
    /// all the same, has lost nothing.
    static void adviseUnneeded(int descriptor, long offset, long bytes) {
        try {
            int refused = (int) Advice.FADVISE.invokeExact(descriptor, offset, bytes, POSIX_FADV_DONTNEED);
            assert refused >= 0;
        } catch (Throwable fault) {
            throw failed("posix_fadvise", fault);
        }
    }

    static void close(int descriptor) {
        try {
            int failed = (int) Advice.CLOSE.invokeExact(descriptor);
            assert failed == 0 : "close: descriptor=" + descriptor;
        } catch (Throwable fault) {
            throw failed("close", fault);
        }
    }

    /// Found when they are first needed, since not every system has them.
    private static final class Advice {
        static final MethodHandle OPEN = LINKER.downcallHandle(
                LINKER.defaultLookup().findOrThrow("open"),
                FunctionDescriptor.of(JAVA_INT, ADDRESS, JAVA_INT),
                Linker.Option.firstVariadicArg(2));
        static final MethodHandle FADVISE =
                function("posix_fadvise", FunctionDescriptor.of(JAVA_INT, JAVA_INT, JAVA_LONG, JAVA_LONG, JAVA_INT));
        static final MethodHandle CLOSE = function("close", FunctionDescriptor.of(JAVA_INT, JAVA_INT));
    }

    private static IllegalStateException failed(String function, Throwable fault) {
        return new IllegalStateException("call failed: function=" + function, fault);
    }
}
