package io.nuthatch.cache;

import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicLongArray;

/// The order in which things happened to the keys of one cache in this process: writes, removals, invalidations
/// that a server pushed, the loss of the connection they are pushed on.
///
/// Every event gets the next number. An entry carries the number that was current when its value was known to be
/// right, its *mark*; it lives as long as nothing has happened to its key since. So an invalidation need not find
/// the entries it ends, and a value that was read before an invalidation and arrives after it is dead on arrival.
///
/// Keys share slots, by hash, so nothing is kept for a key. What a server has told of one key ends the entries of
/// the few others in its slot too: that costs a read from the server and is never wrong. What this process does to
/// a key must not cost others their values, which may be nowhere else; it replaces or removes the one entry
/// itself, and its events count only against what is still on its way.
///
/// ```
///  events     1 .. 41      42            43             44           45
///                       put "a"      told: "b"     tracking lost   armed
///  marks      load of a: 40, not kept; entry b: 40, dead since 43; entry c: 42, stale only since 44;
///             entry d: 45, fresh
/// ```
///
/// Any thread may call; events come one at a time for one slot because writers hold the key's stripe and pushes
/// come on one thread, and the later number wins otherwise.
final class Timeline {
    /// More tags than this are forgotten all at once, together with all entries.
    static final int MAX_TAGS = 100_000;

    private static final int MIN_SLOTS = 1 << 10;
    private static final int MAX_SLOTS = 1 << 20;

    private final AtomicLong last = new AtomicLong();
    /// What this process did, by slot.
    private final AtomicLongArray changes;
    /// What a server told, by slot.
    private final AtomicLongArray told;
    private final int mask;
    private final Map<String, Long> tagCuts = new ConcurrentHashMap<>();

    /// The last event that ended some key's or some tag's entries: what is younger need not look which.
    private final AtomicLong lastEnding = new AtomicLong();
    /// Entries with a mark below are dead.
    private final AtomicLong cleared = new AtomicLong();
    /// Entries with a mark below are stale only; `Long.MAX_VALUE` while nobody tells what happens to the keys
    /// elsewhere.
    private volatile long unfollowed;
    /// The greater of the two.
    private volatile long horizon;
    /// The greater of that and the last ending: since then nothing has ended any entry. A hit looks at no more
    /// than this.
    private volatile long quietSince;

    Timeline(long expectedKeys) {
        long wanted = Math.clamp(2 * expectedKeys, MIN_SLOTS, MAX_SLOTS);
        int slots = Integer.highestOneBit((int) wanted - 1) << 1;
        changes = new AtomicLongArray(slots);
        told = new AtomicLongArray(slots);
        mask = slots - 1;
    }

    int slotOf(Object key) {
        int hash = key.hashCode() * 0x9E3779B9;
        return (hash ^ hash >>> 16) & mask;
    }

    /// The mark of what is right at this moment.
    long now() {
        return last.get();
    }

    /// This process changes a key. Returns the mark of what comes of it.
    long change(int slot) {
        long event = last.incrementAndGet();
        changes.accumulateAndGet(slot, event, Math::max);
        return event;
    }

    /// A server tells that somebody else has changed a key.
    void tell(int slot) {
        long event = last.incrementAndGet();
        told.accumulateAndGet(slot, event, Math::max);
        raise(lastEnding, event);
    }

    /// Something happened to all keys.
    void changeAll() {
        raise(cleared, last.incrementAndGet());
    }

    /// Something happened to all keys that carry a tag.
    void cut(String tag) {
        if (tagCuts.size() >= MAX_TAGS && !tagCuts.containsKey(tag)) {
            changeAll();
            tagCuts.clear();
        }
        long event = last.incrementAndGet();
        tagCuts.merge(tag, event, Math::max);
        raise(lastEnding, event);
    }

    /// From now on nobody tells what happens to the keys in other processes.
    void lose() {
        last.incrementAndGet();
        follow(Long.MAX_VALUE);
    }

    /// From now on every change of a key in another process is told.
    void arm() {
        follow(last.incrementAndGet());
    }

    private synchronized void follow(long from) {
        unfollowed = from;
        look();
    }

    private synchronized void raise(AtomicLong bound, long event) {
        bound.accumulateAndGet(event, Math::max);
        look();
    }

    private void look() {
        horizon = Math.max(unfollowed, cleared.get());
        quietSince = Math.max(horizon, lastEnding.get());
    }

    /// Whether an entry may be served as fresh for the plainest of reasons; if not, there may be others.
    boolean isPlainlyCurrent(long mark) {
        return mark >= quietSince;
    }

    boolean isFollowed() {
        return unfollowed != Long.MAX_VALUE;
    }

    /// Whether an entry may be served as fresh: nothing happened to it, and it would have been told.
    boolean isCurrent(int slot, long mark, Set<String> tags) {
        return mark >= horizon && (mark >= lastEnding.get() || isSpared(slot, mark, tags));
    }

    /// Whether nothing is known to have happened to an entry; while nobody tells, it may be out of date all the
    /// same.
    boolean isAlive(int slot, long mark, Set<String> tags) {
        return mark >= cleared.get() && isSpared(slot, mark, tags);
    }

    /// Whether what is on its way may be kept: nobody, this process neither, has changed its key since.
    boolean isUntouched(int slot, long mark, Set<String> tags) {
        return mark >= changes.get(slot) && isAlive(slot, mark, tags);
    }

    private boolean isSpared(int slot, long mark, Set<String> tags) {
        return mark >= told.get(slot) && (tags.isEmpty() || notCut(mark, tags));
    }

    private boolean notCut(long mark, Set<String> tags) {
        for (String tag : tags) {
            Long cut = tagCuts.get(tag);
            if (cut != null && cut > mark) {
                return false;
            }
        }
        return true;
    }
}
