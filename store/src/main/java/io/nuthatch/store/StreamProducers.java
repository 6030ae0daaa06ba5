package io.nuthatch.store;

import io.nuthatch.memory.Bytes;
import io.nuthatch.memory.Lease;
import io.nuthatch.memory.Memory;
import org.jspecify.annotations.Nullable;

/// Who has added which entries of a stream: so that one who adds an entry again, not knowing whether it has
/// arrived, gets the ID of the first (XADD IDMP).
///
/// A producer names each entry by a *token* of its own. Tokens are kept for a while, and only so many of each
/// producer.
///
/// ```
///   producers   tree ─► [ producer ] …    by name
///   tokens      tree ─► [ token ] …       by (producer, token)
///
///   producer    0 long 0          8 int name's length
///              16 long OLDEST, 24 long NEWEST   the ends of the list of its tokens
///              32 long COUNT
///              40 name
///
///   token       0 long producer   8 int length
///              16 long ms, 24 long seq          the entry
///              32 long NEXT                     the producer's next newer one
///              40 long OLDER, 48 long NEWER     neighbours among all tokens
///              56 token
/// ```
/// A token's time is that of its entry, so the list of all tokens is in the order in which they end, and those
/// whose time is over are freed from its front whenever one is asked for. (XIDMPRECORD may bring one out of
/// order, which then goes with those before it.)
///
/// Locks: the stream's.
public final class StreamProducers {
    /// The longest name of a producer or an entry.
    public static final long MAX_NAME_BYTES = Listpack.MAX_BYTES;

    private static final int CONTENT_BYTES = 16;

    private static final int NAME_LENGTH = 8;
    private static final int OLDEST = 16;
    private static final int NEWEST = 24;
    private static final int COUNT = 32;
    private static final int PRODUCER_NAME = 40;

    private static final int MS = 16;
    private static final int SEQ = 24;
    private static final int NEXT = 32;
    private static final int OLDER = 40;
    private static final int NEWER = 48;
    private static final int TOKEN_NAME = 56;

    private final Lease lease;
    private final CountedTree producers;
    private final CountedTree tokens;
    private final Place place = new Place();

    /// The ends of the list of all tokens, or 0.
    private long oldest;

    private long newest;

    private long durationMs;
    private long mostTokens;
    private long added;
    private long duplicates;

    /// Room for a token that tells what is in an entry; 0 when it is drained.
    private long content;

    private final Bytes contentToken = new Bytes();

    StreamProducers(Lease lease, long durationMs, long mostTokens) {
        this.lease = lease;
        this.durationMs = durationMs;
        this.mostTokens = mostTokens;
        producers = new CountedTree(lease);
        tokens = new CountedTree(lease);
        content = lease.allocate(CONTENT_BYTES);
    }

    /// The place of a name among producers, or among the tokens of one.
    private static final class Place implements CountedTree.Probe {
        private long owner;
        private int nameAt;
        private final Bytes name = new Bytes();

        Place of(long owner, int nameAt, Bytes name) {
            this.owner = owner;
            this.nameAt = nameAt;
            this.name.set(name);
            return this;
        }

        @Override
        public boolean precedes(long block) {
            long other = Memory.getLong(block);
            return other != owner ? other < owner : compare(block) < 0;
        }

        private int compare(long block) {
            return Memory.compare(block + nameAt, Memory.getInt(block + NAME_LENGTH), name.address(), name.length());
        }

        long in(CountedTree tree) {
            CountedTree.Cursor cursor = tree.cursor();
            boolean found =
                    cursor.seek(this) && Memory.getLong(cursor.block()) == owner && compare(cursor.block()) == 0;
            return found ? cursor.block() : 0;
        }
    }

    // ---------------------------------------------------------------------------------------------- figures

    public long durationMs() {
        return durationMs;
    }

    public long mostTokens() {
        return mostTokens;
    }

    public long producerCount() {
        return producers.blocks();
    }

    public long tokenCount() {
        return tokens.blocks();
    }

    public long added() {
        return added;
    }

    public long duplicates() {
        return duplicates;
    }

    /// Keeps tokens otherwise from now on; if that is a change, those that there are go.
    public void configure(long newDurationMs, long newMost) {
        if (newDurationMs != durationMs || newMost != mostTokens) {
            durationMs = newDurationMs;
            mostTokens = newMost;
            while (oldest != 0) {
                forgetOldestOf(Memory.getLong(oldest));
            }
        }
    }

    // ---------------------------------------------------------------------------------------------- tokens

    /// The entry that a producer has named so, or null.
    public @Nullable StreamId find(Bytes producer, Bytes token, long nowMs) {
        forgetPast(nowMs);
        long owner = place.of(0, PRODUCER_NAME, producer).in(producers);
        long at = owner == 0 ? 0 : place.of(owner, TOKEN_NAME, token).in(tokens);
        return at == 0 ? null : new StreamId(Memory.getLong(at + MS), Memory.getLong(at + SEQ));
    }

