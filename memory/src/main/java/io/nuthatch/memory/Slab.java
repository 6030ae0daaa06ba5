package io.nuthatch.memory;

import java.util.Arrays;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/// An allocator for blocks of up to 4 KiB, cheap because it belongs to one shard and is told sizes on both ways.
///
/// After Bonwick's slab allocator (USENIX 1994) with the page-local free lists of mimalloc. What is different:
/// the shard's lock guards it, so it has no locks, thread caches or remote frees of its own; and the caller names
/// the size when it frees, so a block has no header.
///
/// ## Size classes Multiples of 8 bytes from 16 to 128, then eight steps a doubling up to 4096, so that no more
/// than
/// 12.5% is lost above 64 bytes. A larger request goes to the system allocator.
///
/// ```
///   16 24 32 40 … 120 128 | 144 160 … 240 256 | 288 … 512 | 576 … 1024 | 1152 … 2048 | 2304 … 4096 | malloc
///        by 8                    by 16            by 32       by 64         by 128        by 256
/// ```
///
/// A page is cut into blocks of one class from its very start, so a block whose class is a multiple of 64 lies on
/// a cache line's boundary.
///
/// ## A page
/// ```
///   ┌───────┬───────┬───────┬───────┬───────┬───────────────────────────────┐
///   │ live  │ free ─┼→ free │ live  │ live  │ never used                    │
///   └───────┴───────┴───────┴───────┴───────┴───────────────────────────────┘
///             ↑ FREE                          ↑ FRESH
///
///   descriptor   0  int  NEXT   next page of this class with room, or -1
///                4  int  LAST   previous page of this class with room, or -1
///                8  int  FREE   offset of the first freed block, or -1; each holds the next one's in its first 4
///   bytes
///               12  int  FRESH  offset of the first block that was never used
///               16  int  LIVE   live blocks
///               20  int  CLASS  the size class
///               24  int  OWNER  the slab's number
/// ```
/// Freed blocks are used before fresh ones, so memory that was never touched stays untouched and costs nothing.
///
/// ## Pages of a class
/// Only those with room are listed; a page leaves the list when it fills and returns to its front with its first
/// freed block, so the fullest pages fill up and the others have a chance to empty. An empty page goes back to
/// the [PagePool], which has a few warm ones ready for a slab that breathes.
///
/// ## Blocks of another slab
/// What holds many blocks may change hands from one slab to another of the same [Usage] ([Lease#moveTo]) without
/// a block being copied: it then frees blocks of pages that are not its slab's. Such a block is pushed on a
/// stack of the page's owner, linked through the blocks, which anyone may push on without a lock (mimalloc's
/// thread-free list). The owner empties the stack when it is out of room, or when it is told to ([#reclaim]).
/// Until then the block counts as live in its page.
///
/// ## Accounting
/// [#usedBytes] is exact: for each live block the size of its class, or what malloc takes for it. Guards (see
/// [Memory]) are not counted. A block is charged to the slab that allocated it until its charge is handed on
/// with it ([Lease#moveTo]).
///
/// Locks: none; whoever owns the slab guards it.
public final class Slab {
    /// The largest block that is cut from a page.
    public static final int LARGEST_BYTES = 4096;

    private static final int SMALLEST_BYTES = 16;
    private static final int CLASSES = classOf(LARGEST_BYTES) + 1;
    private static final int[] SIZES = new int[CLASSES];
    private static final int[] BLOCKS_PER_PAGE = new int[CLASSES];

    static {
        for (int bytes = SMALLEST_BYTES; bytes <= LARGEST_BYTES; bytes += 8) {
            SIZES[classOf(bytes)] = bytes;
            BLOCKS_PER_PAGE[classOf(bytes)] = PagePool.PAGE_BYTES / bytes;
        }
    }

    private static final int NEXT = 0;
    private static final int LAST = 4;
    private static final int FREE = 8;
    private static final int FRESH = 12;
    private static final int LIVE = 16;
    private static final int CLASS = 20;
    private static final int OWNER = 24;

    private static final int NONE = -1;

    /// The slabs that have pages, by number; null where a number is free. Written under the class's monitor, and
    /// copied when it grows; read by whoever frees a block, which its owner's number has reached already.
    private static volatile @Nullable Slab[] owners = new @Nullable Slab[128];

