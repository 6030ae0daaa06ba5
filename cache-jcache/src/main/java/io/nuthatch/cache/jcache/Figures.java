package io.nuthatch.cache.jcache;

import java.util.concurrent.atomic.LongAdder;
import java.util.function.LongSupplier;
import javax.cache.management.CacheStatisticsMXBean;

/// What JCache counts. Nothing while it is off: an operation then does not even look at the clock.
final class Figures implements CacheStatisticsMXBean {
    private static final float NS_IN_US = 1_000;

    private final LongAdder hits = new LongAdder();
    private final LongAdder misses = new LongAdder();
    private final LongAdder puts = new LongAdder();
    private final LongAdder removals = new LongAdder();
    private final LongAdder getNs = new LongAdder();
    private final LongAdder putNs = new LongAdder();
    private final LongAdder removeNs = new LongAdder();
    private final LongSupplier evictions;
    private volatile long evictionsBefore;
    private volatile boolean on;

    Figures(LongSupplier evictions) {
        this.evictions = evictions;
    }

    void enable(boolean enabled) {
        on = enabled;
    }

    /// The time at which an operation begins; zero while nothing is counted.
    long start() {
        return on ? System.nanoTime() : 0;
    }

    /// Keys were asked for.
    void got(long startNs, int hit, int missed) {
        if (on) {
            hits.add(hit);
            misses.add(missed);
            getNs.add(sinceNs(startNs));
        }
    }

    /// Entries were written.
    void put(long startNs, int count) {
        if (on && count > 0) {
            puts.add(count);
            putNs.add(sinceNs(startNs));
        }
    }

    /// Entries were removed.
    void removed(long startNs, int count) {
        if (on && count > 0) {
            removals.add(count);
            removeNs.add(sinceNs(startNs));
        }
    }

    private static long sinceNs(long startNs) {
        return startNs == 0 ? 0 : System.nanoTime() - startNs;
    }

    @Override
    public void clear() {
        hits.reset();
        misses.reset();
        puts.reset();
        removals.reset();
        getNs.reset();
        putNs.reset();
        removeNs.reset();
        evictionsBefore = evictions.getAsLong();
    }

    @Override
    public long getCacheHits() {
        return hits.sum();
    }

    @Override
    public float getCacheHitPercentage() {
        return percentage(hits.sum());
    }

    @Override
    public long getCacheMisses() {
        return misses.sum();
    }

    @Override
    public float getCacheMissPercentage() {
        return percentage(misses.sum());
    }

    private float percentage(long part) {
        long gets = getCacheGets();
        return gets == 0 ? 0 : 100f * part / gets;
    }

    @Override
    public long getCacheGets() {
        return hits.sum() + misses.sum();
    }

    @Override
    public long getCachePuts() {
        return puts.sum();
    }

    @Override
    public long getCacheRemovals() {
        return removals.sum();
    }

    @Override
    public long getCacheEvictions() {
        return evictions.getAsLong() - evictionsBefore;
    }

    @Override
    public float getAverageGetTime() {
        return averageUs(getNs, getCacheGets());
    }

    @Override
    public float getAveragePutTime() {
        return averageUs(putNs, puts.sum());
    }

    @Override
    public float getAverageRemoveTime() {
        return averageUs(removeNs, removals.sum());
    }

    private static float averageUs(LongAdder sumNs, long count) {
        return count == 0 ? 0 : sumNs.sum() / NS_IN_US / count;
    }
}
