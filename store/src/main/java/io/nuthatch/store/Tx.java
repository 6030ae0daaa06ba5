package io.nuthatch.store;

import io.nuthatch.memory.Bytes;
import io.nuthatch.memory.Memory;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.ToLongFunction;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/// What a command does to the store, from the locking of its shards to their release.
///
/// ```
///   begin(db, now) -> lock(shards of the declared keys) -> find, read, set ... -> end()
/// ```
///
/// The shards of declared keys are locked together, in ascending order. Commands over the whole key space
/// ([#scan], [#keys], [#size]) lock one shard after another, unless the transaction holds it already, as inside
/// EXEC.
///
/// A thread keeps its transaction and begins it anew for each command: nothing is allocated.
///
/// Time comes in from outside: a transaction sees one moment.
public final class Tx {
    /// How many entries a transaction may look at side by side.
    public static final int ENTRIES = 4;

    /// The deadline of a key that has none.
    public static final long NO_DEADLINE = Record.NO_DEADLINE;

    /// How many keys RANDOMKEY draws that have expired before it gives up.
    private static final int MAX_DRAWS = 100;

    /// How many fields whose time has come are removed from a large hash that a command comes upon. The rest is hidden.
    private static final int LAZY_FIELDS = 128;

    /// Keys with a deadline that make a sample, and keys that are looked at for it: a millisecond's worth.
    private static final int TTL_SAMPLE = 256;

    /// No key's hash, as far as it matters: one that has it is told of as new once too rarely.
    private static final long NOTHING = 0;

    private static final int TTL_VISITS = 8192;

    /// Names of fields that are told of at once. They stand on the Java heap, and no message is longer.
    private static final long MOST_FIELD_BYTES = 8L << 20;

    private static final int SAME_TYPE = 1;
    private static final int OTHER_TYPE = 2;

    private final Keyspace keyspace;
    private final StoreSettings settings;
    private final RandomGenerator random;
    private final Entry[] entries = new Entry[ENTRIES];
    private final Bytes keyWindow = new Bytes();
    private final StreamCursor streamCursor = new StreamCursor();
    private int nextEntry;
    private long held;
    private int db;
    private long nowMs;
    private boolean touches = true;
    private boolean writes = true;
    private long changes;
    private final Effects effects = new Effects();

    /// Whether it does again what was done and logged before, at another time.
    private boolean replays;

    /// Bytes that this transaction may add, which nobody else may.
    private long promised;

    /// The hash of a key that has been taken out to be made anew, or [#NOTHING].
    private long replaced = NOTHING;

    /// The type that it had.
    private Type replacedType = Type.STRING;

    /// What the command has put a value in place of: 0 for nothing, a value of its type, or one of another. Known
    /// only if anyone is told.
    private int overwritten;

    /// The fields that the next change of a hash concerns. Known only if anyone is told.
    private final List<byte[]> fields = new ArrayList<>();

    /// How long their names are together, in bytes.
    private long fieldBytes;

    /// Whether there is more to say of the next change than that it is one.
    private boolean tellsMore;

    /// The hash of the first key, which the engine has computed already to fetch it ahead.
    private long knownKey;

    private long knownHash;

    Tx(Keyspace keyspace, RandomGenerator random) {
        this.keyspace = keyspace;
        this.settings = keyspace.settings();
        this.random = random;
        Shard any = keyspace.shard(0);
        for (int i = 0; i < ENTRIES; i++) {
            entries[i] = new Entry(this, any, any.table(0));
        }
    }

    // ---- from begin to end ------------------------------------------------------------------------------------

    /// Evicts keys until what a request of `bytes` may add fits under `maxmemory`. The bytes stay promised to this
    /// transaction, which is yet to begin, until it ends.
    ///
    /// @return whether they fit
    public boolean makeRoom(long bytes, long nowMs) {
        assert held == 0 : "shards are locked: held=" + Long.toHexString(held);
        keepPromise();
        long granted = keyspace.eviction().makeRoom(bytes, nowMs, random);
        if (granted == Eviction.REFUSED) {
            return false;
        }
        promised = granted;
        return true;
    }

