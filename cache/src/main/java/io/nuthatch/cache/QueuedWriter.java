package io.nuthatch.cache;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.LongAdder;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Write-behind: changes are safe when they are in the [Journal], and then wait in the [ChangeQueue] for the
/// store.
///
/// ```
///  write ---> letters ---> [journal thread] ---> journal ---> queue ---> [delivery thread] ---> store
///               ^ many            one write and one sync for all            in batches, in order
///               '- waits until its letter is on the disk
/// ```
///
/// **Once.** The store notes with each batch, in the same transaction, up to which number the journal is done.
/// What it has is skipped after a crash, and a batch whose commit was not answered is recognised when it is given
/// again.
///
/// **Order.** Batches go one after another. Of one key a batch has the last change only, and the numbers of those
/// before it count as done with it: what comes after a crash begins behind them.
///
/// **Failure.** A store that is away is tried again, with longer and longer pauses, for as long as it takes. A
/// batch that it refuses is cut in halves until the change that it refuses stands alone: that one is given up, and
/// the store keeps it where somebody can look at it.
///
/// Files are touched by two threads of its own only: a caller that is interrupted would close them for all.
final class QueuedWriter<K, V> implements Writer<K, V> {
    private static final Logger log = LoggerFactory.getLogger(QueuedWriter.class);

    /// How long the end waits for a thread that is in the middle of something.
    private static final Duration LAST_WAIT = Duration.ofSeconds(10);

    private final String name;
    private final Store<K, V> store;
    private final WriteBehind options;
    private final Codec<K> keys;
    private final Codec<V> values;
    private final Time time;
    private final Step.Listener steps;
    private final Journal journal;
    private final ChangeQueue<K, V> queue;
    private final Thread journalThread;
    private final Thread deliveryThread;
    private final ExecutorService unsure = Executors.newSingleThreadExecutor(
            Thread.ofVirtual().name("write-behind-unsure").factory());

    private final LongAdder givenUp = new LongAdder();
    /// Why the store does not take changes; empty when it does.
    private volatile String failure = "";
    private volatile Consumer<Collection<K>> forget = forgotten -> {};

    private final ReentrantLock lock = new ReentrantLock();
    private final Condition posted = lock.newCondition();
    // Under the lock, these three.
    private List<Letter<K, V>> letters = new ArrayList<>();
    private boolean closed;
    /// Ends the pause after a failure.
    private CompletableFuture<Boolean> pause = CompletableFuture.completedFuture(true);

    /// What the journal held at the start, up to this number, was put into the tiers by a process that may have
    /// died in between.
    private long foundUpTo;
    private long lastVersion;
    private long nextAtStart;

    /// Changes on their way into the journal, and who waits for them.
    private record Letter<K, V>(List<Change<K, V>> changes, List<Encoded> encoded, CompletableFuture<Boolean> onDisk) {}

    private record Encoded(byte[] key, byte @Nullable [] value) {
        int bytes() {
            return JournalRecord.bytes(key, value);
        }
    }

    QueuedWriter(
            String name,
            Store<K, V> store,
            WriteBehind options,
            Codec<K> keys,
            Codec<V> values,
            Time time,
            Step.Listener steps) {
        this.name = name;
        this.store = store;
        this.options = options;
        this.keys = keys;
        this.values = values;
        this.time = time;
        this.steps = steps;
        journal = new Journal(options.directory(), options.segmentBytes(), steps);
        queue = new ChangeQueue<>(options, time, journal::bytes);
        journalThread = thread("journal", this::keepJournal);
        deliveryThread = thread("delivery", this::deliver);
    }

    private Thread thread(String what, Runnable work) {
        return Thread.ofPlatform().daemon().name("cache-" + name + "-" + what).unstarted(work);
    }

    @Override
    public void start(Consumer<Collection<K>> forget) {
        this.forget = forget;
        nextAtStart = journal.next();
        List<ChangeQueue.Waiting<K, V>> found = found();
        queue.addFound(found);
        forget.accept(keysOf(found));
        journalThread.start();
        deliveryThread.start();
    }

    private List<ChangeQueue.Waiting<K, V>> found() {
        List<ChangeQueue.Waiting<K, V>> found = new ArrayList<>();
        for (JournalRecord item : journal.takeFound()) {
            found.add(new ChangeQueue.Waiting<>(item, decoded(item)));
            foundUpTo = item.number();
            lastVersion = Math.max(lastVersion, item.version());
        }
        return found;
    }

    private Change<K, V> decoded(JournalRecord item) {
        try {
            K key = keys.decode(item.key());
            byte[] value = item.value();
            return value == null ? new Change.Remove<>(key) : new Change.Put<>(key, values.decode(value));
        } catch (RuntimeException e) {
            throw new ConfigurationException(
                    "values",
                    "change " + item.number() + " in the journal in " + options.directory() + " cannot be read: " + e,
                    "use the types and codecs that wrote it until the journal is empty");
        }
    }

