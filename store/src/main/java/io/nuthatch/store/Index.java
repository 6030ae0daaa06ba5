package io.nuthatch.store;

import io.nuthatch.memory.Bytes;
import io.nuthatch.memory.Memory;
import io.nuthatch.memory.PagePool;
import io.nuthatch.memory.Slab;
import java.util.function.LongConsumer;
import java.util.function.LongPredicate;
import java.util.random.RandomGenerator;

/// Finds blocks by key: the one hash table of Nuthatch. The keyspace, large hashes and sets and the members of
/// large sorted sets are indexes that differ only in how a block is read ([Layout]).
///
/// ## Where it comes from
/// Extendible hashing (Fagin, Nievergelt, Pippenger, Strong, 1979), whose directory leads to segments that split
/// one at a time: the table grows without a rehash, and the longest pause is that of one segment of some 460
/// entries. Within a segment, buckets of one cache line, as in Dash (VLDB 2020) and Valkey's hashtable, but with
/// plain linear probing. What is ours: the home bucket is the tag scaled to the number of buckets. So a segment
/// can have *any* number of buckets, and gets a new one every 16 to 30 entries by being copied in order, without
/// a look at any key. That is what keeps it nine-tenths full; tables that double have half of that on average.
///
/// ## Layout
/// ```
///   hash      63 ────────────── directory ─── 34 │ 33 ── 20 │ 19 ── tag ── 0
///                                   │                              │
///   directory (heap)                ▼                              │ home = tag * buckets >>> 20
///     [ buckets:16 | address:48 ] ────► segment                    ▼
///     one entry a prefix; several         bucket 0    │ slot │ slot │ slot │ slot │ slot │ slot │ slot │ slot  │
///     lead to the same segment            bucket 1    │ slot │ slot │ 0    │ 0    │ 0    │ 0    │ 0    │ 0     │
///     if it is shallower                  …
///                                         last bucket │ slot │ slot │ slot │ 0    │ 0    │ 0    │ 0    │ header│
///
///   slot      block address / 8 : 44 │ tag : 20        0 is an empty slot
///   header    count : 38 │ depth : 6 │ 0 : 20          depth = bits of the directory that lead here
/// ```
/// A bucket is 64 bytes, on a cache line's boundary. A segment has 1 to 64 buckets, in steps that are size
/// classes of the [Slab]. No entry's tag is 0 (a hash that ends in 20 zeros gets 1), so neither an empty slot nor
/// the header ever matches.
///
/// ## Invariants
/// - A bucket's empty slots come last.
/// - All buckets from an entry's home up to the one before its own, cyclically, are full. So a search ends at the
///   first
///   bucket with room.
/// - All entries of a segment agree in the first `depth` bits of their hashes.
///
/// ## Growing
/// A segment that is full to 29/32 is copied to the next size; at 64 buckets it splits by the next bit of the
/// hashes. The bucket of an entry then depends only on its tag, so buckets stay as even as before. Removing pulls
/// displaced entries back, so there are no tombstones; a segment that falls below 5/8 is copied to a smaller
/// size. Segments never merge. An index that becomes empty forgets all of them.
///
/// ## Equal hashes
/// Splitting does not part entries whose hashes agree. The directory therefore grows only as long as it costs
/// less than half a byte an entry; after that a segment may have more than 64 buckets. Thousands of entries of
/// one hash make a slow index, not a large or a broken one.
///
/// ## Scanning
/// A cursor is a place in the order (directory prefix, tag). Segments split by prefix and buckets by tag, so
/// whatever was before the cursor stays before it.
///
/// Locks: none; whoever owns the index guards it. [#touch] and [#touchBlock] alone may be called by anyone at any
/// time.
///
/// Cost: `IndexCost` in the tests prints bytes an entry (8.7 to 10 at any size) and the time of each operation.
final class Index {
    /// How the blocks of an index are read.
    interface Layout {
        /// The hash of the block's key.
        long hash(long block);

        /// Whether the block's key is this one.
        boolean holds(long block, long keyAddress, int keyLength);
    }

    private static final int SLOTS = 8;
    private static final int BUCKET_BYTES = SLOTS * Long.BYTES;
    private static final int LAST_SLOT = (SLOTS - 1) * Long.BYTES;

