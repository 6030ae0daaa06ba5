package io.nuthatch.store;

import io.nuthatch.memory.Memory;
import io.nuthatch.memory.Slab;
import java.util.Arrays;
import java.util.random.RandomGenerator;

/// Knows which keys may be due: a hierarchical timing wheel (Varghese and Lauck, 1987) of key hashes.
///
/// ```
///   level 0   256 slots of 4 ms      the next second
///   level 1   256 slots of 1 s       the next 4 minutes
///   level 2   256 slots of 4 min     the next 18 hours
///   level 3   256 slots of 18 h      the next 198 days; what lies beyond waits in the farthest slot
///
///   slot ──► chunk ◄──► older chunk ◄──► …      64 bytes, then 128, 256, 512, 512 …
///
///   chunk     0  long   NEXT       the next chunk of the slot, or 0
///             8  long   PREVIOUS   the one before, or 0
///            16  int    NUMBER     its place in the list of all chunks
///            20  short  PLACE      the slot that it belongs to
///            22  byte   COUNT      entries
///            23  byte   WORDS      its size in 8 bytes
///            24  entry, entry, …   8 bytes each
/// ```
/// An entry costs less than 9 bytes where there are many.
///
/// ## Entries and positions
/// An entry is a hash and nothing more; the deadline is the record's. The record also keeps the *position* of its
/// entry, which [#add] returned. Entries are handed over to the [Owner], who compares: if no record of that hash
/// has that position, the entry is stale and forgotten; a record that is due goes; any other is added again. An
/// entry must be handed over when its slot comes round, and may be at any time before.
///
/// From this follows the rest. Moving a deadline further away touches no wheel. Moving it nearer leaves a stale
/// entry behind. Entries come down from level to level by being handed over and added again. Stale entries are
/// swept out by handing over all chunks, one after another. A clock that was put back makes slots come round too
/// early, which does no harm, and none too late.
///
/// ```
///   position   turn : 6 │ level : 2 │ slot : 8      never NO_POSITION, as there are 63 turns
///   entry      the hash, with the turn in bits 20 to 25
/// ```
/// The turn counts additions. It tells the entry of a key that was deleted and set again from the new one in the
/// same slot; without it, a key that is set and deleted all the time would fill its slot with entries that all
/// look current. It stands where the hash has the number of the shard, which is the wheel's.
///
/// ## Time
/// It comes from outside, in milliseconds since 1970, and may jump. An entry comes round at the first tick that
/// is not before its deadline. Each shard's wheel is a little ahead of the last one's, so that the slots of the
/// higher levels, which may hold very many entries, do not come round in all shards at once.
///
/// Locks: the shard's.
final class TimingWheel {
    /// A position that no entry ever has.
    static final int NO_POSITION = 0xFFFF;

    static final int TICK_MS = 4;

    private static final int TICK_BITS = 2;
    private static final int LEVELS = 4;
    private static final int SLOT_BITS = 8;
    private static final int SLOTS = 1 << SLOT_BITS;

    private static final int PLACE_BITS = 10;
    private static final int TURNS = 63;
    private static final int HASH_TURN_SHIFT = Keyspace.SHARD_SHIFT;
    private static final long HASH_TURN = (Keyspace.SHARDS - 1L) << HASH_TURN_SHIFT;

    /// The 64th part of a slot of level 1, of level 2 and of level 3.
    private static final long PHASE_MS = (1L << 4) + (1L << 12) + (1L << 20);

    private static final int NEXT = 0;
    private static final int PREVIOUS = 8;
    private static final int NUMBER = 16;
    private static final int PLACE = 20;
    private static final int COUNT = 22;
    private static final int WORDS = 23;
    private static final int HEADER_BYTES = 24;
    private static final int SMALLEST_CHUNK_BYTES = 64;
    private static final int LARGEST_CHUNK_BYTES = 512;

    /// So many stale entries are not worth a sweep.
    private static final int STALE_ALLOWED = 1024;

    private static final long NEVER = Long.MAX_VALUE;

    /// Who has the records.
    @FunctionalInterface
    interface Owner {
        /// Decides about an entry, which the wheel has forgotten; may [#add] and [#abandon] others.
        ///
        /// @param position where it stood
        /// @return whether it was its record's entry, not a stale one
        boolean take(long hash, int position);