    private List<K> keysOf(List<ChangeQueue.Waiting<K, V>> run) {
        return queue.lastOfEachKey(run).stream()
                .map(numbered -> numbered.change().key())
                .toList();
    }

    // Writing

    @Override
    public void write(List<Change<K, V>> changes) throws Exception {
        List<Encoded> encoded = changes.stream().map(this::encoded).toList();
        long size = encoded.stream().mapToLong(Encoded::bytes).sum();
        if (!queue.reserve(changes.size(), size)) {
            throw new TimeoutException("no room in the queue for " + options.patience() + ": " + backlog());
        }
        Letter<K, V> letter = new Letter<>(changes, encoded, new CompletableFuture<>());
        try {
            post(letter);
        } catch (RuntimeException e) {
            queue.release(changes.size(), size);
            throw e;
        }
        try {
            letter.onDisk().get();
        } catch (ExecutionException e) {
            throw new IOException("the journal cannot be written: " + e.getCause(), e.getCause());
        }
    }

    private Encoded encoded(Change<K, V> change) {
        byte[] key = keys.encode(change.key());
        return switch (change) {
            case Change.Put<K, V> put -> new Encoded(key, values.encode(put.value()));
            case Change.Remove<K, V> _ -> new Encoded(key, null);
        };
    }

    private void post(Letter<K, V> letter) {
        lock.lock();
        try {
            if (closed) {
                throw new IllegalStateException("cache " + name + " is closed");
            }
            letters.add(letter);
            posted.signal();
        } finally {
            lock.unlock();
        }
    }

    @Override
    public @Nullable Change<K, V> pending(K key) {
        return queue.pending(key);
    }

    // The journal's thread

    private void keepJournal() {
        VersionClock versions = new VersionClock(time, lastVersion);
        for (List<Letter<K, V>> post = nextPost(); !post.isEmpty(); post = nextPost()) {
            try {
                List<ChangeQueue.Waiting<K, V>> safe = append(post, versions);
                queue.add(safe);
                steps.at(Step.QUEUED);
                post.forEach(letter -> letter.onDisk().complete(true));
            } catch (Throwable e) {
                log.warn("cache {}: {} writes could not be written to the journal", name, post.size(), e);
                post.forEach(letter -> returnToSender(letter, e));
            }
        }
    }

    /// All that has been posted meanwhile; empty at the end.
    private List<Letter<K, V>> nextPost() {
        lock.lock();
        try {
            while (letters.isEmpty() && !closed) {
                posted.awaitUninterruptibly();
            }
            List<Letter<K, V>> post = letters;
            letters = new ArrayList<>();
            return post;
        } finally {
            lock.unlock();
        }
    }

    private List<ChangeQueue.Waiting<K, V>> append(List<Letter<K, V>> post, VersionClock versions) throws IOException {
        long number = journal.next();
        List<JournalRecord> records = new ArrayList<>();
        List<ChangeQueue.Waiting<K, V>> waiting = new ArrayList<>();
        for (Letter<K, V> letter : post) {
            for (int i = 0; i < letter.changes().size(); i++) {
                Encoded encoded = letter.encoded().get(i);
                JournalRecord item = new JournalRecord(number++, versions.next(), encoded.key(), encoded.value());
                records.add(item);
                waiting.add(new ChangeQueue.Waiting<>(item, letter.changes().get(i)));
            }
        }
        journal.append(records);
        return waiting;
    }

    private void returnToSender(Letter<K, V> letter, Throwable reason) {
        long size = letter.encoded().stream().mapToLong(Encoded::bytes).sum();
        queue.release(letter.changes().size(), size);
        letter.onDisk().completeExceptionally(reason);
    }

    // The delivery thread

    /// The end of the queue, found in the middle of something.
    private static final class Ended extends Exception {
        Ended() {
            super("the queue has ended", null, false, false);
        }
    }

    private void deliver() {
        try {
            skipWhatTheStoreHas();
            for (List<ChangeQueue.Waiting<K, V>> run = queue.take(); run != null; run = queue.take()) {
                deliver(run);
            }
        } catch (Ended | InterruptedException e) {
            log.debug("cache {}: delivery ends", name, e);
        }
    }

    private void skipWhatTheStoreHas() throws Ended, InterruptedException {
        long mark = insist(() -> {
            long found = store.mark(journal.identity());
            if (found >= nextAtStart) {
                throw new IllegalStateException("the store has had change " + found + " from the journal in "
                        + options.directory() + ", which ends before " + nextAtStart
                        + ": it is an old copy; begin with an empty directory");
            }
            return found;
        });
        journal.trim(mark);
        queue.skip(mark);
    }

    private void deliver(List<ChangeQueue.Waiting<K, V>> run) throws Ended, InterruptedException {
        List<Batch.Numbered<K, V>> changes = queue.lastOfEachKey(run);
        long last = run.getLast().number;
        steps.at(Step.TAKEN);
        deliver(new Batch<>(journal.identity(), last, changes));
        steps.at(Step.APPLIED);
        journal.trim(last);
        queue.done();
        steps.at(Step.DONE);
        if (run.getFirst().number <= foundUpTo) {
            doubt(changes);
        }
    }