    private static final int TAG_BITS = 20;
    private static final long TAG = (1L << TAG_BITS) - 1;

    private static final int BUCKETS_SHIFT = 48;
    private static final long ADDRESS = (1L << BUCKETS_SHIFT) - 1;

    /// A segment of this size splits rather than grows.
    private static final int BUCKETS_BEFORE_SPLIT = 64;

    /// The directory's handles have 16 bits for it: half a million entries of one hash.
    private static final int BUCKETS_MOST = 65_535;

    private static final int DEPTH_SHIFT = TAG_BITS;
    private static final long DEPTH_ONE = 1L << DEPTH_SHIFT;
    private static final long DEPTH = 63L << DEPTH_SHIFT;
    private static final int COUNT_SHIFT = DEPTH_SHIFT + 6;
    private static final long COUNT_ONE = 1L << COUNT_SHIFT;

    /// The directory has at most 2^30 entries; a cursor has as many bits of prefix.
    private static final int DEPTH_MOST = 30;

    private static final int ENTRIES_PER_DIRECTORY_ENTRY = 16;

    private static final long ARRAY_HEADER_BYTES = 16;

    /// Tries of [#random] before it walks.
    private static final int RANDOM_TRIES = 64;

    /// Empty segments that one [#scan] passes over.
    private static final int SCAN_SKIPS = 32;

    /// Leads nowhere. Shared by all empty indexes, and never written.
    private static final long[] NOWHERE = new long[2];

    private final Slab slab;
    private final Layout layout;

    /// 2^depth handles of segments, by the top bits of the hash. Depth is at least 1.
    private long[] directory = NOWHERE;

    private long size;
    private long segmentBytes;
    private int drained;

    /// Where reads that only warm the cache leave their sum, so that they are not optimised away.
    @SuppressWarnings("UnusedVariable")
    private long warmth;

    Index(Slab slab, Layout layout) {
        this.slab = slab;
        this.layout = layout;
    }

    long size() {
        return size;
    }

    /// Bytes of the segments and the directory.
    long usedBytes() {
        return directory == NOWHERE
                ? segmentBytes
                : segmentBytes + ARRAY_HEADER_BYTES + (long) directory.length * Long.BYTES;
    }

    // ---------------------------------------------------------------------------------------------- finding

    /// The block with this key, or 0.
    long find(long hash, Bytes key) {
        long[] directory = this.directory;
        long segment = directory[indexIn(directory, hash)];
        if (segment == 0) {
            return 0;
        }
        long tag = tagOf(hash);
        long base = segment & ADDRESS;
        long last = base + ((segment >>> BUCKETS_SHIFT) - 1) * BUCKET_BYTES;
        long home = base + homeOf(tag, segment >>> BUCKETS_SHIFT) * BUCKET_BYTES;
        long bucket = home;
        do {
            for (int matches = matches(bucket, tag); matches != 0; matches &= matches - 1) {
                long block = blockOf(Memory.getLong(bucket + Integer.numberOfTrailingZeros(matches) * Long.BYTES));
                if (layout.holds(block, key.address(), key.length())) {
                    return block;
                }
            }
            if (hasRoom(bucket, last)) {
                return 0;
            }
            bucket = bucket == last ? base : bucket + BUCKET_BYTES;
        } while (bucket != home);
        return 0;
    }

    /// The first block, of all whose key may have this hash, that satisfies the test; 0 if none does. The test
    /// must not change the index.
    long matching(long hash, LongPredicate test) {
        long segment = directory[indexIn(directory, hash)];
        if (segment == 0) {
            return 0;
        }
        long tag = tagOf(hash);
        long base = segment & ADDRESS;
        long last = base + ((segment >>> BUCKETS_SHIFT) - 1) * BUCKET_BYTES;
        long home = base + homeOf(tag, segment >>> BUCKETS_SHIFT) * BUCKET_BYTES;
        long bucket = home;
        do {
            for (int matches = matches(bucket, tag); matches != 0; matches &= matches - 1) {
                long block = blockOf(Memory.getLong(bucket + Integer.numberOfTrailingZeros(matches) * Long.BYTES));
                if (test.test(block)) {
                    return block;
                }
            }
            if (hasRoom(bucket, last)) {
                return 0;
            }
            bucket = bucket == last ? base : bucket + BUCKET_BYTES;
        } while (bucket != home);
        return 0;
    }

