package io.nuthatch.memory;

import java.util.Arrays;
import java.util.BitSet;

/// Which parts of the [PagePool] the system should back with huge pages of 2 MiB: those that are wholly in use.
///
/// A part of which pages were given back must not be huge, or the system's own collector of huge pages would fill the
/// holes again with memory that nobody asked for. So the advice is taken back with the first page that goes, and
/// given again when the last one has returned. Each part that differs from its neighbours is a mapping more, and a
/// process may have some 65,000; beyond a few thousand such parts nothing is said any more.
///
/// Where it comes from: the heap profiles of tcmalloc ("Beyond malloc efficiency to fleet efficiency: a
/// hugepage-aware memory allocator", OSDI 2021) show what is to be had; Redis refuses huge pages because its forked
/// child would make the parent copy 2 MiB at a time, and here nothing forks.
///
/// Locks: the pool's monitor.
final class HugePages {
    static final long HUGE_BYTES = 2L << 20;
    private static final int HUGE_SHIFT = Long.numberOfTrailingZeros(HUGE_BYTES);
    private static final int SMALL_MOST = 4096;

    private final long base;

    /// How many pages of each part the system has back.
    private byte[] holes = new byte[64];

    /// Parts of which the system was told that they should not be huge.
    private final BitSet small = new BitSet();

    private int smallParts;
    private boolean refused;

    /// @param base the pool's first address, a multiple of [#HUGE_BYTES]
    HugePages(long base) {
        this.base = base;
    }

    /// Says nothing any more, so that no part that is committed from now on will be huge.
    void refuse() {
        refused = true;
    }

    void committed(long address, long bytes) {
        if (!refused) {
            LibC.adviseHugePages(address, bytes, true);
        }
    }

    /// A page is about to be given back.
    void hollowed(long page) {
        int part = part(page);
        if (part >= holes.length) {
            holes = Arrays.copyOf(holes, Math.max(part + 1, holes.length * 2));
        }
        if (++holes[part] == 1 && !refused && smallParts < SMALL_MOST) {
            small.set(part);
            smallParts++;
            LibC.adviseHugePages(base + ((long) part << HUGE_SHIFT), HUGE_BYTES, false);
        }
    }

    /// A page that had been given back is in use again.
    void filled(long page) {
        int part = part(page);
        if (--holes[part] == 0 && small.get(part)) {
            small.clear(part);
            smallParts--;
            LibC.adviseHugePages(base + ((long) part << HUGE_SHIFT), HUGE_BYTES, true);
        }
    }

    private int part(long page) {
        return Math.toIntExact((page - base) >>> HUGE_SHIFT);
    }
}