    private void keepPromise() {
        if (promised != 0) {
            keyspace.eviction().release(promised);
            promised = 0;
        }
    }

    /// Begins: nothing is locked yet.
    ///
    /// @param touches whether reads count as uses of the keys (not for CLIENT NO-TOUCH)
    public Tx begin(int db, long nowMs, boolean touches) {
        assert held == 0 : "the transaction has not ended: held=" + Long.toHexString(held);
        this.db = db;
        this.nowMs = nowMs;
        this.touches = touches;
        writes = true;
        changes = 0;
        knownKey = 0;
        forgetMore();
        return this;
    }

    /// Goes on with another command under the same locks: one of those that EXEC runs.
    public void next(int db, boolean touches) {
        this.db = db;
        this.touches = touches;
        writes = true;
        knownKey = 0;
        forgetMore();
    }

    /// Says that the command changes nothing, so that a snapshot under way need not hand out beforehand what it finds.
    public void readOnly() {
        writes = false;
    }

    /// Says a key's hash, so that it is not computed again.
    public void know(Bytes key, long hash) {
        knownKey = key.address();
        knownHash = hash;
    }

    /// Locks shards, bit by bit of the mask, in ascending order.
    public void lock(long shards) {
        assert held == 0 : "shards are locked once: held=" + Long.toHexString(held);
        for (long left = shards; left != 0; left &= left - 1) {
            keyspace.shard(Long.numberOfTrailingZeros(left)).lock.lock();
        }
        held = shards;
        effects.begin(!replays && keyspace.log().isOpen(), nowMs);
    }

    /// Lets go of the locks and takes others, before anything has been read under them.
    public void relock(long shards) {
        unlock();
        lock(shards);
    }

    /// Whether it holds the locks of all these shards.
    public boolean holds(long shards) {
        return (held & shards) == shards;
    }

    private void unlock() {
        log();
        for (long left = held; left != 0; left &= left - 1) {
            keyspace.shard(Long.numberOfTrailingZeros(left)).lock.unlock();
        }
        held = 0;
    }

    /// Releases all locks before the end, for a command that goes on without them: nobody can come between what it has
    /// done and the log of it.
    public void release() {
        unlock();
    }

    /// Releases all locks.
    public void end() {
        unlock();
        keepPromise();
        if (changes != 0) {
            keyspace.changed(changes);
        }
    }

    /// Chance, for commands that draw lots.
    public RandomGenerator random() {
        return random;
    }

    /// A place in a stream, moved about: the transaction's only one.
    public StreamCursor streamCursor() {
        return streamCursor;
    }

    StoreSettings settings() {
        return settings;
    }

    public int db() {
        return db;
    }

    public long nowMs() {
        return nowMs;
    }

    /// Says that the command has changed a key, and how. Every write says so once for each key, when it is done; only
    /// that a key is gone says itself ([Entry#delete]).
    public void changed(Bytes key, KeyEvent event) {
        changed(key, db, event);
    }

    /// The same in another database.
    public void changed(Bytes key, int inDb, KeyEvent event) {
        changes++;
        tell(key, inDb, event);
    }

    /// Whether there is more to say of the change that is about to be told of.
    boolean tellsMore() {
        return tellsMore;
    }

    private void forgetMore() {
        if (tellsMore) {
            tellsMore = false;
            overwritten = 0;
            forgetFields();
        }
    }

    private void forgetFields() {
        fields.clear();
        fieldBytes = 0;
    }

    /// Whether anyone wants to know which fields of hashes change.
    public boolean tellsFields() {
        return keyspace.listener().wantsFields();
    }

    /// Names a field that the change concerns which will be told of next, if anyone wants to know.
    public void concerns(Bytes field) {
        if (tellsFields()) {
            tellsMore = true;
            fieldBytes += field.length();
            if (fieldBytes <= MOST_FIELD_BYTES) {
                fields.add(field.toArray());
            }
        }
    }

