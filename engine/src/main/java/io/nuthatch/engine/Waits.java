package io.nuthatch.engine;

import io.nuthatch.engine.Waiter.Place;
import io.nuthatch.memory.Bytes;
import io.nuthatch.memory.Scratch;
import io.nuthatch.store.Entry;
import io.nuthatch.store.KeyEvent;
import io.nuthatch.store.Keyspace;
import io.nuthatch.store.Tx;
import io.nuthatch.store.Type;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLongArray;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/// Clients whose commands wait: for keys, as BLPOP and its like do, or for something that no key tells of.
///
/// ```
///   body finds nothing -> Wait -> a Place in the Line of each key          under the locks of its keys
///   a key changes      -> its Line is ready                                under the key's lock
///   command or EXEC is done -> serve: each ready Line, from its first      under the same locks still
///                              client on, as long as there is something
///   locks released     -> answers go to the clients' event loops, which leave the other lines and go on reading
/// ```
///
/// So the hand-over is one act with the change that brings it: nobody else ever sees the element, and whoever came
/// first gets it. Serving may make further lines ready (BLMOVE): they are served in turn, in the order in which
/// they became so.
///
/// A command that changes a second key (BLMOVE's destination) needs that one's shard, too. Whoever may change a
/// key that such a client waits for locks that shard from the beginning ([#reach]), so that it need not let go in
/// between.
///
/// What becomes ready where the locks do not reach, because a key expires, is left to the heartbeat, and so are those
/// who wait for no key (WAITAOF). So is what becomes of use by time alone ([Wait.Ripening]): each line knows the
/// earliest moment, each shard the earliest of its lines'. A moment may be too early, then the attempt finds out the
/// next one; never too late.
///
/// Locks: lines belong to the lock of their shard, clients to their own monitor ([Waiter]).
public final class Waits {
    /// What a key may become of use by. What is not named here only takes from a key, or is of a type that nobody
    /// waits for.
    private static final Set<KeyEvent> BRINGING = EnumSet.of(
            KeyEvent.LPUSH,
            KeyEvent.RPUSH,
            KeyEvent.LINSERT,
            KeyEvent.SORTSTORE,
            KeyEvent.ZADD,
            KeyEvent.ZINCR,
            KeyEvent.ZRANGESTORE,
            KeyEvent.ZUNIONSTORE,
            KeyEvent.ZINTERSTORE,
            KeyEvent.ZDIFFSTORE,
            KeyEvent.GEOSEARCHSTORE,
            KeyEvent.GEORADIUSSTORE,
            KeyEvent.XADD,
            KeyEvent.XNACK,
            KeyEvent.RENAME_TO,
            KeyEvent.MOVE_TO,
            KeyEvent.COPY_TO,
            KeyEvent.RESTORE);

    /// What ends a key, or its being of a type, or a group of it.
    private static final Set<KeyEvent> ENDING = EnumSet.of(
            KeyEvent.DEL,
            KeyEvent.EXPIRED,
            KeyEvent.EVICTED,
            KeyEvent.RENAME_FROM,
            KeyEvent.MOVE_FROM,
            KeyEvent.SET,
            KeyEvent.SUNIONSTORE,
            KeyEvent.SINTERSTORE,
            KeyEvent.SDIFFSTORE,
            KeyEvent.XGROUP_DESTROY);

    private static final CommandError UNBLOCKED = CommandError.of("UNBLOCKED client unblocked via CLIENT UNBLOCK");

    private final Keyspace keyspace;
    private final KeyNames names;
    private final List<Map<KeyName, Line>> shards = new ArrayList<>(Keyspace.SHARDS);
    private final Queue<Line> ready = new ConcurrentLinkedQueue<>();

    /// Those who wait for no key. Some may be settled already.
    private final Queue<Waiter> keyless = new ConcurrentLinkedQueue<>();

    /// Of each shard: those that its clients will need besides, when they are served. Written under the shard's
    /// lock.
    private final AtomicLongArray reaches = new AtomicLongArray(Keyspace.SHARDS);

