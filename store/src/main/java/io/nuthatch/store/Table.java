package io.nuthatch.store;

import io.nuthatch.memory.Bytes;
import io.nuthatch.memory.Lease;
import io.nuthatch.memory.Memory;
import io.nuthatch.memory.Slab;
import java.util.concurrent.atomic.AtomicLong;

/// One database's keys in one shard: the index that finds them, the wheel that ends them, and another that ends fields
/// of hashes.
///
/// Everything that makes, moves or frees a record goes through here, so that index, wheel and memory cannot
/// disagree.
///
/// Locks: the shard's.
final class Table implements Index.Layout {
    final Index index;
    final TimingWheel wheel;
    final TimingWheel fieldWheel;
    private final Shard shard;
    private final Slab slab;
    private final long seed;
    private final Bytes keyWindow = new Bytes();
    private long withDeadline;
    private long withFields;

    /// What [#compact] has found in one place: seven records as a rule, and more where hashes crowd.
    private final long[] moving = new long[64];

    private int movingCount;

    /// Which database this is; SWAPDB changes it.
    int db;

    /// Which it was at the cut of the snapshot that holds the table.
    private int dbAtCut;

    private boolean held;
    private boolean dropped;

    Table(Shard shard, int db) {
        this.shard = shard;
        this.db = db;
        this.slab = shard.slab;
        this.seed = shard.keyspace.seed();
        this.index = new Index(new Lease(slab), this);
        this.wheel = new TimingWheel(slab, shard.number);
        this.fieldWheel = new TimingWheel(slab, shard.number);
    }

    @Override
    public long hash(long record) {
        return Hash.of(Record.keyAddress(record), Record.keyLength(record), seed);
    }

    @Override
    public boolean holds(long record, long keyAddress, int keyLength) {
        return Record.hasKey(record, keyAddress, keyLength);
    }

    Shard shard() {
        return shard;
    }

    // ---- snapshots ----------------------------------------------------------------------------------------------

    /// A snapshot begins, which will walk through the table.
    void hold() {
        held = true;
        dbAtCut = db;
    }

    /// Which database it was at the cut.
    int dbAtCut() {
        return dbAtCut;
    }

    /// The snapshot is done with it.
    void release() {
        held = false;
        if (dropped) {
            shard.keyspace.garbage().add(shard, this);
        }
    }

    /// It is no part of any database any more: it is freed later, and not before a snapshot is done with it.
    void drop() {
        dropped = true;
        if (!held) {
            shard.keyspace.garbage().add(shard, this);
        }
    }

    /// To be called before a record or its value changes, or goes: a snapshot under way may still want it.
    void keep(long at) {
        Snapshot running = shard.snapshot;
        if (running != null) {
            running.keep(shard, this, at);
        }
    }

    // ---- records ------------------------------------------------------------------------------------------------

    /// Says what happens to a record's key.
    void tell(long at, KeyEvent event) {
        KeyListener listener = shard.keyspace.listener();
        if (listener != KeyListener.NONE) {
            keyWindow.set(Record.keyAddress(at), Record.keyLength(at));
            listener.happened(shard.number, db, keyWindow, event);
        }
    }

    /// Logs that a record's key goes, without a command that says so.
    void logDeletion(long at) {
        EffectLog log = shard.keyspace.log();
        if (log.isOpen()) {
            log.deleted(db, keyWindow.set(Record.keyAddress(at), Record.keyLength(at)));
        }
    }

    long size() {
        return index.size();
    }

    /// How many of the keys have a deadline.
    long withDeadline() {
        return withDeadline;
    }

    /// How many of the keys are hashes of which fields have a deadline.
    long withFields() {
        return withFields;
    }

    long find(long hash, Bytes key) {
        return index.find(hash, key);
    }

    /// Makes a record for a key that has none, its value unwritten.
    long insert(long hash, Bytes key, Type type, int form, int inlineLength, int access, long deadlineMs, long nowMs) {
        int flags = deadlineMs == Record.NO_DEADLINE ? 0 : Record.DEADLINE;
        long at = make(key, type, form, inlineLength, flags, access);
        index.insert(hash, at);
        if (deadlineMs != Record.NO_DEADLINE) {
            withDeadline++;
            file(hash, at, deadlineMs, TimingWheel.NO_POSITION, nowMs);
        }
        return at;
    }

