package io.nuthatch.store;

import io.nuthatch.memory.Bytes;
import io.nuthatch.memory.Memory;
import io.nuthatch.memory.PagePool;
import io.nuthatch.memory.Slab;
import java.util.SplittableRandom;

/// Prints what an index costs: bytes an entry at sizes from ten thousand to ten million, and nanoseconds an
/// operation.
///
/// Run it without guards: `java -cp … io.nuthatch.store.IndexCost`. The blocks are as a keyspace's: 8 bytes of
/// header, a 16-byte key, 64 bytes of value.
public final class IndexCost {
    private static final long SEED = 0x5EED;
    private static final int KEY_BYTES = 16;
    private static final int BLOCK_BYTES = 88;
    private static final int BATCH = 16;

    private final Slab slab = new Slab();
    private final Index index = new Index(slab, new Index.Layout() {
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
        for (int size : new int[] {10_000, 100_000, 1_000_000, 10_000_000}) {
            new IndexCost().run(size);
        }
    }

    private void slabs() {
        long[] blocks = new long[100_000];
        SplittableRandom random = new SplittableRandom(1);
        for (int round = 0; round < 30; round++) {
            long start = System.nanoTime();
            for (int i = 0; i < blocks.length; i++) {
                blocks[i] = slab.allocate(BLOCK_BYTES);
            }
            long allocated = System.nanoTime();
            for (long block : blocks) {
                slab.free(block, BLOCK_BYTES);
            }
            long freed = System.nanoTime();
            if (round == 29) {
                print("slab allocate", allocated - start, blocks.length);
                print("slab free", freed - allocated, blocks.length);
            }
        }
        for (int i = 0; i < blocks.length; i++) {
            blocks[i] = slab.allocate(BLOCK_BYTES);
        }
        for (int round = 0; round < 30; round++) {
            long start = System.nanoTime();
            for (int i = 0; i < blocks.length; i++) {
                int at = random.nextInt(blocks.length);
                slab.free(blocks[at], BLOCK_BYTES);
                blocks[at] = slab.allocate(BLOCK_BYTES);
            }
            if (round == 29) {
                print("slab free and allocate, at random", System.nanoTime() - start, blocks.length);
            }
        }
        for (long block : blocks) {
            slab.free(block, BLOCK_BYTES);
        }
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
        print("insert", System.nanoTime() - start, size - growing);
        System.out.printf(
                "index bytes an entry: mean %.2f, worst %.2f; at the end %.2f; all: %.1f used, %.1f in pages%n",
                sum / samples,
                worst,
                (double) index.usedBytes() / size,
                (double) slab.usedBytes() / size,
                (double) slab.pageBytes() / size);
        int operations = 2_000_000;
        SplittableRandom random = new SplittableRandom(size);
        for (int round = 0; round < 4; round++) {
            start = System.nanoTime();
            for (int i = 0; i < operations; i++) {
                sink += find(name(random.nextInt(size), 0));
            }
            if (round == 3) {
                print("find", System.nanoTime() - start, operations);
            }
            start = System.nanoTime();
            for (int i = 0; i < operations; i++) {
                sink += find(name(size + random.nextInt(size), 0));
            }
            if (round == 3) {
                print("find what is absent", System.nanoTime() - start, operations);
            }
            start = System.nanoTime();
            for (int i = 0; i < operations; i += BATCH) {
                findBatch(random, size);
            }
            if (round == 3) {
                print("find, touched in batches of " + BATCH, System.nanoTime() - start, operations);
            }
            start = System.nanoTime();
            for (int i = 0; i < operations; i++) {
                sink += name(random.nextInt(size), 0);
            }
            if (round == 3) {
                print("(of which hash and key)", System.nanoTime() - start, operations);
            }
        }
        start = System.nanoTime();
        for (int i = 0; i < operations; i++) {
            int id = random.nextInt(size);
            long hash = name(id, 0);
            long block = find(hash);
            index.remove(hash, block);
            index.insert(hash, block);
        }
        print("find, remove and insert", System.nanoTime() - start, operations);
        start = System.nanoTime();
        index.drain(Integer.MAX_VALUE, block -> slab.free(block, BLOCK_BYTES));
        print("drain and free", System.nanoTime() - start, size);
        slab.close();
        System.out.println("pages in use: " + PagePool.inUseBytes() + ", sink " + (sink & 1));
    }

    private void findBatch(SplittableRandom random, int size) {
        for (int i = 0; i < BATCH; i++) {
            hashes[i] = name(random.nextInt(size), i);
            sink += index.touch(hashes[i]);
        }
        for (int i = 0; i < BATCH; i++) {
            sink += index.touchBlock(hashes[i]);
        }
        long keys = key.address();
        for (int i = 0; i < BATCH; i++) {
            sink += index.find(hashes[i], key.set(keys + i * KEY_BYTES, KEY_BYTES));
        }
        key.set(keys, KEY_BYTES);
    }

    private long find(long hash) {
        return index.find(hash, key);
    }

    /// Writes the key with this number and returns its hash.
    private long name(int id, int at) {
        long address = key.address() + at * KEY_BYTES;
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

    private static void print(String what, long nanos, int operations) {
        System.out.printf("%-40s %7.1f ns%n", what, (double) nanos / operations);
    }
}
