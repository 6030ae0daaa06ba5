package io.nuthatch.demo;

import io.nuthatch.cache.Cache;
import io.nuthatch.cache.CacheStats;
import io.nuthatch.cache.CacheStats.TierStats;
import io.nuthatch.cache.WriteBehind;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.LongConsumer;
import java.util.stream.LongStream;
import org.jspecify.annotations.Nullable;

/// What is measured. In each group all are compared with the first.
final class Experiments {
    private static final int INDIVIDUAL_WRITES = 3_000;
    private static final int BATCHED_WRITES = 50_000;
    private static final int BATCH = 1_000;
    private static final int WARM_UP = 5_000;
    private static final int WRITERS = 64;
    private static final int READ_KEYS = 20_000;
    private static final int USER_OPERATIONS = 100_000;
    private static final double WRITE_SHARE = 0.05;

    private final Workbench workbench;
    private final Surroundings surroundings;
    private final Progress progress;

    Experiments(Workbench workbench, Surroundings surroundings, Progress progress) {
        this.workbench = workbench;
        this.surroundings = surroundings;
        this.progress = progress;
    }

    /// Measurements that are compared with each other.
    record Group(String title, String explanation, List<Measurement> measurements) {
        Group {
            Measurement first = measurements.getFirst();
            measurements =
                    measurements.stream().map(it -> it.comparedWith(first)).toList();
        }
    }

    /// Does a little of everything, so that what is measured first does not pay for what the JVM learns.
    void warmUp() {
        int records = surroundings.count(WARM_UP);
        progress.begin("warming up", 4L * records);
        try (Cache<Long, Item> cache = through()) {
            oneByOne(cache, records / 10, 1);
            inBatches(cache, records, BATCH);
        }
        try (Cache<Long, Item> cache = behind(records)) {
            oneByOne(cache, records, WRITERS);
        }
        try (Cache<Long, Item> cache = through()) {
            readEach(cache, records);
        }
        try (Cache<Long, Item> cache = through()) {
            readTogether(cache, records);
        }
        progress.end();
    }

    // Writing

    Group writes() {
        workbench.deleteRows();
        int individual = surroundings.count(INDIVIDUAL_WRITES);
        int batched = surroundings.count(BATCHED_WRITES);
        List<Measurement> all = new ArrayList<>();
        try (Cache<Long, Item> cache = through()) {
            all.add(measure("individual writes", cache, individual, 1, () -> oneByOne(cache, individual, 1)));
            all.add(measure("batched writes", cache, batched, 1, () -> inBatches(cache, batched, BATCH)));
        }
        try (Cache<Long, Item> cache = behind(batched)) {
            all.add(measure("writes behind, one user", cache, individual, 1, () -> {
                oneByOne(cache, individual, 1);
                cache.flush();
            }));
            all.add(measure("writes behind, " + WRITERS + " users", cache, batched, WRITERS, () -> {
                oneByOne(cache, batched, WRITERS);
                cache.flush();
            }));
            all.add(measure("batched writes behind", cache, batched, 1, () -> {
                inBatches(cache, batched, BATCH);
                cache.flush();
            }));
        }
        return new Group(
                "Writes",
                "Individual writes commit each record to the database before put returns; batches commit " + BATCH
                        + " at once. Written behind, a record is in the journal on disk when put returns, and the"
                        + " time includes bringing all to the database.",
                all);
    }

    Group batchSizes() {
        workbench.deleteRows();
        List<Measurement> all = new ArrayList<>();
        try (Cache<Long, Item> cache = through()) {
            for (int size : new int[] {1, 10, 100, 1_000}) {
                int records =
                        surroundings.count(size == 1 ? INDIVIDUAL_WRITES : Math.min(BATCHED_WRITES, 3_000 * size));
                all.add(measure("batches of " + size, cache, records, 1, () -> inBatches(cache, records, size)));
            }
        }
        return new Group("Batch sizes", "The same writes, with so many records in each putAll.", all);
    }