    /// Gives a key a new value, unwritten yet; the old one is freed.
    ///
    /// @return the record: the old one's block if the new fits it as well, else another
    long overwrite(long hash, long old, Bytes key, Type type, int form, int inlineLength, long deadlineMs, long nowMs) {
        assert Record.mark(old) == shard.mark : "not kept for the snapshot: at=" + old;
        boolean deadline = deadlineMs != Record.NO_DEADLINE;
        int oldBytes = Record.blockBytes(old);
        int flags = deadline ? Record.DEADLINE : 0;
        int newBytes = Record.blockBytes(key.length(), flags, Record.valueBytes(form, inlineLength));
        int access = Record.access(old);
        int position = Record.wheelPosition(old);
        boolean hadDeadline = Record.hasDeadline(old);
        abandonFields(old);
        freeValue(old);
        long at = old;
        if (Slab.capacity(oldBytes) == Slab.capacity(newBytes)) {
            Record.write(at, type, form, flags | shard.mark, access, key, inlineLength);
        } else {
            at = make(key, type, form, inlineLength, flags, access);
            index.replace(hash, old, at);
            slab.free(old, oldBytes);
        }
        withDeadline += (deadline ? 1 : 0) - (hadDeadline ? 1 : 0);
        if (deadline) {
            file(hash, at, deadlineMs, position, nowMs);
        } else if (position != TimingWheel.NO_POSITION) {
            wheel.abandon();
        }
        return at;
    }

    private long make(Bytes key, Type type, int form, int inlineLength, int flags, int access) {
        long at = slab.allocate(Record.blockBytes(key.length(), flags, Record.valueBytes(form, inlineLength)));
        Record.write(at, type, form, flags & ~Record.MARK | shard.mark, access, key, inlineLength);
        return at;
    }

    /// Writes a record's deadline and sees to it that the wheel comes round to it in time.
    ///
    /// @param position where an entry of the key stands in the wheel already, or NO_POSITION
    private void file(long hash, long at, long deadlineMs, int position, long nowMs) {
        int filed = position;
        if (Record.isFar(deadlineMs)) {
            if (position != TimingWheel.NO_POSITION) {
                wheel.abandon();
            }
            filed = TimingWheel.NO_POSITION;
        } else if (position == TimingWheel.NO_POSITION) {
            filed = wheel.add(hash, deadlineMs, nowMs);
        } else if (wheel.firesAfter(position, deadlineMs)) {
            wheel.abandon();
            filed = wheel.add(hash, deadlineMs, nowMs);
        }
        Record.deadline(at, deadlineMs, filed);
    }

    /// The record of a hash whose entry stands at a position of the wheel, or 0.
    long filedAt(long hash, int position) {
        return index.matching(hash, at -> Record.wheelPosition(at) == position && hash(at) == hash);
    }

    /// Who decides at a time about what the wheel hands over.
    TimingWheel.Owner at(long nowMs) {
        return new TimingWheel.Owner() {
            @Override
            public boolean take(long hash, int position) {
                return Table.this.take(hash, position, nowMs);
            }

            @Override
            public long touchIndex(long hash) {
                return index.touch(hash);
            }

            @Override
            public long touchRecord(long hash) {
                return index.touchBlock(hash);
            }
        };
    }

    /// Decides about an entry that the wheel has handed over: the key goes if it is due, else it is filed anew.
    ///
    /// @return whether there is such a key
    boolean take(long hash, int position, long nowMs) {
        long at = filedAt(hash, position);
        if (at == 0) {
            return false;
        }
        long deadlineMs = Record.deadlineMs(at);
        if (deadlineMs > nowMs) {
            file(hash, at, deadlineMs, TimingWheel.NO_POSITION, nowMs);
        } else {
            Record.deadline(at, deadlineMs, TimingWheel.NO_POSITION);
            shard.expire(this, hash, at, nowMs);
        }
        return true;
    }

