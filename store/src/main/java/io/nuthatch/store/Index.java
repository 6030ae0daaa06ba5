package io.nuthatch.store;

import io.nuthatch.memory.Bytes;
import io.nuthatch.memory.Lease;
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
/// entries. Within a segment, buckets of one cache line with small tags that are compared all at once, as in
/// F14, Dash (VLDB 2020) and Valkey's hashtable, but with plain linear probing. What is ours: the home bucket is
/// the tag scaled to the number of buckets. So a segment can have *any* number of buckets, and gets a new one
/// every 16 to 30 entries by being copied in order, without a look at any key. That is what keeps it nine-tenths
/// full; tables that double have half of that on average.
///
/// ## Layout
/// ```
///   hash      63 ─────────── directory ────────── 34 │ … │ 19 ─── tag ─── 0
///                                │                              │
///   directory (heap)             ▼                              │ home = tag * buckets / 65536
///     [ buckets:16 | address:48 ] ─► segment                    ▼
///     one entry a prefix; several      bucket 0     │ header │ slot │ slot │ slot │ slot │ slot │ slot │ slot │
///     lead to the same segment         bucket 1     │ slot   │ slot │ slot │  -   │  -   │  -   │  -   │  -   │
///     if it is shallower               …
///
///   bucket      0  tag of slot 0 … tag of slot 7        8 x 2 bytes; 0 is an empty slot
///              16  block of slot 0 … block of slot 7    8 x 6 bytes, an address
///
///   header      tag 0xFFFF, which no entry has; in the place of its block
///              16  int    COUNT   entries of the segment
///              20  short  DEPTH   bits of the directory that lead here
/// ```
/// A bucket is 64 bytes, on a cache line's boundary. A segment has 1 to 64 buckets, in steps that are size
/// classes of the [Slab].
///
/// ## Invariants
/// - A bucket's empty slots come last, so a bucket has room if its last tag is 0.
/// - All buckets from an entry's home up to the one before its own, cyclically, are full. So a search ends at
///   the first bucket with room.
/// - All entries of a segment agree in the first `depth` bits of their hashes.
///
/// ## Growing
/// A segment that is full to 29/32 is copied to the next size; at 64 buckets it splits by the next bit of the
/// hashes. The bucket of an entry depends only on its tag, so the halves are filled as evenly as before.
/// Removing pulls displaced entries back, so there are no tombstones; a segment that falls below 5/8 is copied
/// to a smaller size. One that is left with few entries is merged with the segment it once parted from, if that
/// has few as well: again no key is looked at, for the bucket depends on the tag. The directory halves when no
/// segment needs its last bit. An index that becomes empty forgets all segments.
///
/// ## Equal hashes
/// Splitting does not part entries whose hashes agree. The directory therefore grows only as long as it costs
/// less than half a byte an entry; after that a segment may have more than 64 buckets. Thousands of entries of
/// one hash make a slow index, not a large or a broken one.
///
/// ## Scanning
/// A cursor is a place in the order (directory prefix, tag). Segments split by prefix and buckets by tag, so
/// whatever was before the cursor stays before it. In a segment that has merged since, the order is by tag over
/// both its parts; a cursor therefore says how deep its segment was, and a shallower one is visited from its
/// start.
///
/// Locks: none; whoever owns the index guards it. [#touch] and [#touchBlock] alone may be called by anyone at
/// any time.
///
/// Cost: `IndexCost` in the tests prints bytes an entry (9.2 to 9.5 at any size) and the time of each operation.
final class Index {
    /// How the blocks of an index are read.
    interface Layout {
        /// The hash of the block's key.
        long hash(long block);

        /// Whether the block's key is this one.
        boolean holds(long block, long keyAddress, int keyLength);
    }

    private static final int SLOTS = 8;
    private static final int BUCKET_BYTES = 64;
    private static final long TAG_BYTES = 2;
    private static final long BLOCK_BYTES = 6;
    private static final long BLOCKS = SLOTS * TAG_BYTES;
    private static final long LAST_TAG = (SLOTS - 1) * TAG_BYTES;

    private static final long COUNT = BLOCKS;
    private static final long DEPTH = BLOCKS + 4;