        /// Brings near what [#take] will read first: the cache misses of many entries overlap. What it returns means
        /// nothing, but must be used.
        default long touchIndex(long hash) {
            return 0;
        }

        /// Brings near what [#take] will read next; for after [#touchIndex].
        default long touchRecord(long hash) {
            return 0;
        }
    }

    /// Who is shown an entry.
    @FunctionalInterface
    interface Visitor {
        /// @return whether it is its record's entry, and in the right place
        boolean visit(long hash, int position);
    }

    private final Slab slab;
    private final long shardBits;
    private final long phaseMs;

    /// The newest chunk of each slot, or 0. Empty until the first entry comes.
    private long[] slots = {};

    /// All chunks, in no order.
    private long[] chunks = {};

    private int chunkCount;

    /// All slots up to this tick have come round; those of the higher levels for the next one may have.
    private long tick;

    /// No slot comes round before this tick.
    private long nextRound = NEVER;

    /// The chunks of a slot that has come round.
    private long pending;

    /// Chunks from 0 up that a sweep has not come to; 0 if none is under way.
    private int unswept;

    private long size;
    private long stale;
    private int turn;

    /// What was read ahead. It is kept so that the reading is not optimized away.
    long touched;

    TimingWheel(Slab slab, int shard) {
        this.slab = slab;
        this.shardBits = (long) shard << HASH_TURN_SHIFT;
        this.phaseMs = shard * PHASE_MS;
    }

    /// Entries, stale ones included.
    long size() {
        return size;
    }

    // --------------------------------------------------------------------------------------- adding

    /// Adds an entry for a deadline.
    ///
    /// @param hash of a key of this wheel's shard
    /// @return its position, for the record to keep
    int add(long hash, long deadlineMs, long nowMs) {
        assert (hash & HASH_TURN) == shardBits : "hash of another shard: hash=" + hash;
        keepTime(tickBy(nowMs));
        turn = (turn + 1) % TURNS;
        int place = placeFor(tickFrom(deadlineMs));
        put(place, hash & ~HASH_TURN | (long) turn << HASH_TURN_SHIFT);
        size++;
        nextRound = Math.min(nextRound, roundOf(place));
        return turn << PLACE_BITS | place;
    }

    /// Notes that an entry has become stale: its record has gone, or has another.
    void abandon() {
        stale++;
    }

    /// Whether the entry at a position comes round too late for a deadline.
    boolean firesAfter(int position, long deadlineMs) {
        return roundOf(placeOf(position)) > tickFrom(deadlineMs);
    }

    /// Whether the entry at a position comes round long before a deadline: it would be added elsewhere today.
    boolean firesEarly(int position, long deadlineMs) {
        int place = placeOf(position);
        return roundOf(place) + (1L << shiftOf(place)) <= tickFrom(deadlineMs);
    }

    /// The last tick that is not after a time.
    private long tickBy(long timeMs) {
        return timeMs + phaseMs >> TICK_BITS;
    }

    /// The first tick that is not before a time.
    private long tickFrom(long timeMs) {
        return tickBy(timeMs + TICK_MS - 1);
    }

    private static int placeOf(int position) {
        return position & (1 << PLACE_BITS) - 1;
    }

    /// How many bits more than a tick a slot at a place spans.
    private static int shiftOf(int place) {
        return (place >> SLOT_BITS) * SLOT_BITS;
    }

    private static int place(int level, long round) {
        return level << SLOT_BITS | (int) (round >> level * SLOT_BITS) & SLOTS - 1;
    }

    /// The slot for a tick, on the lowest level that reaches so far. Of what is to come round on a level, the
    /// nearest slot is one step ahead of the wheel and the farthest 256: the slot that has just come round.
    private int placeFor(long dueTick) {
        long due = Math.max(dueTick, tick + 1);
        for (int level = 0; level < LEVELS; level++) {
            int shift = level * SLOT_BITS;
            if ((due >> shift) - (tick >> shift) <= SLOTS) {
                return place(level, due);
            }
        }
        return place(LEVELS - 1, tick);
    }

    /// The tick at which a slot comes round.
    private long roundOf(int place) {
        int shift = shiftOf(place);
        long now = tick >> shift;
        long steps = (place - now - 1 & SLOTS - 1) + 1;
        return now + steps << shift;
    }