    /// Sets, changes or takes away a key's deadline.
    ///
    /// @return the record, which moves if it had no room for a deadline or needs none any more
    long deadline(long hash, long at, long deadlineMs, long nowMs) {
        boolean had = Record.hasDeadline(at);
        boolean wants = deadlineMs != Record.NO_DEADLINE;
        int position = Record.wheelPosition(at);
        long record = at;
        if (had != wants) {
            record = reshape(hash, at, Record.form(at), Record.inlineLength(at), wants);
            withDeadline += wants ? 1 : -1;
        }
        if (wants) {
            file(hash, record, deadlineMs, position, nowMs);
        } else if (position != TimingWheel.NO_POSITION) {
            wheel.abandon();
        }
        return record;
    }

    /// Gives an inline value another length: what it had stays, as far as there is room.
    ///
    /// @return the record, which moves if the new length needs a block of another size
    long resize(long hash, long at, int inlineLength) {
        int bytes = Record.blockBytes(
                Record.keyLength(at), Record.flags(at), Record.valueBytes(Record.INLINE, inlineLength));
        if (Slab.capacity(bytes) == Slab.capacity(Record.blockBytes(at))) {
            Record.inlineLength(at, inlineLength);
            return at;
        }
        return reshape(hash, at, Record.INLINE, inlineLength, Record.hasDeadline(at));
    }

    /// Moves a record into a block of another shape. The value is copied as far as both forms are alike.
    long reshape(long hash, long old, int form, int inlineLength, boolean deadline) {
        int flags = Record.flags(old) & ~(Record.DEADLINE | Record.FAR);
        return reshape(hash, old, form, inlineLength, deadline ? flags | Record.DEADLINE : flags);
    }

    private long reshape(long hash, long old, int form, int inlineLength, int flags) {
        assert Record.mark(old) == shard.mark : "not kept for the snapshot: at=" + old;
        int oldForm = Record.form(old);
        keyWindow.set(Record.keyAddress(old), Record.keyLength(old));
        long at = make(keyWindow, Record.type(old), form, inlineLength, flags, Record.access(old));
        if (Record.hasDeadline(at) && Record.hasDeadline(old)) {
            Record.deadline(at, Record.deadlineMs(old), Record.wheelPosition(old) & 0xFFFF);
        }
        if (Record.hasFields(at)) {
            Record.fieldsDue(at, Record.fieldsDueMs(old), Record.fieldsPosition(old));
        }
        if (form == oldForm) {
            int kept = Math.min(
                    Record.valueBytes(oldForm, Record.inlineLength(old)), Record.valueBytes(form, inlineLength));
            Memory.copy(Record.valueAddress(old), Record.valueAddress(at), kept);
        }
        index.replace(hash, old, at);
        slab.free(old, Record.blockBytes(old));
        return at;
    }

    // ---- deadlines of fields ------------------------------------------------------------------------------------

    /// Gives the record of a hash room to say when a field is due. None is yet.
    ///
    /// @return the record, which moves
    long addFields(long hash, long at) {
        int flags = Record.flags(at) & ~Record.FAR | Record.FIELDS;
        return reshape(hash, at, Record.form(at), Record.inlineLength(at), flags);
    }

    /// Says when the next field of a hash is due, or that none is, and sees to it that the wheel comes round in time.
    void fieldsDue(long hash, long at, long dueMs, long nowMs) {
        withFields += (dueMs == Record.NEVER ? 0 : 1) - (Record.fieldsDueMs(at) == Record.NEVER ? 0 : 1);
        Record.fieldsDue(at, dueMs, fileFields(hash, dueMs, Record.fieldsPosition(at), nowMs));
    }

    /// An entry that stands in the wheel stays there if it comes round no later: it is filed anew then.
    private int fileFields(long hash, long dueMs, int position, long nowMs) {
        if (dueMs == Record.NEVER) {
            return position;
        }
        if (position != TimingWheel.NO_POSITION) {
            if (!fieldWheel.firesAfter(position, dueMs)) {
                return position;
            }
            fieldWheel.abandon();
        }
        return fieldWheel.add(hash, dueMs, nowMs);
    }

