package io.nuthatch.engine;

import io.nuthatch.memory.Bytes;
import io.nuthatch.resp.DiscardSink;
import io.nuthatch.resp.ReplySink;
import io.nuthatch.store.Effects;
import io.nuthatch.store.Keyspace;
import io.nuthatch.store.Tx;
import java.security.SecureRandom;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.ToLongFunction;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Runs commands.
///
/// ```
///   prepare: find the row, hash the key                          for each request of a batch
///   fetch:   touch the keys' places in the index, then their records
///   run:     arity -> gates -> lock the keys' shards -> body -> release -> time it
/// ```
///
/// A command runs on the thread of the connection it came from, from beginning to end. The engine itself holds no
/// state of a command: that is in the [Call], the [Session] and the [Tx].
public final class Engine {
    private static final Logger LOG = LoggerFactory.getLogger(Engine.class);

    /// Error codes that are counted one by one; a client can make up no more than these many.
    private static final int MAX_ERROR_CODES = 128;

    /// Browsers that are turned away are logged once in so long.
    private static final long BROWSER_WARNING_MS = 60_000;
    private static final int ID_BYTES = 20;

    /// What has become of a call.
    public enum Outcome {
        DONE,
        /// Clients are paused, or there is too much mail: to be run again later, and nothing after it before that.
        LATER,
        /// The command waits for a key. The answer comes through [Session.Peer#answer]; nothing is to run before it.
        WAITS
    }

    private final Config config;
    private final Clock clock;
    private final Keyspace keyspace;
    private final CommandTable commands;
    private final List<Gate> gates;
    private final @Nullable Command exec;
    private final Transactions transactions;
    private final Waits waits;
    private final HandOver leftOvers;
    private final Tx leftOversTx;

    /// Chance for the heartbeat.
    private final RandomGenerator random;

    private final Clients clients = new Clients();
    private final Mail mail = new Mail();
    private final PubSub pubSub = new PubSub();
    private final Tracking tracking;
    private final Monitors monitors = new Monitors(mail);
    private final SlowLog slowLog = new SlowLog();
    private final Pause pause = new Pause();
    private final Journal journal = new Journal();
    private final Durability durability = new Durability(journal);
    private volatile Aof aof = Aof.NONE;
    private final LatencyEvents latency = new LatencyEvents();
    private final List<Worker> workers = new CopyOnWriteArrayList<>();
    private final Map<String, LongAdder> errors = new ConcurrentHashMap<>();
    private final Rates rates = new Rates();
    private final MemoryWatch memoryWatch;
    private final Loading loading;
    private volatile Persistence persistence = Persistence.NONE;
    private final LongAdder errorReplies = new LongAdder();
    private final LongAdder expiryNanos = new LongAdder();
    private final long bornMs;
    private volatile long browserWarnedMs = Long.MIN_VALUE;
    private final String runId = randomId();
    private final AtomicLong fieldsetBytes = new AtomicLong();
    private volatile String replicationId = randomId();

    /// @param gates in the order in which they are asked
    public Engine(Config config, Clock clock, Keyspace keyspace, List<Family> families, List<Gate> gates) {
        this.config = config;
        this.clock = clock;
        this.keyspace = keyspace;
        this.commands = new CommandTable(families);
        this.gates = List.copyOf(gates);
        this.exec = commands.named("exec").orElse(null);
        KeyNames names = new KeyNames(CommandError.of("ERR too many or too long keys are watched or waited for"));
        Watches watches = new Watches(names);
        this.transactions = new Transactions(this, watches);
        this.waits = new Waits(keyspace, names, clock);
        this.leftOvers = new HandOver(this);
        this.random = new SplittableRandom();
        this.leftOversTx = keyspace.newTx(random);
        this.tracking = new Tracking(keyspace, clients, mail, config);
        Notifications notifications = new Notifications(pubSub);
        config.notifyKeyspaceEvents.follow(() -> {
            notifications.choose(config.notifyKeyspaceEvents.value());
            keyspace.settings().tellsOverwriting = notifications.tellsOverwriting();
        });
        keyspace.listen(new KeyObservers(watches, waits, notifications, tracking));
        keyspace.logTo(journal);
        this.bornMs = clock.wallMs();
        this.loading = new Loading(clock);
        this.memoryWatch = new MemoryWatch(keyspace.usedBytes());
    }

    public Config config() {
        return config;
    }

