package io.nuthatch.bench;

import io.nuthatch.commands.HashCommands;
import io.nuthatch.commands.ListCommands;
import io.nuthatch.commands.SetCommands;
import io.nuthatch.commands.SortedSetCommands;
import io.nuthatch.commands.StringCommands;
import io.nuthatch.engine.Clock;
import io.nuthatch.engine.Config;
import io.nuthatch.engine.Engine;
import io.nuthatch.engine.Session;
import io.nuthatch.engine.Unconnected;
import io.nuthatch.engine.Worker;
import io.nuthatch.memory.Memory;
import io.nuthatch.resp.RespReader;
import io.nuthatch.resp.RespWriter;
import io.nuthatch.store.Keyspace;
import io.nuthatch.store.StoreSettings;
import java.util.List;
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

/// The whole route of a request without the network: a pipeline of 64 is read, its keys are fetched ahead, its
/// commands run, over a million keys unless it is told otherwise, its replies are written. What is missing to the
/// server's processor time in
/// `bench compare` is Netty's and the kernel's.
///
/// `requests` is what making the requests costs, to be taken off the rest.
@NullUnmarked
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(1)
@Warmup(iterations = 3, time = 2)
@Measurement(iterations = 5, time = 2)
public class EngineBenchmark {
    private static final int PIPELINE = Worker.BATCH;
    private static final long BULK_BYTES_MAX = 512L << 20;

    /// A workload of `bench compare`, by its name or written out.
    @Param({"get", "set", "incr"})
    private String name;

    @Param({"1000000"})
    private int keys;

    private final RespReader reader = new RespReader(BULK_BYTES_MAX);
    private final Replies replies = new Replies();
    private NativeBatch batch;
    private Engine engine;
    private Worker worker;
    private Session session;

    @Setup(Level.Trial)
    public void fill() {
        Config config = new Config();
        Keyspace keyspace = new Keyspace(1, 1, new StoreSettings());
        engine = new Engine(
                config,
                Clock.SYSTEM,
                keyspace,
                List.of(
                        StringCommands.family(),
                        ListCommands.family(),
                        HashCommands.family(),
                        SetCommands.family(),
                        SortedSetCommands.family()),
                List.of());
        worker = engine.newWorker(Runnable::run, new SplittableRandom(1));
        session = engine.connect(worker, new Unconnected("none"));
        Workload workload = Workload.named(name);
        if (!workload.fill().isEmpty()) {
            batch = new NativeBatch(
                    workload.fillWorkload().batches(PIPELINE, keys, 1).getFirst());
            for (int i = 0; i < keys; i += PIPELINE) {
                run();
            }
        }
        batch = new NativeBatch(workload.batches(PIPELINE, keys, 1).getFirst());
    }

    @Benchmark
    @OperationsPerInvocation(PIPELINE)
    public long run() {
        batch.renew();
        worker.beginBatch();
        reader.open(batch.address(), batch.end());
        for (int i = 0; i < PIPELINE; i++) {
            if (!reader.read(worker.call(i).request())) {
                throw new IllegalStateException("request missing: i=" + i);
            }
            engine.prepare(worker, worker.call(i));
        }
        engine.fetch(session);
        replies.begin();
        for (int i = 0; i < PIPELINE; i++) {
            engine.run(session, worker.call(i), replies);
        }
        return replies.position();
    }

    @Benchmark
    @OperationsPerInvocation(PIPELINE)
    public void requests() {
        batch.renew();
    }

    /// Replies that are written and go nowhere.
    private static final class Replies extends RespWriter {
        private static final int ROOM_BYTES = 1 << 20;

        Replies() {
            start = Memory.allocate(ROOM_BYTES);
            limit = start + ROOM_BYTES;
            begin();
        }

        void begin() {
            position = start;
        }

        long position() {
            return position;
        }

        @Override
        protected void moreRoom(long wantedBytes, boolean whole) {
            throw new IllegalStateException("no room for replies: wantedBytes=" + wantedBytes);
        }

        @Override
        protected long handedOnBytes() {
            return 0;
        }
    }
}