    /// Brings the hash's bucket into the cache. What it returns means nothing, but must be used.
    ///
    /// Needs no lock: it may read a directory, or a segment, that is being replaced. Pages of the [PagePool] can
    /// always be read; a segment elsewhere (of more than 64 buckets) is left alone.
    long touch(long hash) {
        long bucket = bucketUnlocked(hash);
        return bucket == 0 ? 0 : Memory.getLong(bucket);
    }

    /// Brings the first block whose tag matches into the cache; the bucket should be there already. Needs no
    /// lock, as [#touch]: the slot may be torn from its time or be no slot at all, but is followed only into the
    /// pool's pages.
    long touchBlock(long hash) {
        long bucket = bucketUnlocked(hash);
        if (bucket == 0) {
            return 0;
        }
        int matches = matches(bucket, tagOf(hash));
        if (matches == 0) {
            return 0;
        }
        long block = blockOf(Memory.getLong(bucket + Integer.numberOfTrailingZeros(matches) * Long.BYTES));
        return PagePool.contains(block) ? Memory.getLong(block) : 0;
    }

    private long bucketUnlocked(long hash) {
        long[] directory = this.directory;
        long segment = directory[indexIn(directory, hash)];
        long bucket = (segment & ADDRESS) + homeOf(tagOf(hash), segment >>> BUCKETS_SHIFT) * BUCKET_BYTES;
        return PagePool.contains(bucket) ? bucket : 0;
    }

    // ---------------------------------------------------------------------------------------------- changing

    /// Adds a block whose key is known to be absent.
    void insert(long hash, long block) {
        long segment = directory[indexIn(directory, hash)];
        while (segment == 0 || isFull(segment)) {
            segment = makeRoom(hash, segment);
        }
        place(segment, slotOf(hash, block));
        long header = headerOf(segment);
        Memory.putLong(header, Memory.getLong(header) + COUNT_ONE);
        size++;
    }

    /// Notes that the record of the same key has moved.
    void replace(long hash, long oldBlock, long newBlock) {
        long segment = directory[indexIn(directory, hash)];
        Memory.putLong(slotHolding(segment, slotOf(hash, oldBlock)), slotOf(hash, newBlock));
    }

    /// Forgets a block that is known to be present.
    void remove(long hash, long block) {
        long segment = directory[indexIn(directory, hash)];
        takeOut(segment, slotHolding(segment, slotOf(hash, block)));
        long header = headerOf(segment);
        long left = Memory.getLong(header) - COUNT_ONE;
        Memory.putLong(header, left);
        if (--size == 0) {
            clear();
        } else if (left >>> COUNT_SHIFT < 5 * (segment >>> BUCKETS_SHIFT) && segment >>> BUCKETS_SHIFT > 1) {
            shrink(hash, segment, (int) (left >>> COUNT_SHIFT));
        }
    }

    /// Forgets all blocks, which stay their owner's, and frees the index's own memory.
    void clear() {
        long[] old = directory;
        directory = NOWHERE;
        size = 0;
        drained = 0;
        for (int at = 0; at < old.length; at++) {
            if (old[at] != 0 && (at == 0 || old[at] != old[at - 1])) {
                freeSegment(old[at]);
            }
        }
    }

    /// Empties the index in slices: hands out up to `most` blocks and forgets them. Returns whether it is empty.
    /// From the first slice to the last nothing else may be asked of it.
    boolean drain(int most, LongConsumer visit) {
        int left = most;
        while (size > 0) {
            long segment = directory[drained];
            if (segment != 0) {
                left = drainSegment(segment, left, visit);
                if (left <= 0 && size > 0) {
                    return false;
                }
                lead((long) drained << (64 - depthOf(directory)), depthOf(segment), 0);
                freeSegment(segment);
                left--;
            }
            drained++;
        }
        clear();
        return true;
    }

    private int drainSegment(long segment, int most, LongConsumer visit) {
        int left = most;
        long header = headerOf(segment);
        for (long slot = segment & ADDRESS; slot < header && left > 0; slot += Long.BYTES) {
            long entry = Memory.getLong(slot);
            if (entry != 0) {
                Memory.putLong(slot, 0);
                size--;
                left--;
                visit.accept(blockOf(entry));
            }
        }
        return left;
    }