    /// Of each shard: how many clients need others. Guarded by the shard's lock.
    private final int[] reaching = new int[Keyspace.SHARDS];

    /// Of each shard: when the first of its lines is to be looked at, in milliseconds since 1970. Written under
    /// the shard's lock.
    private final AtomicLongArray ripeMs = new AtomicLongArray(Keyspace.SHARDS);

    /// How many places there are of clients that are served by time alone, too.
    private final AtomicInteger ripeners = new AtomicInteger();

    private final Clock clock;
    private final AtomicInteger reachers = new AtomicInteger();
    private final AtomicInteger count = new AtomicInteger();
    private final AtomicInteger limited = new AtomicInteger();
    private final AtomicInteger keys = new AtomicInteger();
    private final AtomicInteger mindedKeys = new AtomicInteger();

    Waits(Keyspace keyspace, KeyNames names, Clock clock) {
        this.keyspace = keyspace;
        this.names = names;
        this.clock = clock;
        for (int i = 0; i < Keyspace.SHARDS; i++) {
            shards.add(new HashMap<>());
            ripeMs.set(i, Wait.NEVER_MS);
        }
    }

    /// How many clients wait.
    public int count() {
        return count.get();
    }

    /// How many of them wait for a limited time.
    public int limited() {
        return limited.get();
    }

    /// How many keys they wait for.
    public int keys() {
        return keys.get();
    }

    /// For how many of them someone wants to know when they end.
    public int mindedKeys() {
        return mindedKeys.get();
    }

    // ---- coming and going -------------------------------------------------------------------------------------

    /// Takes room for the names of the keys that a command will wait for, or refuses it.
    ///
    /// @return how much, for [Waiter]
    long takeNames(Wait wait, Args args) {
        long taken = 0;
        try {
            for (int word = wait.firstKey(); word <= wait.lastKey(); word++) {
                names.take(args.bytes(word));
                taken += KeyNames.bytes(args.bytes(word));
            }
            return taken;
        } catch (CommandError refusal) {
            names.giveBack(taken);
            throw refusal;
        }
    }

    /// Lines a client up before its keys, whose shards are locked.
    void begin(Waiter waiter) {
        Args args = waiter.kept.call().args();
        long reach = bit(args, waiter.wait.destination());
        for (int i = 0; i < waiter.places.length; i++) {
            int word = waiter.wait.firstKey() + i;
            Line line = line(waiter.session.db(), args.bytes(word));
            if (!line.endsWith(waiter)) {
                waiter.places[i] = join(line, waiter, word, reach);
            }
        }
        waiter.session.waiter(waiter);
        waiter.session.worker().deadlines().add(waiter);
        count.incrementAndGet();
        if (waiter.isLimited()) {
            limited.incrementAndGet();
        }
        if (!waiter.wait.hasKeys()) {
            keyless.add(waiter);
        }
    }

    private long bit(Args args, int word) {
        return word == 0 ? 0 : 1L << Keyspace.shardOf(keyspace.hash(args.bytes(word)));
    }

    private Line line(int db, Bytes key) {
        int shard = Keyspace.shardOf(keyspace.hash(key));
        return shards.get(shard).computeIfAbsent(new KeyName(db, key), name -> {
            keys.incrementAndGet();
            return new Line(name, shard);
        });
    }

    private Place join(Line line, Waiter waiter, int word, long reach) {
        if (reach != 0) {
            reachers.incrementAndGet();
            reaching[line.shard]++;
            reaches.set(line.shard, reaches.get(line.shard) | reach);
        }
        if (waiter.wait.endings() && line.minders == 0) {
            mindedKeys.incrementAndGet();
        }
        Place place = line.add(waiter, word);
        if (waiter.wait.ripening() != null) {
            ripeners.incrementAndGet();
            lookAhead(place, waiter.session.tx());
        }
        return place;
    }