    private void abandonFields(long at) {
        if (Record.fieldsDueMs(at) != Record.NEVER) {
            withFields--;
        }
        if (Record.fieldsPosition(at) != TimingWheel.NO_POSITION) {
            fieldWheel.abandon();
        }
    }

    /// Who decides at a transaction's time about what the wheel for fields hands over, and lets go of about so many
    /// fields. Hashes that have more of them come round again at the next tick.
    TimingWheel.Owner fieldsAt(Tx tx, long mostFields) {
        return new TimingWheel.Owner() {
            private long left = mostFields;

            @Override
            public boolean take(long hash, int position) {
                long gone = takeFields(hash, position, left, tx);
                left -= Math.max(0, gone);
                return gone >= 0;
            }
        };
    }

    /// Decides about an entry that the wheel for fields has handed over: up to about `most` fields go if they are due,
    /// and what is left is filed anew.
    ///
    /// @param tx whose time it is
    /// @return how many fields went, or -1 if there is no such key
    long takeFields(long hash, int position, long most, Tx tx) {
        long at = index.matching(hash, each -> Record.fieldsPosition(each) == position && hash(each) == hash);
        if (at == 0) {
            return -1;
        }
        long dueMs = Record.fieldsDueMs(at);
        Record.fieldsDue(at, dueMs, TimingWheel.NO_POSITION);
        if (most > 0 && dueMs <= tx.nowMs()) {
            long[] gone = {0};
            tx.logAside(() -> gone[0] = HashValue.expire(tx.window(shard, this, hash, at), most));
            return gone[0];
        }
        Record.fieldsDue(at, dueMs, fileFields(hash, dueMs, TimingWheel.NO_POSITION, tx.nowMs()));
        return 0;
    }

    // ---- moving and removing ------------------------------------------------------------------------------------

    /// Moves the records of one place in the index that lie in sparse pages.
    ///
    /// @param cursor where, as in [Index#scan]
    /// @return the next place, or 0
    long compact(long cursor, AtomicLong moved) {
        movingCount = 0;
        long next = index.scan(cursor, at -> {
            if (movingCount < moving.length && slab.isSparse(at)) {
                moving[movingCount++] = at;
            }
        });
        for (int i = 0; i < movingCount; i++) {
            long old = moving[i];
            int bytes = Record.blockBytes(old);
            long at = slab.allocate(bytes);
            Memory.copy(old, at, bytes);
            index.replace(hash(old), old, at);
            slab.free(old, bytes);
        }
        moved.addAndGet(movingCount);
        return next;
    }

    /// Takes a key out and frees its record.
    void delete(long hash, long at) {
        keep(at);
        freeValue(at);
        unlink(hash, at);
    }

    /// Takes a key out and frees its record, but not what its value has outside of it.
    void unlink(long hash, long at) {
        keep(at);
        if (Record.hasDeadline(at)) {
            withDeadline--;
            if (Record.wheelPosition(at) != TimingWheel.NO_POSITION) {
                wheel.abandon();
            }
        }
        abandonFields(at);
        index.remove(hash, at);
        slab.free(at, Record.blockBytes(at));
    }

    /// Frees what a value has outside of its record.
    void freeValue(long at) {
        int form = Record.form(at);
        if (form == Record.OUTSIDE) {
            shard.freeOutside(Record.outsideAddress(at), Record.outsideCapacity(at));
        } else if (form == Record.ROOT) {
            shard.drop(shard.roots.take(Record.rootNumber(at)));
        }
    }

    /// Frees up to `most` records of a table that is no longer part of any database.
    ///
    /// @return whether none is left
    boolean drain(int most) {
        boolean done = index.drain(most, at -> {
            if (Record.form(at) == Record.ROOT) {
                // Its elements take slices of their own.
                shard.dropLater(shard.roots.take(Record.rootNumber(at)));
            } else {
                freeValue(at);
            }
            slab.free(at, Record.blockBytes(at));
        });
        if (done) {
            index.clear();
            wheel.close();
            fieldWheel.close();
        }
        return done;
    }
}
