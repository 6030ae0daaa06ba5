package io.nuthatch.bench;

import io.nuthatch.resp.Request;
import io.nuthatch.resp.RespReader;
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
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/// What it costs to find the words of one request, out of a pipeline of 64 that has come in one piece, and out of the
/// same pipeline cut in the middle of a request.
@NullUnmarked
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(1)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
public class RespReaderBenchmark {
    private static final int PIPELINE = 64;
    private static final long BULK_BYTES_MAX = 512L << 20;

    /// A workload of `bench compare`.
    @Param({"get", "set", "mset"})
    private String workload;

    private final RespReader reader = new RespReader(BULK_BYTES_MAX);
    private final Request request = new Request();
    private NativeBatch batch;

    @Setup(Level.Trial)
    public void encode() {
        batch = new NativeBatch(
                Workload.named(workload).batches(PIPELINE, 1_000_000, 1).getFirst());
    }

    @TearDown(Level.Trial)
    public void free() {
        batch.close();
    }

    @Benchmark
    @OperationsPerInvocation(PIPELINE)
    public long whole() {
        reader.open(batch.address(), batch.end());
        return readAll();
    }

    @Benchmark
    @OperationsPerInvocation(PIPELINE)
    public long inTwoPieces() {
        reader.open(batch.address(), (batch.address() + batch.end()) / 2);
        long sum = readAll();
        reader.open(reader.position(), batch.end(), request);
        return sum + readAll();
    }

    private long readAll() {
        long sum = 0;
        while (reader.read(request)) {
            sum += request.word(request.count() - 1).address();
        }
        return sum;
    }
}