    private Cache<Long, Item> through() {
        return workbench
                .cache(BATCHED_WRITES)
                .redis(workbench.redis())
                .store(workbench.store())
                .build();
    }

    private Cache<Long, Item> behind(long entries) {
        return workbench
                .cache(entries)
                .redis(workbench.redis())
                .store(workbench.store())
                .writeBehind(WriteBehind.in(workbench.newFolder()).patience(Duration.ofMinutes(1)))
                .build();
    }

    private void oneByOne(Cache<Long, Item> cache, int records, int users) {
        eachByUsers(records, users, id -> cache.put(id, Item.numbered(id)));
    }

    private void inBatches(Cache<Long, Item> cache, int records, int size) {
        for (int from = 0; from < records; from += size) {
            Map<Long, Item> batch = new LinkedHashMap<>();
            LongStream.range(from, Math.min(from + size, records)).forEach(id -> batch.put(id, Item.numbered(id)));
            cache.putAll(batch);
            progress.add(batch.size());
        }
    }

    // Reading

    Group reads() {
        int keys = fill();
        List<Measurement> all = new ArrayList<>();
        try (Cache<Long, Item> cache = workbench
                .cache(keys)
                .redis(workbench.redis())
                .store(workbench.store())
                .build()) {
            all.add(measure("cold reads", cache, keys, 1, () -> readEach(cache, keys)));
            all.add(measure("warm reads", cache, keys, 1, () -> readEach(cache, keys)));
        }
        try (Cache<Long, Item> cache = workbench
                .cache(keys)
                .redis(workbench.redis())
                .store(workbench.store())
                .build()) {
            all.add(measure("cold reads, " + BATCH + " at once", cache, keys, 1, () -> readTogether(cache, keys)));
            all.add(measure("warm reads, " + BATCH + " at once", cache, keys, 1, () -> readTogether(cache, keys)));
        }
        return new Group(
                "Reads",
                "Cold reads find nothing in any tier and ask the database; warm reads ask for the same keys again.",
                all);
    }

    /// The tier that answers, in each measurement another.
    Group tiers() {
        int keys = fill();
        Path disk = workbench.newFolder();
        List<Measurement> all = new ArrayList<>();
        String inServer;
        String onDisk;
        try (Cache<Long, Item> cache =
                workbench.cache(keys).store(workbench.store()).build()) {
            all.add(measure("database", cache, keys, 1, () -> readEach(cache, keys)));
        }
        try (Cache<Long, Item> cache =
                workbench.cache(keys).disk(disk).store(workbench.store()).build()) {
            onDisk = cache.name();
            readTogether(cache, keys);
        }
        try (Cache<Long, Item> cache = workbench
                .cacheNamed(onDisk, keys)
                .disk(disk)
                .store(workbench.store())
                .build()) {
            all.add(measure("disk", cache, keys, 1, () -> readEach(cache, keys)));
        }
        try (Cache<Long, Item> cache = workbench
                .cache(keys)
                .redis(workbench.redis())
                .store(workbench.store())
                .build()) {
            inServer = cache.name();
            readTogether(cache, keys);
        }
        try (Cache<Long, Item> cache = workbench
                .cacheNamed(inServer, keys)
                .redis(workbench.redis())
                .store(workbench.store())
                .build()) {
            all.add(measure("redis", cache, keys, 1, () -> readEach(cache, keys)));
            all.add(measure("memory", cache, keys, 1, () -> readEach(cache, keys)));
        }
        return new Group("Tiers", "Each key is read once, and the tier that is named answers.", all);
    }

    private int fill() {
        int keys = surroundings.count(READ_KEYS);
        workbench.deleteRows();
        try (Cache<Long, Item> cache =
                workbench.cache(1).store(workbench.store()).build()) {
            progress.begin("filling the database", keys);
            inBatches(cache, keys, BATCH);
            progress.end();
        }
        return keys;
    }

