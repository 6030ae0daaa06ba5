package io.nuthatch.server;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// Clients that wait, beyond what a story can tell: many of them, those that go, those that send on, and the end
/// of the server.
@Timeout(value = 2, unit = TimeUnit.MINUTES)
class BlockingTest {
    private static final Pattern QUERY_BYTES = Pattern.compile("flags=b .* qbuf=(\\d+)");
    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final Reply PONG = new Reply.Simple("PONG");

    private InProcessNuthatch nuthatch;
    private RespClient steward;

    @BeforeEach
    void start() {
        nuthatch = InProcessNuthatch.start();
        steward = connect();
    }

    @AfterEach
    void stop() {
        steward.close();
        nuthatch.close();
    }

    private RespClient connect() {
        return RespClient.connect(nuthatch.port());
    }

    /// A client that has come to wait.
    private RespClient waiting(String... words) {
        int before = nuthatch.engine().waits().count();
        RespClient client = connect();
        client.queue(List.of(words));
        client.flush();
        awaitWaiting(before + 1);
        return client;
    }

    private void awaitWaiting(int count) {
        Awaitility.await()
                .atMost(PATIENCE)
                .pollInterval(Duration.ofMillis(1))
                .until(() -> nuthatch.engine().waits().count() == count);
    }

    private static Reply popped(String key, String element) {
        return new Reply.Array(List.of(new Reply.Bulk(key), new Reply.Bulk(element)));
    }

    @Test
    void aClientThatHasGoneGetsNothing() {
        RespClient pops = waiting("BLPOP", "a", "0");
        RespClient moves = waiting("BLMOVE", "a", "b", "LEFT", "RIGHT", "0");
        RespClient popsAny = waiting("BLPOP", "x", "a", "y", "100");
        List.of(pops, moves, popsAny).forEach(RespClient::close);
        awaitWaiting(0);
        steward.call("RPUSH", "a", "1");
        assertThat(steward.call("LRANGE", "a", "0", "-1")).isEqualTo(new Reply.Array(List.of(new Reply.Bulk("1"))));
        assertThat(nuthatch.engine().waits().keys()).isZero();
    }

    @Test
    void aClientThatSendsNoMoreGetsNothing() {
        try (RespClient half = waiting("BLPOP", "a", "0")) {
            half.finishSending();
            awaitWaiting(0);
            steward.call("RPUSH", "a", "1");
            assertThat(steward.call("LLEN", "a")).isEqualTo(new Reply.Int(1));
            assertThat(half.readRaw(1, 1)).isEqualTo(new RespClient.RawAnswer("", true));
        }
    }

    @Test
    void clientsAreServedInOrderOfArrivalHoweverMany() {
        var clients = new ArrayList<RespClient>();
        for (int i = 0; i < 500; i++) {
            clients.add(waiting("BLPOP", "a", "0"));
        }
        for (int i = 0; i < 100; i++) {
            // Those who go from the midst leave no gap.
            clients.remove(7 * i % 400).close();
        }
        awaitWaiting(400);
        var push = new ArrayList<>(List.of("RPUSH", "a"));
        for (int i = 0; i < 400; i++) {
            push.add(String.valueOf(i));
        }
        steward.call(push);
        for (int i = 0; i < 400; i++) {
            assertThat(clients.get(i).read()).isEqualTo(popped("a", String.valueOf(i)));
        }
        assertThat(steward.call("EXISTS", "a")).isEqualTo(new Reply.Int(0));
        clients.forEach(RespClient::close);
    }

    @Test
    void everyClientIsAnsweredWhenItsTimeIsUpAndNotBefore() {
        long seed = System.nanoTime();
        System.out.println("BlockingTest seed=" + seed);
        var random = new Random(seed);
        var clients = new ArrayList<RespClient>();
        var timeoutsMs = new ArrayList<Integer>();
        for (int i = 0; i < 300; i++) {
            timeoutsMs.add(500_000 + random.nextInt(500_000));
            clients.add(waiting("BLPOP", "a", "b" + i, timeoutsMs.get(i) / 1000.0 + ""));
        }
        for (int i = 0; i < 300; i += 3) {
            steward.call("RPUSH", "b" + i, "x");
            assertThat(clients.get(i).read()).isEqualTo(popped("b" + i, "x"));
        }
        nuthatch.letPass(Duration.ofSeconds(400));
        assertThat(nuthatch.engine().waits().count()).isEqualTo(200);
        nuthatch.letPass(Duration.ofSeconds(600));
        for (int i = 0; i < 300; i++) {
            if (i % 3 != 0) {
                assertThat(clients.get(i).read()).isEqualTo(new Reply.Nil("*-1"));
            }
        }
        awaitWaiting(0);
        assertThat(nuthatch.engine().waits().limited()).isZero();
        clients.forEach(RespClient::close);
    }