    /// Puts an entry into the first bucket with room from its home on. There must be one.
    private static void place(long segment, long slot) {
        long base = segment & ADDRESS;
        long last = base + ((segment >>> BUCKETS_SHIFT) - 1) * BUCKET_BYTES;
        long bucket = base + homeOf(slot & TAG, segment >>> BUCKETS_SHIFT) * BUCKET_BYTES;
        while (!hasRoom(bucket, last)) {
            bucket = bucket == last ? base : bucket + BUCKET_BYTES;
        }
        Memory.putLong(firstEmpty(bucket), slot);
    }

    /// The address of the slot with this content.
    private static long slotHolding(long segment, long slot) {
        long base = segment & ADDRESS;
        long last = base + ((segment >>> BUCKETS_SHIFT) - 1) * BUCKET_BYTES;
        long home = base + homeOf(slot & TAG, segment >>> BUCKETS_SHIFT) * BUCKET_BYTES;
        long bucket = home;
        if (segment != 0) {
            do {
                for (long at = bucket; at < bucket + BUCKET_BYTES; at += Long.BYTES) {
                    if (Memory.getLong(at) == slot) {
                        return at;
                    }
                }
                bucket = bucket == last ? base : bucket + BUCKET_BYTES;
            } while (bucket != home);
        }
        throw new IllegalStateException("block not in the index: block=" + blockOf(slot) + ", tag=" + (slot & TAG));
    }

    /// Empties a slot. If its bucket was full, an entry further on may have been displaced by it: the first such
    /// comes back into the hole and leaves one behind, and so on until a bucket that had room.
    private static void takeOut(long segment, long slot) {
        int buckets = (int) (segment >>> BUCKETS_SHIFT);
        long base = segment & ADDRESS;
        long last = base + (buckets - 1L) * BUCKET_BYTES;
        long hole = base + ((slot - base) & -BUCKET_BYTES);
        boolean full = !hasRoom(hole, last);
        long empty = close(slot, hole, last);
        long bucket = hole;
        for (int steps = 1; full && steps < buckets; steps++) {
            bucket = bucket == last ? base : bucket + BUCKET_BYTES;
            full = !hasRoom(bucket, last);
            long displaced = displacedOver(hole, bucket, base, buckets);
            if (displaced != 0) {
                Memory.putLong(empty, Memory.getLong(displaced));
                empty = close(displaced, bucket, last);
                hole = bucket;
            }
        }
    }

    /// Fills a slot with the last entry of its bucket; returns the address of the slot that is empty now.
    private static long close(long slot, long bucket, long last) {
        long end = hasRoom(bucket, last)
                ? firstEmpty(bucket)
                : bucket == last ? bucket + LAST_SLOT : bucket + BUCKET_BYTES;
        long moved = end - Long.BYTES;
        Memory.putLong(slot, Memory.getLong(moved));
        Memory.putLong(moved, 0);
        return moved;
    }

    /// The address of a slot in `bucket` whose entry could as well lie in the bucket `hole` before it, or 0.
    private static long displacedOver(long hole, long bucket, long base, int buckets) {
        long at = (bucket - base) / BUCKET_BYTES;
        long distance = Math.floorMod(at - (hole - base) / BUCKET_BYTES, buckets);
        for (long slot = bucket; slot < bucket + BUCKET_BYTES; slot += Long.BYTES) {
            long entry = Memory.getLong(slot);
            if ((entry & TAG) != 0 && Math.floorMod(at - homeOf(entry & TAG, buckets), buckets) >= distance) {
                return slot;
            }
        }
        return 0;
    }

    // ---------------------------------------------------------------------------------------------- growing

    private long makeRoom(long hash, long segment) {
        if (segment == 0) {
            return begin(hash);
        }
        int buckets = (int) (segment >>> BUCKETS_SHIFT);
        if (buckets >= BUCKETS_BEFORE_SPLIT && mayDeepen(segment)) {
            split(hash, segment);
        } else {
            resize(hash, segment, larger(buckets));
        }
        return directory[indexIn(directory, hash)];
    }