    /// What the fieldsets of all clients take, in bytes.
    AtomicLong fieldsetBytes() {
        return fieldsetBytes;
    }

    public Clock clock() {
        return clock;
    }

    public Keyspace keyspace() {
        return keyspace;
    }

    public CommandTable commands() {
        return commands;
    }

    public Clients clients() {
        return clients;
    }

    public Transactions transactions() {
        return transactions;
    }

    public Waits waits() {
        return waits;
    }

    Mail mail() {
        return mail;
    }

    public PubSub pubSub() {
        return pubSub;
    }

    public Tracking tracking() {
        return tracking;
    }

    public Monitors monitors() {
        return monitors;
    }

    public SlowLog slowLog() {
        return slowLog;
    }

    public Journal journal() {
        return journal;
    }

    /// Whether data is being read from disk.
    public Loading loading() {
        return loading;
    }

    public Persistence persistence() {
        return persistence;
    }

    /// Says who keeps the data on disk. To be called before the first command.
    public void persistence(Persistence keeper) {
        persistence = keeper;
    }

    public Durability durability() {
        return durability;
    }

    public Aof aof() {
        return aof;
    }

    /// Says who keeps the append-only file. To be called before the first command.
    public void aof(Aof keeper) {
        aof = keeper;
    }

    public Pause pause() {
        return pause;
    }

    public LatencyEvents latency() {
        return latency;
    }

    /// When the engine was made, in milliseconds since 1970.
    public long bornMs() {
        return bornMs;
    }

    /// How long it took to remove keys whose time had come.
    public long expiryNanos() {
        return expiryNanos.sum();
    }

    /// How many replies were errors.
    public long errorReplies() {
        return errorReplies.sum();
    }

    /// Removes keys whose time has come. To be called every few milliseconds, by one thread.
    ///
    /// While clients are paused, or data is loaded, no key goes by itself: what is read stays the same.
    public void expire() {
        long nowMs = clock.wallMs();
        if (!pause.isOn(nowMs) && !mail.isCongested() && !loading.isOn()) {
            long began = clock.nanos();
            keyspace.advance(nowMs);
            expiryNanos.add(clock.nanos() - began);
        }
    }

    /// Forty hexadecimal digits that no other run of a server has.
    public String runId() {
        return runId;
    }

    /// Forty hexadecimal digits that name the history of this server's data: INFO's `master_replid`.
    public String replicationId() {
        return replicationId;
    }

    /// Gives the history another name: DEBUG CHANGE-REPL-ID.
    public void changeReplicationId() {
        replicationId = randomId();
    }

    private static String randomId() {
        byte[] bytes = new byte[ID_BYTES];
        new SecureRandom().nextBytes(bytes);
        return HexFormat.of().formatHex(bytes);
    }

    public Rates rates() {
        return rates;
    }

    public MemoryWatch memoryWatch() {
        return memoryWatch;
    }

    /// Takes note of what only shows over time: rates, the peak of memory. To be called every few milliseconds.
    public void observe() {
        long nowMs = clock.wallMs();
        journal.tick(nowMs);
        tracking.trim(random);
        memoryWatch.observe(keyspace.usedBytes(), config.maxmemory.value(), nowMs);
        long now = clock.nanos();
        if (rates.isDue(now)) {
            rates.observe(
                    now,
                    Map.of(
                            Rates.Counter.COMMANDS, sum(Worker::commands),
                            Rates.Counter.INPUT_BYTES, sum(Worker::inputBytes),
                            Rates.Counter.OUTPUT_BYTES, sum(Worker::outputBytes),
                            Rates.Counter.CYCLES, sum(Worker::reads),
                            Rates.Counter.CYCLE_MICROS, sum(Worker::cycleNanos) / 1000));
        }
    }

    /// What all workers have counted together.
    public long sum(ToLongFunction<Worker> count) {
        long sum = 0;
        for (Worker worker : workers) {
            sum += count.applyAsLong(worker);
        }
        return sum;
    }

    public List<Worker> workers() {
        return workers;
    }

    /// How often each error code was answered.
    public Map<String, Long> errors() {
        Map<String, Long> counts = new TreeMap<>();
        errors.forEach((code, count) -> counts.put(code, count.sum()));
        return counts;
    }

    /// A worker for a thread.
    ///
    /// @param thread runs what others want to have done there
    public Worker newWorker(Executor thread, RandomGenerator random) {
        Worker worker = new Worker(this, thread, keyspace.newTx(random), random);
        workers.add(worker);
        return worker;
    }