    @Test
    void timeIsUpToTheMillisecondButNeverBefore() {
        try (RespClient client = connect()) {
            long seed = System.nanoTime();
            System.out.println("BlockingTest seed=" + seed);
            var random = new Random(seed);
            for (int i = 0; i < 50; i++) {
                int timeoutMs = 1 + random.nextInt(30);
                long began = System.nanoTime();
                assertThat(client.call("BLPOP", "a", "0." + "%03d".formatted(timeoutMs)))
                        .isEqualTo(new Reply.Nil("*-1"));
                assertThat(System.nanoTime() - began).isGreaterThanOrEqualTo(timeoutMs * 1_000_000L);
            }
        }
    }

    @Test
    void aWaitingClientIsNotIdle() {
        steward.call("CONFIG", "SET", "timeout", "1");
        try (RespClient client = waiting("BLPOP", "a", "0")) {
            nuthatch.letPass(Duration.ofMillis(2_500));
            steward.close();
            steward = connect();
            steward.call("RPUSH", "a", "1");
            assertThat(client.read()).isEqualTo(popped("a", "1"));
        }
    }

    /// What it sends on stays in its own buffers and in those of the system.
    @Test
    void aClientThatSendsOnBehindAWaitIsReadLater() throws InterruptedException {
        int pings = 500_000;
        try (RespClient client = waiting("BLPOP", "a", "0")) {
            Thread sender = Thread.ofPlatform().start(() -> {
                for (int i = 0; i < pings / 10_000; i++) {
                    client.raw("*1\r\n$4\r\nPING\r\n".repeat(10_000));
                    client.flush();
                }
            });
            Awaitility.await().atMost(PATIENCE).until(() -> queryBytes() > 64 * 1024);
            assertThat(queryBytes()).isLessThan(256 * 1024);
            steward.call("RPUSH", "a", "1");
            assertThat(client.read()).isEqualTo(popped("a", "1"));
            for (int i = 0; i < pings; i++) {
                assertThat(client.read()).isEqualTo(PONG);
            }
            sender.join();
        }
    }

    private long queryBytes() {
        var found = QUERY_BYTES.matcher(((Reply.Bulk) steward.call("CLIENT", "LIST")).text());
        return found.find() ? Long.parseLong(found.group(1)) : 0;
    }

    @Test
    void aRequestThatIsNotWholeBehindAWaitIsFinishedLater() {
        try (RespClient client = waiting("BLPOP", "a", "0")) {
            client.raw("*2\r\n$4\r\nECHO\r\n$6\r\nhel");
            client.flush();
            Awaitility.await().atMost(PATIENCE).until(() -> queryBytes() > 20);
            client.raw("lo!\r\nECHO \"in line\"\r\nECHO 'and ");
            client.flush();
            steward.call("RPUSH", "a", "1");
            assertThat(client.read()).isEqualTo(popped("a", "1"));
            assertThat(client.read()).isEqualTo(new Reply.Bulk("hello!"));
            assertThat(client.read()).isEqualTo(new Reply.Bulk("in line"));
            client.raw("again'\r\n");
            client.flush();
            assertThat(client.read()).isEqualTo(new Reply.Bulk("and again"));
        }
    }

    /// Every list has a client of its own that waits and sends on; all of them come in one read.
    @Test
    void aBatchOfWaitsIsServedOneByOne() {
        try (RespClient client = connect()) {
            for (int i = 0; i < 200; i++) {
                client.queue(List.of("BLPOP", "a" + i, "0"));
                client.queue(List.of("RPUSH", "done", String.valueOf(i)));
            }
            client.flush();
            for (int i = 0; i < 200; i++) {
                awaitWaiting(1);
                steward.call("RPUSH", "a" + i, "x");
                assertThat(client.read()).isEqualTo(popped("a" + i, "x"));
                assertThat(client.read()).isEqualTo(new Reply.Int(i + 1));
            }
        }
    }

