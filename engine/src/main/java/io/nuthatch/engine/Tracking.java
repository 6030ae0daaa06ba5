package io.nuthatch.engine;

import io.nuthatch.memory.Bytes;
import io.nuthatch.store.KeyEvent;
import io.nuthatch.store.KeyReaders;
import io.nuthatch.store.Keyspace;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/// Server-assisted client caching: tells clients which of the keys they have read have changed (CLIENT TRACKING).
///
/// ```
///   a client reads a key    -> KeyReaders, under the key's lock, before its reply leaves
///   anyone changes the key  -> out of KeyReaders, under the same lock; its readers' inboxes
///   the reader's event loop -> replies, then messages
/// ```
/// So no change is missed: either the reply has the new value, or the client is among the key's readers when it
/// changes. And the message cannot overtake the reply with the old value, which stands in the client's output before
/// its event loop looks into its inbox again.
///
/// Keys are told apart by name only, as in Redis: a change in any database concerns all who have read a key of that
/// name.
///
/// Locks: a key's readers belong to its shard's. Threads: a client's tracking is begun and ended on its own.
public final class Tracking {
    private final Keyspace keyspace;
    private final KeyReaders readers;
    private final Clients clients;
    private final Mail mail;
    private final Config config;
    private final Broadcasts broadcasts = new Broadcasts();
    private final KeyNames names = new KeyNames(CommandError.of("ERR too many or too long prefixes are broadcast"));

    /// By the numbers that stand for them among a key's readers.
    private final Map<Integer, Session> byReader = new ConcurrentHashMap<>();

    private final AtomicInteger lastReader = new AtomicInteger();
    private final AtomicInteger trackers = new AtomicInteger();

    Tracking(Keyspace keyspace, Clients clients, Mail mail, Config config) {
        this.keyspace = keyspace;
        this.readers = keyspace.readers();
        this.clients = clients;
        this.mail = mail;
        this.config = config;
    }

    // ---- what clients ask for -----------------------------------------------------------------------------------

    /// Begins, or goes on in another way. What the client has read so far it still hears of.
    public void begin(Session session, Tracker.Options options) {
        Tracker before = session.tracker();
        Set<ByteString> prefixes = new TreeSet<>();
        if (options.mode() == Tracker.Mode.BROADCAST) {
            prefixes.addAll(before == null ? Set.of() : before.prefixNames());
            List<byte[]> wanted = options.prefixes().isEmpty() ? List.of(new byte[0]) : options.prefixes();
            wanted.forEach(prefix -> prefixes.add(new ByteString(prefix)));
        }
        take(prefixes, before == null ? Set.of() : before.prefixNames());
        if (before == null) {
            trackers.incrementAndGet();
            number(session);
        }
        session.tracker(new Tracker(options, prefixes));
        prefixes.forEach(prefix -> broadcasts.add(prefix, session));
    }

    /// Takes room for prefixes that a client did not have, or refuses all of them.
    private void take(Set<ByteString> prefixes, Set<ByteString> before) {
        List<ByteString> taken = new ArrayList<>();
        try {
            for (ByteString each : prefixes) {
                if (!before.contains(each)) {
                    names.take(each.length());
                    taken.add(each);
                }
            }
        } catch (CommandError refusal) {
            taken.forEach(this::giveBack);
            throw refusal;
        }
    }

    private void giveBack(ByteString prefix) {
        names.giveBack(KeyNames.bytes(prefix.length()));
    }

    /// A client keeps its number as long as it is connected.
    private void number(Session session) {
        if (session.reader() == 0) {
            int reader = lastReader.incrementAndGet();
            session.reader(reader == 0 ? lastReader.incrementAndGet() : reader);
            byReader.put(session.reader(), session);
        }
    }

    /// Ends it. Who has read which keys is forgotten as they change.
    public void end(Session session) {
        Tracker tracker = session.tracker();
        if (tracker != null) {
            session.tracker(null);
            tracker.prefixNames().forEach(prefix -> broadcasts.remove(prefix, session));
            tracker.prefixNames().forEach(this::giveBack);
            trackers.decrementAndGet();
        }
    }

    /// A client has gone.
    void forget(Session session) {
        end(session);
        if (session.reader() != 0) {
            byReader.remove(session.reader());
        }
    }

    // ---- reading ------------------------------------------------------------------------------------------------

    /// Whether anybody tracks.
    boolean isOn() {
        return trackers.get() > 0;
    }

    /// A client that tracks has run a command; the shards of its keys are still locked.
    void ran(Session session, Tracker tracker, Command command, Call call) {
        if (!command.is(CommandFlag.READONLY) || !tracker.remembers()) {
            return;
        }
        int sole = command.soleKey();
        if (sole > 0) {
            remember(session, call.key(sole), call.keyHash);
            return;
        }
        List<KeySpec> specs = command.keySpecs();
        for (int i = 0; i < specs.size(); i++) {
            specs.get(i).positions(call.args(), at -> {
                Bytes key = call.args().bytes(at);
                remember(session, key, keyspace.hash(key));
            });
        }
    }