    private static final int TAG_BITS = 16;
    private static final int HEADER_TAG = 0xFFFF;

    /// The part of the hash that makes the tag. The bits between it and the directory's are free for choosing
    /// shards.
    private static final long TAG_SOURCE = 0xF_FFFF;

    private static final int TAG_SOURCE_BITS = 20;
    private static final int TAGS = 0xFFFE;

    /// A tag in all four lanes of a word.
    private static final long LANES = 0x0001_0001_0001_0001L;

    private static final long LANES_BUT_TOP_BITS = 0x7FFF_7FFF_7FFF_7FFFL;

    private static final int BUCKETS_SHIFT = 48;
    private static final long ADDRESS = (1L << BUCKETS_SHIFT) - 1;

    /// A segment of this size splits rather than grows.
    private static final int BUCKETS_BEFORE_SPLIT = 64;

    private static final int ENTRIES_BEFORE_SPLIT = BUCKETS_BEFORE_SPLIT * 29 / 4;

    /// The directory's handles have 16 bits for it: half a million entries of one hash.
    private static final int BUCKETS_MOST = 65_535;

    /// The directory has at most 2^30 entries; a cursor has as many bits of prefix.
    private static final int DEPTH_MOST = 30;

    /// Where a cursor has the depth of its segment.
    private static final int CURSOR_DEPTH_SHIFT = TAG_BITS + DEPTH_MOST;

    /// Two segments merge that have no more together: a quarter of what makes one split.
    private static final int MERGED_MOST = 116;

    private static final int ENTRIES_PER_DIRECTORY_ENTRY = 16;

    private static final long ARRAY_HEADER_BYTES = 16;

    /// Tries of [#random] before it walks.
    private static final int RANDOM_TRIES = 64;

    /// Tries of [#randomEvenly] before it counts.
    private static final int EVEN_TRIES = 512;

    /// Empty segments that one [#scan] passes over.
    private static final int SCAN_SKIPS = 32;

    /// Leads nowhere. Shared by all empty indexes, and never written.
    private static final long[] NOWHERE = new long[2];

    private final Lease lease;
    private final Layout layout;

    /// 2^depth handles of segments, by the top bits of the hash. Depth is at least 1.
    private long[] directory = NOWHERE;

    private long size;
    private long segmentBytes;

    /// No segment has more.
    private int mostBuckets;

    private int drained;

    /// How many segments there are of each depth.
    private final int[] segmentsOfDepth = new int[DEPTH_MOST + 1];

    /// Where reads that only warm the cache leave their sum, so that they are not optimised away.
    @SuppressWarnings("UnusedVariable") // Written so that the reads are not optimised away.
    private long warmth;

    Index(Lease lease, Layout layout) {
        this.lease = lease;
        this.layout = layout;
    }

    long size() {
        return size;
    }

