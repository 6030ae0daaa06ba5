package io.nuthatch.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import org.junit.jupiter.api.Test;

class LoadGeneratorTest {
    private static final long OWN_PID = ProcessHandle.current().pid();

    @Test
    void aFillReachesEveryKeyOnce() throws IOException {
        try (EchoServer server = new EchoServer(words -> "+OK\r\n")) {
            LoadGenerator.fill(server.port(), "SET key:{s} {v:64}", 10_000, 7, 10);
            assertThat(server.keys).hasSize(10_000).contains("key:000000000000", "key:000000009999");
            assertThat(server.requests).hasValue(10_000);
        }
    }

    @Test
    void aFillThatIsNoMultipleOfThePipelineStaysInItsRange() throws IOException {
        try (EchoServer server = new EchoServer(words -> "+OK\r\n")) {
            LoadGenerator.fill(server.port(), "SET key:{s} x", 1_001, 3, 64);
            assertThat(server.keys).hasSize(1_001).doesNotContain("key:000000001001");
        }
    }

    @Test
    void batchesLargerThanTheSocketTakesArriveWhole() throws IOException {
        try (EchoServer server = new EchoServer(words -> "$" + words[2].length() + "\r\n" + words[2] + "\r\n")) {
            LoadGenerator.fill(server.port(), "SET key:{s} {v:100000}", 200, 2, 50);
            assertThat(server.keys).hasSize(200);
            assertThat(server.requests).hasValue(200);
        }
    }

    @Test
    void aWindowOfTheLoadIsMeasured() throws IOException {
        try (EchoServer server = new EchoServer(words -> "$3\r\nabc\r\n");
                LoadGenerator load = LoadGenerator.start(plan(server, "get").withThreads(2))) {
            Sample sample = load.measure(300, OWN_PID);
            assertThat(sample.opsPerSecond()).isPositive();
            assertThat(sample.serverMicrosPerOp()).isPositive();
            assertThat(sample.clientMicrosPerOp()).isPositive().isLessThanOrEqualTo(sample.serverMicrosPerOp());
            assertThat(sample.p50Micros()).isPositive().isLessThanOrEqualTo(sample.p99Micros());
            assertThat(sample.p999Micros()).isLessThanOrEqualTo(sample.maxMicros());
            assertThat(load.replies()).isEqualTo(server.requests.get());
        }
    }

    @Test
    void theLoadMakesNoGarbageForEachRequest() throws IOException {
        try (EchoServer server = new EchoServer(words -> "+OK\r\n");
                LoadGenerator load = LoadGenerator.start(plan(server, "set"))) {
            while (load.replies() < 20_000) {
                Thread.onSpinWait();
            }
            assertThat(load.measure(500, OWN_PID).clientBytesPerOp()).isLessThan(1);
        }
    }

    @Test
    void anOpenLoopKeepsItsPace() throws IOException {
        try (EchoServer server = new EchoServer(words -> "+OK\r\n");
                LoadGenerator load = LoadGenerator.start(plan(server, "set").atPace(5_000))) {
            assertThat(load.measure(1_000, OWN_PID).opsPerSecond()).isBetween(3_000.0, 6_000.0);
        }
    }

    @Test
    void errorRepliesFailTheRun() throws IOException {
        try (EchoServer server = new EchoServer(words -> "-WRONGTYPE no\r\n")) {
            assertThatThrownBy(() -> LoadGenerator.fill(server.port(), "SET key:{s} x", 100, 1, 10))
                    .isInstanceOf(BenchFailure.class)
                    .hasMessage("100 error replies; one is: WRONGTYPE no");
        }
    }

    @Test
    void tooManyRepliesFailTheRun() throws IOException {
        try (EchoServer server = new EchoServer(words -> "+OK\r\n+OK\r\n")) {
            assertThatThrownBy(() -> LoadGenerator.fill(server.port(), "SET key:{s} x", 100, 1, 10))
                    .hasMessageContaining("more replies than requests");
        }
    }

    @Test
    void aServerThatClosesTheConnectionFailsTheRun() throws IOException {
        try (EchoServer server = new EchoServer(words -> {
            throw new StringIndexOutOfBoundsException("closes the connection");
        })) {
            assertThatThrownBy(() -> LoadGenerator.fill(server.port(), "SET key:{s} x", 100, 1, 10))
                    .isInstanceOf(BenchFailure.class);
        }
    }

    private static LoadPlan plan(EchoServer server, String workload) {
        return LoadPlan.closedLoop(server.port(), Workload.named(workload), 1_000, 4, 16);
    }
}