    private long begin(long hash) {
        assert size == 0 : "segment missing: hash=" + hash;
        directory = new long[2];
        long segment = newSegment(1, 0);
        directory[0] = segment;
        directory[1] = segment;
        return segment;
    }

    private boolean mayDeepen(long segment) {
        int depth = depthOf(segment);
        return depth < depthOf(directory)
                || depth < DEPTH_MOST && directory.length * 2L * ENTRIES_PER_DIRECTORY_ENTRY <= size;
    }

    private void resize(long hash, long segment, int buckets) {
        long header = Memory.getLong(headerOf(segment));
        long copy = newSegment(buckets, header);
        long end = headerOf(segment);
        for (long slot = segment & ADDRESS; slot < end; slot += Long.BYTES) {
            long entry = Memory.getLong(slot);
            if (entry != 0) {
                place(copy, entry);
            }
        }
        lead(hash, depthOf(segment), copy);
        freeSegment(segment);
    }

    private void shrink(long hash, long segment, int count) {
        int buckets = bucketsFor(count + count / 8 + 1);
        if (buckets < segment >>> BUCKETS_SHIFT) {
            resize(hash, segment, buckets);
        }
    }

    /// Parts a segment's entries by the next bit of their hashes. This is the only place where the index reads
    /// keys of its own accord: it first touches all of them, so that the cache misses overlap.
    private void split(long hash, long segment) {
        int depth = depthOf(segment);
        if (depth == depthOf(directory)) {
            doubleDirectory();
        }
        int count = countOf(segment);
        long scratchBytes = (long) count * Long.BYTES;
        long scratch = slab.allocate(scratchBytes);
        long zeros = scratch;
        long ones = scratch + scratchBytes;
        warmUp(segment);
        long end = headerOf(segment);
        for (long slot = segment & ADDRESS; slot < end; slot += Long.BYTES) {
            long entry = Memory.getLong(slot);
            if (entry == 0) {
                continue;
            }
            if ((layout.hash(blockOf(entry)) << depth) < 0) {
                ones -= Long.BYTES;
                Memory.putLong(ones, entry);
            } else {
                Memory.putLong(zeros, entry);
                zeros += Long.BYTES;
            }
        }
        assert zeros == ones : "segment miscounted: count=" + count;
        long bit = Long.MIN_VALUE >>> depth;
        long zero = segmentOf(scratch, zeros, depth + 1);
        long one = segmentOf(ones, scratch + scratchBytes, depth + 1);
        lead(hash & ~bit, depth + 1, zero);
        lead(hash | bit, depth + 1, one);
        slab.free(scratch, scratchBytes);
        freeSegment(segment);
    }

    private void warmUp(long segment) {
        long sum = 0;
        long end = headerOf(segment);
        for (long slot = segment & ADDRESS; slot < end; slot += Long.BYTES) {
            long entry = Memory.getLong(slot);
            if (entry != 0) {
                sum += Memory.getByte(blockOf(entry));
            }
        }
        warmth = sum;
    }

    private long segmentOf(long entries, long end, int depth) {
        int count = (int) ((end - entries) / Long.BYTES);
        long segment = newSegment(bucketsFor(count + count / 16 + 1), count * COUNT_ONE + depth * DEPTH_ONE);
        for (long entry = entries; entry < end; entry += Long.BYTES) {
            place(segment, Memory.getLong(entry));
        }
        return segment;
    }

    private void doubleDirectory() {
        long[] old = directory;
        long[] larger = new long[old.length * 2];
        for (int i = 0; i < larger.length; i++) {
            larger[i] = old[i >>> 1];
        }
        directory = larger;
    }

    /// Lets all directory entries that begin with the hash's first `depth` bits lead to a segment.
    private void lead(long hash, int depth, long segment) {
        int span = 1 << (depthOf(directory) - depth);
        int first = indexIn(directory, hash) & -span;
        for (int i = first; i < first + span; i++) {
            directory[i] = segment;
        }
    }

    private long newSegment(int buckets, long header) {
        if (buckets > BUCKETS_MOST) {
            throw new IllegalStateException("too many entries of one hash: buckets=" + buckets + ", size=" + size);
        }
        long bytes = (long) buckets * BUCKET_BYTES;
        long address = slab.allocate(bytes);
        Memory.fill(address, bytes, 0);
        long segment = (long) buckets << BUCKETS_SHIFT | address;
        Memory.putLong(headerOf(segment), header);
        segmentBytes += Slab.roundUp(bytes);
        return segment;
    }