    /// A worker will run nothing any more, and what it has counted does not count.
    public void dismiss(Worker worker) {
        workers.remove(worker);
    }

    /// A client that has connected.
    public Session connect(Worker worker, Session.Peer peer) {
        Session session = new Session(clients.nextId(), this, worker, peer);
        clients.add(session);
        return session;
    }

    /// A client that has gone. On its own thread.
    public void disconnect(Session session) {
        waits.cancel(session);
        waits.end(session);
        clients.remove(session);
        transactions.end(session);
        session.forgetFieldsets();
        pubSub.end(session);
        tracking.forget(session);
        monitors.remove(session);
        pause.forget(session);
    }

    /// Ends a client from outside: it is gone for everyone at once, though its connection, and with it the rest, ends
    /// a little later on its own thread.
    public void kill(Session session) {
        session.close();
        waits.cancel(session);
        clients.remove(session);
        monitors.remove(session);
        session.peer().close();
    }

    /// Messages for clients of a worker were lost, nobody knows which: all go that may have missed one.
    ///
    /// Thread: the worker's.
    void missed(Worker worker) {
        LOG.warn("closing all subscribers of an event loop: there was no room for their messages");
        for (Session session : clients.all()) {
            boolean hears = session.isSubscriber() || session.isMonitor() || session.tracker() != null;
            if (session.worker() == worker && hears) {
                clients.limitOutput();
                session.peer().close();
            }
        }
    }

    // ---- clients that wait --------------------------------------------------------------------------------------

    /// A client is to go, and should get no answer any more for which a key would lose something.
    ///
    /// Thread: the client's own.
    ///
    /// @return false if an answer is under way
    public boolean stopWaiting(Session session) {
        return waits.cancel(session);
    }

    /// The answer has come for which a client waited.
    ///
    /// Thread: the client's own, which runs no command.
    public void answered(Session session) {
        waits.end(session);
    }

    /// Wakes clients whose time is up, those whom a key's expiry concerns or time alone serves, those who wait for
    /// something that is not a key, and all when a pause is over. To be called every few milliseconds, by one thread.
    public void wakeClients() {
        pause.resumeAfter(clock.wallMs());
        long now = clock.nanos();
        for (Worker worker : workers) {
            if (worker.deadlines().nearestNanos() <= now) {
                worker.execute(() -> timeOut(worker));
            }
        }
        for (long ripe = waits.ripe(clock.wallMs()); ripe != 0; ripe &= ripe - 1) {
            ripen(Long.numberOfTrailingZeros(ripe));
        }
        for (long shards = waits.leftOver(); shards != 0; shards = waits.leftOver()) {
            serveLeftOver(shards);
        }
        if (waits.anyKeyless()) {
            waits.serveKeyless(leftOversTx, leftOvers);
            leftOvers.deliver();
        }
    }

    private void ripen(int shard) {
        long nowMs = clock.wallMs();
        leftOversTx.begin(0, nowMs, false);
        try {
            leftOversTx.lock(1L << shard);
            waits.ripen(shard, nowMs);
        } finally {
            leftOversTx.end();
        }
    }

    private void timeOut(Worker worker) {
        long now = clock.nanos();
        for (Waiter due = worker.deadlines().takeDue(now);
                due != null;
                due = worker.deadlines().takeDue(now)) {
            if (due.settle()) {
                worker.handOver().answerNone(due);
            }
        }
        worker.handOver().deliver();
    }

    private void serveLeftOver(long shards) {
        leftOversTx.begin(0, clock.wallMs(), true);
        try {
            lock(leftOversTx, shards, true);
            waits.serve(leftOversTx, leftOvers);
        } finally {
            leftOversTx.end();
        }
        leftOvers.deliver();
    }

    /// Locks the shards of keys; if they may be changed, also those of the keys that will be when waiting clients are
    /// served.
    void lock(Tx tx, long shards, boolean toWrite) {
        tx.lock(shards);
        if (waits.anyReaching() && toWrite) {
            long held = shards;
            for (long all = waits.reach(held); all != held; all = waits.reach(held)) {
                held = all;
                tx.relock(held);
            }
        }
    }

    /// What all workers have counted of a command.
    public CommandStats stats(Command command) {
        CommandStats sum = new CommandStats();
        workers.forEach(worker -> sum.add(worker.stats(command)));
        return sum;
    }