    @Test
    void aLargeReplyIsHandedOverWhole() {
        try (RespClient client = waiting("BLMPOP", "0", "1", "a", "LEFT", "COUNT", "1000")) {
            steward.queue(List.of("MULTI"));
            for (int i = 0; i < 100; i++) {
                steward.queue(List.of("RPUSH", "a", String.valueOf(i), "x".repeat(100_000 + i)));
            }
            steward.queue(List.of("EXEC"));
            steward.flush();
            for (int i = 0; i < 102; i++) {
                steward.read();
            }
            var elements = new ArrayList<Reply>();
            for (int i = 0; i < 100; i++) {
                elements.add(new Reply.Bulk(String.valueOf(i)));
                elements.add(new Reply.Bulk("x".repeat(100_000 + i)));
            }
            assertThat(client.read())
                    .isEqualTo(new Reply.Array(List.of(new Reply.Bulk("a"), new Reply.Array(elements))));
        }
    }

    /// The names of keys stand on the Java heap, which is small.
    @Test
    void noClientCanFillTheHeapWithNamesOfKeys() {
        Reply refusal = new Reply.Failure("ERR too many or too long keys are watched or waited for");
        var many = new ArrayList<>(List.of("BLPOP"));
        for (int i = 0; i < 1_000_000; i++) {
            many.add("k" + i);
        }
        many.add("0");
        assertThat(steward.call(many)).isEqualTo(refusal);
        many.set(0, "WATCH");
        assertThat(steward.call(many)).isEqualTo(refusal);
        steward.call("UNWATCH");
        String longest = "x".repeat(64 * 1024);
        assertThat(steward.call("BLPOP", longest + "x", "0")).isEqualTo(refusal);
        assertThat(steward.call("WATCH", longest + "x")).isEqualTo(refusal);
        assertThat(steward.call("RPUSH", longest + "x", "0")).isEqualTo(new Reply.Int(1));
        try (RespClient client = waiting("BLPOP", longest, "0")) {
            steward.call("RPUSH", longest, "1");
            assertThat(client.read()).isEqualTo(popped(longest, "1"));
        }
    }

    @Test
    void whatWasHandedOverIsSentBeforeTheServerStops() {
        var clients = new ArrayList<RespClient>();
        for (int i = 0; i < 200; i++) {
            clients.add(waiting("BLPOP", "a" + i, "0"));
        }
        for (int i = 0; i < 100; i++) {
            steward.queue(List.of("RPUSH", "a" + i, String.valueOf(i)));
        }
        steward.flush();
        for (int i = 0; i < 100; i++) {
            assertThat(steward.read()).isEqualTo(new Reply.Int(1));
        }
        nuthatch.close();
        for (int i = 0; i < 100; i++) {
            assertThat(clients.get(i).read()).isEqualTo(popped("a" + i, String.valueOf(i)));
        }
        for (RespClient client : clients) {
            assertThat(client.readRaw(1, 1)).isEqualTo(new RespClient.RawAnswer("", true));
            client.close();
        }
        steward.close();
        start();
    }

    @Test
    void aPauseHoldsManyClientsAndLetsThemGoOnInTheirOrder() {
        assertThat(steward.call("CLIENT", "PAUSE", "60000", "WRITE")).isEqualTo(new Reply.Simple("OK"));
        var clients = new ArrayList<RespClient>();
        for (int i = 0; i < 50; i++) {
            RespClient client = connect();
            clients.add(client);
            client.call("PING");
            for (int j = 0; j < 100; j++) {
                client.queue(List.of("RPUSH", "a" + i, String.valueOf(j)));
                client.raw("RPUSH a" + i + " \"in line " + j + "\"\r\n");
            }
            client.flush();
        }
        assertThat(steward.call("EXISTS", "a0")).isEqualTo(new Reply.Int(0));
        steward.call("CLIENT", "UNPAUSE");
        for (int i = 0; i < 50; i++) {
            for (int j = 0; j < 200; j++) {
                assertThat(clients.get(i).read()).isEqualTo(new Reply.Int(j + 1));
            }
        }
        for (int j = 0; j < 100; j++) {
            assertThat(steward.call("LPOP", "a7")).isEqualTo(new Reply.Bulk(String.valueOf(j)));
            assertThat(steward.call("LPOP", "a7")).isEqualTo(new Reply.Bulk("in line " + j));
        }
        clients.forEach(RespClient::close);
    }
}
