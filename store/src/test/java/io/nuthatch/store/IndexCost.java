package io.nuthatch.store;

import io.nuthatch.memory.Bytes;
import io.nuthatch.memory.Lease;
import io.nuthatch.memory.Memory;
import io.nuthatch.memory.Slab;
import java.util.SplittableRandom;

/// Prints what an index costs: bytes an entry at sizes from ten thousand to ten million, and nanoseconds an operation.
///
/// Run it without guards: `java -cp … io.nuthatch.store.IndexCost`. The blocks are as a keyspace's: 8 bytes of
/// header, a 16-byte key, 64 bytes of value.
public final class IndexCost {
    private static final long SEED = 0x5EED;
    private static final int KEY_BYTES = 16;
    private static final int BLOCK_BYTES = 88;
    private static final int BATCH = 16;
    private static final int OPERATIONS = 200_000;

    private final Slab slab = new Slab();
    private final Index index = new Index(new Lease(slab), new Index.Layout() {
        @Override
        public long hash(long block) {
            return Hash.of(block + 8, KEY_BYTES, SEED);
        }

        @Override
        public boolean holds(long block, long keyAddress, int keyLength) {
            return keyLength == KEY_BYTES && Memory.equal(block + 8, keyAddress, keyLength);
        }
    });
    private final Bytes key = new Bytes().set(Memory.allocateForever(KEY_BYTES * BATCH), KEY_BYTES);
    private final long[] hashes = new long[BATCH];
    private long sink;

    private IndexCost() {}

    public static void main(String[] args) {
        new IndexCost().slabs();
        new IndexCost().slabs();
        for (int size : new int[] {10_000, 100_000, 1_000_000, 10_000_000}) {
            new IndexCost().run(size);
        }
    }

    private void slabs() {
        long[] blocks = new long[1_000];
        time("slab: allocate 1000, free 1000", 2 * blocks.length, () -> {
            for (int i = 0; i < blocks.length; i++) {
                blocks[i] = slab.allocate(BLOCK_BYTES);
            }
            for (long block : blocks) {
                slab.free(block, BLOCK_BYTES);
            }
        });
        time("malloc: allocate 1000, free 1000", 2 * blocks.length, () -> {
            for (int i = 0; i < blocks.length; i++) {
                blocks[i] = Memory.allocate(BLOCK_BYTES);
            }
            for (long block : blocks) {
                Memory.free(block, BLOCK_BYTES);
            }
        });
        slab.close();
    }

    private void run(int size) {
        System.out.println("--- " + size + " entries");
        int growing = size * 7 / 10;
        for (int id = 0; id < growing; id++) {
            insert(id);
        }
        double worst = 0;
        double sum = 0;
        long start = System.nanoTime();
        int samples = 0;
        for (int id = growing; id < size; id++) {
            insert(id);
            if (id % 1024 == 0) {
                double cost = (double) index.usedBytes() / index.size();
                worst = Math.max(worst, cost);
                sum += cost;
                samples++;
            }
        }
        System.out.printf("%-40s %7.1f ns%n", "insert", (System.nanoTime() - start) / (double) (size - growing));
        System.out.printf(
                "index bytes an entry: mean %.2f, worst %.2f; all: %.1f used, %.1f in pages%n",
                sum / samples, worst, (double) slab.usedBytes() / size, (double) slab.pageBytes() / size);
        SplittableRandom random = new SplittableRandom(size);
        time("name and hash", OPERATIONS, () -> {
            for (int i = 0; i < OPERATIONS; i++) {
                sink += name(random.nextInt(size), 0);
            }
        });
        time("+ find", OPERATIONS, () -> {
            for (int i = 0; i < OPERATIONS; i++) {
                sink += find(name(random.nextInt(size), 0));
            }
        });
        time("+ find what is absent", OPERATIONS, () -> {
            for (int i = 0; i < OPERATIONS; i++) {
                sink += find(name(size + random.nextInt(size), 0));
            }
        });
        time("+ find, touched in batches of " + BATCH, OPERATIONS, () -> {
            for (int i = 0; i < OPERATIONS; i += BATCH) {
                findBatch(random, size);
            }
        });
        time("+ find, remove and insert", OPERATIONS, () -> {
            for (int i = 0; i < OPERATIONS; i++) {
                long hash = name(random.nextInt(size), 0);
                long block = find(hash);
                index.remove(hash, block);
                index.insert(hash, block);
            }
        });
        start = System.nanoTime();
        index.drain(Integer.MAX_VALUE, block -> slab.free(block, BLOCK_BYTES));
        System.out.printf("%-40s %7.1f ns%n", "drain and free", (System.nanoTime() - start) / (double) size);
        slab.close();
    }

    private void findBatch(SplittableRandom random, int size) {
        long sum = 0;
        for (int i = 0; i < BATCH; i++) {
            hashes[i] = name(random.nextInt(size), i);
        }
        for (int i = 0; i < BATCH; i++) {
            sum += index.touch(hashes[i]);
        }
        for (int i = 0; i < BATCH; i++) {
            sum += index.touchBlock(hashes[i]);
        }
        long keys = key.address();
        for (int i = 0; i < BATCH; i++) {
            sum += index.find(hashes[i], key.set(keys + (long) i * KEY_BYTES, KEY_BYTES));
        }
        key.set(keys, KEY_BYTES);
        sink += sum;
    }

    private long find(long hash) {
        return index.find(hash, key);
    }

    /// Writes the key with this number and returns its hash.
    private long name(int id, int at) {
        long address = key.address() + (long) at * KEY_BYTES;
        Memory.putLong(address, 0x3A79656B_6B65793AL);
        Memory.putLong(address + 8, id * 0x9E3779B97F4A7C15L);
        return Hash.of(address, KEY_BYTES, SEED);
    }

    private void insert(int id) {
        long hash = name(id, 0);
        long block = slab.allocate(BLOCK_BYTES);
        Memory.copy(key.address(), block + 8, KEY_BYTES);
        index.insert(hash, block);
    }

    /// The best of some rounds: other work on the machine only ever adds.
    private static void time(String what, int operations, Runnable round) {
        long best = Long.MAX_VALUE;
        for (int i = 0; i < 20; i++) {
            long start = System.nanoTime();
            round.run();
            best = Math.min(best, System.nanoTime() - start);
        }
        System.out.printf("%-40s %7.1f ns%n", what, (double) best / operations);
    }
}