    /// Forgets all counts: CONFIG RESETSTAT.
    public void resetStats() {
        for (Worker worker : workers) {
            worker.clearStats();
        }
        errors.clear();
        errorReplies.reset();
        expiryNanos.reset();
        clients.resetCounts();
        rates.clear();
        memoryWatch.resetCounts();
        keyspace.resetCounts();
    }

    /// Finds the command of a request that has been read into a call, and hashes its keys. A batch of prepared calls
    /// is to be fetched ([#fetch]) before the first is run.
    public void prepare(Worker worker, Call call) {
        Command command = commands.find(call.request().word(0));
        if (command != null && command.isContainer() && call.request().count() > 1) {
            command = subcommand(command, call.request().word(1));
        }
        call.command = command;
        int key = command == null ? 0 : command.soleKey();
        call.shards = 0;
        if (key > 0 && key < call.request().count()) {
            call.keyHash = meet(worker.keys(), call, key);
        } else if (command != null && key == 0 && !command.keySpecs().isEmpty()) {
            meetAll(worker.keys(), call, command.keySpecs());
        }
    }

    private void meetAll(BatchKeys keys, Call call, List<KeySpec> specs) {
        for (int i = 0; i < specs.size(); i++) {
            specs.get(i).positions(call.args(), at -> meet(keys, call, at));
        }
    }

    private long meet(BatchKeys keys, Call call, int at) {
        long hash = keyspace.hash(call.key(at));
        call.shards |= 1L << Keyspace.shardOf(hash);
        keys.add(hash);
        return hash;
    }

    /// Brings the keys of a batch of prepared calls near the processor: first all their places in the index, then
    /// all their records. The loops are tight so that many cache misses are under way at once.
    public void fetch(Session session) {
        BatchKeys keys = session.worker().keys();
        int count = keys.count();
        if (count > 1) {
            int db = session.db();
            long words = 0;
            for (int i = 0; i < count; i++) {
                words += keyspace.touchIndex(db, keys.hash(i));
            }
            for (int i = 0; i < count; i++) {
                words += keyspace.touchRecord(db, keys.hash(i));
            }
            if (session.tracker() != null) {
                words += tracking.fetch(keys);
            }
            session.worker().fetched(words);
        }
        keys.clear();
    }

    /// The subcommand of a name, or the container itself if it has none such.
    private static Command subcommand(Command container, Bytes name) {
        List<Command> subcommands = container.subcommands();
        for (int i = 0; i < subcommands.size(); i++) {
            if (name.is(subcommands.get(i).name())) {
                return subcommands.get(i);
            }
        }
        return container;
    }

    /// A client that is none: commands that were accepted once are run through it again, without asking anybody.
    public Session replay(Worker worker, Session.Peer peer) {
        Session session = new Session(0, this, worker, peer);
        session.replays();
        worker.tx().replays();
        return session;
    }

    /// Runs a prepared call and writes its reply.
    public Outcome run(Session session, Call call, ReplySink sink) {
        Outcome outcome = runNow(session, call, sink);
        Tracker tracker = session.tracker();
        if (tracker != null && tracker.isCaching() && outcome != Outcome.LATER) {
            endCaching(session, tracker, call.command);
        }
        return outcome;
    }

    /// CLIENT CACHING is for one command, or one transaction; further commands of CLIENT do not count.
    private static void endCaching(Session session, Tracker tracker, @Nullable Command command) {
        if (session.multi() == null && (command == null || !command.fullName().startsWith("client"))) {
            tracker.caching(false);
        }
    }

    private Outcome runNow(Session session, Call call, ReplySink sink) {
        Worker worker = session.worker();
        Command command = call.command;
        Args args = call.args();
        if (command == null && isBrowser(args)) {
            turnAwayBrowser(session);
            return Outcome.DONE;
        }
        boolean silenced = silenced(session) && !endsSilence(command, args);
        ReplySink reply = silenced ? worker.discard() : sink;
        CommandError refusal = refusal(session, command, args);
        if (command == null || refusal != null) {
            CommandError why = refusal == null ? CommandError.unknownCommand(args) : refusal;
            if (command != null && command == exec) {
                why = transactions.abort(session, why);
            } else {
                Transactions.breakOff(session);
            }
            refuse(worker, command, why, reply);
            return Outcome.DONE;
        }
        boolean writes = command.mayWrite() || command == exec && Transactions.writes(session);
        boolean held = pause.holds(writes, worker.nowMs()) || writes && mail.isCongested();
        if (held && !session.isReplaying()) {
            pause.hold(session);
            return Outcome.LATER;
        }
        if (Transactions.queues(session, command)) {
            queue(session, call, command, reply);
            return Outcome.DONE;
        }
        if (command.mayWrite()) {
            journal.awaitRoom();
        }
        session.active(command, worker.nowMs());
        execute(session, call, command, silenced && command.answersByMessages() ? sink : reply);
        time(session, command, args);
        show(session, command, args);
        session.ran();
        return session.isWaiting() ? Outcome.WAITS : Outcome.DONE;
    }