    private final Usage usage;
    private final Guard.Quarantine quarantine;

    /// The block that was freed elsewhere last, or 0; each holds the one before it in its first eight bytes.
    private final AtomicLong freedElsewhere = new AtomicLong();

    private int number = NONE;
    private final int[] withRoom = new int[CLASSES];
    private int pages;
    private long usedBytes;
    private long outsideBytes;
    private long publishedBytes;

    /// In blocks that are cut from pages.
    private long cutBytes;

    /// A slab on its own.
    public Slab() {
        this(new Usage());
    }

    /// A slab whose used bytes count towards a shared sum.
    public Slab(Usage usage) {
        this.usage = usage;
        quarantine = new Guard.Quarantine("slab", usage);
        Arrays.fill(withRoom, NONE);
    }

    /// The class of a request. Between 2^k and 2^(k+1) there are eight classes, 2^(k-3) apart; below 128 the step
    /// is 8.
    private static int classOf(long bytes) {
        int shift = shiftOf(bytes);
        return (int) ((bytes - 1) >>> shift) + 1 + (shift - 3) * 8;
    }

    private static int shiftOf(long bytes) {
        return Math.max(3, 60 - Long.numberOfLeadingZeros(bytes - 1));
    }

    /// The bytes that a request of `bytes` is charged with: its class, or what malloc takes.
    public static long roundUp(long bytes) {
        if (bytes > LARGEST_BYTES) {
            return Memory.allocationCost(bytes);
        }
        long atLeast = Math.max(bytes, SMALLEST_BYTES);
        int shift = shiftOf(atLeast);
        return ((atLeast - 1 >>> shift) + 1) << shift;
    }

    /// The bytes that the owner of a block of `bytes` may use: the block may be read as any request of the same
    /// capacity, and freed as such.
    public static long capacity(long bytes) {
        return bytes > LARGEST_BYTES ? bytes : roundUp(bytes);
    }

    /// A block with undefined content, aligned to 8 bytes (to 64 if its class is a multiple of 64).
    ///
    /// @throws OutOfMemoryError if the system has no memory left
    public long allocate(long bytes) {
        assert bytes >= 0 : "negative size: bytes=" + bytes;
        long block = Guard.ON ? allocateGuarded(bytes) : allocateRaw(bytes);
        charge(bytes, 1);
        return block;
    }

    /// Gives a block back; `bytes` is the size it was asked with (or one of the same [#capacity]).
    public void free(long block, long bytes) {
        if (Guard.ON) {
            freeGuarded(block, bytes);
        } else {
            freeRaw(block, bytes);
        }
        charge(bytes, -1);
    }

    /// A block of `newBytes` with the content of the old one as far as it reaches, which is freed unless it can
    /// stay. Large blocks are moved without copying.
    public long reallocate(long block, long oldBytes, long newBytes) {
        if (capacity(oldBytes) == capacity(newBytes)) {
            return block;
        }
        if (oldBytes > LARGEST_BYTES && newBytes > LARGEST_BYTES && !Guard.ON) {
            long moved = Memory.reallocate(block, oldBytes, newBytes);
            charge(oldBytes, -1);
            charge(newBytes, 1);
            return moved;
        }
        long moved = allocate(newBytes);
        Memory.copy(block, moved, Math.min(oldBytes, newBytes));
        free(block, oldBytes);
        return moved;
    }

    /// Charges a block of [Memory#allocate] to this slab: its owner keeps it outside, but it counts.
    public void adopt(long bytes) {
        outsideBytes += Memory.allocationCost(bytes);
        charge(Memory.allocationCost(bytes));
    }

    /// Takes the charge of an adopted block back.
    public void disown(long bytes) {
        outsideBytes -= Memory.allocationCost(bytes);
        charge(-Memory.allocationCost(bytes));
    }

    /// Hands the charge of blocks to the slab whose owner has them from now on.
    void handOn(long bytes, Slab to) {
        assert usage == to.usage : "slabs of different stores";
        charge(-bytes);
        to.charge(bytes);
    }

    /// Whether blocks wait that were freed elsewhere. Any thread may ask.
    public boolean hasFreedElsewhere() {
        return freedElsewhere.get() != 0;
    }