    private void remember(Session session, Bytes key, long hash) {
        if (readers.add(key, hash, session.reader())) {
            long most = config.trackingTableMaxKeys.value();
            if (most > 0 && readers.keys() > most) {
                readers.evictBeside(key, hash, session.worker().random(), this::tell);
            }
        }
    }

    /// Keeps to `tracking-table-max-keys` where keys come one by one to different shards, and after it was lowered. To
    /// be called every few milliseconds, by one thread that holds no lock.
    void trim(RandomGenerator random) {
        long most = config.trackingTableMaxKeys.value();
        if (most > 0 && readers.keys() > most) {
            readers.trim(most, random, this::tell);
        }
    }

    /// Brings what is known of keys near the processor ([Engine#fetch]).
    ///
    /// @return a number of no meaning that must be used
    long fetch(BatchKeys keys) {
        long words = 0;
        for (int i = 0; i < keys.count(); i++) {
            words += readers.touchIndex(keys.hash(i));
        }
        for (int i = 0; i < keys.count(); i++) {
            words += readers.touchBlock(keys.hash(i));
        }
        return words;
    }

    // ---- changes ------------------------------------------------------------------------------------------------

    /// Something has happened to a key, whose shard is locked.
    void happened(Bytes key, KeyEvent event) {
        if (trackers.get() == 0) {
            return;
        }
        if (!broadcasts.isEmpty()) {
            if (KeyNames.canName(key)) {
                broadcast(key, event);
            } else {
                tellAll(Tracker.Mode.BROADCAST);
            }
        }
        if (readers.keys() > 0) {
            Session by = changing();
            readers.take(key, (name, reader) -> {
                Session session = byReader.get(reader);
                Tracker tracker = session == null ? null : session.tracker();
                if (session != null && tracker != null && !(tracker.isNoLoop() && session == by)) {
                    tell(name, session, tracker);
                }
            });
        }
    }

    /// The client whose command the calling thread runs, or null.
    private @Nullable Session changing() {
        Worker worker = mail.worker();
        return worker == null ? null : worker.running();
    }

    private void broadcast(Bytes key, KeyEvent event) {
        Worker worker = mail.worker();
        Broadcasts.Pending pending = worker == null ? new Broadcasts.Pending() : worker.broadcasts();
        boolean byItself = event == KeyEvent.EXPIRED || event == KeyEvent.EVICTED;
        if (broadcasts.note(new ByteString(key), byItself ? null : changing(), pending)) {
            if (worker == null) {
                broadcast(pending);
            } else {
                // So that the turn ends with a broadcast.
                worker.inbox().ring();
            }
        }
    }

    /// A worker's turn ends: what it has changed is told.
    void broadcast(Broadcasts.Pending pending) {
        if (!pending.isEmpty()) {
            broadcasts.send(pending, (listener, keys) -> {
                Tracker tracker = listener.tracker();
                if (tracker != null) {
                    send(
                            listener,
                            tracker,
                            new Invalidation(
                                    keys.stream().map(ByteString::toArray).toList(), tracker.redirect() != 0));
                }
            });
        }
    }

    /// The table has no room for a key any more.
    private void tell(Bytes key, int reader) {
        Session session = byReader.get(reader);
        Tracker tracker = session == null ? null : session.tracker();
        if (session != null && tracker != null) {
            tell(key, session, tracker);
        }
    }

    private void tell(Bytes key, Session session, Tracker tracker) {
        if (tracker.mode() != Tracker.Mode.BROADCAST) {
            // A key that is too long for a name on the heap makes all void.
            List<byte[]> keys = KeyNames.canName(key) ? List.of(key.toArray()) : null;
            send(session, tracker, new Invalidation(keys, tracker.redirect() != 0));
        }
    }

    private void send(Session session, Tracker tracker, Invalidation invalidation) {
        if (tracker.redirect() == 0) {
            mail.send(session, invalidation);
            return;
        }
        clients.byId(tracker.redirect()).ifPresentOrElse(other -> mail.send(other, invalidation), () -> {
            tracker.breakRedirect();
            mail.send(session, new Invalidation.RedirectBroken(tracker.redirect()));
        });
    }

    /// Databases are about to be replaced; all shards are locked. Whoever tracks is told that all it knows is void.
    void databasesReplaced() {
        if (trackers.get() > 0) {
            for (Tracker.Mode mode : Tracker.Mode.values()) {
                tellAll(mode);
            }
        }
        readers.clear();
    }

    /// Tells all who track in a way that all they know is void.
    private void tellAll(Tracker.Mode mode) {
        for (Session session : byReader.values()) {
            Tracker tracker = session.tracker();
            if (tracker != null && tracker.mode() == mode) {
                send(session, tracker, new Invalidation(null, tracker.redirect() != 0));
            }
        }
    }

    // ---- figures ------------------------------------------------------------------------------------------------

    /// How many clients track.
    public int trackers() {
        return trackers.get();
    }

    /// How many keys are remembered.
    public int keys() {
        return readers.keys();
    }

    /// How many readers they have, all in all.
    public long items() {
        return readers.items();
    }

    /// How many prefixes are broadcast.
    public int prefixes() {
        return broadcasts.prefixes();
    }
}