    /// A web page may have made its reader's browser send a request here. Its body could hold commands, so the
    /// connection ends before.
    private static boolean isBrowser(Args args) {
        return args.is(0, "post") || args.is(0, "host:");
    }

    private void turnAwayBrowser(Session session) {
        long nowMs = session.worker().nowMs();
        if (nowMs - BROWSER_WARNING_MS > browserWarnedMs) {
            browserWarnedMs = nowMs;
            LOG.warn(
                    "closing a connection that speaks HTTP, perhaps made by a hostile web page: client={}",
                    session.peer().address());
        }
        session.close();
    }

    private void queue(Session session, Call call, Command command, ReplySink reply) {
        if (transactions.queue(session, call, command)) {
            reply.simple("QUEUED");
        } else {
            LOG.warn(
                    "closing a client whose transaction is too long: client={}",
                    session.peer().address());
            session.close();
        }
    }

    /// Runs a command of a transaction, under the locks that EXEC holds.
    void runQueued(Session session, Call call, ReplySink reply) {
        Command command = call.known();
        Args args = call.args();
        session.tx().next(session.db(), touches(session, command));
        if (command.onlyReads()) {
            session.tx().readOnly();
        }
        perform(session, call, command, reply);
        remember(session, command, call);
        time(session, command, args);
        show(session, command, args);
        session.ran();
    }

    /// Shows a command to the monitors. Afterwards, as Redis does: SELECT is shown in the database it has selected.
    private void show(Session session, Command command, Args args) {
        if (!monitors.isEmpty() && !command.is(CommandFlag.ADMIN) && !command.is(CommandFlag.SKIP_MONITOR)) {
            monitors.show(session, command, args, clock.wallMicros());
        }
    }

    /// CLIENT REPLY ON is answered even while replies are off.
    private static boolean endsSilence(@Nullable Command command, Args args) {
        return command != null && command.fullName().equals("client|reply") && args.has(2, "on");
    }

    private static boolean silenced(Session session) {
        return switch (session.replies()) {
            case ON -> false;
            case OFF -> true;
            case SKIP_NEXT -> {
                session.replies(Session.Replies.SKIP);
                yield true;
            }
            case SKIP -> {
                session.replies(Session.Replies.ON);
                yield true;
            }
        };
    }

    private @Nullable CommandError refusal(Session session, @Nullable Command command, Args args) {
        if (command == null) {
            return CommandError.unknownCommand(args);
        }
        if (command.isContainer() && args.count() > 1) {
            return CommandError.unknownSubcommand(args.cited(1), command);
        }
        if (!command.takes(args.count())) {
            return CommandError.wrongArity(command.fullName());
        }
        for (int i = 0; i < gates.size() && !session.isReplaying(); i++) {
            CommandError refusal = gates.get(i).refuse(session, command, args);
            if (refusal != null) {
                return refusal;
            }
        }
        if (session.multi() != null && command.is(CommandFlag.NO_MULTI)) {
            return CommandError.NOT_IN_MULTI;
        }
        return command == exec && !session.isReplaying() ? Transactions.refusal(session, gates) : null;
    }

    private void refuse(Worker worker, @Nullable Command command, CommandError refusal, ReplySink reply) {
        if (command != null) {
            worker.stats(command).rejected++;
        }
        count(refusal);
        reply.error(refusal.line());
    }

    void count(CommandError error) {
        errorReplies.increment();
        if (errors.size() < MAX_ERROR_CODES || errors.containsKey(error.code())) {
            errors.computeIfAbsent(error.code(), code -> new LongAdder()).increment();
        }
    }