    public void countDuplicate() {
        duplicates++;
    }

    /// A token for an entry that is known by what is in it: by a hash of that.
    public Bytes contentToken(long high, long low) {
        Memory.putLong(content, high);
        Memory.putLong(content + Long.BYTES, low);
        return contentToken.set(content, CONTENT_BYTES);
    }

    /// Notes how a producer has named an entry, a name that it has not given before.
    public void add(Bytes producer, Bytes token, StreamId id) {
        long owner = place.of(0, PRODUCER_NAME, producer).in(producers);
        if (owner == 0) {
            owner = block(0, PRODUCER_NAME, producer);
            producers.insert(place.of(0, PRODUCER_NAME, producer), owner, 1);
        }
        long at = block(owner, TOKEN_NAME, token);
        Memory.putLong(at + MS, id.ms());
        Memory.putLong(at + SEQ, id.seq());
        tokens.insert(place.of(owner, TOKEN_NAME, token), at, 1);
        long before = Memory.getLong(owner + NEWEST);
        Memory.putLong(before == 0 ? owner + OLDEST : before + NEXT, at);
        Memory.putLong(owner + NEWEST, at);
        Memory.putLong(at + OLDER, newest);
        if (newest == 0) {
            oldest = at;
        } else {
            Memory.putLong(newest + NEWER, at);
        }
        newest = at;
        added++;
        Memory.putLong(owner + COUNT, Memory.getLong(owner + COUNT) + 1);
        if (Memory.getLong(owner + COUNT) > mostTokens) {
            forgetOldestOf(owner);
        }
    }

    private long block(long owner, int nameAt, Bytes name) {
        long at = lease.allocate(Math.addExact(nameAt, name.length()));
        Memory.fill(at, nameAt, 0);
        Memory.putLong(at, owner);
        Memory.putInt(at + NAME_LENGTH, name.length());
        Memory.copy(name.address(), at + nameAt, name.length());
        return at;
    }

    private void free(long at, int nameAt) {
        lease.free(at, nameAt + (long) Memory.getInt(at + NAME_LENGTH));
    }

    private void forgetPast(long nowMs) {
        while (oldest != 0 && Memory.getLong(oldest + MS) <= nowMs - durationMs) {
            // The oldest of all is the oldest of its producer.
            forgetOldestOf(Memory.getLong(oldest));
        }
    }

    /// Takes out the oldest token of a producer, and a producer without any.
    private void forgetOldestOf(long owner) {
        long at = Memory.getLong(owner + OLDEST);
        long older = Memory.getLong(at + OLDER);
        long newer = Memory.getLong(at + NEWER);
        if (older == 0) {
            oldest = newer;
        } else {
            Memory.putLong(older + NEWER, newer);
        }
        if (newer == 0) {
            newest = older;
        } else {
            Memory.putLong(newer + OLDER, older);
        }
        long next = Memory.getLong(at + NEXT);
        Memory.putLong(owner + OLDEST, next);
        Memory.putLong(owner + COUNT, Memory.getLong(owner + COUNT) - 1);
        Bytes name = new Bytes().set(at + TOKEN_NAME, Memory.getInt(at + NAME_LENGTH));
        tokens.cursor().seek(place.of(owner, TOKEN_NAME, name));
        tokens.cursor().remove();
        free(at, TOKEN_NAME);
        if (next == 0) {
            name.set(owner + PRODUCER_NAME, Memory.getInt(owner + NAME_LENGTH));
            producers.cursor().seek(place.of(0, PRODUCER_NAME, name));
            producers.cursor().remove();
            free(owner, PRODUCER_NAME);
        }
    }

    // ---------------------------------------------------------------------------------------------- the whole

    /// Frees up to about `most` tokens, and in the end the producers. Returns whether nothing is left.
    boolean drain(int most) {
        if (content != 0) {
            lease.free(content, CONTENT_BYTES);
            content = 0;
        }
        return tokens.drain(most, at -> free(at, TOKEN_NAME)) && producers.drain(most, at -> free(at, PRODUCER_NAME));
    }

    StreamProducers copy(Lease copyLease) {
        StreamProducers copy = new StreamProducers(copyLease, durationMs, mostTokens);
        Bytes producer = new Bytes();
        Bytes token = new Bytes();
        for (long at = oldest; at != 0; at = Memory.getLong(at + NEWER)) {
            long owner = Memory.getLong(at);
            copy.add(
                    producer.set(owner + PRODUCER_NAME, Memory.getInt(owner + NAME_LENGTH)),
                    token.set(at + TOKEN_NAME, Memory.getInt(at + NAME_LENGTH)),
                    new StreamId(Memory.getLong(at + MS), Memory.getLong(at + SEQ)));
        }
        copy.added = added;
        copy.duplicates = duplicates;
        return copy;
    }
}