    /// Takes back the blocks that were freed elsewhere.
    public void reclaim() {
        long block = freedElsewhere.getAndSet(0);
        while (block != 0) {
            long next = Memory.getLong(block);
            restore(block, Memory.getInt(PagePool.descriptor(PagePool.pageOf(block)) + CLASS));
            block = next;
        }
    }

    /// Gives the pages back. All blocks must have been freed.
    public void close() {
        if (usedBytes != 0) {
            throw new IllegalStateException("slab closed with live blocks: bytes=" + usedBytes);
        }
        if (Guard.ON) {
            releaseQuarantine();
        }
        reclaim();
        if (pages != 0) {
            throw new IllegalStateException("slab closed with live blocks of others: pages=" + pages);
        }
        resign();
        publish();
    }

    /// Takes the lowest number that is free.
    private void enlist() {
        synchronized (Slab.class) {
            @Nullable Slab[] slabs = owners;
            int free = 0;
            while (free < slabs.length && slabs[free] != null) {
                free++;
            }
            if (free == slabs.length) {
                slabs = Arrays.copyOf(slabs, free * 2);
            }
            slabs[free] = this;
            owners = slabs;
            number = free;
        }
    }

    private void resign() {
        synchronized (Slab.class) {
            if (number != NONE) {
                owners[number] = null;
                number = NONE;
            }
        }
    }

    private long allocateGuarded(long bytes) {
        long rawBytes = Guard.rawBytes(capacity(bytes));
        return Guard.dress(allocateRaw(rawBytes), rawBytes, capacity(bytes), quarantine);
    }

    private void freeGuarded(long block, long bytes) {
        Guard.Block over = Guard.undress(block, capacity(bytes), quarantine);
        if (over != null) {
            freeRaw(over.raw(), over.rawBytes());
        }
    }

    private void releaseQuarantine() {
        for (Guard.Block over = quarantine.release(); over != null; over = quarantine.release()) {
            freeRaw(over.raw(), over.rawBytes());
        }
    }

    /// A block without guards, and without charge.
    long allocateRaw(long bytes) {
        return bytes > LARGEST_BYTES ? Memory.allocateRaw(bytes) : cut(classOf(Math.max(bytes, SMALLEST_BYTES)));
    }

    void freeRaw(long block, long bytes) {
        if (bytes > LARGEST_BYTES) {
            LibC.free(block);
        } else {
            restore(block, classOf(Math.max(bytes, SMALLEST_BYTES)));
        }
    }

    /// Bytes in live blocks, as [#roundUp] counts them.
    public long usedBytes() {
        return usedBytes;
    }

    /// Bytes in the pages this slab holds, full or not.
    public long pageBytes() {
        return (long) pages * PagePool.PAGE_BYTES;
    }

    /// Bytes of [#usedBytes] that are not in pages.
    public long outsideBytes() {
        return outsideBytes;
    }

    /// Bytes of the pages that are in no block.
    public long spareBytes() {
        return pageBytes() - cutBytes;
    }

    /// Whether a block lies in a page that is less than seven-eighths full while another one of its class is being
    /// filled: a copy of it would lie better.
    public boolean isSparse(long block) {
        if (!PagePool.contains(block)) {
            return false;
        }
        int page = PagePool.pageOf(block);
        long descriptor = PagePool.descriptor(page);
        int sizeClass = Memory.getInt(descriptor + CLASS);
        return Memory.getInt(descriptor + OWNER) == number
                && withRoom[sizeClass] != page
                && Memory.getInt(descriptor + LIVE) * 8 < BLOCKS_PER_PAGE[sizeClass] * 7;
    }

    private void charge(long requestBytes, int sign) {
        long bytes = sign * roundUp(requestBytes);
        if (requestBytes > LARGEST_BYTES) {
            outsideBytes += bytes;
        }
        charge(bytes);
    }

    private void charge(long bytes) {
        usedBytes += bytes;
        if (Math.abs(usedBytes - publishedBytes) >= Usage.STEP_BYTES) {
            publish();
        }
    }

    private void publish() {
        usage.add(usedBytes - publishedBytes);
        publishedBytes = usedBytes;
    }