    private void leave(Place place) {
        Line line = place.line;
        if (place.isLeft) {
            return;
        }
        line.remove(place);
        if (place.waiter.wait.destination() != 0) {
            reachers.decrementAndGet();
            if (--reaching[line.shard] == 0) {
                reaches.set(line.shard, 0);
            }
        }
        if (place.waiter.wait.endings() && line.minders == 0) {
            mindedKeys.decrementAndGet();
        }
        if (place.waiter.wait.ripening() != null) {
            ripeners.decrementAndGet();
        }
        if (line.isEmpty()) {
            shards.get(line.shard).remove(line.name);
            keys.decrementAndGet();
        }
    }

    /// Ends the waiting of a client that has been settled: it leaves all lines. No lock is held.
    ///
    /// Thread: the client's own.
    void end(Session session) {
        Waiter waiter = session.waiter();
        if (waiter == null) {
            return;
        }
        assert waiter.isSettled() : "the client still waits: id=" + session.id();
        session.waiter(null);
        if (waiter.hasFailed) {
            session.worker().stats(waiter.kept.command()).failed++;
        }
        session.worker().deadlines().remove(waiter);
        long left = 0;
        for (@Nullable Place place : waiter.places) {
            left |= place == null || place.isLeft ? 0 : 1L << place.line.shard;
        }
        if (left != 0) {
            leaveAll(waiter, left);
        }
        waiter.kept.free();
        names.giveBack(waiter.nameBytes);
        count.decrementAndGet();
        if (waiter.isLimited()) {
            limited.decrementAndGet();
        }
    }

    private void leaveAll(Waiter waiter, long lockedShards) {
        Session session = waiter.session;
        Tx tx = session.tx().begin(session.db(), session.worker().nowMs(), false);
        tx.lock(lockedShards);
        try {
            for (@Nullable Place place : waiter.places) {
                if (place != null) {
                    leave(place);
                }
            }
        } finally {
            tx.end();
        }
    }

    /// Settles a client that is to get no answer, because it goes. Any thread may.
    ///
    /// @return false if an answer is under way
    boolean cancel(Session session) {
        Waiter waiter = session.waiter();
        return waiter == null || waiter.cancel();
    }

    /// Lets a client go on as if its time were up, or with an error: CLIENT UNBLOCK.
    ///
    /// @return whether it waited
    public boolean release(Session by, Session waiting, boolean withError) {
        Waiter waiter = waiting.waiter();
        if (waiter == null || !waiter.settle()) {
            return false;
        }
        HandOver handOver = by.worker().handOver();
        if (withError) {
            handOver.answer(waiter, UNBLOCKED);
        } else {
            handOver.answerNone(waiter);
        }
        return true;
    }

    // ---- what happens to keys -----------------------------------------------------------------------------------

    /// Something has happened to a key, whose shard is locked.
    void happened(int shard, int db, Bytes key, KeyEvent event) {
        Map<KeyName, Line> lines = shards.get(shard);
        if (lines.isEmpty() || !KeyNames.canName(key)) {
            return;
        }
        if (event == KeyEvent.PENDING && ripeners.get() > 0) {
            isPending(lines.get(new KeyName(db, key)));
        }
        boolean ends = ENDING.contains(event);
        if (ends ? mindedKeys.get() > 0 : BRINGING.contains(event)) {
            Line line = lines.get(new KeyName(db, key));
            if (line != null && (!ends || line.minders > 0)) {
                isReady(line);
            }
        }
    }

    /// Something may have come into a key that time will make of use.
    private void isPending(@Nullable Line line) {
        if (line != null && line.ripeners > 0) {
            // What takes longer than there are milliseconds is never ripe.
            ripens(line, Math.max(clock.wallMs(), clock.wallMs() + line.ripeningMs));
        }
    }

    /// Notes when a client is to be served that just now could not be.
    private void lookAhead(Place place, Tx tx) {
        Wait.Ripening ripening = place.waiter.wait.ripening();
        if (ripening != null) {
            ripens(
                    place.line,
                    ripening.outlook()
                            .ripeMs(place.key, place.waiter.kept.call().args(), tx));
        }
    }

    private void ripens(Line line, long atMs) {
        line.ripeMs = Math.min(line.ripeMs, atMs);
        ripeMs.set(line.shard, Math.min(ripeMs.get(line.shard), atMs));
    }

