package io.nuthatch.store;

import io.nuthatch.memory.Bytes;
import java.util.Arrays;
import java.util.function.DoubleBinaryOperator;
import org.jspecify.annotations.Nullable;

/// Members with scores that are about to become a sorted set, or a reply: the result of ZUNIONSTORE, GEOSEARCHSTORE and
/// the like while it is put together. It is no key yet, so its sources may have the very key that it will get.
///
/// Members are found by their bytes, in O(1), and put in order once, at the end. A large draft becomes the large sorted
/// set as it stands, without a copy.
///
/// Locks: the shard of the key it is made for, whose memory it takes.
public final class SortedSetDraft implements AutoCloseable {
    /// Makes a new score of a member's.
    @FunctionalInterface
    public interface Rescore {
        /// @return NaN to take the member out
        double apply(Bytes member, double score);
    }

    private final Tx tx;
    private final Shard shard;
    private @Nullable SortedSetRoot root;

    private SortedSetDraft(Tx tx, Shard shard) {
        this.tx = tx;
        this.shard = shard;
        this.root = new SortedSetRoot(shard.lease(), shard.keyspace.seed());
    }

    /// An empty draft.
    ///
    /// @param key whose shard is locked
    public static SortedSetDraft of(Tx tx, Bytes key) {
        return new SortedSetDraft(tx, tx.shardOf(key));
    }

    private SortedSetRoot root() {
        if (root == null) {
            throw new IllegalStateException("the draft has been stored");
        }
        return root;
    }

    public long size() {
        return root().size();
    }

    /// Adds a member, or gives it another score.
    public void put(Bytes member, double score) {
        merge(member, score, (old, fresh) -> fresh);
    }

    /// Adds a member, or makes one score of the one it has and this one.
    public void merge(Bytes member, double score, DoubleBinaryOperator both) {
        long at = root().members.find(member);
        if (at == 0) {
            root().addUnordered(member, score);
        } else {
            Member.score(at, both.applyAsDouble(Member.score(at), score));
        }
    }

    /// Takes a member out, if it is there.
    public void remove(Bytes member) {
        long at = root().members.find(member);
        if (at != 0) {
            root().members.remove(at);
        }
    }

    /// Gives every member a new score, or takes it out.
    public void rescore(Rescore rescore) {
        Gone gone = new Gone();
        Bytes member = new Bytes();
        root().members.forEach(at -> {
            double score = rescore.apply(Member.read(at, member), Member.score(at));
            if (Double.isNaN(score)) {
                gone.add(at);
            } else {
                Member.score(at, score);
            }
        });
        gone.removeFrom(root().members);
    }

    /// Members to be taken out when they have all been visited.
    private static final class Gone {
        private long[] blocks = new long[16];
        private int count;

        void add(long block) {
            if (count == blocks.length) {
                blocks = Arrays.copyOf(blocks, count * 2);
            }
            blocks[count++] = block;
        }

        void removeFrom(Members members) {
            for (int i = 0; i < count; i++) {
                members.remove(blocks[i]);
            }
        }
    }

    /// Visits all members in order.
    public void forEach(SortedSetValue.Visitor visitor) {
        Bytes member = new Bytes();
        root().inOrder().forEach(at -> visitor.visit(Member.read(at, member), Member.score(at)));
    }

    /// Makes the draft the value of the key it was made for, in place of whatever it has; of an empty one nothing is
    /// left. The draft has nothing afterwards.
    public void store(Bytes key) {
        Entry old = tx.find(key);
        long size = size();
        if (old != null && size == 0) {
            old.delete();
        } else if (old != null) {
            old.makeWay();
        }
        if (size == 0) {
            return;
        }
        Entry entry = SortedSetValue.create(tx, key);
        if (isSmall(size)) {
            forEach(entry.sortedSet::append);
        } else {
            root().putInOrder();
            entry.become(root());
            root = null;
        }
    }

    private boolean isSmall(long size) {
        if (!SortedSetValue.isSmall(tx.settings(), size, 0)) {
            return false;
        }
        long[] longest = {0};
        root().members.forEach(at -> longest[0] = Math.max(longest[0], Member.length(at)));
        return SortedSetValue.isSmall(tx.settings(), size, longest[0]);
    }

    /// Frees what has not been stored.
    @Override
    public void close() {
        if (root != null) {
            shard.drop(root);
            root = null;
        }
    }
}