    private void freeSegment(long segment) {
        long bytes = (segment >>> BUCKETS_SHIFT) * BUCKET_BYTES;
        slab.free(segment & ADDRESS, bytes);
        segmentBytes -= Slab.roundUp(bytes);
    }

    /// Sizes of segments, so that each is a size class of the slab: 1 … 16, 18 … 32, 36 … 64, then a quarter
    /// more.
    private static int larger(int buckets) {
        return buckets + (buckets < 16 ? 1 : buckets < 32 ? 2 : buckets < 64 ? 4 : buckets / 4);
    }

    /// The smallest size with room for `count` entries.
    private static int bucketsFor(int count) {
        int buckets = (count * 4 + 28) / 29;
        int step = buckets <= 16 ? 1 : buckets <= 32 ? 2 : buckets <= 64 ? 4 : 16;
        return Math.max(1, (buckets + step - 1) & -step);
    }

    private static boolean isFull(long segment) {
        return countOf(segment) >= 29 * (int) (segment >>> BUCKETS_SHIFT) >>> 2;
    }

    // ---------------------------------------------------------------------------------------------- walking

    /// Visits some entries that follow the cursor and returns the cursor of the next call, 0 when there are no
    /// more; begin with 0. Every entry that is there from the first call to the last is visited at least once,
    /// and more than once only if the index grew in between. Any cursor is accepted. The visitor must not change
    /// the index.
    long scan(long cursor, LongConsumer visit) {
        long prefix = cursor >>> TAG_BITS & (1L << DEPTH_MOST) - 1;
        long tag = cursor & TAG;
        for (int skips = 0; size > 0; skips++) {
            long segment = directory[(int) (prefix >>> (DEPTH_MOST - depthOf(directory)))];
            int buckets = (int) (segment >>> BUCKETS_SHIFT);
            if (countOf(segment) > 0) {
                long home = homeOf(tag, buckets);
                long end = ((home + 1 << TAG_BITS) + buckets - 1) / buckets;
                visitTags(segment, home, tag, end, visit);
                if (home + 1 < buckets) {
                    return prefix << TAG_BITS | end;
                }
            }
            prefix = (prefix | (1L << (DEPTH_MOST - depthOf(segment))) - 1) + 1;
            tag = 0;
            if (prefix == 1L << DEPTH_MOST) {
                return 0;
            }
            if (countOf(segment) > 0 || skips == SCAN_SKIPS) {
                return prefix << TAG_BITS;
            }
        }
        return 0;
    }

    /// Visits the entries of one home bucket with `from <= tag < to`.
    private static void visitTags(long segment, long home, long from, long to, LongConsumer visit) {
        long base = segment & ADDRESS;
        long last = base + ((segment >>> BUCKETS_SHIFT) - 1) * BUCKET_BYTES;
        long first = base + home * BUCKET_BYTES;
        long bucket = first;
        do {
            for (long slot = bucket; slot < bucket + BUCKET_BYTES; slot += Long.BYTES) {
                long entry = Memory.getLong(slot);
                long tag = entry & TAG;
                if (tag != 0 && tag >= from && tag < to) {
                    visit.accept(blockOf(entry));
                }
            }
            if (hasRoom(bucket, last)) {
                return;
            }
            bucket = bucket == last ? base : bucket + BUCKET_BYTES;
        } while (bucket != first);
    }

    /// A block at random, about evenly; 0 if there are none.
    long random(RandomGenerator random) {
        if (size == 0) {
            return 0;
        }
        for (int tries = 0; tries < RANDOM_TRIES; tries++) {
            long segment = directory[random.nextInt(directory.length)];
            int slots = (int) (segment >>> BUCKETS_SHIFT) * SLOTS - 1;
            long entry = Memory.getLong((segment & ADDRESS) + (long) random.nextInt(slots) * Long.BYTES);
            if (entry != 0) {
                return blockOf(entry);
            }
        }
        long[] one = new long[1];
        collect(random, one, 1, Integer.MAX_VALUE);
        return one[0];
    }

