package io.nuthatch.cache;

import io.nuthatch.cache.CacheStats.TierStats;
import io.nuthatch.cache.Entry.Life;
import io.nuthatch.cache.Flight.Answer;
import io.nuthatch.cache.Tier.Held;
import io.nuthatch.cache.Tiers.Kept;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import java.util.function.DoubleSupplier;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// What a cache and all its views share: the tiers, the source, the writer, and the loads under way.
///
/// In chapters:
/// 1. Reading: memory is asked without a lock. Who misses there joins the [Flight] of the key, or starts it: it
///    asks the lower tiers in order, then the source. A map's `compute` is never held meanwhile.
/// 2. Keeping: what was found or loaded goes up into the tiers above, under the key's stripe, unless the
///    [Timeline] says that something has happened to the key since the flight began.
/// 3. Writing: writer, lower tiers, memory, under the key's stripe.
final class Core<K, V> implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(Core.class);

    /// Keys that `warm` asks for at once.
    private static final int WARM_BATCH = 1_000;

    /// Where an answer comes from that waits for the source; not a tier, and yet a hit.
    private static final String WRITER = "writer";

    /// Changes that `putAll` and `removeAll` send to the writer at once.
    private static final int WRITE_BATCH = 1_000;

    /// How often a process that waits for another's load looks for its value.
    private static final Duration LEASE_POLL = Duration.ofMillis(20);

    /// How many loads one `getAll` has running: a source is not to be drowned by a single call.
    private static final int MAX_LOADS_AT_ONCE = 64;

    /// How long the end waits for loads under way before it interrupts them.
    private static final long LAST_LOADS_S = 5;

    final Parts<K, V> parts;

    private final String name;
    private final Time time;
    private final Timeline timeline;
    private final MemoryTier<K, V> memory;
    private final com.github.benmanes.caffeine.cache.Policy<K, Entry<V>> inMemory;
    private final Tally memoryHits;
    private final List<GuardedTier> lower;
    private final Packer<V> packer;
    private final Tiers<K, V> tiers;
    private final Stripes stripes = new Stripes();
    private final ConcurrentHashMap<K, Flight<K, V>> flights = new ConcurrentHashMap<>();
    private final long builtAtMs;

    private final LongAdder lowerHits = new LongAdder();
    private final LongAdder misses = new LongAdder();
    private final LongAdder staleHits = new LongAdder();
    private final LongAdder loads = new LongAdder();
    private final LongAdder loadFailures = new LongAdder();
    private final LongAdder loadNs = new LongAdder();
    private final LongAdder refreshes = new LongAdder();
    private final LongAdder overtaken = new LongAdder();
    private final LongAdder puts = new LongAdder();
    private final LongAdder removals = new LongAdder();

    private volatile boolean closed;

    /// What a core is put together from.
    ///
    /// @param followed the tier that tells of changes by others; null when none does
    record Parts<K, V>(
            String name,
            Policy policy,
            Time time,
            Timeline timeline,
            DoubleSupplier random,
            ExecutorService executor,
            MemoryTier<K, V> memory,
            List<GuardedTier> lower,
            @Nullable GuardedTier followed,
            KeyText<K> keyText,
            Packer<V> packer,
            @Nullable Source<K, V> source,
            @Nullable BulkLoader<K, V> bulkLoader,
            @Nullable Writer<K, V> writer) {}

    Core(Parts<K, V> parts) {
        this.parts = parts;
        name = parts.name();
        time = parts.time();
        timeline = parts.timeline();
        memory = parts.memory();
        inMemory = memory.quietly();
        memoryHits = memory.hits;
        lower = parts.lower();
        packer = parts.packer();
        tiers = new Tiers<>(parts);
        builtAtMs = time.nowMs();
    }

    // Reading

    @Nullable
    V get(K key, Policy policy, @Nullable Source<? super K, V> source) {
        Entry<V> held = inMemory.getIfPresentQuietly(key);
        if (held != null && held.isPlain(time.nowMs(), timeline)) {
            memoryHits.increment();
            return held.value;
        }
        return getWithCare(key, policy, source);
    }

    /// A method of its own, so that the way of a plain hit is short enough to be compiled into its caller.
    private @Nullable V getWithCare(K key, Policy policy, @Nullable Source<? super K, V> source) {
        long nowMs = time.nowMs();
        Entry<V> entry = memory.get(key, nowMs);
        if (entry != null && entry.isFresh(nowMs, timeline)) {
            hit(key, entry, nowMs, policy, source);
            return entry.value;
        }
        memory.misses.increment();
        return count(join(resolve(key, policy, source, Where.CALLER))).value();
    }

    CompletableFuture<@Nullable V> getAsync(K key, Policy policy, @Nullable Source<? super K, V> source) {
        long nowMs = time.nowMs();
        Entry<V> entry = memory.get(key, nowMs);
        if (entry != null && entry.isFresh(nowMs, timeline)) {
            hit(key, entry, nowMs, policy, source);
            return CompletableFuture.completedFuture(entry.value);
        }
        memory.misses.increment();
        CompletableFuture<Answer<V>> arrival = resolve(key, policy, source, Where.EXECUTOR);
        // What the caller does next is not to be done on a timer's thread.
        return arrival.thenApplyAsync(answer -> count(answer).value(), parts.executor());
    }

    private void hit(K key, Entry<V> entry, long nowMs, Policy policy, @Nullable Source<? super K, V> source) {
        memory.hits.increment();
        if (entry.isDueForRefresh(nowMs) && source != null) {
            refresh(key, policy, source);
        }
    }

    private void refresh(K key, Policy policy, Source<? super K, V> source) {
        Flight<K, V> flight = flight(key, policy, source, true);
        if (flights.putIfAbsent(key, flight) == null) {
            refreshes.increment();
            dispatch(List.of(flight));
        }
    }

    private Answer<V> count(Answer<V> answer) {
        if (answer.stale()) {
            staleHits.increment();
            misses.increment();
        } else if (answer.tier().isEmpty()) {
            misses.increment();
        } else if (!answer.tier().equals(MemoryTier.NAME)) {
            lowerHits.increment();
        } else {
            memory.hits.increment();
        }
        return answer;
    }

    private enum Where {
        CALLER,
        EXECUTOR
    }

    private CompletableFuture<Answer<V>> resolve(
            K key, Policy policy, @Nullable Source<? super K, V> source, Where where) {
        checkOpen();
        Flight<K, V> mine = flight(key, policy, source, false);
        Flight<K, V> running = flights.putIfAbsent(key, mine);
        if (running != null) {
            return joined(running, policy, source);
        }
        if (where == Where.CALLER && !(policy.hasTimeouts() && source != null)) {
            fly(List.of(mine));
        } else {
            dispatch(List.of(mine));
        }
        return arrival(mine, policy);
    }

    /// The answer of somebody else's flight. Of our own after it when that one began before a change that we may have
    /// heard of, or had no source to ask and we have.
    private CompletableFuture<Answer<V>> joined(
            Flight<K, V> running, Policy policy, @Nullable Source<? super K, V> source) {
        if (running.isFlownByMe()) {
            throw new IllegalStateException(
                    "the loader of cache " + name + " asks for the key it loads: " + running.key);
        }
        if (!timeline.isUntouched(running.slot, running.mark, Set.of())) {
            return within(policy, running, running.landed.thenCompose(_ -> again(running.key, policy, source)));
        }
        if (source == null || running.source != null) {
            return arrival(running, policy);
        }
        return within(
                policy,
                running,
                running.landed.thenCompose(answer -> answer.entry() != null && !answer.stale()
                        ? CompletableFuture.completedFuture(answer)
                        : again(running.key, policy, source)));
    }

    /// A flight after somebody else's. The caller's patience counts from before that one.
    private CompletableFuture<Answer<V>> again(K key, Policy policy, @Nullable Source<? super K, V> source) {
        return resolve(key, policy.softTimeout(null).hardTimeout(null), source, Where.EXECUTOR);
    }

    /// What one caller gets of a flight: its answer, or what there is when the caller's patience ends.
    private CompletableFuture<Answer<V>> arrival(Flight<K, V> flight, Policy policy) {
        return within(policy, flight, flight.landed);
    }

    private CompletableFuture<Answer<V>> within(
            Policy policy, Flight<K, V> flight, CompletableFuture<Answer<V>> answer) {
        if (!policy.hasTimeouts() || answer.isDone()) {
            return answer;
        }
        CompletableFuture<Answer<V>> mine = answer.copy();
        Duration soft = policy.softTimeout();
        Duration hard = policy.hardTimeout();
        List<Time.Timer> timers = new ArrayList<>(2);
        if (soft != null) {
            timers.add(time.after(soft, () -> settleForUsable(flight, mine)));
        }
        if (hard != null) {
            timers.add(time.after(hard, () -> {
                settleForUsable(flight, mine);
                mine.completeExceptionally(new CacheException.LoadTimedOut(name, flight.key, hard));
            }));
        }
        mine.whenComplete((_, _) -> timers.forEach(Time.Timer::cancel));
        return mine;
    }

    private void settleForUsable(Flight<K, V> flight, CompletableFuture<Answer<V>> mine) {
        Answer<V> usable = flight.usable();
        if (usable != null) {
            mine.complete(usable);
        }
    }

    private Answer<V> join(CompletableFuture<Answer<V>> arrival) {
        try {
            return arrival.get();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new CacheException.Interrupted(name, e);
        } catch (ExecutionException e) {
            throw unwrapped(e.getCause());
        }
    }

    private static RuntimeException unwrapped(@Nullable Throwable cause) {
        if (cause instanceof Error error) {
            throw error;
        }
        return cause instanceof RuntimeException runtime ? runtime : new IllegalStateException(cause);
    }

    private Flight<K, V> flight(K key, Policy policy, @Nullable Source<? super K, V> source, boolean refreshing) {
        return new Flight<>(key, tiers.slotOf(key), timeline.now(), policy, source, refreshing);
    }

    private void dispatch(List<Flight<K, V>> all) {
        try {
            parts.executor().execute(() -> fly(all));
        } catch (RejectedExecutionException e) {
            all.forEach(flight -> crash(flight, e));
        }
    }

    /// Takes flights through the tiers and to the source. Several that must be loaded one by one are still on
    /// their way when it returns.
    private void fly(List<Flight<K, V>> all) {
        try {
            all.forEach(Flight::board);
            List<Flight<K, V>> unanswered = seek(all);
            if (unanswered.size() > 1 && parts.bulkLoader() != null) {
                loadTogether(unanswered, parts.bulkLoader());
            } else if (unanswered.size() > 1) {
                loadSideBySide(unanswered);
            } else {
                unanswered.forEach(this::loadOne);
            }
        } catch (Throwable e) {
            all.forEach(flight -> crash(flight, e));
            if (e instanceof Error error) {
                throw error;
            }
        }
    }

    private void loadSideBySide(List<Flight<K, V>> many) {
        Queue<Flight<K, V>> waiting = new ConcurrentLinkedQueue<>(many);
        for (int i = Math.min(MAX_LOADS_AT_ONCE, many.size()); i > 0; i--) {
            parts.executor().execute(() -> {
                for (Flight<K, V> next = waiting.poll(); next != null; next = waiting.poll()) {
                    loadOne(next);
                }
            });
        }
    }

    private void land(Flight<K, V> flight, Answer<V> answer) {
        flights.remove(flight.key, flight);
        flight.landed.complete(answer);
    }

    private void crash(Flight<K, V> flight, Throwable failure) {
        flights.remove(flight.key, flight);
        flight.landed.completeExceptionally(failure);
    }

    /// Asks the tiers, in order, for the keys of many flights at once. Returns those that no tier could answer.
    private List<Flight<K, V>> seek(List<Flight<K, V>> all) {
        List<Flight<K, V>> unanswered = new ArrayList<>(all);
        unanswered.removeIf(this::landsInMemory);
        unanswered.removeIf(this::landsInWriter);
        for (int i = 0; i < lower.size() && !unanswered.isEmpty(); i++) {
            seekBelow(i, unanswered);
        }
        return unanswered;
    }

    private boolean landsInMemory(Flight<K, V> flight) {
        long nowMs = time.nowMs();
        Entry<V> entry = memory.get(flight.key, nowMs);
        if (entry == null) {
            return false;
        }
        boolean believed = entry.isCurrent(timeline);
        if (!isAnswer(flight, entry, MemoryTier.NAME, believed)) {
            memory.dropIfGone(flight.key, entry, nowMs);
            return false;
        }
        land(flight, new Answer<>(entry, MemoryTier.NAME, false));
        return true;
    }

    /// What waits for the source is newer than what the source and the lower tiers hold.
    private boolean landsInWriter(Flight<K, V> flight) {
        Writer<K, V> writer = parts.writer();
        Change<K, V> pending = writer == null ? null : writer.pending(flight.key);
        if (pending == null) {
            return false;
        }
        land(flight, new Answer<>(keep(flight, loadedOf(pending)).entry(), WRITER, false));
        return true;
    }

    private void seekBelow(int index, List<Flight<K, V>> unanswered) {
        GuardedTier tier = lower.get(index);
        Map<String, Flight<K, V>> byText = new LinkedHashMap<>();
        unanswered.forEach(flight -> byText.put(tiers.textOf(flight.key), flight));
        Map<String, Held> found = tier.read(byText.keySet());
        byText.forEach((text, flight) -> {
            Held held = found.get(text);
            Entry<V> entry = held == null ? null : entryOf(held, flight, tier.name());
            if (entry != null && landsBelow(index, flight, entry)) {
                tier.hits.increment();
                unanswered.remove(flight);
            } else {
                tier.misses.increment();
            }
        });
    }

    private boolean landsBelow(int index, Flight<K, V> flight, Entry<V> entry) {
        GuardedTier tier = lower.get(index);
        // What the followed tier has just said is right even while it does not tell what happens next.
        boolean believed = tier == parts.followed() ? entry.isAlive(timeline) : entry.isCurrent(timeline);
        if (!isAnswer(flight, entry, tier.name(), believed)) {
            return false;
        }
        promote(flight, entry, index);
        land(flight, new Answer<>(entry, tier.name(), false));
        return true;
    }

    /// Whether an entry that was found ends the search. If not, it may still serve for want of better.
    private boolean isAnswer(Flight<K, V> flight, Entry<V> entry, String tier, boolean believed) {
        long nowMs = time.nowMs();
        if (believed && nowMs < entry.freshUntilMs() && flight.accepts(entry, nowMs)) {
            return true;
        }
        if (entry.value != null && entry.isUsable(nowMs, timeline)) {
            flight.offer(entry, tier);
        }
        return false;
    }

    private @Nullable Entry<V> entryOf(Held held, Flight<K, V> flight, String tier) {
        long mark = held.mark() == Held.UNMARKED ? flight.mark : held.mark();
        return packer.entry(held.bytes(), tier, flight.policy, flight.slot, mark);
    }

    // Loading

    private void loadOne(Flight<K, V> flight) {
        flight.board();
        try {
            if (landsInWriter(flight)) {
                return;
            }
            if (flight.source == null) {
                land(flight, Answer.miss());
            } else if (isLeftAlone(flight)) {
                land(flight, stale(flight));
            } else {
                land(flight, loadWithLease(flight, flight.source));
            }
        } catch (Throwable e) {
            crash(flight, e);
            if (e instanceof Error error) {
                throw error;
            }
        }
    }

    private Loaded<V> loadedOf(Change<K, V> change) {
        return switch (change) {
            case Change.Put<K, V> put -> Loaded.value(put.value());
            case Change.Remove<K, V> _ -> Loaded.absent();
        };
    }

    private boolean isLeftAlone(Flight<K, V> flight) {
        Answer<V> usable = flight.usable();
        return usable != null && usable.entry() != null && usable.entry().isLeftAlone(time.nowMs());
    }

    private Answer<V> stale(Flight<K, V> flight) {
        Answer<V> usable = flight.usable();
        return usable == null ? Answer.miss() : usable;
    }

    /// Loads when it is this process's turn, where processes take turns; until then it looks whether another has
    /// loaded.
    private Answer<V> loadWithLease(Flight<K, V> flight, Source<? super K, V> source) {
        GuardedTier tier = leasing();
        if (tier == null) {
            return load(flight, source);
        }
        String text = tiers.textOf(flight.key);
        boolean first = true;
        long untilMs = time.nowMs() + tier.leaseMs();
        while (!tier.takesLease(text) && time.nowMs() < untilMs) {
            first = false;
            pause(LEASE_POLL);
            if (isLoadedByAnother(flight, tier)) {
                return flight.landed.join();
            }
        }
        try {
            boolean late = !first && isLoadedByAnother(flight, tier);
            return late ? flight.landed.join() : load(flight, source);
        } finally {
            tier.returnLease(text);
        }
    }

    private @Nullable GuardedTier leasing() {
        for (GuardedTier tier : lower) {
            if (tier.leaseMs() > 0) {
                return tier;
            }
        }
        return null;
    }

    private boolean isLoadedByAnother(Flight<K, V> flight, GuardedTier tier) {
        List<Flight<K, V>> unanswered = new ArrayList<>(List.of(flight));
        seekBelow(lower.indexOf(tier), unanswered);
        return unanswered.isEmpty();
    }

    private void pause(Duration howLong) {
        CompletableFuture<Boolean> over = new CompletableFuture<>();
        time.after(howLong, () -> over.complete(true));
        over.join();
    }

    private Answer<V> load(Flight<K, V> flight, Source<? super K, V> source) {
        long startNs = System.nanoTime();
        Loaded<V> loaded;
        try {
            loaded = askSource(flight, source);
        } catch (Exception e) {
            loadNs.add(System.nanoTime() - startNs);
            loadFailures.increment();
            return failSafe(flight, e);
        }
        loadNs.add(System.nanoTime() - startNs);
        loads.increment();
        return keep(flight, loaded);
    }

    private Loaded<V> askSource(Flight<K, V> flight, Source<? super K, V> source) throws Exception {
        Answer<V> usable = flight.usable();
        Entry<V> known = usable == null ? null : usable.entry();
        Loaded<V> loaded = source.load(
                flight.key,
                new Source.Known<>(
                        known == null ? null : known.value, known == null ? null : known.validator(), flight.policy));
        if (loaded == null) {
            throw new NullPointerException("the source returned null; Loaded.absent() says that there is no value");
        }
        if (loaded instanceof Loaded.NotModified<V> && known == null) {
            throw new IllegalStateException("the source says NotModified of a key that the cache knows nothing of");
        }
        return loaded;
    }

    /// The source failed: what is stale is served, and the source left alone for a while.
    private Answer<V> failSafe(Flight<K, V> flight, Exception failure) {
        if (failure instanceof InterruptedException) {
            Thread.currentThread().interrupt();
        }
        Answer<V> usable = flight.usable();
        if (usable == null || usable.entry() == null) {
            throw new CacheException.LoadFailed(name, flight.key, failure);
        }
        log.debug("cache {}: serving a stale value, the load of {} failed", name, flight.key, failure);
        Entry<V> entry = usable.entry();
        entry.leaveAloneUntil(time.nowMs() + flight.policy.retryAfter().toMillis());
        if (!usable.tier().equals(MemoryTier.NAME)) {
            memory.put(flight.key, entry);
        }
        return usable;
    }

    private void loadTogether(List<Flight<K, V>> together, BulkLoader<K, V> loader) {
        List<Flight<K, V>> asking = new ArrayList<>();
        for (Flight<K, V> flight : together) {
            if (flight.source == null || isLeftAlone(flight)) {
                loadOne(flight);
            } else {
                asking.add(flight);
            }
        }
        Map<K, Flight<K, V>> byKey = new LinkedHashMap<>();
        asking.forEach(flight -> byKey.put(flight.key, flight));
        long startNs = System.nanoTime();
        try {
            Map<K, V> loaded = loader.loadAll(Set.copyOf(byKey.keySet()));
            loadNs.add(System.nanoTime() - startNs);
            loads.add(byKey.size());
            keepInBatches(asking, loaded);
        } catch (Exception e) {
            loadNs.add(System.nanoTime() - startNs);
            loadFailures.increment();
            byKey.values().forEach(flight -> settle(flight, () -> failSafe(flight, e)));
        }
    }

    private void settle(Flight<K, V> flight, Supplier<Answer<V>> answer) {
        try {
            land(flight, answer.get());
        } catch (RuntimeException e) {
            crash(flight, e);
        }
    }

    // Keeping

    /// Gives what a lower tier held to the tiers above it.
    private void promote(Flight<K, V> flight, Entry<V> entry, int foundAt) {
        ReentrantLock lock = stripes.of(flight.slot);
        lock.lock();
        try {
            if (timeline.isUntouched(flight.slot, flight.mark, entry.tags())) {
                tiers.spread(flight.key, entry, flight.policy, foundAt);
            }
        } finally {
            lock.unlock();
        }
    }

    /// Keeps what the source said, unless the key was changed meanwhile: then it is only good for those who wait.
    private Answer<V> keep(Flight<K, V> flight, Loaded<V> loaded) {
        Entry<V> entry = entryOf(flight, loaded);
        ReentrantLock lock = stripes.of(flight.slot);
        lock.lock();
        try {
            if (isOvertaken(flight, entry)) {
                overtaken.increment();
            } else if (entry.isStillborn()) {
                tiers.forget(flight.key);
            } else {
                tiers.spread(flight.key, entry, flight.policy, lower.size());
                withdrawIfOvertaken(flight, entry);
            }
        } finally {
            lock.unlock();
        }
        return new Answer<>(entry, "", false);
    }

    private void keepInBatches(List<Flight<K, V>> all, Map<K, V> loaded) {
        for (int from = 0; from < all.size(); from += WRITE_BATCH) {
            List<Flight<K, V>> batch = all.subList(from, Math.min(from + WRITE_BATCH, all.size()));
            try {
                keepTogether(batch, loaded);
            } catch (RuntimeException e) {
                batch.forEach(flight -> crash(flight, e));
            }
        }
    }

    /// As [#keep], for what was loaded together: the lower tiers are given all before the first answer is awaited.
    private void keepTogether(List<Flight<K, V>> flights, Map<K, V> loaded) {
        Map<Flight<K, V>, Entry<V>> entries = new LinkedHashMap<>();
        flights.forEach(flight -> entries.put(flight, entryOf(flight, Loaded.ofNullable(loaded.get(flight.key)))));
        List<ReentrantLock> locks = stripes.ofAll(flights.stream().mapToInt(flight -> flight.slot));
        locks.forEach(ReentrantLock::lock);
        try {
            Map<Flight<K, V>, Entry<V>> untouched = new LinkedHashMap<>(entries);
            untouched.entrySet().removeIf(it -> isOvertaken(it.getKey(), it.getValue()));
            overtaken.add(entries.size() - untouched.size());
            List<Kept<K, V>> kept = new ArrayList<>();
            untouched.forEach((flight, entry) -> kept.add(new Kept<>(flight.key, entry)));
            tiers.keepOrForget(kept, flights.getFirst().policy);
            untouched.forEach(this::withdrawIfOvertaken);
        } finally {
            locks.forEach(ReentrantLock::unlock);
        }
        entries.forEach((flight, entry) -> land(flight, new Answer<>(entry, "", false)));
    }

    private boolean isOvertaken(Flight<K, V> flight, Entry<V> entry) {
        return !timeline.isUntouched(flight.slot, flight.mark, entry.tags());
    }

    /// A change by somebody else that was pushed while we wrote: the lower tiers may now hold what is older than
    /// it.
    private void withdrawIfOvertaken(Flight<K, V> flight, Entry<V> entry) {
        if (!timeline.isAlive(flight.slot, flight.mark, entry.tags())) {
            overtaken.increment();
            tiers.forget(flight.key);
        }
    }

    private Entry<V> entryOf(Flight<K, V> flight, Loaded<V> loaded) {
        return switch (loaded) {
            case Loaded.Value<V> value -> {
                Policy policy =
                        value.policy() == null ? flight.policy : value.policy().consistent();
                yield entry(value.value(), policy, value.tags(), value.validator(), flight.slot, flight.mark);
            }
            case Loaded.NotModified<V> _ -> {
                Entry<V> known = Objects.requireNonNull(stale(flight).entry());
                yield entry(known.value, flight.policy, known.tags(), known.validator(), flight.slot, flight.mark);
            }
            case Loaded.Absent<V> _ -> entry(null, flight.policy, Set.of(), null, flight.slot, flight.mark);
        };
    }

    private Entry<V> entry(
            @Nullable V value, Policy policy, Set<String> tags, @Nullable String validator, int slot, long mark) {
        Set<String> all = policy.tags();
        if (!tags.isEmpty()) {
            Set<String> both = new HashSet<>(all);
            both.addAll(tags);
            all = Set.copyOf(both);
        }
        return new Entry<>(value, lifeOf(value, policy), all, validator, policy, slot, mark);
    }

    private Life lifeOf(@Nullable V value, Policy policy) {
        long nowMs = time.nowMs();
        if (value == null) {
            long untilMs = nowMs
                    + Math.min(policy.negativeTtl().toMillis(), policy.ttl().toMillis());
            return new Life(nowMs, untilMs, untilMs);
        }
        long ttlMs = policy.ttl().toMillis();
        if (policy.jitter() > 0) {
            ttlMs -= (long) (ttlMs * policy.jitter() * parts.random().getAsDouble());
        }
        return new Life(nowMs, nowMs + ttlMs, nowMs + ttlMs + policy.staleFor().toMillis());
    }

    // Writing

    void put(K key, @Nullable V value, Policy policy) {
        checkOpen();
        int slot = tiers.slotOf(key);
        ReentrantLock lock = stripes.of(slot);
        lock.lock();
        try {
            send(List.of(value == null ? new Change.Remove<>(key) : new Change.Put<>(key, value)));
            puts.increment();
            Entry<V> entry = entry(value, policy, Set.of(), null, slot, timeline.change(slot));
            tiers.replace(List.of(new Kept<>(key, entry)), policy);
        } finally {
            lock.unlock();
        }
    }

    void remove(K key) {
        checkOpen();
        int slot = tiers.slotOf(key);
        ReentrantLock lock = stripes.of(slot);
        lock.lock();
        try {
            send(List.of(new Change.Remove<>(key)));
            removals.increment();
            timeline.change(slot);
            tiers.forget(key);
        } finally {
            lock.unlock();
        }
    }

    /// Writes many values: to the writer and to each lower tier in batches.
    void putAll(Map<? extends K, ? extends V> values, Policy policy) {
        List<Change<K, V>> changes = new ArrayList<>();
        values.forEach((key, value) -> changes.add(new Change.Put<>(key, Objects.requireNonNull(value))));
        inBatches(changes, batch -> {
            puts.add(batch.size());
            List<Kept<K, V>> all = new ArrayList<>();
            batch.forEach(change -> all.add(new Kept<>(change.key(), written((Change.Put<K, V>) change, policy))));
            tiers.replace(all, policy);
        });
    }

    private Entry<V> written(Change.Put<K, V> put, Policy policy) {
        int slot = tiers.slotOf(put.key());
        return entry(put.value(), policy, Set.of(), null, slot, timeline.change(slot));
    }

    /// Removes many keys.
    void removeAll(Collection<? extends K> keys) {
        List<Change<K, V>> changes = new ArrayList<>();
        new LinkedHashSet<K>(keys).forEach(key -> changes.add(new Change.Remove<>(Objects.requireNonNull(key))));
        inBatches(changes, batch -> {
            removals.add(batch.size());
            batch.forEach(change -> timeline.change(tiers.slotOf(change.key())));
            tiers.forgetAll(batch.stream().map(Change::key).toList());
        });
    }

    /// Sends changes to the writer, so many at once, and then does the rest with them.
    private void inBatches(List<Change<K, V>> changes, Consumer<List<Change<K, V>>> rest) {
        checkOpen();
        underStripes(changes, batch -> {
            send(batch);
            rest.accept(batch);
        });
    }

    /// Does something with changes, so many at once, under the stripes of their keys.
    private void underStripes(List<Change<K, V>> changes, Consumer<List<Change<K, V>>> work) {
        for (int from = 0; from < changes.size(); from += WRITE_BATCH) {
            List<Change<K, V>> batch = changes.subList(from, Math.min(from + WRITE_BATCH, changes.size()));
            List<ReentrantLock> locks = stripes.ofAll(batch.stream().mapToInt(change -> tiers.slotOf(change.key())));
            locks.forEach(ReentrantLock::lock);
            try {
                work.accept(batch);
            } finally {
                locks.forEach(ReentrantLock::unlock);
            }
        }
    }

    /// Sends changes to the writer. When that fails nobody knows what the source holds, so the tiers forget the
    /// keys.
    private void send(List<Change<K, V>> changes) {
        Writer<K, V> writer = parts.writer();
        if (writer == null) {
            return;
        }
        try {
            writer.write(changes);
        } catch (Exception e) {
            if (e instanceof InterruptedException) {
                Thread.currentThread().interrupt();
            }
            changes.forEach(change -> timeline.change(tiers.slotOf(change.key())));
            tiers.forgetAll(changes.stream().map(Change::key).toList());
            Object what = changes.size() == 1 ? changes.getFirst() : changes.size() + " changes";
            throw new CacheException.WriteFailed(name, what, e);
        }
    }

    /// Forgets keys of which the tiers may hold what the source does not.
    void forgetDoubtful(Collection<K> keys) {
        List<Change<K, V>> doubtful = new ArrayList<>();
        keys.forEach(key -> doubtful.add(new Change.Remove<>(key)));
        underStripes(doubtful, batch -> {
            batch.forEach(change -> timeline.change(tiers.slotOf(change.key())));
            tiers.forgetAll(batch.stream().map(Change::key).toList());
        });
    }

    void expire(K key, Policy policy) {
        checkOpen();
        Flight<K, V> search = flight(key, policy, null, false);
        int slot = search.slot;
        ReentrantLock lock = stripes.of(slot);
        lock.lock();
        try {
            Answer<V> known = known(search);
            Entry<V> entry = known.entry();
            long mark = timeline.change(slot);
            long nowMs = time.nowMs();
            if (entry == null || entry.value == null || !entry.maySurvive()) {
                tiers.forget(key);
            } else {
                Entry<V> expired = entry.with(entry.life().expired(nowMs), policy, mark);
                tiers.replace(List.of(new Kept<>(key, expired)), policy);
            }
        } finally {
            lock.unlock();
        }
    }

    void touch(K key, Policy policy) {
        checkOpen();
        memory.renew(key, entry -> {
            long nowMs = time.nowMs();
            if (!entry.isFresh(nowMs, timeline)) {
                return entry;
            }
            long untilMs = nowMs + policy.ttl().toMillis();
            long goneAtMs = untilMs + policy.staleFor().toMillis();
            return entry.with(new Life(entry.createdMs(), untilMs, goneAtMs), policy, entry.mark);
        });
    }

    void invalidateTag(String tag) {
        checkOpen();
        timeline.cut(tag);
        lower.forEach(tier -> tier.invalidateTag(tag));
    }

    void clear() {
        checkOpen();
        timeline.changeAll();
        memory.clear();
        lower.forEach(GuardedTier::clear);
    }

    // Many keys

    Lookup<V> lookup(K key, Policy policy) {
        checkOpen();
        Answer<V> known = known(flight(key, policy, null, false));
        Entry<V> entry = known.entry();
        if (entry == null) {
            return new Lookup.Miss<>();
        }
        long nowMs = time.nowMs();
        Duration age = Duration.ofMillis(Math.max(0, nowMs - entry.createdMs()));
        Duration left = Duration.ofMillis(Math.max(0, entry.freshUntilMs() - nowMs));
        if (entry.value == null) {
            return new Lookup.Negative<>(known.tier(), age, left);
        }
        return known.stale()
                ? new Lookup.Stale<>(entry.value, known.tier(), age)
                : new Lookup.Hit<>(entry.value, known.tier(), age, left);
    }

    /// What the tiers know, without the source and without a flight that others could join.
    private Answer<V> known(Flight<K, V> search) {
        if (seek(List.of(search)).isEmpty()) {
            return search.landed.join();
        }
        return stale(search);
    }

    Stream<Map.Entry<K, V>> entries() {
        checkOpen();
        return memory.entries().<Map.Entry<K, V>>mapMulti((held, found) -> {
            Entry<V> entry = held.getValue();
            if (entry.value != null && entry.isFresh(time.nowMs(), timeline)) {
                found.accept(Map.entry(held.getKey(), entry.value));
            }
        });
    }

    Map<K, V> getAll(Collection<? extends K> keys, Policy policy) {
        checkOpen();
        Map<K, V> found = new LinkedHashMap<>();
        Map<K, CompletableFuture<Answer<V>>> awaited = new LinkedHashMap<>();
        List<Flight<K, V>> mine = new ArrayList<>();
        try {
            takeOffAll(new LinkedHashSet<>(keys), policy, found, awaited, mine);
        } catch (RuntimeException e) {
            mine.forEach(flight -> crash(flight, e));
            throw e;
        }
        if (!mine.isEmpty()) {
            startMany(mine, policy);
        }
        awaited.forEach((key, arrival) -> {
            V value = count(join(arrival)).value();
            if (value != null) {
                found.put(key, value);
            }
        });
        return found;
    }

    /// Answers what memory can; for each other key it joins a flight or prepares one of ours.
    private void takeOffAll(
            Set<K> keys,
            Policy policy,
            Map<K, V> found,
            Map<K, CompletableFuture<Answer<V>>> awaited,
            List<Flight<K, V>> mine) {
        for (K key : keys) {
            long nowMs = time.nowMs();
            Entry<V> entry = memory.get(key, nowMs);
            if (entry != null && entry.isFresh(nowMs, timeline)) {
                hit(key, entry, nowMs, policy, parts.source());
                if (entry.value != null) {
                    found.put(key, entry.value);
                }
            } else {
                memory.misses.increment();
                awaited.put(key, takeOff(key, policy, mine));
            }
        }
    }

    private CompletableFuture<Answer<V>> takeOff(K key, Policy policy, List<Flight<K, V>> mine) {
        Flight<K, V> flight = flight(key, policy, parts.source(), false);
        Flight<K, V> running = flights.putIfAbsent(key, flight);
        if (running != null) {
            return joined(running, policy, parts.source());
        }
        mine.add(flight);
        return arrival(flight, policy);
    }

    private void startMany(List<Flight<K, V>> mine, Policy policy) {
        if (policy.hasTimeouts()) {
            dispatch(mine);
        } else {
            fly(mine);
        }
    }

    void warm(Collection<? extends K> keys, Policy policy) {
        List<K> batch = new ArrayList<>();
        for (K key : keys) {
            batch.add(key);
            if (batch.size() == WARM_BATCH) {
                warmBatch(batch, policy);
                batch.clear();
            }
        }
        warmBatch(batch, policy);
    }

    private void warmBatch(List<K> batch, Policy policy) {
        try {
            getAll(batch, policy);
        } catch (CacheException e) {
            log.info("cache {}: warming left keys out: {}", name, e.getMessage());
        }
    }

    // Figures and the end

    CacheStats stats() {
        List<TierStats> each = new ArrayList<>();
        each.add(memoryStats());
        lower.forEach(tier -> each.add(tier.stats(packer.rawBytes.sum(), packer.packedBytes.sum())));
        return new CacheStats(
                memory.hits.sum() + lowerHits.sum(),
                misses.sum(),
                staleHits.sum(),
                loads.sum(),
                loadFailures.sum(),
                loadNs.sum(),
                refreshes.sum(),
                overtaken.sum(),
                puts.sum(),
                removals.sum(),
                memory.evictions.sum(),
                memory.expirations.sum(),
                packer.undecodable.sum(),
                packer.oversized.sum(),
                time.nowMs() - builtAtMs,
                List.copyOf(each),
                backlog());
    }

    private TierStats memoryStats() {
        return new TierStats(
                MemoryTier.NAME,
                memory.hits.sum(),
                memory.misses.sum(),
                0,
                0,
                memory.writes.sum(),
                memory.size(),
                -1,
                0,
                0);
    }

    CacheHealth health() {
        List<CacheHealth.TierHealth> each = new ArrayList<>();
        each.add(new CacheHealth.TierHealth(MemoryTier.NAME, CacheHealth.State.UP, ""));
        lower.forEach(tier -> each.add(tier.health()));
        return new CacheHealth(List.copyOf(each), backlog().failure());
    }

    private Writer.Backlog backlog() {
        Writer<K, V> writer = parts.writer();
        return writer == null ? Writer.Backlog.NONE : writer.backlog();
    }

    void flush() {
        Writer<K, V> writer = parts.writer();
        if (writer == null) {
            return;
        }
        try {
            writer.flush();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new CacheException.Interrupted(name, e);
        } catch (Exception e) {
            throw new CacheException.WriteFailed(name, "what was pending", e);
        }
    }

    private void checkOpen() {
        if (closed) {
            throw new IllegalStateException("cache " + name + " is closed");
        }
    }

    @Override
    public void close() {
        if (closed) {
            return;
        }
        closed = true;
        endLoads();
        memory.clear();
        try {
            closeWriter();
        } finally {
            lower.forEach(GuardedTier::close);
        }
    }

    private void endLoads() {
        parts.executor().shutdown();
        try {
            if (!parts.executor().awaitTermination(LAST_LOADS_S, TimeUnit.SECONDS)) {
                parts.executor().shutdownNow();
            }
        } catch (InterruptedException e) {
            parts.executor().shutdownNow();
            Thread.currentThread().interrupt();
        }
    }

    private void closeWriter() {
        Writer<K, V> writer = parts.writer();
        if (writer != null) {
            writer.close();
        }
    }
}