    private void readEach(Cache<Long, Item> cache, int keys) {
        for (long id = 0; id < keys; id++) {
            found(cache.get(id), id);
            progress.add(1);
        }
    }

    private static void found(@Nullable Item item, long id) {
        if (item == null || item.id() != id) {
            throw new IllegalStateException("read " + item + " under " + id);
        }
    }

    private void readTogether(Cache<Long, Item> cache, int keys) {
        for (long from = 0; from < keys; from += BATCH) {
            List<Long> some =
                    LongStream.range(from, Math.min(from + BATCH, keys)).boxed().toList();
            Map<Long, Item> found = cache.getAll(some);
            some.forEach(id -> found(found.get(id), id));
            progress.add(some.size());
        }
    }

    // Users

    Group users() {
        int keys = fill();
        List<Measurement> all = new ArrayList<>();
        for (int users : new int[] {1, 8, 64}) {
            int operations = surroundings.count(USER_OPERATIONS);
            // Memory holds a fifth, so that the tiers below have something to do.
            try (Cache<Long, Item> cache = behind(keys / 5)) {
                all.add(measure(users == 1 ? "1 user" : users + " users", cache, operations, users, () -> {
                    mixed(cache, operations, users, keys);
                    cache.flush();
                }));
            }
        }
        return new Group(
                "Concurrent users",
                "Of 100 operations 5 write behind and 95 read; few keys are asked for often, many seldom; memory"
                        + " holds a fifth of them.",
                all);
    }

    private void mixed(Cache<Long, Item> cache, int operations, int users, int keys) {
        eachByUsers(operations, users, operation -> {
            // The same choices in every run.
            SplittableRandom mine = new SplittableRandom(operation);
            // The square of a uniform number falls near zero more often.
            long id = (long) (keys * Math.pow(mine.nextDouble(), 2));
            if (mine.nextDouble() < WRITE_SHARE) {
                cache.put(id, Item.numbered(id));
            } else {
                found(cache.get(id), id);
            }
        });
    }

    private void eachByUsers(int records, int users, LongConsumer work) {
        if (users == 1) {
            share(0, 1, records, work);
            return;
        }
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            List<CompletableFuture<Void>> shares = new ArrayList<>();
            for (int user = 0; user < users; user++) {
                int first = user;
                shares.add(CompletableFuture.runAsync(() -> share(first, users, records, work), threads));
            }
            shares.forEach(CompletableFuture::join);
        }
    }

    private void share(int first, int step, int records, LongConsumer work) {
        for (long id = first; id < records; id += step) {
            work.accept(id);
            progress.add(1);
        }
    }

    // Measuring

    private Measurement measure(String name, Cache<Long, Item> cache, int records, int users, Runnable work) {
        progress.begin(name, records);
        CacheStats before = cache.stats();
        long startNs = System.nanoTime();
        work.run();
        double seconds = (System.nanoTime() - startNs) / 1e9;
        CacheStats after = cache.stats();
        progress.end();
        List<Measurement> tiers = new ArrayList<>();
        for (int i = 0; i < after.tiers().size(); i++) {
            Measurement tier = tier(before.tiers().get(i), after.tiers().get(i), seconds, users);
            if (tier.records() > 0) {
                tiers.add(tier);
            }
        }
        return new Measurement(
                name,
                records,
                seconds,
                users,
                after.hits() - before.hits(),
                after.misses() - before.misses(),
                after.puts() - before.puts() + after.removals() - before.removals(),
                1,
                List.copyOf(tiers));
    }

    private static Measurement tier(TierStats before, TierStats after, double seconds, int users) {
        long hits = after.hits() - before.hits();
        long misses = after.misses() - before.misses();
        long writes = after.writes() - before.writes();
        return new Measurement(
                after.name(), hits + misses + writes, seconds, users, hits, misses, writes, 1, List.of());
    }
}