    /// A change has been told of.
    void counted() {
        changes++;
    }

    /// Says what else has come of a change, as that the key has got a deadline.
    public void also(Bytes key, KeyEvent event) {
        tell(key, db, event);
    }

    private void tell(Bytes key, int inDb, KeyEvent event) {
        KeyListener listener = keyspace.listener();
        if (listener == KeyListener.NONE) {
            return;
        }
        if (tellsMore) {
            tellMore(Keyspace.shardOf(hash(key)), inDb, key, event);
        } else {
            listener.happened(Keyspace.shardOf(hash(key)), inDb, key, event);
        }
    }

    /// Tells of an event, of what was overwritten if that is the event's affair, and of the fields of a hash.
    void tellMore(int shard, int inDb, Bytes key, KeyEvent event) {
        KeyListener listener = keyspace.listener();
        if (event.overwriting() == KeyEvent.Overwriting.TOLD_BEFORE) {
            tellOverwritten(shard, inDb, key);
        }
        listener.happened(shard, inDb, key, event);
        if (event.overwriting() == KeyEvent.Overwriting.TOLD_AFTER) {
            tellOverwritten(shard, inDb, key);
        }
        if (event.kind() == KeyEvent.Kind.HASH && !fields.isEmpty()) {
            if (fieldBytes <= MOST_FIELD_BYTES) {
                listener.concerned(inDb, key, event, fields);
            }
            forgetFields();
        }
    }

    private void tellOverwritten(int shard, int inDb, Bytes key) {
        KeyListener listener = keyspace.listener();
        if (overwritten != 0) {
            listener.happened(shard, inDb, key, KeyEvent.OVERWRITTEN);
        }
        if (overwritten == OTHER_TYPE) {
            listener.happened(shard, inDb, key, KeyEvent.TYPE_CHANGED);
        }
        overwritten = 0;
    }

    /// How many changes the command has made so far.
    public long changes() {
        return changes;
    }

    // ---- what is logged ---------------------------------------------------------------------------------------

    /// Begins to say what the command does, in words that do the same on another copy of the data: for a command whose
    /// own words would not. The words follow ([Effects#add]). To be called while the keys' shards are locked.
    public Effects effect(String command) {
        return effect(db, command);
    }

    /// The same in another database.
    public Effects effect(int inDb, String command) {
        effects.tell();
        return effects.open(inDb).add(command);
    }

    /// Begins an effect whose words are all yet to come.
    ///
    /// @param words how many they will be
    public Effects effect(int words) {
        effects.tell();
        return effects.open(db, words);
    }

    /// Says what the command does in one piece: a command of words, encoded.
    public void effect(Bytes encoded) {
        effects.tell();
        effects.whole(db, encoded);
    }

    /// Begins to say that something has gone of its own accord, which is no command's doing.
    Effects aside(int inDb, String command) {
        return effects.open(inDb).add(command);
    }

    /// Has the thread that keeps time say what it does, with a shard locked: it holds none as a transaction does.
    void logAside(Runnable work) {
        effects.begin(!replays && keyspace.log().isOpen(), nowMs);
        work.run();
        log();
    }

    private void log() {
        if (effects.count() > 0) {
            effects.end();
            keyspace.log().append(effects);
            effects.clear();
        }
    }

    /// Whether effects are wanted at all.
    public boolean wantsEffects() {
        return effects.isOn();
    }

    /// How many effects have been said in all of the thread's transactions: it grows with each.
    public int toldEffects() {
        return effects.told();
    }

    // ---- one key
    // -----------------------------------------------------------------------------------------------

    /// A key that is there, or null. One whose time has come is removed on the way.
    public @Nullable Entry find(Bytes key) {
        return find(key, db);
    }

    /// The same in another database.
    public @Nullable Entry find(Bytes key, int inDb) {
        long hash = hash(key);
        Shard shard = locked(hash);
        Table table = shard.tableIfAny(inDb);
        if (table == null) {
            return null;
        }
        long at = table.find(hash, key);
        if (at == 0) {
            return null;
        }
        return Record.isTimed(at) ? findTimed(shard, table, hash, at) : window(shard, table, hash, at);
    }