    private long cut(int sizeClass) {
        int page = withRoom[sizeClass];
        if (page == NONE) {
            page = pageWithRoom(sizeClass);
        }
        long descriptor = PagePool.descriptor(page);
        long block = PagePool.address(page);
        int free = Memory.getInt(descriptor + FREE);
        if (free != NONE) {
            block += free;
            Memory.putInt(descriptor + FREE, Memory.getInt(block));
        } else {
            int fresh = Memory.getInt(descriptor + FRESH);
            block += fresh;
            Memory.putInt(descriptor + FRESH, fresh + SIZES[sizeClass]);
        }
        cutBytes += SIZES[sizeClass];
        int live = Memory.getInt(descriptor + LIVE) + 1;
        Memory.putInt(descriptor + LIVE, live);
        if (live == BLOCKS_PER_PAGE[sizeClass]) {
            unlist(page, sizeClass);
        }
        return block;
    }

    private void restore(long block, int sizeClass) {
        int page = PagePool.pageOf(block);
        long descriptor = PagePool.descriptor(page);
        assert Memory.getInt(descriptor + CLASS) == sizeClass
                : "freed with a wrong size: block=" + block + ", class=" + sizeClass + ", allocated as class="
                        + Memory.getInt(descriptor + CLASS);
        if (Memory.getInt(descriptor + OWNER) != number) {
            passOn(block, Memory.getInt(descriptor + OWNER));
            return;
        }
        cutBytes -= SIZES[sizeClass];
        Memory.putInt(block, Memory.getInt(descriptor + FREE));
        Memory.putInt(descriptor + FREE, (int) (block - PagePool.address(page)));
        int live = Memory.getInt(descriptor + LIVE) - 1;
        Memory.putInt(descriptor + LIVE, live);
        if (live == BLOCKS_PER_PAGE[sizeClass] - 1) {
            list(page, sizeClass);
        }
        if (live == 0) {
            removePage(page, sizeClass);
        }
    }

    /// Pushes a block on its owner's stack. Only whole stacks are taken off it, so a head that looks unchanged is.
    private static void passOn(long block, int owner) {
        AtomicLong stack = Objects.requireNonNull(owners[owner], "no such slab").freedElsewhere;
        long head;
        do {
            head = stack.get();
            Memory.putLong(block, head);
        } while (!stack.compareAndSet(head, block));
    }

    private int pageWithRoom(int sizeClass) {
        if (hasFreedElsewhere()) {
            reclaim();
            if (withRoom[sizeClass] != NONE) {
                return withRoom[sizeClass];
            }
        }
        return addPage(sizeClass);
    }

    private int addPage(int sizeClass) {
        if (number == NONE) {
            enlist();
        }
        int page = PagePool.take();
        pages++;
        Memory.putInt(PagePool.descriptor(page) + CLASS, sizeClass);
        Memory.putInt(PagePool.descriptor(page) + OWNER, number);
        renew(page);
        list(page, sizeClass);
        return page;
    }

    private static void renew(int page) {
        long descriptor = PagePool.descriptor(page);
        Memory.putInt(descriptor + FREE, NONE);
        Memory.putInt(descriptor + FRESH, 0);
        Memory.putInt(descriptor + LIVE, 0);
    }

    private void removePage(int page, int sizeClass) {
        unlist(page, sizeClass);
        pages--;
        PagePool.give(page);
    }

    private void list(int page, int sizeClass) {
        int next = withRoom[sizeClass];
        long descriptor = PagePool.descriptor(page);
        Memory.putInt(descriptor + NEXT, next);
        Memory.putInt(descriptor + LAST, NONE);
        if (next != NONE) {
            Memory.putInt(PagePool.descriptor(next) + LAST, page);
        }
        withRoom[sizeClass] = page;
    }

    private void unlist(int page, int sizeClass) {
        long descriptor = PagePool.descriptor(page);
        int next = Memory.getInt(descriptor + NEXT);
        int last = Memory.getInt(descriptor + LAST);
        if (next != NONE) {
            Memory.putInt(PagePool.descriptor(next) + LAST, last);
        }
        if (last != NONE) {
            Memory.putInt(PagePool.descriptor(last) + NEXT, next);
        } else {
            withRoom[sizeClass] = next;
        }
    }
}
