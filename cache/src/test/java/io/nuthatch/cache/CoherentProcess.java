package io.nuthatch.cache;

import io.lettuce.core.ClientOptions;
import io.lettuce.core.RedisClient;
import io.lettuce.core.RedisException;
import io.lettuce.core.api.StatefulRedisConnection;
import io.lettuce.core.api.sync.RedisCommands;
import java.time.Duration;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletionService;
import java.util.concurrent.ExecutorCompletionService;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicLongArray;

/// A process with a cache that reads and writes at random, and checks each read.
///
/// Versions of a key only grow, because each key has one writer. A read is checked like this:
///
/// ```
///  beside the cache    GET key -> 41      SET barrier 7
///  through the cache                                     get barrier = 7     get key >= 41
/// ```
///
/// What the barrier's value came by, the cache's own connection, has brought the invalidation of version 40 before
/// it.
final class CoherentProcess {
    static final int KEYS = 60;
    /// Those with a key number of one remainder are written by one writer: two processes and a third party.
    static final int WRITERS = 3;
    private static final int THREADS = 4;
    private static final Duration NEVER = Duration.ofSeconds(30);

    private final int self;
    private final RedisClient client;
    private final Cache<String, Long> cache;
    private final AtomicLongArray versions = new AtomicLongArray(KEYS);
    private final AtomicLong reads = new AtomicLong();
    private final AtomicLong fromMemory = new AtomicLong();

    private CoherentProcess(String uri, int self, Redis.Tracking tracking) {
        this.self = self;
        client = RedisClient.create(uri);
        client.setOptions(ClientOptions.builder().autoReconnect(false).build());
        cache = Cache.<String, Long>builder("c")
                .values(Long.class)
                .memory(KEYS / 2)
                .ttl(Duration.ofMinutes(10))
                .redis(Redis.at(uri)
                        .format(Redis.Format.RAW)
                        .tracking(tracking)
                        .guard(Guard.DEFAULT.pause(Duration.ofMillis(20)))
                        .heartbeat(Duration.ofMillis(500)))
                .build();
    }

    /// @param arguments the server, which writer it is, how the cache follows, how many operations, the seed
    public static void main(String... arguments) {
        try {
            CoherentProcess process = new CoherentProcess(
                    arguments[0], Integer.parseInt(arguments[1]), Redis.Tracking.valueOf(arguments[2]));
            process.run(Integer.parseInt(arguments[3]), Long.parseLong(arguments[4]));
            System.out.println("reads " + process.reads + " memory " + process.fromMemory);
            System.exit(0);
        } catch (Throwable e) {
            // The other threads go on; the process does not.
            e.printStackTrace();
            System.exit(1);
        }
    }

    private void run(int operations, long seed) throws Exception {
        ExecutorService threads = Executors.newFixedThreadPool(THREADS);
        CompletionService<Boolean> running = new ExecutorCompletionService<>(threads);
        for (int thread = 0; thread < THREADS; thread++) {
            int number = thread;
            running.submit(() -> {
                new Worker(number, new Random(seed + number)).run(operations / THREADS);
                return true;
            });
        }
        for (int thread = 0; thread < THREADS; thread++) {
            running.take().get();
        }
        threads.shutdown();
    }

    private final class Worker {
        private final int number;
        private final Random random;
        private final String barrier;
        private long nonce;
        private StatefulRedisConnection<String, String> connection = connected();

        Worker(int number, Random random) {
            this.number = number;
            this.random = random;
            // Barriers are nobody's keys.
            barrier = "barrier:" + self + ":" + number;
        }

        void run(int operations) throws Exception {
            for (int i = 0; i < operations; i++) {
                int key = random.nextInt(KEYS);
                if (key % WRITERS == self && key / WRITERS % THREADS == number && random.nextInt(4) == 0) {
                    cache.put("" + key, versions.incrementAndGet(key));
                } else {
                    read("" + key);
                }
            }
        }

        private void read(String key) throws Exception {
            String there = beside(() -> commands().get("c:" + key));
            pass();
            long before = cache.stats().tier(MemoryTier.NAME).hits();
            Long value = cache.get(key);
            reads.incrementAndGet();
            if (cache.stats().tier(MemoryTier.NAME).hits() > before) {
                fromMemory.incrementAndGet();
            }
            if (there != null && value != null && value < Long.parseLong(there)) {
                throw new IllegalStateException("key " + key + ": read " + value + " after " + there);
            }
        }

        /// Waits until the cache has read what was written beside it just now.
        private void pass() throws Exception {
            long mine = ++nonce;
            beside(() -> commands().set("c:" + barrier, "" + mine));
            long startNs = System.nanoTime();
            for (Long seen = cache.get(barrier); seen == null || seen < mine; seen = cache.get(barrier)) {
                if (System.nanoTime() - startNs > NEVER.toNanos()) {
                    throw new IllegalStateException("the cache does not come back: " + cache.health());
                }
                Thread.onSpinWait();
            }
        }

        private RedisCommands<String, String> commands() {
            return connection.sync();
        }

        /// Does something on the connection beside the cache, which is cut as well now and then.
        private <T> T beside(Callable<T> work) throws Exception {
            while (true) {
                try {
                    return work.call();
                } catch (RedisException e) {
                    connection.close();
                    connection = connected();
                }
            }
        }

        private StatefulRedisConnection<String, String> connected() {
            while (true) {
                try {
                    return client.connect();
                } catch (RedisException e) {
                    Thread.onSpinWait();
                }
            }
        }
    }
}