    private @Nullable Entry findTimed(Shard shard, Table table, long hash, long at) {
        if (isDue(at)) {
            expire(shard, table, hash, at);
            return null;
        }
        Entry entry = window(shard, table, hash, at);
        if (isPast(Record.fieldsDueMs(at))) {
            HashValue.expire(entry, LAZY_FIELDS);
            return entry.at == 0 ? null : entry;
        }
        return entry;
    }

    /// A key that a command reads: counted as a hit or a miss, and as a use.
    public @Nullable Entry read(Bytes key) {
        Entry entry = look(key);
        if (entry != null) {
            touch(entry);
        }
        return entry;
    }

    /// A key that a command asks about without a look at its value (TTL, TYPE, EXISTS): counted as a hit or a miss,
    /// but not as a use.
    public @Nullable Entry look(Bytes key) {
        Entry entry = examine(key);
        if (entry == null) {
            also(key, KeyEvent.KEYMISS);
        }
        return entry;
    }

    /// A key that a command examines from outside (OBJECT): the same, but a miss is told to nobody.
    public @Nullable Entry examine(Bytes key) {
        Entry entry = find(key);
        Shard shard = shardOf(key);
        if (entry == null) {
            shard.misses++;
        } else {
            shard.hits++;
        }
        return entry;
    }

    /// A key that a command is about to change: counted as a use.
    public @Nullable Entry write(Bytes key) {
        Entry entry = find(key);
        if (entry != null) {
            touch(entry);
        }
        return entry;
    }

    private void touch(Entry entry) {
        if (touches) {
            Record.access(entry.at, used(Record.access(entry.at)));
        }
    }

    private int used(int access) {
        if (!settings.policy.countsUses()) {
            return Access.seconds(nowMs);
        }
        int count = Access.count(access, nowMs, settings.lfuDecayMinutes);
        return Access.counted(Access.incremented(count, settings.lfuLogFactor, random), nowMs);
    }

    private int firstAccess() {
        return settings.policy.countsUses() ? Access.counted(Access.FIRST_COUNT, nowMs) : Access.seconds(nowMs);
    }

    private boolean isDue(long at) {
        long deadlineMs = Record.deadlineMs(at);
        return deadlineMs != NO_DEADLINE && isPast(deadlineMs);
    }

    /// The moment up to which deadlines are past: none is, if it does again what was done before.
    long pastMs() {
        return replays ? Long.MIN_VALUE : nowMs;
    }

    /// Whether a moment has come, so that a key with this deadline is no more.
    public boolean isPast(long deadlineMs) {
        return deadlineMs <= pastMs();
    }

    /// From now on it does again what was done and logged before: nothing of it is logged, and keys live on though
    /// their time has come, for it had not then.
    public void replays() {
        replays = true;
    }

    /// Removes a key whose time has come. While its shard is held for the command, this is one of its effects.
    private void expire(Shard shard, Table table, long hash, long at) {
        if ((held & 1L << shard.number) == 0) {
            shard.expire(table, hash, at, nowMs);
        } else {
            effects.open(table.db).add("DEL").add(keyWindow.set(Record.keyAddress(at), Record.keyLength(at)));
            shard.remove(table, hash, at, nowMs);
        }
    }

    Entry window(Shard shard, Table table, long hash, long at) {
        if (shard.snapshot != null && writes) {
            table.keep(at);
        }
        Entry entry = entries[nextEntry];
        nextEntry = (nextEntry + 1) % ENTRIES;
        return entry.set(shard, table, hash, at);
    }

    /// Takes a key out silently, if it is there: another value is about to take its place.
    void makeWay(Bytes key) {
        Entry old = find(key);
        if (old != null) {
            old.makeWay();
        }
    }

    /// Says that the key of a hash has been taken out only to be made anew: so it is not told of as new.
    void replaces(long hash, Type type) {
        replaced = hash;
        replacedType = type;
    }

