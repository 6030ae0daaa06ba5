package io.nuthatch.store;

/// A large collection that goes into a [Snapshot] in pieces, so that nobody waits for all of it.
///
/// It begins when the walk comes to the key, or when a command is about to change the value: with as many elements
/// as there were at the cut. From then on [#advance] hands out some of them under each lock, and whoever is about
/// to change or remove one hands that out before. It is a part of the [Root] and goes with it wherever that goes:
/// to another shard, by RENAME; or to nobody, when the key is deleted, and then it keeps the root from being freed
/// until it ends.
///
/// Locks: that of the shard whose the root is.
abstract class Division {
    /// Elements that are handed out under one lock.
    static final int SLICE_ELEMENTS = 128;

    /// Or fewer, if they have so many bytes.
    static final int SLICE_BYTES = 32 * 1024;

    /// What was kept is worth so many of them, for it only has to be put in line.
    static final int KEPT_BYTES = 1024;

    private final Root root;
    private volatile Shard shard;
    private Snapshot.Pieces pieces = Snapshot.NOTHING;
    private boolean dropped;
    private boolean walked;

    Division(Root root, Shard shard) {
        this.root = root;
        this.shard = shard;
    }

    /// How many pieces there will be.
    abstract long count();

    /// Hands out some pieces.
    ///
    /// @return whether there are more
    abstract boolean handOut(Snapshot.Pieces to);

    /// All pieces have been handed out.
    void end() {}

    void begin(Snapshot.Pieces to) {
        pieces = to;
    }

    Snapshot.Pieces pieces() {
        return pieces;
    }

    /// The root has gone to another shard. Both are locked.
    void moveTo(Shard home) {
        shard = home;
    }

    /// No key has the root any more: it is freed at the end.
    void drop() {
        dropped = true;
    }

    /// Hands out some pieces, under the lock.
    ///
    /// @return whether there are more
    boolean advance(Keyspace keyspace) {
        Shard locked = lock();
        try {
            if (!walked) {
                walked = true;
                pieces().turn();
            }
            if (handOut(pieces())) {
                return true;
            }
            root.division = null;
            pieces().end();
            end();
            if (dropped) {
                keyspace.garbage().add(locked, root);
            } else {
                locked.clear(root);
            }
            return false;
        } finally {
            locked.lock.unlock();
        }
    }

    /// From now on, somebody else is handed the pieces.
    void tell(Snapshot.Pieces other) {
        Shard locked = lock();
        pieces = other;
        locked.lock.unlock();
    }

    private Shard lock() {
        while (true) {
            Shard home = shard;
            home.lock.lock();
            if (home == shard) {
                return home;
            }
            home.lock.unlock();
        }
    }
}
