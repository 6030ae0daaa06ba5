package io.nuthatch.cache;

import io.nuthatch.cache.CacheStats.TierStats;
import io.nuthatch.cache.Tier.Held;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// A tier that cannot hurt: calls end in time, failures are counted and read as "not there", and a tier that fails
/// too often is left alone.
///
/// What the tier missed meanwhile is remembered ([MissedChanges]) and told to it before it is believed again.
final class GuardedTier {
    private static final Logger log = LoggerFactory.getLogger(GuardedTier.class);

    /// Writes that are given to a tier before the first answer is awaited: they share one timeout.
    private static final int WRITES_AT_ONCE = 256;

    final LongAdder hits = new LongAdder();
    final LongAdder misses = new LongAdder();
    final LongAdder writes = new LongAdder();

    private final LongAdder failures = new LongAdder();
    private final LongAdder skipped = new LongAdder();
    private final Tier tier;
    private final Guard guard;
    private final Breaker breaker;
    private final Time time;
    private final MissedChanges missed = new MissedChanges();

    GuardedTier(Tier tier, Guard guard, Time time) {
        this.tier = tier;
        this.guard = guard;
        this.time = time;
        this.breaker = new Breaker(time, guard.failures(), guard.pause().toMillis());
        tier.whenBack(breaker::tryNow);
    }

    String name() {
        return tier.name();
    }

    /// What the tier holds and is believed about.
    Map<String, Held> read(Collection<String> keys) {
        Collection<String> believed = missed.isEmpty() || repaired() ? keys : missed.withoutMissed(keys);
        if (believed.isEmpty()) {
            return Map.of();
        }
        Map<String, Held> found = call(() -> tier.read(believed));
        return found == null ? Map.of() : found;
    }

    /// Returns what the tier then holds, in the order of the writes; null where it could not be written.
    List<@Nullable Held> writeAll(List<Tier.Write> all) {
        List<@Nullable Held> held = new ArrayList<>();
        for (int from = 0; from < all.size(); from += WRITES_AT_ONCE) {
            held.addAll(writeSome(all.subList(from, Math.min(from + WRITES_AT_ONCE, all.size()))));
        }
        return held;
    }

    private List<@Nullable Held> writeSome(List<Tier.Write> some) {
        List<Held> held = missed.isEmpty() || repaired() ? call(() -> written(some)) : null;
        if (held == null) {
            some.forEach(write -> missed.key(write.key()));
            return Collections.<@Nullable Held>nCopies(some.size(), null);
        }
        writes.add(some.size());
        return new ArrayList<@Nullable Held>(held);
    }

    /// All are on their way before the first answer is awaited.
    private CompletionStage<List<Held>> written(List<Tier.Write> some) {
        List<CompletableFuture<Held>> answers = new ArrayList<>();
        some.forEach(write -> answers.add(tier.write(write).toCompletableFuture()));
        return CompletableFuture.allOf(answers.toArray(CompletableFuture[]::new))
                .thenApply(done -> answers.stream().map(CompletableFuture::join).toList());
    }

    void remove(Collection<String> keys) {
        if (!done(() -> tier.remove(keys))) {
            keys.forEach(missed::key);
        }
    }

    void invalidateTag(String tag) {
        if (!done(() -> tier.invalidateTag(tag))) {
            missed.tag(tag);
        }
    }

    void clear() {
        if (!done(tier::clear)) {
            missed.everything();
        }
    }

    long leaseMs() {
        return tier.leaseMs();
    }

    /// Whether this process may load the key now. A tier that does not answer keeps nobody from it.
    boolean takesLease(String key) {
        Boolean taken = call(() -> tier.takeLease(key));
        return taken == null || taken;
    }

    void returnLease(String key) {
        call(() -> tier.returnLease(key).thenApply(nothing -> Boolean.TRUE));
    }

    private boolean done(Supplier<CompletionStage<@Nullable Void>> change) {
        return (missed.isEmpty() || repaired()) && call(() -> change.get().thenApply(nothing -> Boolean.TRUE)) != null;
    }

    /// Tells the tier what it missed. One thread does; the others go on without the keys in question.
    private boolean repaired() {
        if (breaker.refuses()) {
            skipped.increment();
            return false;
        }
        return missed.repair(changes -> {
            List<Supplier<CompletionStage<@Nullable Void>>> steps = new ArrayList<>();
            if (changes.everything()) {
                steps.add(tier::clear);
            } else {
                if (!changes.keys().isEmpty()) {
                    steps.add(() -> tier.remove(changes.keys()));
                }
                changes.tags().forEach(tag -> steps.add(() -> tier.invalidateTag(tag)));
            }
            return steps.stream().allMatch(step -> call(() -> step.get().thenApply(nothing -> Boolean.TRUE)) != null);
        });
    }

    private <T> @Nullable T call(Supplier<? extends CompletionStage<T>> work) {
        if (!breaker.allows()) {
            skipped.increment();
            return null;
        }
        try {
            T result = await(work.get().toCompletableFuture());
            breaker.succeeded();
            return result;
        } catch (RuntimeException e) {
            Throwable cause = e instanceof CompletionException && e.getCause() != null ? e.getCause() : e;
            failures.increment();
            breaker.failed(cause);
            log.debug("tier {} failed", tier.name(), cause);
            return null;
        } catch (Error e) {
            breaker.failed(e);
            throw e;
        }
    }

    private <T> T await(CompletableFuture<T> future) {
        if (future.isDone()) {
            return future.join();
        }
        CompletableFuture<T> bounded = future.copy();
        Time.Timer timer = time.after(
                guard.timeout(),
                () -> bounded.completeExceptionally(new TimeoutException("no answer in " + guard.timeout())));
        try {
            return bounded.join();
        } finally {
            timer.cancel();
        }
    }

    CacheHealth.TierHealth health() {
        String failure = breaker.lastFailure();
        return new CacheHealth.TierHealth(tier.name(), breaker.state(), failure.isEmpty() ? tier.detail() : failure);
    }

    /// @param rawBytes of the values that were packed for the lower tiers
    /// @param packedBytes of the same, packed
    TierStats stats(long rawBytes, long packedBytes) {
        return new TierStats(
                tier.name(),
                hits.sum(),
                misses.sum(),
                failures.sum(),
                skipped.sum(),
                writes.sum(),
                tier.entries(),
                tier.bytes(),
                rawBytes,
                packedBytes);
    }

    void close() {
        tier.close();
    }
}