    private void overwrites(Type before, Type now) {
        if (settings.tellsOverwriting) {
            overwritten = before == now ? SAME_TYPE : OTHER_TYPE;
            tellsMore = true;
        }
    }

    /// Makes a record for a key, or makes room in the one it has.
    ///
    /// @return where the record stands, its value unwritten
    long put(Bytes key, Type type, int form, int inlineLength, long deadlineMs) {
        long hash = hash(key);
        Table table = locked(hash).table(db);
        long old = table.find(hash, key);
        if (old == 0) {
            long at = table.insert(hash, key, type, form, inlineLength, firstAccess(), deadlineMs, nowMs);
            if (hash == replaced) {
                replaced = NOTHING;
                overwrites(replacedType, type);
            } else {
                also(key, KeyEvent.NEW);
            }
            return at;
        }
        overwrites(Record.type(old), type);
        table.keep(old);
        if (touches) {
            Record.access(old, used(Record.access(old)));
        }
        return table.overwrite(hash, old, key, type, form, inlineLength, deadlineMs, nowMs);
    }

    long hash(Bytes key) {
        return key.address() == knownKey ? knownHash : keyspace.hash(key);
    }

    Shard shardOf(Bytes key) {
        return locked(hash(key));
    }

    private Shard locked(long hash) {
        int number = Keyspace.shardOf(hash);
        assert (held & 1L << number) != 0 : "shard not locked: number=" + number;
        return keyspace.shard(number);
    }

    // ---- keys as a whole
    // ----------------------------------------------------------------------------------------

    /// Gives `to` the value and the deadline of `from`, which is gone afterwards. Both may stand in different
    /// shards.
    public void rename(Entry from, Bytes to) {
        transfer(from, to, db);
    }

    /// Takes a key to another database, where it must not be yet.
    public void move(Entry entry, int toDb) {
        long key = Memory.allocate(Math.max(1, Record.keyLength(entry.at)));
        int length = Record.keyLength(entry.at);
        Memory.copy(Record.keyAddress(entry.at), key, length);
        transfer(entry, keyWindow.set(key, length), toDb);
        Memory.free(key, Math.max(1, length));
    }

    private void transfer(Entry from, Bytes key, int toDb) {
        long source = from.at;
        int form = Record.form(source);
        int inlineLength = Record.inlineLength(source);
        long at = putInto(toDb, key, source);
        Memory.copy(Record.valueAddress(source), Record.valueAddress(at), Record.valueBytes(form, inlineLength));
        Shard home = shardOf(key);
        if (form == Record.OUTSIDE) {
            from.shard.slab.disown(Record.outsideCapacity(source));
            home.slab.adopt(Record.outsideCapacity(source));
        } else if (form == Record.ROOT) {
            Root root = from.shard.roots.take(Record.rootNumber(source));
            root.lease.moveTo(home.slab);
            Record.rootNumber(at, home.roots.add(root));
            if (root.division != null) {
                root.division.moveTo(home);
            }
            home.clear(root);
        }
        Record.flag(at, Record.flags(source) & Record.OF_VALUE);
        Record.access(at, Record.access(source));
        from.table.unlink(from.hash, source);
    }

    /// Gives `to`, in another database or the same, a copy of a value and its deadline.
    public void copy(Entry from, Bytes to, int toDb) {
        long source = from.at;
        int form = Record.form(source);
        long at = putInto(toDb, to, source);
        Shard shard = shardOf(to);
        if (form == Record.OUTSIDE) {
            long length = Record.outsideLength(source);
            long block = shard.allocateOutside(length);
            Memory.copy(Record.outsideAddress(source), block, length);
            Record.outside(at, block, length, length);
        } else if (form == Record.ROOT) {
            Record.rootNumber(at, shard.roots.add(from.root().copy(shard.lease())));
        } else {
            int bytes = Record.valueBytes(form, Record.inlineLength(source));
            Memory.copy(Record.valueAddress(source), Record.valueAddress(at), bytes);
        }
        Record.flag(at, Record.flags(source) & Record.OF_VALUE);
    }