    /// Gives a batch to the store; when it is refused, its halves.
    private void deliver(Batch<K, V> batch) throws Ended, InterruptedException {
        Exception refusal = this.<@Nullable Exception>insist(() -> {
            try {
                store.apply(batch);
                return null;
            } catch (Exception e) {
                if (store.refuses(e)) {
                    return e;
                }
                throw e;
            }
        });
        if (refusal == null) {
            return;
        }
        List<Batch.Numbered<K, V>> changes = batch.changes();
        if (changes.size() == 1) {
            giveUp(batch, refusal);
            return;
        }
        List<Batch.Numbered<K, V>> first = changes.subList(0, changes.size() / 2);
        deliver(new Batch<>(batch.journal(), first.getLast().number(), first));
        deliver(new Batch<>(batch.journal(), batch.last(), changes.subList(first.size(), changes.size())));
    }

    private void giveUp(Batch<K, V> batch, Exception refusal) throws Ended, InterruptedException {
        log.warn("cache {}: the store refuses {}, which becomes a dead letter", name, batch.changes(), refusal);
        insist(() -> {
            store.giveUp(batch, refusal.toString());
            return true;
        });
        givenUp.increment();
        doubt(batch.changes());
    }

    /// The tiers may hold for these keys what the store does not.
    private void doubt(List<Batch.Numbered<K, V>> changes) {
        List<K> doubtful =
                changes.stream().map(numbered -> numbered.change().key()).toList();
        unsure.execute(() -> forget.accept(doubtful));
    }

    @FunctionalInterface
    private interface Attempt<T extends @Nullable Object> {
        T run() throws Exception;
    }

    /// Tries until it works or the queue ends.
    private <T extends @Nullable Object> T insist(Attempt<T> attempt) throws Ended, InterruptedException {
        Duration next = options.firstPause();
        while (!queue.hasEnded()) {
            try {
                T result = attempt.run();
                noteSuccess();
                return result;
            } catch (InterruptedException e) {
                throw e;
            } catch (Exception e) {
                noteFailure(e, next);
                queue.away();
            }
            pause(next);
            Duration doubled = next.multipliedBy(2);
            next = doubled.compareTo(options.longestPause()) < 0 ? doubled : options.longestPause();
        }
        throw new Ended();
    }

    private void noteSuccess() {
        if (!failure.isEmpty()) {
            log.info("cache {}: the store takes changes again", name);
            failure = "";
        }
    }

    /// The first failure is told with all there is to know, the others only to those who ask.
    private void noteFailure(Exception e, Duration next) {
        if (failure.isEmpty()) {
            log.warn("cache {}: the store does not take changes, next try in {}", name, next, e);
        } else {
            log.debug("cache {}: the store still does not take changes, next try in {}: {}", name, next, e);
        }
        failure = e.toString();
    }

    private void pause(Duration howLong) throws InterruptedException {
        CompletableFuture<Boolean> over = new CompletableFuture<>();
        lock.lock();
        try {
            pause = over;
        } finally {
            lock.unlock();
        }
        Time.Timer timer = time.after(howLong, () -> over.complete(true));
        try {
            if (!queue.hasEnded()) {
                over.get();
            }
        } catch (ExecutionException e) {
            throw new IllegalStateException(e);
        } finally {
            timer.cancel();
        }
    }

    // The end, and what is seen from outside

    @Override
    public void flush() throws Exception {
        if (!queue.flush(options.drain())) {
            throw new TimeoutException("not all was taken in " + options.drain() + ": " + backlog());
        }
    }

    @Override
    public Backlog backlog() {
        return queue.backlog(givenUp.sum(), failure);
    }

    @Override
    public void close() {
        endJournal();
        try {
            if (!queue.flush(options.drain())) {
                log.warn("cache {} closes with changes that stay in the journal: {}", name, backlog());
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        endDelivery();
        endDoubts();
        journal.close();
        store.close();
    }

    private void endJournal() {
        lock.lock();
        try {
            closed = true;
            posted.signal();
        } finally {
            lock.unlock();
        }
        join(journalThread);
    }

    private void endDelivery() {
        queue.end();
        lock.lock();
        try {
            pause.complete(true);
        } finally {
            lock.unlock();
        }
        join(deliveryThread);
    }

    private void join(Thread thread) {
        try {
            if (thread.getState() != Thread.State.NEW && !thread.join(LAST_WAIT)) {
                log.warn("cache {}: {} is still at work and is interrupted", name, thread.getName());
                thread.interrupt();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void endDoubts() {
        unsure.shutdown();
        try {
            if (!unsure.awaitTermination(LAST_WAIT.toMillis(), TimeUnit.MILLISECONDS)) {
                log.warn("cache {}: some tier is still being told what to forget", name);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /// Lets go of the journal of a cache that was not built.
    void abandon() {
        journal.close();
    }
}