    /// Lets the wheel stand at the tick that it is now, as far as no slot is passed over.
    private void keepTime(long now) {
        if (now < tick) {
            tick = now;
            nextRound = Math.min(nextRound, findNextRound());
        } else if (now < nextRound) {
            tick = now;
        }
    }

    private void put(int place, long entry) {
        if (slots.length == 0) {
            slots = new long[LEVELS * SLOTS];
        }
        long chunk = slots[place];
        if (chunk == 0 || bytesOf(chunk) == HEADER_BYTES + countOf(chunk) * Long.BYTES) {
            chunk = newChunk(place, chunk);
        }
        int count = countOf(chunk);
        Memory.putLong(entryAt(chunk, count), entry);
        Memory.putByte(chunk + COUNT, count + 1);
    }

    // --------------------------------------------------------------------------------------- handing over

    /// Hands over what has come round: about `most` entries, by whole chunks.
    ///
    /// @return whether there is more to hand over now
    boolean advance(long nowMs, int most, Owner owner) {
        long now = tickBy(nowMs);
        keepTime(now);
        int left = most;
        while (pending != 0 || takeNext(now)) {
            if (left <= 0) {
                return true;
            }
            left -= handOver(pending, owner);
        }
        if (size == 0) {
            close();
        }
        return false;
    }

    /// Takes out the next slot that comes round no later than now; false if there is none.
    ///
    /// At one tick, higher levels come first: what they hold may belong to a lower slot of the same tick. For that
    /// the wheel still stands one tick before. When the lowest level's turn comes it stands at the tick, so that
    /// whatever is added to be due at once comes round at the next.
    private boolean takeNext(long now) {
        if (nextRound <= now) {
            nextRound = findNextRound();
        }
        if (nextRound > now) {
            tick = now;
            return false;
        }
        for (int level = LEVELS - 1; level >= 0; level--) {
            int place = place(level, nextRound);
            if (slots[place] != 0 && roundOf(place) == nextRound) {
                tick = level == 0 ? nextRound : nextRound - 1;
                pending = slots[place];
                slots[place] = 0;
                return true;
            }
        }
        throw new IllegalStateException("no slot comes round: tick=" + tick + ", nextRound=" + nextRound);
    }

    private long findNextRound() {
        long round = NEVER;
        for (int place = 0; place < slots.length; place++) {
            if (slots[place] != 0) {
                round = Math.min(round, roundOf(place));
            }
        }
        return round;
    }

    /// Hands over a chunk, which is gone then. Returns how many entries it had.
    private int handOver(long chunk, Owner owner) {
        unlink(chunk);
        int count = countOf(chunk);
        size -= count;
        touch(chunk, count, owner);
        for (int i = 0; i < count; i++) {
            long entry = Memory.getLong(entryAt(chunk, i));
            if (!owner.take(hashOf(entry), positionOf(entry, chunk))) {
                stale--;
            }
        }
        slab.free(chunk, bytesOf(chunk));
        return count;
    }

    /// Two of three memory accesses of an expiry are misses; one after another they would be most of its cost.
    private void touch(long chunk, int count, Owner owner) {
        long words = 0;
        for (int i = 0; i < count; i++) {
            words += owner.touchIndex(hashOf(Memory.getLong(entryAt(chunk, i))));
        }
        for (int i = 0; i < count; i++) {
            words += owner.touchRecord(hashOf(Memory.getLong(entryAt(chunk, i))));
        }
        touched += words;
    }

    private long hashOf(long entry) {
        return entry & ~HASH_TURN | shardBits;
    }

    private static int positionOf(long entry, long chunk) {
        return (int) ((entry & HASH_TURN) >> HASH_TURN_SHIFT) << PLACE_BITS | Memory.getShort(chunk + PLACE);
    }

    /// Hands over all entries, about `most` at a time, if there are so many stale ones that it pays.
    ///
    /// @return whether there are more to hand over
    boolean sweep(int most, Owner owner) {
        if (unswept == 0 && stale > size - stale + STALE_ALLOWED) {
            unswept = chunkCount;
        }
        int left = most;
        while (left > 0 && unswept > 0) {
            left -= handOver(chunks[--unswept], owner);
        }
        return unswept > 0;
    }

    // --------------------------------------------------------------------------------------- drawing