    /// Makes a record for a key, of the shape that another one has.
    private long putInto(int toDb, Bytes key, long like) {
        int home = db;
        db = toDb;
        if (find(key) != null) {
            // For Redis it is another key: the old one is deleted first.
            also(key, KeyEvent.NEW);
        }
        long at = put(key, Record.type(like), Record.form(like), Record.inlineLength(like), Record.deadlineMs(like));
        if (Record.hasFields(like)) {
            long hash = hash(key);
            Table table = locked(hash).table(db);
            at = table.addFields(hash, at);
            table.fieldsDue(hash, at, Record.fieldsDueMs(like), nowMs);
        }
        db = home;
        return at;
    }

    // ---- the whole key space
    // --------------------------------------------------------------------------------------

    /// How many keys the database has, those included whose time has come but that have not been removed.
    public long size(int ofDb) {
        return sum(ofDb, Table::size);
    }

    /// How many keys there are in the shard of a key, which is held: it tells whether a key that was put was new.
    public long sizeAround(Bytes key) {
        Table table = shardOf(key).tableIfAny(db);
        return table == null ? 0 : table.size();
    }

    /// How many keys of the database have a deadline.
    public long sizeWithDeadline(int ofDb) {
        return sum(ofDb, Table::withDeadline);
    }

    /// How many keys of the database are hashes of which fields have a deadline.
    public long sizeWithFields(int ofDb) {
        return sum(ofDb, Table::withFields);
    }

    /// How long the keys of a database that have a deadline have to live on average, in milliseconds. Where there
    /// are many, it is taken from the first ones of an iteration: that goes by the hashes of the keys, which know
    /// nothing of deadlines, so they are a fair sample.
    public long averageTtlMs(int ofDb) {
        if (sizeWithDeadline(ofDb) == 0) {
            return 0;
        }
        long[] sumMs = {0};
        long[] found = {0};
        long[] visited = {0};
        int home = db;
        db = ofDb;
        long cursor = 0;
        do {
            cursor = scan(cursor, TTL_SAMPLE, entry -> {
                visited[0]++;
                if (entry.deadlineMs() != NO_DEADLINE) {
                    found[0]++;
                    sumMs[0] += entry.deadlineMs() - nowMs;
                }
            });
        } while (cursor != 0 && found[0] < TTL_SAMPLE && visited[0] < TTL_VISITS);
        db = home;
        return found[0] == 0 ? 0 : sumMs[0] / found[0];
    }

    private long sum(int ofDb, ToLongFunction<Table> figure) {
        long sum = 0;
        for (int i = 0; i < Keyspace.SHARDS; i++) {
            Shard shard = enter(i);
            Table table = shard.tableIfAny(ofDb);
            sum += table == null ? 0 : figure.applyAsLong(table);
            leave(shard);
        }
        return sum;
    }

    /// Visits a part of the database: about `most` keys. A key that is there from the first call to the last is
    /// visited at least once.
    ///
    /// @param cursor 0 to begin, else what the last call returned
    /// @return where to go on, 0 when all has been visited
    public long scan(long cursor, long most, Consumer<Entry> visit) {
        int number = (int) cursor & Keyspace.SHARDS - 1;
        long within = cursor >>> Keyspace.SHARD_BITS;
        long[] visited = {0};
        while (visited[0] < most) {
            within = scanSlice(number, within, entry -> {
                visited[0]++;
                visit.accept(entry);
            });
            if (within == 0 && ++number == Keyspace.SHARDS) {
                return 0;
            }
        }
        return within << Keyspace.SHARD_BITS | number;
    }

    /// Visits all keys of the database, a slice of a shard at a time.
    public void keys(Consumer<Entry> visit) {
        for (int number = 0; number < Keyspace.SHARDS; number++) {
            long within = 0;
            do {
                within = scanSlice(number, within, visit);
            } while (within != 0);
        }
    }