    private void execute(Session session, Call call, Command command, ReplySink reply) {
        Tx tx = session.worker().tx().begin(session.db(), session.worker().nowMs(), touches(session, command));
        if (command.onlyReads()) {
            tx.readOnly();
        }
        try {
            lock(tx, shards(call, command, tx), command.mayWrite());
            if (tracking.isOn()) {
                session.worker().runs(session);
            }
            perform(session, call, command, reply);
            remember(session, command, call);
            if (waits.anyReady() && !command.onlyReads()) {
                waits.serve(tx, session.worker().handOver());
            }
        } finally {
            tx.end();
        }
        session.worker().deliverLater();
    }

    /// Notes which keys a client has read, if it wants to hear when they change. They are still locked.
    private void remember(Session session, Command command, Call call) {
        Tracker tracker = session.tracker();
        if (tracker != null) {
            tracking.ran(session, tracker, command, call);
        }
    }

    private void perform(Session session, Call call, Command command, ReplySink reply) {
        Args args = call.args();
        long before = reply.writtenBytes();
        Tx tx = session.tx();
        long changes = tx.changes();
        int told = tx.toldEffects();
        try {
            switch (command.body()) {
                case Body.OnKeys body -> body.run(args, tx, reply);
                case Body.OnSession body -> body.run(args, session, reply);
                case Body.Waiting body -> wait(session, call, command, body.run(args, session.tx(), reply), reply);
                case Body.WaitingOnSession body -> wait(session, call, command, body.run(args, session, reply), reply);
            }
        } catch (CommandError error) {
            session.worker().stats(command).failed++;
            count(error);
            if (reply.writtenBytes() != before) {
                // The client could not tell where the broken reply ends.
                LOG.error("command failed in the middle of its reply: command={}", command.fullName(), error);
                session.close();
            }
            reply.error(error.line());
        } catch (RuntimeException | Error fault) {
            // The reply may be half written: the client can only be told, and let go.
            LOG.error("command failed: command={}", command.fullName(), fault);
            session.worker().stats(command).failed++;
            reply.error("ERR internal error, see the server's log");
            session.close();
        }
        if (tx.changes() != changes && tx.wantsEffects()) {
            session.wrote();
            if (tx.toldEffects() == told) {
                tell(args, tx);
            }
        }
    }

    /// A command that has changed something, and has not said in other words what, has done what its own words say: as
    /// they came, if they came in one piece, because encoding them again costs as much as the rest of the log.
    private static void tell(Args args, Tx tx) {
        Bytes sent = args.asSent();
        if (sent != null) {
            tx.effect(sent);
            return;
        }
        Effects effect = tx.effect(args.count());
        for (int i = 0; i < args.count(); i++) {
            effect.add(args.bytes(i));
        }
    }

    /// Has a client wait, if its command wants to and it may.
    private void wait(Session session, Call call, Command command, @Nullable Wait wait, ReplySink reply) {
        if (wait == null) {
            return;
        }
        if (session.isInExec()) {
            wait.atOnce().accept(reply);
            return;
        }
        long nameBytes = waits.takeNames(wait, call.args());
        waits.begin(new Waiter(
                session,
                KeptCall.of(call, command),
                wait,
                Waiter.deadlineNanos(session.worker().nowNanos(), wait.timeoutMs()),
                nameBytes,
                reply instanceof DiscardSink));
    }

    /// TOUCH does what it says even for a client that touches nothing.
    private static boolean touches(Session session, Command command) {
        return !session.isNoTouch() || command.fullName().equals("touch");
    }

    /// The shards of the keys that a call may touch.
    long shards(Call call, Command command, Tx tx) {
        int sole = command.soleKey();
        if (sole > 0) {
            tx.know(call.key(sole), call.keyHash);
        } else if (command.reachesAnyKey(call.args())) {
            return Keyspace.ALL_SHARDS;
        }
        return call.shards;
    }

    private void time(Session session, Command command, Args args) {
        Worker worker = session.worker();
        long beganMs = worker.nowMs();
        long nanos = worker.lap();
        worker.stats(command).took(nanos, config.latencyTracking.isOn());
        long micros = nanos / 1000;
        long limit = config.slowlogLogSlowerThan.value();
        if (limit >= 0 && micros >= limit && !command.is(CommandFlag.SKIP_SLOWLOG)) {
            slowLog.add(session, command, args, beganMs, micros, config.slowlogMaxLen.value());
        }
        long threshold = config.latencyMonitorThreshold.value();
        if (threshold > 0 && micros >= threshold * 1000) {
            latency.add(command.is(CommandFlag.FAST) ? "fast-command" : "command", beganMs, micros / 1000);
        }
    }
}