    /// The shards in which lines are to be looked at, as the time has come.
    long ripe(long nowMs) {
        long ripe = 0;
        for (int i = 0; i < Keyspace.SHARDS && ripeners.get() > 0; i++) {
            ripe |= ripeMs.get(i) <= nowMs ? 1L << i : 0;
        }
        return ripe;
    }

    /// Makes the lines of a shard ready for which the time has come. The shard is locked.
    void ripen(int shard, long nowMs) {
        long next = Wait.NEVER_MS;
        for (Line line : shards.get(shard).values()) {
            if (line.ripeMs <= nowMs) {
                line.ripeMs = Wait.NEVER_MS;
                isReady(line);
            }
            next = Math.min(next, line.ripeMs);
        }
        ripeMs.set(shard, next);
    }

    /// All keys of a database are about to be replaced, in one shard, which is locked.
    void replaced(int shard, int db, Predicate<Bytes> concerns) {
        shards.get(shard).forEach((name, line) -> {
            if (name.db() == db) {
                try (Scratch key = Scratch.of(name.key())) {
                    if (concerns.test(key.bytes())) {
                        isReady(line);
                    }
                }
            }
        });
    }

    private void isReady(Line line) {
        if (!line.isReady) {
            line.isReady = true;
            ready.add(line);
        }
    }

    // ---- serving ------------------------------------------------------------------------------------------------

    /// All shards that must be locked so that some may be changed: with those that waiting clients reach from
    /// there, and from there on.
    ///
    /// It may grow until the locks are held: to be asked again then.
    long reach(long from) {
        long all = from;
        long before;
        do {
            before = all;
            for (long left = before; left != 0; left &= left - 1) {
                all |= reaches.get(Long.numberOfTrailingZeros(left));
            }
        } while (all != before);
        return all;
    }

    /// Whether anyone would need further shards.
    boolean anyReaching() {
        return reachers.get() != 0;
    }

    /// Whether anyone is to be served.
    boolean anyReady() {
        return count.get() != 0 && !ready.isEmpty();
    }

    /// Serves all lines that are ready, as far as the transaction's locks reach.
    void serve(Tx tx, HandOver by) {
        for (Line line = next(tx); line != null; line = next(tx)) {
            serve(line, tx, by);
        }
    }

    private @Nullable Line next(Tx tx) {
        for (Iterator<Line> each = ready.iterator(); each.hasNext(); ) {
            Line line = each.next();
            if (tx.holds(reach(1L << line.shard))) {
                each.remove();
                line.isReady = false;
                return line;
            }
        }
        return null;
    }

    private void serve(Line line, Tx tx, HandOver by) {
        tx.next(line.name.db(), true);
        try (Scratch key = Scratch.of(line.name.key())) {
            Place place = line.first();
            Type type = place == null ? null : type(tx, key.bytes());
            while (place != null && (type != null || line.minders > 0)) {
                Place after = place.after;
                Wait wait = place.waiter.wait;
                if (wait.type() == type || wait.endings()) {
                    if (place.waiter.serve(place.key, tx, by)) {
                        leave(place);
                        type = after == null ? null : type(tx, key.bytes());
                    } else {
                        lookAhead(place, tx);
                    }
                }
                place = after;
            }
        }
    }

    private static @Nullable Type type(Tx tx, Bytes key) {
        Entry entry = tx.find(key);
        return entry == null ? null : entry.type();
    }

    /// Whether anyone waits for no key.
    boolean anyKeyless() {
        return !keyless.isEmpty();
    }

    /// Gives those who wait for no key another attempt.
    ///
    /// @param tx of the calling thread, not begun
    void serveKeyless(Tx tx, HandOver by) {
        keyless.removeIf(waiter -> waiter.isSettled() || waiter.serve(0, tx, by));
    }

    /// The shards to lock to serve a line that was left over, or 0 if there is none.
    long leftOver() {
        Line line = ready.peek();
        return line == null ? 0 : reach(1L << line.shard);
    }
}