    private long scanSlice(int number, long from, Consumer<Entry> visit) {
        Shard shard = enter(number);
        try {
            Table table = shard.tableIfAny(db);
            if (table == null) {
                return 0;
            }
            return table.index.scan(from, at -> {
                if (!isDue(at)) {
                    visit.accept(window(shard, table, 0, at));
                }
            });
        } finally {
            leave(shard);
        }
    }

    /// Draws a key at random.
    ///
    /// @param receive is handed the key while its shard is locked
    /// @return whether there was one
    public boolean randomKey(Consumer<Bytes> receive) {
        for (int draw = 0; draw < MAX_DRAWS; draw++) {
            long size = size(db);
            if (size == 0) {
                return false;
            }
            if (draw(random.nextLong(size), receive)) {
                return true;
            }
        }
        return false;
    }

    private boolean draw(long rank, Consumer<Bytes> receive) {
        long left = rank;
        for (int i = 0; i < Keyspace.SHARDS; i++) {
            Shard shard = enter(i);
            try {
                Table table = shard.tableIfAny(db);
                long size = table == null ? 0 : table.size();
                if (table != null && left < size) {
                    long at = table.index.random(random);
                    if (isDue(at)) {
                        expire(shard, table, table.hash(at), at);
                        return false;
                    }
                    receive.accept(keyWindow.set(Record.keyAddress(at), Record.keyLength(at)));
                    return true;
                }
                left -= size;
            } finally {
                leave(shard);
            }
        }
        return false;
    }

    /// Empties a database, in one moment; its memory is freed afterwards, slice by slice ([Keyspace#collect]). All
    /// shards are locked afterwards.
    ///
    /// @return how many keys there were
    public long flush(int ofDb) {
        return flush(ofDb, ofDb + 1);
    }

    /// Empties all databases, in one moment. All shards are locked afterwards.
    public long flushAll() {
        return flush(0, keyspace.databases());
    }

    private long flush(int fromDb, int toDb) {
        lockAll();
        keyspace.listener().databasesReplaced();
        long gone = 0;
        for (int i = 0; i < Keyspace.SHARDS; i++) {
            Shard shard = keyspace.shard(i);
            for (int each = fromDb; each < toDb; each++) {
                Table table = shard.tableIfAny(each);
                if (table != null) {
                    gone += table.size();
                    keyspace.listener().replaced(i, each, key -> holds(table, key));
                    shard.drop(each);
                }
            }
        }
        changes += gone;
        return gone;
    }

    /// Locks all shards, unless they are.
    private void lockAll() {
        assert held == 0 || held == Keyspace.ALL_SHARDS : "some shards are locked: held=" + Long.toHexString(held);
        if (held == 0) {
            lock(Keyspace.ALL_SHARDS);
        }
    }

    /// Whether it holds the lock of any shard.
    public boolean isLocked() {
        return held != 0;
    }

    /// Exchanges two databases, in one moment.
    public void swap(int one, int other) {
        lockAll();
        keyspace.listener().databasesReplaced();
        for (int i = 0; i < Keyspace.SHARDS; i++) {
            @Nullable Table[] tables = keyspace.shard(i).tables;
            Table first = tables[one];
            Table second = tables[other];
            keyspace.listener().replaced(i, one, key -> holds(first, key) || holds(second, key));
            keyspace.listener().replaced(i, other, key -> holds(first, key) || holds(second, key));
            place(second, tables, one);
            place(first, tables, other);
        }
        changes++;
    }

    private static void place(@Nullable Table table, @Nullable Table[] tables, int db) {
        tables[db] = table;
        if (table != null) {
            table.db = db;
        }
    }

    private boolean holds(@Nullable Table table, Bytes key) {
        long at = table == null ? 0 : table.find(keyspace.hash(key), key);
        return at != 0 && !isDue(at);
    }

    private Shard enter(int number) {
        Shard shard = keyspace.shard(number);
        if ((held & 1L << number) == 0) {
            shard.lock.lock();
        }
        return shard;
    }

    private void leave(Shard shard) {
        if ((held & 1L << shard.number) == 0) {
            shard.lock.unlock();
        }
    }
}
