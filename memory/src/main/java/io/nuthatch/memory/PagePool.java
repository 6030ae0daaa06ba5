package io.nuthatch.memory;

import java.util.Arrays;

/// The process's store of pages, from which every [Slab] is cut.
///
/// At the start a very large range of addresses is reserved, and nothing else: addresses cost nothing. Pages are
/// handed out of it from the bottom, and the part that was ever handed out is committed in steps:
///
/// ```
///   BASE                                committed                        BASE + reserved
///   ├── page 0 ── page 1 ── page 2 ── … ──┼───────── no memory here ─────────┤
///        in use    idle      in use
///   DESCRIPTORS
///   ├── 32 B of page 0 ── 32 B of page 1 ── …    (what the owning slab notes about its page)
/// ```
///
/// Two things follow from the one range. A page's number is an address shifted, so a block finds its page's
/// descriptor with one subtraction; and whether *any* number is an address of the pool is one comparison
/// ([#contains]). Pages are never unmapped: one that is given back loses its physical memory but stays readable
/// (as zeros). So a reader without the lock that follows a stale address into the pool reads garbage at worst and
/// never faults. That is what lets a thread touch the memory of a key it is about to need ([Memory] speaks of
/// reading ahead) before it holds the lock.
///
/// Descriptors stand beside the pages, not at their heads: heads would be 32 KiB apart, which puts all of them in
/// the same few sets of every cache, and a page of 4 KiB blocks would lose one block in eight to its head.
///
/// Idle pages: the few given back last keep their physical memory (a slab that breathes would otherwise call the
/// kernel with each breath); the others give it to the system.
///
/// Huge pages: the system is asked to back the pool with pages of its own that have 2 MiB, where it has them
/// ([HugePages] keeps account of those out of which something was given back). A random key is two misses of the
/// address cache otherwise, each of which may cost as much as the miss of the key itself.
///
/// Locks: its own monitor, held for a few instructions; a slab comes here once in hundreds of allocations.
public final class PagePool {
    /// The size of a page, and its alignment.
    public static final int PAGE_BYTES = 32 * 1024;

    static final int DESCRIPTOR_BYTES = 32;

    private static final int PAGE_SHIFT = Integer.numberOfTrailingZeros(PAGE_BYTES);

    /// Far beyond any machine's memory. Where the system limits addresses (`ulimit -v`) we take what we get.
    private static final long RESERVED_BYTES_MOST = 4L << 40;

    /// Its descriptors fill whole system pages, even where those have 64 KiB.
    private static final long COMMIT_BYTES = 64L << 20;

    /// Idle pages that keep their physical memory: 2 MiB.
    private static final int WARM_PAGES_MOST = 64;

    private static final long RESERVED_BYTES;
    private static final long BASE;
    private static final long DESCRIPTORS;

    static {
        long bytes = RESERVED_BYTES_MOST;
        long address = LibC.reserve(reservation(bytes));
        while (address == 0 && bytes > COMMIT_BYTES) {
            bytes /= 2;
            address = LibC.reserve(reservation(bytes));
        }
        if (address == 0) {
            throw new OutOfMemoryError("no address space for pages: bytes=" + bytes);
        }
        RESERVED_BYTES = bytes;
        BASE = (address + COMMIT_BYTES - 1) & -COMMIT_BYTES;
        DESCRIPTORS = BASE + bytes;
    }

    /// Written under the monitor, only ever raised; read by [#contains] without it, where an old value only says
    /// "no" to a page that is new.
    private static long committedBytes;

    // All below: under the monitor.
    private static int everUsed;
    private static int inUse;
    private static int[] warm = new int[WARM_PAGES_MOST];
    private static int warmCount;
    private static int[] cold = new int[256];
    private static int coldCount;
    private static final HugePages HUGE = new HugePages(BASE);

    private PagePool() {}

    /// Has memory that is committed from now on backed by pages of the usual size.
    public static synchronized void refuseHugePages() {
        HUGE.refuse();
    }

    private static long reservation(long bytes) {
        return COMMIT_BYTES + bytes + bytes / PAGE_BYTES * DESCRIPTOR_BYTES;
    }

    /// Whether the address lies in a page, and so may be read at any time by anyone without a fault. Any number
    /// may be asked about.
    public static boolean contains(long address) {
        return Long.compareUnsigned(address - BASE, committedBytes) < 0;
    }

    /// Memory in the pages that slabs hold.
    public static synchronized long inUseBytes() {
        return (long) inUse * PAGE_BYTES;
    }

    /// Memory in pages that nobody holds and the system has not got back.
    public static synchronized long idleBytes() {
        return (long) warmCount * PAGE_BYTES;
    }

    /// Gives the memory of idle pages back to the system, and what the C library has idle too: MEMORY PURGE.
    public static void purge() {
        for (int page = coolOne(); page >= 0; page = coolOne()) {
            LibC.giveBack(address(page), PAGE_BYTES);
            keepCold(page);
        }
        LibC.trim();
    }

    private static synchronized int coolOne() {
        if (warmCount == 0) {
            return -1;
        }
        int page = warm[--warmCount];
        HUGE.hollowed(address(page));
        return page;
    }

    static long address(int page) {
        return BASE + ((long) page << PAGE_SHIFT);
    }

    static int pageOf(long address) {
        return (int) ((address - BASE) >>> PAGE_SHIFT);
    }

    static long descriptor(int page) {
        return DESCRIPTORS + (long) page * DESCRIPTOR_BYTES;
    }

    /// A page of undefined content, by its number; its descriptor's content is undefined too.
    ///
    /// @throws OutOfMemoryError if the system has no memory or we have no addresses left
    static synchronized int take() {
        int page;
        if (warmCount > 0) {
            page = warm[--warmCount];
        } else if (coldCount > 0) {
            page = cold[--coldCount];
            HUGE.filled(address(page));
        } else {
            page = extend();
        }
        inUse++;
        return page;
    }

    private static int extend() {
        long end = (long) (everUsed + 1) * PAGE_BYTES;
        if (end > committedBytes) {
            commitMore();
        }
        return everUsed++;
    }

    private static void commitMore() {
        long descriptors = COMMIT_BYTES / PAGE_BYTES * DESCRIPTOR_BYTES;
        if (committedBytes + COMMIT_BYTES > RESERVED_BYTES
                || !LibC.commit(BASE + committedBytes, COMMIT_BYTES)
                || !LibC.commit(descriptor((int) (committedBytes / PAGE_BYTES)), descriptors)) {
            throw new OutOfMemoryError("native memory exhausted: pageBytes=" + committedBytes);
        }
        HUGE.committed(BASE + committedBytes, COMMIT_BYTES);
        committedBytes += COMMIT_BYTES;
    }

    /// Takes a page back.
    static void give(int page) {
        if (keepWarm(page)) {
            return;
        }
        // Nobody else knows the page now, so the system call needs no lock.
        LibC.giveBack(address(page), PAGE_BYTES);
        keepCold(page);
    }

    private static synchronized boolean keepWarm(int page) {
        inUse--;
        if (warmCount == WARM_PAGES_MOST) {
            HUGE.hollowed(address(page));
            return false;
        }
        warm[warmCount++] = page;
        return true;
    }

    private static synchronized void keepCold(int page) {
        if (coldCount == cold.length) {
            cold = Arrays.copyOf(cold, coldCount * 2);
        }
        cold[coldCount++] = page;
    }
}
