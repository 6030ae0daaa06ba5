package io.nuthatch.engine;

import io.nuthatch.store.Tx;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// A client, from its connection to its end: who it is, which database it has selected, how it wants its replies.
///
/// Thread: the connection's event loop, through its [Worker]. The fields that CLIENT LIST shows of other clients
/// are volatile.
public final class Session implements Receivers {
    /// How replies go out: CLIENT REPLY.
    public enum Replies {
        ON,
        OFF,
        /// Nothing for this command; then the next is skipped.
        SKIP_NEXT,
        SKIP
    }

    /// What kind of client it is, for the limits of its output buffer.
    public enum ClientClass {
        NORMAL,
        REPLICA,
        PUBSUB
    }

    /// The connection behind a session. All methods may be called from any thread.
    public interface Peer {
        /// `127.0.0.1:50000`, or the path of a unix socket.
        String address();

        /// The server's side of the connection.
        String localAddress();

        /// Closes it, after what is written already has been sent.
        void close();

        /// Writes a message behind the replies so far. On its own event loop only, between two commands ([Mail] leads
        /// there from any thread).
        void tell(Message message);

        /// Answers the command that waits, and has its event loop go on with the requests behind it.
        void answer(Answer answer);

        /// Has its event loop go on with requests that were put off.
        void resume();

        /// Bytes of replies that wait to be sent.
        long outputBytes();

        /// Pieces that they are in.
        int outputPieces();

        /// Bytes of requests that have come and are not complete.
        long inputBytes();

        /// What the connection takes, all in all, without its session.
        long memoryBytes();

        /// Room for more of them that is held already.
        long inputRoomBytes();

        /// The number by which the system knows the connection, or -1.
        int descriptor();

        /// How it is watched: `epoll`, `nio`.
        String transport();

        /// Whether it is a unix socket's.
        boolean isUnix();

        /// Whether the client is on this machine.
        boolean isLocal();
    }

    private final long id;
    private final Engine engine;
    private final Worker worker;
    private final Peer peer;
    private final long bornMs;

    private volatile int db;
    private volatile int protocol = 2;
    private volatile String name = "";
    private volatile String user = "default";
    private volatile String libraryName = "";
    private volatile String libraryVersion = "";
    private volatile String lastCommand = "NULL";
    private volatile long lastActiveMs;
    private volatile boolean authenticated;
    private volatile boolean monitor;
    private volatile boolean subscriber;
    private volatile @Nullable Tracker tracker;

    /// What stands for it among the readers of a key, or 0. Thread: its own.
    private int reader;

    private volatile @Nullable Subscriptions subscriptions;
    private volatile @Nullable Fieldsets fieldsets;
    private volatile boolean noEvict;
    private volatile boolean closing;
    private final Watches.Watcher watcher = new Watches.Watcher();
    private volatile @Nullable Multi multi;
    private volatile @Nullable Waiter waiter;
    private boolean inExec;
    private boolean replaying;

    /// Whether it has changed something since [#writtenEnd] was asked. Thread: its own, or while it waits the one that
    /// serves it.
    private boolean hasWritten;

    private long writtenEnd;
    private volatile boolean noTouch;
    private volatile boolean followsRedirects;
    private long commands; // not volatile, for its price: others see it a little late
    private volatile long receivedBytes;
    private volatile long sentBytes;
    private Replies replies = Replies.ON;

    Session(long id, Engine engine, Worker worker, Peer peer) {
        this.id = id;
        this.engine = engine;
        this.worker = worker;
        this.peer = peer;
        this.bornMs = engine.clock().wallMs();
        this.lastActiveMs = bornMs;
        this.authenticated = !engine.config().requiresPassword();
    }

    public long id() {
        return id;
    }

    /// Whether it is none of a client's: what was accepted once is run again.
    boolean isReplaying() {
        return replaying;
    }

    void replays() {
        replaying = true;
    }

    public Engine engine() {
        return engine;
    }

    public Peer peer() {
        return peer;
    }

    /// The transaction of the command that runs.
    public Tx tx() {
        return worker.tx();
    }

    public Worker worker() {
        return worker;
    }

    public long bornMs() {
        return bornMs;
    }

    public int db() {
        return db;
    }

    public void db(int index) {
        db = index;
    }

    /// 2 or 3.
    public int protocol() {
        return protocol;
    }

    public void protocol(int version) {
        protocol = version;
    }

    public String name() {
        return name;
    }

    public void name(String name) {
        this.name = name;
    }

    public String user() {
        return user;
    }

    /// Whether it has said who it is, or need not.
    public boolean isAuthenticated() {
        return authenticated || !engine.config().requiresPassword();
    }

    public void authenticated(String asUser) {
        user = asUser;
        authenticated = true;
    }

    public String libraryName() {
        return libraryName;
    }

    public void libraryName(String name) {
        libraryName = name;
    }

    public String libraryVersion() {
        return libraryVersion;
    }

    public void libraryVersion(String version) {
        libraryVersion = version;
    }

    /// The full name of the last command, or `NULL`.
    public String lastCommand() {
        return lastCommand;
    }

    public long lastActiveMs() {
        return lastActiveMs;
    }

    void active(Command command, long nowMs) {
        lastCommand = command.fullName();
        lastActiveMs = nowMs;
    }

    void ran() {
        commands++;
    }

    /// Counts bytes that have come in.
    @SuppressWarnings("NonAtomicVolatileUpdate") // Written by the connection's thread alone, as the next is.
    public void received(long bytes) {
        receivedBytes += bytes;
    }

    /// Counts bytes that have been sent.
    @SuppressWarnings("NonAtomicVolatileUpdate")
    public void sent(long bytes) {
        sentBytes += bytes;
    }