    /// Shows an entry at random, about evenly. If it should not be where it is, all that stand by it are handed
    /// over, so stale entries that are in the way grow fewer.
    void draw(RandomGenerator random, Visitor visitor, Owner owner) {
        if (chunkCount > 0) {
            show(chunks[random.nextInt(chunkCount)], 1, random, visitor, owner);
        }
    }

    /// Shows up to `most` entries that come round next, and does the same with those that should not be there.
    void drawNext(int most, RandomGenerator random, Visitor visitor, Owner owner) {
        if (size > 0) {
            long chunk = pending != 0 ? pending : slots[soonest()];
            show(chunk, most, random, visitor, owner);
        }
    }

    private int soonest() {
        int soonest = -1;
        for (int place = 0; place < slots.length; place++) {
            if (slots[place] != 0 && (soonest < 0 || roundOf(place) < roundOf(soonest))) {
                soonest = place;
            }
        }
        return soonest;
    }

    private void show(long chunk, int most, RandomGenerator random, Visitor visitor, Owner owner) {
        int count = countOf(chunk);
        int from = random.nextInt(count);
        boolean misplaced = false;
        for (int i = 0; i < Math.min(count, most); i++) {
            long entry = Memory.getLong(entryAt(chunk, (from + i) % count));
            misplaced |= !visitor.visit(hashOf(entry), positionOf(entry, chunk));
        }
        if (misplaced) {
            handOver(chunk, owner);
        }
    }

    // --------------------------------------------------------------------------------------- chunks

    /// Bytes of all chunks, as the slab counts them. Order of growth: the chunks.
    long usedBytes() {
        long bytes = 0;
        for (int i = 0; i < chunkCount; i++) {
            bytes += Slab.roundUp(bytesOf(chunks[i]));
        }
        return bytes;
    }

    /// Forgets all entries and frees all memory.
    void close() {
        for (int i = 0; i < chunkCount; i++) {
            slab.free(chunks[i], bytesOf(chunks[i]));
        }
        slots = chunks = new long[0];
        chunkCount = 0;
        unswept = 0;
        pending = 0;
        nextRound = NEVER;
        size = 0;
        stale = 0;
    }

    /// A chunk that becomes the first of its slot, larger than the one that was.
    private long newChunk(int place, long next) {
        int bytes = next == 0 ? SMALLEST_CHUNK_BYTES : Math.min(2 * bytesOf(next), LARGEST_CHUNK_BYTES);
        long chunk = slab.allocate(bytes);
        Memory.putLong(chunk + NEXT, next);
        Memory.putLong(chunk + PREVIOUS, 0);
        Memory.putShort(chunk + PLACE, place);
        Memory.putByte(chunk + COUNT, 0);
        Memory.putByte(chunk + WORDS, bytes / Long.BYTES);
        if (next != 0) {
            Memory.putLong(next + PREVIOUS, chunk);
        }
        slots[place] = chunk;
        enlist(chunk);
        return chunk;
    }

    private void enlist(long chunk) {
        if (chunkCount == chunks.length) {
            chunks = Arrays.copyOf(chunks, Math.max(8, 2 * chunkCount));
        }
        Memory.putInt(chunk + NUMBER, chunkCount);
        chunks[chunkCount++] = chunk;
    }

    /// Takes a chunk out of its slot and of the list, where the last one takes its place. If that one is unswept
    /// then all are, so it remains so.
    private void unlink(long chunk) {
        long next = Memory.getLong(chunk + NEXT);
        long previous = Memory.getLong(chunk + PREVIOUS);
        if (next != 0) {
            Memory.putLong(next + PREVIOUS, previous);
        }
        if (previous != 0) {
            Memory.putLong(previous + NEXT, next);
        } else if (chunk == pending) {
            pending = next;
        } else {
            slots[Memory.getShort(chunk + PLACE)] = next;
        }
        int number = Memory.getInt(chunk + NUMBER);
        long last = chunks[--chunkCount];
        chunks[number] = last;
        Memory.putInt(last + NUMBER, number);
        unswept = Math.min(unswept, chunkCount);
    }

    private static int countOf(long chunk) {
        return Memory.getByte(chunk + COUNT);
    }

    private static int bytesOf(long chunk) {
        return Memory.getByte(chunk + WORDS) * Long.BYTES;
    }

    private static long entryAt(long chunk, int index) {
        return chunk + HEADER_BYTES + (long) index * Long.BYTES;
    }
}
