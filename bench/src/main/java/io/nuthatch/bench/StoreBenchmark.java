package io.nuthatch.bench;

import io.nuthatch.memory.Bytes;
import io.nuthatch.memory.Memory;
import io.nuthatch.store.Entry;
import io.nuthatch.store.Keyspace;
import io.nuthatch.store.StoreSettings;
import io.nuthatch.store.StringValue;
import io.nuthatch.store.Tx;
import java.nio.charset.StandardCharsets;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.NullUnmarked;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/// What reading and writing a random one of many strings costs in the store, its transaction included, for keys of 16
/// bytes and values of 64. With a million keys nearly every access misses the processor's caches: `readAhead`, which
/// touches the index and the records of 64 keys before it reads the first, shows how much of that overlaps.
///
/// The keys themselves are drawn before, in the order of their use.
@NullUnmarked
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(1)
@Warmup(iterations = 3, time = 2)
@Measurement(iterations = 5, time = 2)
public class StoreBenchmark {
    private static final int BATCH = 64;
    private static final int KEY_BYTES = 16;
    private static final int DRAWN = 1 << 20;
    private static final long NOW_MS = 1_700_000_000_000L;

    @Param({"1000000"})
    private int keys;

    private final SplittableRandom random = new SplittableRandom(1);
    private final Bytes key = new Bytes();
    private final Bytes counter = new Bytes();
    private final Bytes value = new Bytes();
    private final Bytes read = new Bytes();
    private final long[] hashes = new long[BATCH];
    private Keyspace keyspace;
    private Tx tx;
    private long drawnKeys;
    private int drawn;

    /// The process ends with the trial, so nothing is freed.
    @Setup(Level.Trial)
    public void fill() {
        keyspace = new Keyspace(1, 1, new StoreSettings());
        tx = keyspace.newTx(random);
        value.set(inMemory(Template.value(BATCH)), BATCH);
        counter.set(inMemory("counter:00000000"), KEY_BYTES);
        drawnKeys = Memory.allocate((long) DRAWN * KEY_BYTES);
        for (int i = 0; i < keys; i++) {
            writeKey(drawnKeys, i);
            key.set(drawnKeys, KEY_BYTES);
            begin(keyspace.hash(key));
            StringValue.set(tx, key, value, Tx.NO_DEADLINE);
            tx.end();
        }
        begin(keyspace.hash(counter));
        StringValue.setInteger(tx, counter, 0, Tx.NO_DEADLINE);
        tx.end();
        for (int i = 0; i < DRAWN; i++) {
            writeKey(drawnKeys + (long) i * KEY_BYTES, random.nextInt(keys));
        }
    }

    private static long inMemory(String text) {
        byte[] bytes = text.getBytes(StandardCharsets.US_ASCII);
        long address = Memory.allocate(bytes.length);
        Memory.copy(bytes, 0, address, bytes.length);
        return address;
    }

    private static void writeKey(long address, int number) {
        Memory.copy(String.format("key:%012d", number).getBytes(StandardCharsets.US_ASCII), 0, address, KEY_BYTES);
    }

    @Benchmark
    public long read() {
        return read(keyspace.hash(nextKey()));
    }

    @Benchmark
    @OperationsPerInvocation(BATCH)
    public long readAhead() {
        long sum = 0;
        int first = drawn;
        for (int i = 0; i < BATCH; i++) {
            hashes[i] = keyspace.hash(nextKey());
            sum += keyspace.touchIndex(0, hashes[i]);
        }
        for (int i = 0; i < BATCH; i++) {
            sum += keyspace.touchRecord(0, hashes[i]);
        }
        drawn = first;
        for (int i = 0; i < BATCH; i++) {
            nextKey();
            sum += read(hashes[i]);
        }
        return sum;
    }

    @Benchmark
    public void overwrite() {
        begin(keyspace.hash(nextKey()));
        StringValue.set(tx, key, value, Tx.NO_DEADLINE);
        tx.end();
    }

    @Benchmark
    public long increment() {
        begin(keyspace.hash(counter));
        Entry entry = tx.write(counter);
        long next = StringValue.integer(entry) + 1;
        StringValue.integer(entry, next);
        tx.end();
        return next;
    }

    private long read(long hash) {
        begin(hash);
        tx.know(key, hash);
        long length = StringValue.read(tx.read(key), read).length();
        tx.end();
        return length;
    }

    private void begin(long hash) {
        tx.begin(0, NOW_MS, true);
        tx.lock(1L << Keyspace.shardOf(hash));
    }

    private Bytes nextKey() {
        drawn = drawn + 1 & DRAWN - 1;
        return key.set(drawnKeys + (long) drawn * KEY_BYTES, KEY_BYTES);
    }
}