    /// How many commands it has run.
    public long commands() {
        return commands;
    }

    public long receivedBytes() {
        return receivedBytes;
    }

    public long sentBytes() {
        return sentBytes;
    }

    /// Whether it has said that it understands REDIRECT replies: CLIENT CAPA.
    public boolean followsRedirects() {
        return followsRedirects;
    }

    public void followsRedirects(boolean does) {
        followsRedirects = does;
    }

    /// A monitor counts as a normal client.
    public ClientClass clientClass() {
        return subscriber ? ClientClass.PUBSUB : ClientClass.NORMAL;
    }

    /// Whether it has subscribed to anything.
    public boolean isSubscriber() {
        return subscriber;
    }

    void subscriber(boolean is) {
        subscriber = is;
    }

    /// What it has subscribed to; for its own thread.
    Subscriptions subscriptions() {
        Subscriptions mine = subscriptions;
        if (mine == null) {
            subscriptions = mine = new Subscriptions();
        }
        return mine;
    }

    /// What it has prepared by HIMPORT; for its own thread.
    public Fieldsets fieldsets() {
        Fieldsets mine = fieldsets;
        if (mine == null) {
            fieldsets = mine = new Fieldsets(engine.fieldsetBytes());
        }
        return mine;
    }

    /// What the client takes, without commands that wait for EXEC. Any thread may ask.
    public long memoryBytes() {
        return peer.memoryBytes() + fieldsetBytes();
    }

    /// What the fieldsets take, in bytes. Any thread may ask.
    public long fieldsetBytes() {
        Fieldsets mine = fieldsets;
        return mine == null ? 0 : mine.bytes();
    }

    void forgetFieldsets() {
        Fieldsets mine = fieldsets;
        if (mine != null) {
            mine.discardAll();
        }
    }

    /// How it tracks the keys that it reads, or null if it does not.
    public @Nullable Tracker tracker() {
        return tracker;
    }

    void tracker(@Nullable Tracker how) {
        tracker = how;
    }

    int reader() {
        return reader;
    }

    void reader(int number) {
        reader = number;
    }

    /// How many channels or patterns it has subscribed to. Any thread may ask.
    public int subscriptions(PubSub.Kind kind) {
        Subscriptions mine = subscriptions;
        return mine == null ? 0 : mine.count(kind);
    }

    /// Itself, as one to whom a message goes.
    @Override
    public void forEach(Consumer<Session> receiver) {
        receiver.accept(this);
    }

    public boolean isMonitor() {
        return monitor;
    }

    public void monitor(boolean is) {
        monitor = is;
    }

    public boolean isNoEvict() {
        return noEvict;
    }

    public void noEvict(boolean is) {
        noEvict = is;
    }

    /// The transaction that MULTI has begun, or null.
    @Nullable
    Multi multi() {
        return multi;
    }

    void multi(@Nullable Multi begun) {
        multi = begun;
    }

    Watches.Watcher watcher() {
        return watcher;
    }

    /// What its command waits for, or null if none does. Set and cleared by its own thread.
    @Nullable
    Waiter waiter() {
        return waiter;
    }

    void waiter(@Nullable Waiter begun) {
        waiter = begun;
    }

    /// Whether its command waits for a key, or an answer is under way.
    public boolean isWaiting() {
        return waiter != null;
    }

    /// Whether the commands that run now are those of a transaction: none of them may wait.
    public boolean isInExec() {
        return inExec;
    }

    void inExec(boolean is) {
        inExec = is;
    }

    /// It has changed something, which is journaled before its locks are released.
    void wrote() {
        hasWritten = true;
    }

    /// An offset of the journal that all it has changed stands before, but for what a transaction under way has.
    public long writtenEnd() {
        if (!hasWritten) {
            return writtenEnd;
        }
        long end = engine.journal().end();
        if (!inExec) {
            hasWritten = false;
            writtenEnd = end;
        }
        return end;
    }

    /// How many commands wait for EXEC, or -1 outside of MULTI.
    public int queuedCommands() {
        Multi begun = multi;
        return begun == null ? -1 : begun.count();
    }

    /// The memory that they take, in bytes.
    public long queuedBytes() {
        Multi begun = multi;
        return begun == null ? 0 : begun.bytes();
    }

    /// How many keys it watches.
    public int watchedKeys() {
        return watcher.count();
    }

    public boolean isNoTouch() {
        return noTouch;
    }

    public void noTouch(boolean is) {
        noTouch = is;
    }

    public Replies replies() {
        return replies;
    }

    public void replies(Replies how) {
        replies = how;
    }

    /// Closes the connection once the reply to the command at hand has been sent.
    public void close() {
        closing = true;
    }

    public boolean isClosing() {
        return closing;
    }

    /// Whether it may use what `enable-debug-command` and its like allow: to nobody, to everyone, or to clients of
    /// this machine.
    public boolean isAllowed(Setting.Choice who) {
        return switch (who.value()) {
            case "yes" -> true;
            case "local" -> peer.isLocal();
            default -> false;
        };
    }

    /// Back to how a new connection is: RESET.
    public void reset() {
        engine.transactions().end(this);
        forgetFieldsets();
        db = 0;
        protocol = 2;
        name = "";
        user = "default";
        authenticated = !engine.config().requiresPassword();
        noTouch = false;
        noEvict = false;
        followsRedirects = false;
        replies = Replies.ON;
        engine.pubSub().end(this);
        engine.tracking().end(this);
        if (monitor) {
            monitor = false;
            engine.monitors().remove(this);
        }
    }
}