    /// Fills `blocks` with up to `wanted` blocks that lie next to each other, from a random place on; returns how
    /// many. Less random than as many calls of [#random], and much cheaper. It gives up in a sparse place.
    int sample(RandomGenerator random, long[] blocks, int wanted) {
        return size == 0 ? 0 : collect(random, blocks, wanted, 4 * wanted + SCAN_SKIPS);
    }

    private int collect(RandomGenerator random, long[] blocks, int wanted, int bucketsMost) {
        int found = 0;
        int at = random.nextInt(directory.length);
        long segment = directory[at];
        int bucket = random.nextInt((int) (segment >>> BUCKETS_SHIFT));
        for (int visited = 0; found < Math.min(wanted, size) && visited < bucketsMost; visited++) {
            found = collectBucket(segment, bucket, blocks, found, wanted);
            if (++bucket == segment >>> BUCKETS_SHIFT) {
                at = (at | (1 << (depthOf(directory) - depthOf(segment))) - 1) + 1 & directory.length - 1;
                segment = directory[at];
                bucket = 0;
            }
        }
        return found;
    }

    private static int collectBucket(long segment, int bucket, long[] blocks, int found, int wanted) {
        int next = found;
        long first = (segment & ADDRESS) + (long) bucket * BUCKET_BYTES;
        for (long slot = first; slot < first + BUCKET_BYTES && next < wanted; slot += Long.BYTES) {
            long entry = Memory.getLong(slot);
            if ((entry & TAG) != 0) {
                blocks[next++] = blockOf(entry);
            }
        }
        return next;
    }

    // ---------------------------------------------------------------------------------------------- bits

    private static int indexIn(long[] directory, long hash) {
        return (int) (hash >>> (Integer.numberOfLeadingZeros(directory.length) + 33));
    }

    private static int depthOf(long[] directory) {
        return 31 - Integer.numberOfLeadingZeros(directory.length);
    }

    private static long tagOf(long hash) {
        long tag = hash & TAG;
        return tag + (tag - 1 >>> 63);
    }

    private static long homeOf(long tag, long buckets) {
        return tag * buckets >>> TAG_BITS;
    }

    private static long slotOf(long hash, long block) {
        return block << (TAG_BITS - 3) | tagOf(hash);
    }

    private static long blockOf(long slot) {
        return slot >>> TAG_BITS << 3;
    }

    private static long headerOf(long segment) {
        return (segment & ADDRESS) + (segment >>> BUCKETS_SHIFT) * BUCKET_BYTES - Long.BYTES;
    }

    private static int countOf(long segment) {
        return (int) (Memory.getLong(headerOf(segment)) >>> COUNT_SHIFT);
    }

    private static int depthOf(long segment) {
        return (int) ((Memory.getLong(headerOf(segment)) & DEPTH) >>> DEPTH_SHIFT);
    }

    /// Whether a bucket has an empty slot; the last bucket's last slot is the header.
    private static boolean hasRoom(long bucket, long last) {
        return Memory.getLong(bucket + (bucket == last ? LAST_SLOT - Long.BYTES : LAST_SLOT)) == 0;
    }

    /// The address of the first empty slot of a bucket that has one.
    private static long firstEmpty(long bucket) {
        long at = Memory.getLong(bucket + 3 * Long.BYTES) == 0 ? bucket : bucket + 4 * Long.BYTES;
        at = Memory.getLong(at + Long.BYTES) == 0 ? at : at + 2 * Long.BYTES;
        return Memory.getLong(at) == 0 ? at : at + Long.BYTES;
    }

    /// A bit for each slot whose tag is this one. All eight are compared without a branch: which of them matches
    /// cannot be predicted, and a wrong guess would cost more than the comparisons.
    private static int matches(long bucket, long tag) {
        return match(bucket, tag, 0)
                | match(bucket, tag, 1)
                | match(bucket, tag, 2)
                | match(bucket, tag, 3)
                | match(bucket, tag, 4)
                | match(bucket, tag, 5)
                | match(bucket, tag, 6)
                | match(bucket, tag, 7);
    }

    private static int match(long bucket, long tag, int slot) {
        long difference = (Memory.getLong(bucket + slot * Long.BYTES) ^ tag) & TAG;
        return (int) (difference - 1 >>> 63) << slot;
    }
}
