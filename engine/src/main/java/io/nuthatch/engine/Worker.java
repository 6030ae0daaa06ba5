package io.nuthatch.engine;

import io.nuthatch.resp.DiscardSink;
import io.nuthatch.store.Tx;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Executor;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/// What a thread needs to run commands: a transaction, room for a batch of requests, the time, and its own
/// counts. One for each event loop, so that nothing of it is shared.
public final class Worker {
    /// Requests that are read ahead, so that the cache misses of their keys overlap.
    public static final int BATCH = 64;

    /// Transactions that are kept to be used again.
    private static final int MULTIS_MOST = 16;

    private final Engine engine;
    private final Tx tx;
    private final RandomGenerator random;
    private final Executor thread;
    private final HandOver handOver;
    private final Deadlines deadlines = new Deadlines();
    private final DiscardSink discard = new DiscardSink();
    private final Inbox inbox;

    private final Broadcasts.Pending broadcasts = new Broadcasts.Pending();

    /// Whose command runs, or ran last; kept only while anybody tracks.
    private @Nullable Session running;

    /// Inboxes of others in which this worker's turn has left something.
    private final List<Inbox> toRing = new ArrayList<>();

    private final Call[] calls = new Call[BATCH];
    private final BatchKeys keys = new BatchKeys();
    private final ArrayDeque<Multi> multis = new ArrayDeque<>();
    private final CommandStats[] stats;

    private long batchMs;
    private long batchNanos;
    private long nanos;
    private long nowMs;

    /// The sum of what prefetching has read: it keeps the reads alive.
    @SuppressWarnings("UnusedVariable") // Written so that the reads are not optimized away.
    private long fetched;

    // Counts. Written by the worker's thread alone, so a plain addition does; read by anyone, a little late. Those
    // that every command changes are not volatile: that would cost more than the counting.
    private volatile long inputBytes;
    private volatile long outputBytes;
    private volatile long reads;
    private volatile long writes;
    private long commands;
    private long cycleNanos;

    Worker(Engine engine, Executor thread, Tx tx, RandomGenerator random) {
        this.engine = engine;
        this.thread = thread;
        this.handOver = new HandOver(engine);
        this.tx = tx;
        this.random = random;
        this.inbox = new Inbox(engine.mail(), () -> engine.missed(this));
        inbox.bell(this::ring); // Without an event loop there are no turns: each command is one.
        for (int i = 0; i < BATCH; i++) {
            calls[i] = new Call();
        }
        stats = new CommandStats[engine.commands().count()];
        for (int i = 0; i < stats.length; i++) {
            stats[i] = new CommandStats();
        }
        beginBatch();
    }

    /// Says that the calling thread is this worker's.
    public void employ() {
        engine.mail().employ(this);
    }

    /// What waits to be told to the clients of this worker's event loop.
    public Inbox inbox() {
        return inbox;
    }

    void ringLater(Inbox other) {
        if (other != inbox) {
            toRing.add(other);
        }
        // So that the loop's turn ends with a call of [#ring].
        inbox.ring();
    }

    /// Has the answers that a command has brought to waiting clients sent on their way when the turn ends.
    void deliverLater() {
        if (!handOver.isEmpty()) {
            inbox.ring();
        }
    }

    /// The client whose command runs.
    void runs(Session session) {
        running = session;
    }

    @Nullable
    Session running() {
        return running;
    }

    /// What this worker's turn has changed that is to be broadcast.
    Broadcasts.Pending broadcasts() {
        return broadcasts;
    }

    /// Answers clients that waited, and wakes those event loops for whose clients there is something to say. To be
    /// called when the loop's turn ends.
    public void ring() {
        handOver.deliver();
        engine.tracking().broadcast(broadcasts);
        for (int i = 0; i < toRing.size(); i++) {
            toRing.get(i).ring();
        }
        toRing.clear();
    }

    /// Reads the clock: once for all requests that have come together.
    public void beginBatch() {
        batchMs = nowMs = engine.clock().wallMs();
        batchNanos = nanos = engine.clock().nanos();
    }

    /// One of [#BATCH] calls, to read requests into.
    public Call call(int index) {
        return calls[index];
    }

    /// A transaction for one of this worker's clients, to be given back.
    Multi takeMulti() {
        Multi spare = multis.pollLast();
        return spare == null ? new Multi() : spare;
    }

    /// Takes a transaction back, with all that it holds.
    void give(Multi multi) {
        multi.clear();
        if (multis.size() < MULTIS_MOST) {
            multis.addLast(multi);
        }
    }

    /// The keys of the calls that have been prepared and not fetched.
    BatchKeys keys() {
        return keys;
    }

    public Tx tx() {
        return tx;
    }

    public RandomGenerator random() {
        return random;
    }

    /// The moment at which the command at hand began, in milliseconds since 1970.
    public long nowMs() {
        return nowMs;
    }

    /// The moment at which the command at hand began, by the engine's count of nanoseconds.
    long nowNanos() {
        return nanos;
    }

    HandOver handOver() {
        return handOver;
    }

    Deadlines deadlines() {
        return deadlines;
    }

    /// Has the worker's thread do something.
    void execute(Runnable task) {
        thread.execute(task);
    }

    DiscardSink discard() {
        return discard;
    }

    /// What this worker has counted of a command.
    public CommandStats stats(Command command) {
        return stats[command.index];
    }

    /// Ends the timing of a command, and begins that of the next.
    ///
    /// @return how long it took, in nanoseconds
    long lap() {
        long before = nanos;
        nanos = engine.clock().nanos();
        nowMs = batchMs + (nanos - batchNanos) / 1_000_000;
        commands++;
        cycleNanos += nanos - before;
        return nanos - before;
    }

    void clearStats() {
        for (CommandStats each : stats) {
            each.clear();
        }
        inputBytes = outputBytes = reads = writes = commands = cycleNanos = 0;
    }

    /// How often it has read from a connection: its cycles.
    public long reads() {
        return reads;
    }

    /// How often it has written to a connection.
    public long writes() {
        return writes;
    }

    /// How many commands it has run.
    public long commands() {
        return commands;
    }

    /// How long it took to read and run them.
    public long cycleNanos() {
        return cycleNanos;
    }

    /// Bytes received and sent by this worker's connections.
    public long inputBytes() {
        return inputBytes;
    }

    public long outputBytes() {
        return outputBytes;
    }

    void fetched(long word) {
        fetched += word;
    }

    /// Counts bytes that have come in. Only the worker's thread writes, so a plain addition does.
    @SuppressWarnings("NonAtomicVolatileUpdate")
    public void received(long bytes) {
        inputBytes += bytes;
        reads++;
    }

    @SuppressWarnings("NonAtomicVolatileUpdate")
    public void sent(long bytes) {
        outputBytes += bytes;
        writes++;
    }
}