    /// Bytes of the segments and the directory.
    @SuppressWarnings("ReferenceEquality") // There is one NOWHERE.
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
        long end = base + (segment >>> BUCKETS_SHIFT) * BUCKET_BYTES;
        long home = base + homeOf(tag, segment >>> BUCKETS_SHIFT) * BUCKET_BYTES;
        long bucket = home;
        do {
            for (long matches = matches(bucket, tag); matches != 0; matches &= matches - 1) {
                long block = blockAt(bucket, firstOf(matches));
                if (layout.holds(block, key.address(), key.length())) {
                    return block;
                }
            }
            if (hasRoom(bucket)) {
                return 0;
            }
            bucket = after(bucket, base, end);
        } while (bucket != home);
        return 0;
    }

    /// The first block, of all whose key may have this hash, that satisfies the test; 0 if none does. The test
    /// must not change the index.
    long matching(long hash, LongPredicate test) {
        long[] directory = this.directory;
        long segment = directory[indexIn(directory, hash)];
        if (segment == 0) {
            return 0;
        }
        long tag = tagOf(hash);
        long base = segment & ADDRESS;
        long end = base + (segment >>> BUCKETS_SHIFT) * BUCKET_BYTES;
        long home = base + homeOf(tag, segment >>> BUCKETS_SHIFT) * BUCKET_BYTES;
        long bucket = home;
        do {
            for (long matches = matches(bucket, tag); matches != 0; matches &= matches - 1) {
                long block = blockAt(bucket, firstOf(matches));
                if (test.test(block)) {
                    return block;
                }
            }
            if (hasRoom(bucket)) {
                return 0;
            }
            bucket = after(bucket, base, end);
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
        long matches = matches(bucket, tagOf(hash));
        if (matches == 0) {
            return 0;
        }
        long block = blockAt(bucket, firstOf(matches));
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
        place(segment, tagOf(hash), block);
        count(segment, countOf(segment) + 1);
        size++;
    }

    /// Notes that the record of the same key has moved.
    void replace(long hash, long oldBlock, long newBlock) {
        long segment = present(hash);
        long place = placeOf(segment, tagOf(hash), oldBlock);
        putBlock(bucketOf(place), slotOf(place), newBlock);
    }

    /// Forgets a block that is known to be present.
    void remove(long hash, long block) {
        long segment = present(hash);
        takeOut(segment, placeOf(segment, tagOf(hash), block));
        int left = countOf(segment) - 1;
        count(segment, left);
        if (--size == 0) {
            clear();
        } else if (left < 5 * (segment >>> BUCKETS_SHIFT) && !merge(hash, segment, left)) {
            shrink(hash, segment, left);
        }
    }

    /// The hash's segment, which must be there.
    private long present(long hash) {
        long segment = directory[indexIn(directory, hash)];
        if (segment == 0) {
            throw new IllegalStateException("block not in the index, which is empty: hash=" + hash);
        }
        return segment;
    }

    /// Forgets all blocks, which stay their owner's, and frees the index's own memory.
    void clear() {
        long[] old = directory;
        directory = NOWHERE;
        size = 0;
        drained = 0;
        mostBuckets = 0;
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
        long end = (segment & ADDRESS) + (segment >>> BUCKETS_SHIFT) * BUCKET_BYTES;
        for (long bucket = segment & ADDRESS; bucket < end; bucket += BUCKET_BYTES) {
            for (int slot = 0; slot < SLOTS && left > 0; slot++) {
                if (isEntry(tagAt(bucket, slot))) {
                    putTag(bucket, slot, 0);
                    size--;
                    left--;
                    visit.accept(blockAt(bucket, slot));
                }
            }
        }
        return left;
    }

    /// Puts an entry into the first bucket with room from its home on. There must be one.
    private static void place(long segment, long tag, long block) {
        long base = segment & ADDRESS;
        long end = base + (segment >>> BUCKETS_SHIFT) * BUCKET_BYTES;
        long bucket = base + homeOf(tag, segment >>> BUCKETS_SHIFT) * BUCKET_BYTES;
        while (!hasRoom(bucket)) {
            bucket = after(bucket, base, end);
        }
        int slot = firstEmpty(bucket);
        putTag(bucket, slot, tag);
        putBlock(bucket, slot, block);
    }

    /// The place (bucket's address | slot) of an entry that must be there.
    private static long placeOf(long segment, long tag, long block) {
        long base = segment & ADDRESS;
        long end = base + (segment >>> BUCKETS_SHIFT) * BUCKET_BYTES;
        long home = base + homeOf(tag, segment >>> BUCKETS_SHIFT) * BUCKET_BYTES;
        long bucket = home;
        do {
            for (long matches = matches(bucket, tag); matches != 0; matches &= matches - 1) {
                if (blockAt(bucket, firstOf(matches)) == block) {
                    return bucket | firstOf(matches);
                }
            }
            bucket = after(bucket, base, end);
        } while (bucket != home);
        throw new IllegalStateException("block not in the index: block=" + block + ", tag=" + tag);
    }

    /// Empties a slot. If its bucket was full, an entry further on may have been displaced by it: the first such
    /// comes back into the hole and leaves one behind, and so on until a bucket that had room.
    private static void takeOut(long segment, long place) {
        long base = segment & ADDRESS;
        long buckets = segment >>> BUCKETS_SHIFT;
        long end = base + buckets * BUCKET_BYTES;
        long hole = bucketOf(place);
        boolean full = !hasRoom(hole);
        int empty = close(hole, slotOf(place));
        long bucket = hole;
        for (long distance = 1, steps = 1; full && steps < buckets; distance++, steps++) {
            bucket = after(bucket, base, end);
            full = !hasRoom(bucket);
            int displaced = displacedBy(distance, bucket, base, buckets);
            if (displaced >= 0) {
                putTag(hole, empty, tagAt(bucket, displaced));
                putBlock(hole, empty, blockAt(bucket, displaced));
                empty = close(bucket, displaced);
                hole = bucket;
                distance = 0;
            }
        }
    }

    /// Fills a slot with the last entry of its bucket; returns the slot that is empty now.
    private static int close(long bucket, int slot) {
        int last = (hasRoom(bucket) ? firstEmpty(bucket) : SLOTS) - 1;
        putTag(bucket, slot, tagAt(bucket, last));
        putBlock(bucket, slot, blockAt(bucket, last));
        putTag(bucket, last, 0);
        return last;
    }

    /// A slot of the bucket whose entry lies `distance` buckets or more after its home, or -1.
    private static int displacedBy(long distance, long bucket, long base, long buckets) {
        long at = (bucket - base) / BUCKET_BYTES;
        for (int slot = 0; slot < SLOTS; slot++) {
            int tag = tagAt(bucket, slot);
            long displaced = at - homeOf(tag, buckets);
            if (isEntry(tag) && (displaced < 0 ? displaced + buckets : displaced) >= distance) {
                return slot;
            }
        }
        return -1;
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
        long segment = newSegment(1, 0, 0);
        directory[0] = segment;
        directory[1] = segment;
        return segment;
    }

    /// Makes the segments now that so many entries will need, if there are no entries yet: those that are then added
    /// are not moved about while the index grows. Some will still grow, for entries do not spread quite evenly.
    void expect(long entries) {
        if (size > 0 || directory[0] != 0 || entries < ENTRIES_BEFORE_SPLIT) {
            return;
        }
        long segments = Long.highestOneBit(2 * entries / ENTRIES_BEFORE_SPLIT);
        int depth = Math.clamp(Long.numberOfTrailingZeros(segments), 1, DEPTH_MOST - 1);
        int each = (int) Math.min(entries >>> depth, ENTRIES_BEFORE_SPLIT);
        long[] wide = new long[1 << depth];
        for (int i = 0; i < wide.length; i++) {
            wide[i] = newSegment(bucketsFor(each + each / 16 + 1), 0, depth);
        }
        directory = wide;
    }

    private boolean mayDeepen(long segment) {
        int depth = depthOf(segment);
        return depth < depthOf(directory)
                || depth < DEPTH_MOST && directory.length * 2L * ENTRIES_PER_DIRECTORY_ENTRY <= size;
    }

    private void resize(long hash, long segment, int buckets) {
        long copy = newSegment(buckets, countOf(segment), depthOf(segment));
        copyEntries(segment, copy);
        lead(hash, depthOf(segment), copy);
        freeSegment(segment);
    }

    private static void copyEntries(long segment, long to) {
        long end = (segment & ADDRESS) + (segment >>> BUCKETS_SHIFT) * BUCKET_BYTES;
        for (long bucket = segment & ADDRESS; bucket < end; bucket += BUCKET_BYTES) {
            for (int slot = 0; slot < SLOTS; slot++) {
                int tag = tagAt(bucket, slot);
                if (isEntry(tag)) {
                    place(to, tag, blockAt(bucket, slot));
                }
            }
        }
    }

    /// Makes one segment of this and the one it parted from.
    ///
    /// @return whether they were small enough
    private boolean merge(long hash, long segment, int count) {
        int depth = depthOf(segment);
        if (depth == 0 || count > MERGED_MOST / 2) {
            return false;
        }
        long twin = directory[indexIn(directory, hash ^ Long.MIN_VALUE >>> depth - 1)];
        int both = count + countOf(twin);
        if (depthOf(twin) != depth || both > MERGED_MOST) {
            return false;
        }
        long merged = newSegment(bucketsFor(both + both / 8 + 1), both, depth - 1);
        copyEntries(segment, merged);
        copyEntries(twin, merged);
        lead(hash, depth - 1, merged);
        freeSegment(segment);
        freeSegment(twin);
        halveDirectory();
        return true;
    }

    /// Makes the directory as small as it may be.
    private void halveDirectory() {
        while (directory.length > 2 && segmentsOfDepth[depthOf(directory)] == 0) {
            long[] old = directory;
            long[] smaller = new long[old.length / 2];
            mostBuckets = 0;
            for (int i = 0; i < smaller.length; i++) {
                smaller[i] = old[2 * i];
                mostBuckets = Math.max(mostBuckets, (int) (smaller[i] >>> BUCKETS_SHIFT));
            }
            directory = smaller;
        }
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
        long scratch = lease.allocate(scratchBytes);
        long zeros = scratch;
        long ones = scratch + scratchBytes;
        warmUp(segment);
        long end = (segment & ADDRESS) + (segment >>> BUCKETS_SHIFT) * BUCKET_BYTES;
        for (long bucket = segment & ADDRESS; bucket < end; bucket += BUCKET_BYTES) {
            for (int slot = 0; slot < SLOTS; slot++) {
                long tag = tagAt(bucket, slot);
                if (!isEntry((int) tag)) {
                    continue;
                }
                long block = blockAt(bucket, slot);
                long entry = tag << BUCKETS_SHIFT | block;
                if ((layout.hash(block) << depth) < 0) {
                    ones -= Long.BYTES;
                    Memory.putLong(ones, entry);
                } else {
                    Memory.putLong(zeros, entry);
                    zeros += Long.BYTES;
                }
            }
        }
        assert zeros == ones : "segment miscounted: count=" + count;
        long bit = Long.MIN_VALUE >>> depth;
        long zero = segmentOf(scratch, zeros, depth + 1);
        long one = segmentOf(ones, scratch + scratchBytes, depth + 1);
        lead(hash & ~bit, depth + 1, zero);
        lead(hash | bit, depth + 1, one);
        lease.free(scratch, scratchBytes);
        freeSegment(segment);
    }

    private void warmUp(long segment) {
        long sum = 0;
        long end = (segment & ADDRESS) + (segment >>> BUCKETS_SHIFT) * BUCKET_BYTES;
        for (long bucket = segment & ADDRESS; bucket < end; bucket += BUCKET_BYTES) {
            for (int slot = 0; slot < SLOTS; slot++) {
                if (isEntry(tagAt(bucket, slot))) {
                    sum += Memory.getByte(blockAt(bucket, slot));
                }
            }
        }
        warmth = sum;
    }

    /// A segment with the listed entries (tag << 48 | block).
    private long segmentOf(long entries, long end, int depth) {
        int count = (int) ((end - entries) / Long.BYTES);
        long segment = newSegment(bucketsFor(count + count / 16 + 1), count, depth);
        for (long at = entries; at < end; at += Long.BYTES) {
            long entry = Memory.getLong(at);
            place(segment, entry >>> BUCKETS_SHIFT, entry & ADDRESS);
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

    private long newSegment(int buckets, int count, int depth) {
        if (buckets > BUCKETS_MOST) {
            throw new IllegalStateException("too many entries of one hash: buckets=" + buckets + ", size=" + size);
        }
        long bytes = (long) buckets * BUCKET_BYTES;
        long address = lease.allocate(bytes);
        Memory.fill(address, bytes, 0);
        Memory.putShort(address, HEADER_TAG);
        Memory.putInt(address + COUNT, count);
        Memory.putShort(address + DEPTH, depth);
        segmentBytes += Slab.roundUp(bytes);
        mostBuckets = Math.max(mostBuckets, buckets);
        segmentsOfDepth[depth]++;
        return (long) buckets << BUCKETS_SHIFT | address;
    }

    private void freeSegment(long segment) {
        long bytes = (segment >>> BUCKETS_SHIFT) * BUCKET_BYTES;
        segmentsOfDepth[depthOf(segment)]--;
        lease.free(segment & ADDRESS, bytes);
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
    /// and more than once only if the index grew or shrank in between. Any cursor is accepted. The visitor must
    /// not change the index.
    long scan(long cursor, LongConsumer visit) {
        long prefix = cursor >>> TAG_BITS & (1L << DEPTH_MOST) - 1;
        long tag = cursor & (1L << TAG_BITS) - 1;
        long depth = cursor >>> CURSOR_DEPTH_SHIFT & DEPTH_MOST + 1;
        for (int skips = 0; size > 0; skips++) {
            long segment = directory[(int) (prefix >>> (DEPTH_MOST - depthOf(directory)))];
            if (depthOf(segment) < depth) {
                tag = 0;
            }
            depth = 0;
            int buckets = (int) (segment >>> BUCKETS_SHIFT);
            if (countOf(segment) > 0) {
                long home = homeOf(tag, buckets);
                long end = ((home + 1 << TAG_BITS) + buckets - 1) / buckets;
                visitTags(segment, home, tag, end, visit);
                if (home + 1 < buckets) {
                    return (long) depthOf(segment) << CURSOR_DEPTH_SHIFT | prefix << TAG_BITS | end;
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
        long end = base + (segment >>> BUCKETS_SHIFT) * BUCKET_BYTES;
        long first = base + home * BUCKET_BYTES;
        long bucket = first;
        do {
            for (int slot = 0; slot < SLOTS; slot++) {
                int tag = tagAt(bucket, slot);
                if (isEntry(tag) && tag >= from && tag < to) {
                    visit.accept(blockAt(bucket, slot));
                }
            }
            if (hasRoom(bucket)) {
                return;
            }
            bucket = after(bucket, base, end);
        } while (bucket != first);
    }

    /// A block at random, about evenly; 0 if there are none.
    long random(RandomGenerator random) {
        if (size == 0) {
            return 0;
        }
        for (int tries = 0; tries < RANDOM_TRIES; tries++) {
            long segment = directory[random.nextInt(directory.length)];
            int place = random.nextInt((int) (segment >>> BUCKETS_SHIFT) * SLOTS);
            long bucket = (segment & ADDRESS) + (long) (place / SLOTS) * BUCKET_BYTES;
            if (isEntry(tagAt(bucket, place % SLOTS))) {
                return blockAt(bucket, place % SLOTS);
            }
        }
        long[] one = new long[1];
        collect(random, one, 1, Integer.MAX_VALUE);
        return one[0];
    }

    /// A block at random, each as likely as any other; 0 if there are none. Slower than [#random] where the index
    /// is sparse.
    ///
    /// Every place that any segment could have is as likely: those that this one does not have, or that are empty,
    /// are drawn again. Of the directory's entries that lead to one segment only the first counts.
    long randomEvenly(RandomGenerator random) {
        if (size == 0) {
            return 0;
        }
        int places = mostBuckets * SLOTS;
        for (int tries = 0; tries < EVEN_TRIES; tries++) {
            int at = random.nextInt(directory.length);
            long segment = directory[at];
            int place = random.nextInt(places);
            long bucket = (segment & ADDRESS) + (long) (place / SLOTS) * BUCKET_BYTES;
            if (place < (int) (segment >>> BUCKETS_SHIFT) * SLOTS
                    && isFirst(at, segment)
                    && isEntry(tagAt(bucket, place % SLOTS))) {
                return blockAt(bucket, place % SLOTS);
            }
        }
        return blockOfRank(random.nextLong(size));
    }

    private boolean isFirst(int at, long segment) {
        return (at & (1 << (depthOf(directory) - depthOf(segment))) - 1) == 0;
    }

    /// The block that so many stand before, segment by segment.
    private long blockOfRank(long rank) {
        long left = rank;
        for (int at = 0; at < directory.length; at++) {
            long segment = directory[at];
            if (isFirst(at, segment)) {
                if (left < countOf(segment)) {
                    long[] blocks = new long[countOf(segment)];
                    int found = 0;
                    for (int bucket = 0; bucket < segment >>> BUCKETS_SHIFT; bucket++) {
                        found = collectBucket(segment, bucket, blocks, found, blocks.length);
                    }
                    return blocks[(int) left];
                }
                left -= countOf(segment);
            }
        }
        throw new IllegalStateException("index miscounted: size=" + size + ", rank=" + rank);
    }

    /// Fills `blocks` with up to `wanted` blocks that lie next to each other, from a random place on; returns
    /// how many. Less random than as many calls of [#random], and much cheaper. It gives up in a sparse place.
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

    private static int collectBucket(long segment, int number, long[] blocks, int found, int wanted) {
        int next = found;
        long bucket = (segment & ADDRESS) + (long) number * BUCKET_BYTES;
        for (int slot = 0; slot < SLOTS && next < wanted; slot++) {
            if (isEntry(tagAt(bucket, slot))) {
                blocks[next++] = blockAt(bucket, slot);
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

    /// 1 to 0xFFFE, evenly.
    private static long tagOf(long hash) {
        return ((hash & TAG_SOURCE) * TAGS >>> TAG_SOURCE_BITS) + 1;
    }

    private static boolean isEntry(int tag) {
        return tag != 0 && tag != HEADER_TAG;
    }

    private static long homeOf(long tag, long buckets) {
        return tag * buckets >>> TAG_BITS;
    }

    private static int countOf(long segment) {
        return Memory.getInt((segment & ADDRESS) + COUNT);
    }

    private static void count(long segment, int count) {
        Memory.putInt((segment & ADDRESS) + COUNT, count);
    }

    private static int depthOf(long segment) {
        return Memory.getShort((segment & ADDRESS) + DEPTH);
    }

    /// The bucket after this one, cyclically.
    private static long after(long bucket, long base, long end) {
        long next = bucket + BUCKET_BYTES;
        return next == end ? base : next;
    }

    private static long bucketOf(long place) {
        return place & -SLOTS;
    }

    private static int slotOf(long place) {
        return (int) place & SLOTS - 1;
    }

    private static int tagAt(long bucket, int slot) {
        return Memory.getShort(bucket + slot * TAG_BYTES) & 0xFFFF;
    }

    private static void putTag(long bucket, int slot, long tag) {
        Memory.putShort(bucket + slot * TAG_BYTES, (int) tag);
    }

    /// Reads the two bytes before the block too, so as not to read beyond the bucket for the last one.
    private static long blockAt(long bucket, int slot) {
        return Memory.getLong(bucket + BLOCKS - 2 + slot * BLOCK_BYTES) >>> 16;
    }

    private static void putBlock(long bucket, int slot, long block) {
        long at = bucket + BLOCKS + slot * BLOCK_BYTES;
        Memory.putInt(at, (int) block);
        Memory.putShort(at + 4, (int) (block >>> 32));
    }

    private static boolean hasRoom(long bucket) {
        return Memory.getShort(bucket + LAST_TAG) == 0;
    }

    /// The first empty slot of a bucket that has one. It reads tag by tag, for the tags may have been written a
    /// moment ago: a wider read would have to wait until they are in the cache.
    private static int firstEmpty(long bucket) {
        int slot = tagAt(bucket, 3) == 0 ? 0 : 4;
        slot += tagAt(bucket, slot + 1) == 0 ? 0 : 2;
        return slot + (tagAt(bucket, slot) == 0 ? 0 : 1);
    }

    /// The slots whose tag is this one, as bits that [#firstOf] understands. All eight are compared without a
    /// branch: which of them matches cannot be predicted, and a wrong guess would cost more than the
    /// comparisons.
    private static long matches(long bucket, long tag) {
        long pattern = tag * LANES;
        return zeros(Memory.getLong(bucket) ^ pattern) >>> 8 | zeros(Memory.getLong(bucket + 8) ^ pattern);
    }

    /// The top bit of each lane that is zero. A lane is zero if neither its top bit is set nor, after adding to
    /// the others as much as fits below it, anything has reached the top bit.
    private static long zeros(long lanes) {
        return ~((lanes & LANES_BUT_TOP_BITS) + LANES_BUT_TOP_BITS | lanes | LANES_BUT_TOP_BITS);
    }

    /// The slot of the lowest bit: bits 7, 23, 39, 55 stand for slots 0 to 3 and bits 15, 31, 47, 63 for slots 4
    /// to 7.
    private static int firstOf(long matches) {
        int bit = Long.numberOfTrailingZeros(matches);
        return (bit >>> 4) + (bit >>> 1 & 4);
    }
}
