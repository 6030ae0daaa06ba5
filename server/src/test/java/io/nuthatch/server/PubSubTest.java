package io.nuthatch.server;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.AfterParameterizedClassInvocation;
import org.junit.jupiter.params.BeforeParameterizedClassInvocation;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

/// What a story cannot tell of Pub/Sub: many subscribers, many patterns, and those that do not read. Held against
/// Redis too.
@ParameterizedClass
@EnumSource(ServerKind.class)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class PubSubTest {
    private static final Duration PATIENCE = Duration.ofSeconds(20);

    @Parameter
    private ServerKind kind;

    private ServerUnderTest server;
    private RespClient steward;

    @BeforeParameterizedClassInvocation
    void start() {
        server = kind.start();
        steward = RespClient.connect(server.port());
    }

    @AfterParameterizedClassInvocation
    void stop() {
        steward.close();
        server.close();
    }

    private RespClient subscriber(String... words) {
        RespClient client = RespClient.connect(server.port());
        client.call(words);
        return client;
    }

    private static String text(Reply reply, int index) {
        return ((Reply.Bulk) ((Reply.Array) reply).items().get(index)).text();
    }

    private String info(String field) {
        String info = ((Reply.Bulk) steward.call("INFO", "stats")).text();
        return info.lines()
                .filter(line -> line.startsWith(field + ":"))
                .map(line -> line.substring(field.length() + 1))
                .findFirst()
                .orElse("");
    }

    private void awaitNobody() {
        Awaitility.await()
                .atMost(PATIENCE)
                .until(() -> steward.call("PUBSUB", "CHANNELS").equals(new Reply.Array(List.of())));
    }

    @Test
    void everySubscriberGetsEveryMessageInTheOrderOfItsPublisher() throws Exception {
        int publishers = 4;
        int messages = 1_000;
        var subscribers = new ArrayList<RespClient>();
        for (int i = 0; i < 20; i++) {
            subscribers.add(subscriber("SUBSCRIBE", "news"));
        }
        try (ExecutorService threads = Executors.newCachedThreadPool()) {
            var publishing = new ArrayList<Future<?>>();
            for (int p = 0; p < publishers; p++) {
                int publisher = p;
                publishing.add(threads.submit(() -> publish(publisher, messages, subscribers.size())));
            }
            var reading = new ArrayList<Future<?>>();
            for (RespClient each : subscribers) {
                reading.add(threads.submit(() -> expectInOrder(each, publishers, messages)));
            }
            for (Future<?> each : publishing) {
                each.get();
            }
            for (Future<?> each : reading) {
                each.get();
            }
        }
        subscribers.forEach(RespClient::close);
        awaitNobody();
    }

    private void publish(int publisher, int messages, int subscribers) {
        try (RespClient client = RespClient.connect(server.port())) {
            for (int i = 0; i < messages; i++) {
                client.queue(List.of("PUBLISH", "news", publisher + " " + i));
            }
            client.flush();
            for (int i = 0; i < messages; i++) {
                assertThat(client.read()).isEqualTo(new Reply.Int(subscribers));
            }
        }
    }

    private static void expectInOrder(RespClient subscriber, int publishers, int messages) {
        Map<String, Integer> next = new HashMap<>();
        for (int i = 0; i < publishers * messages; i++) {
            String[] message = text(subscriber.read(), 2).split(" ");
            int expected = next.merge(message[0], 1, Integer::sum) - 1;
            assertThat(message[1]).isEqualTo(String.valueOf(expected));
        }
    }

    @Test
    void whoHasTheReplyToPublishKnowsThatTheOthersHearOfItFirst() {
        try (RespClient subscriber = RespClient.connect(server.port())) {
            subscriber.call("HELLO", "3");
            subscriber.queue(List.of("SUBSCRIBE", "news"));
            subscriber.flush();
            subscriber.readAnything();
            for (int i = 0; i < 2_000; i++) {
                steward.call("PUBLISH", "news", String.valueOf(i));
                subscriber.queue(List.of("PING"));
                subscriber.flush();
                assertThat(subscriber.readAnything()).isInstanceOf(Reply.Push.class);
                assertThat(subscriber.readAnything()).isEqualTo(new Reply.Simple("PONG"));
            }
        }
        awaitNobody();
    }

    @Test
    void tenThousandPatternsAreMatched() {
        int patterns = 10_000;
        try (RespClient subscriber = RespClient.connect(server.port())) {
            for (int i = 0; i < patterns; i++) {
                subscriber.queue(List.of("PSUBSCRIBE", "user:" + i + ":*"));
            }
            subscriber.queue(List.of("PSUBSCRIBE", "*:77:x"));
            subscriber.flush();
            for (int i = 0; i <= patterns; i++) {
                subscriber.read();
            }
            assertThat(steward.call("PUBSUB", "NUMPAT")).isEqualTo(new Reply.Int(patterns + 1));
            for (int i = 0; i < patterns; i++) {
                steward.queue(List.of("PUBLISH", "user:" + i + ":x", "hello"));
            }
            steward.flush();
            for (int i = 0; i < patterns; i++) {
                assertThat(steward.read()).isEqualTo(new Reply.Int(i == 77 ? 2 : 1));
            }
            for (int i = 0; i <= patterns; i++) {
                assertThat(text(subscriber.read(), 3)).isEqualTo("hello");
            }
            subscriber.queue(List.of("PUNSUBSCRIBE"));
            subscriber.flush();
            for (int i = 0; i <= patterns; i++) {
                subscriber.read();
            }
            assertThat(steward.call("PUBSUB", "NUMPAT")).isEqualTo(new Reply.Int(0));
            assertThat(steward.call("PUBLISH", "user:1:x", "hello")).isEqualTo(new Reply.Int(0));
        }
    }

    @Test
    void aSubscriberThatNeverReadsIsClosedAtItsLimitAndNobodyElseIs() throws ExecutionException, InterruptedException {
        int messages = 400;
        String message = "x".repeat(100_000);
        steward.call("CONFIG", "SET", "client-output-buffer-limit", "pubsub 8mb 0 0");
        String before = info("client_output_buffer_limit_disconnections");
        try (RespClient sleeper = subscriber("SUBSCRIBE", "news");
                RespClient reader = subscriber("SUBSCRIBE", "news");
                ExecutorService threads = Executors.newCachedThreadPool()) {
            Future<?> reading = threads.submit(() -> {
                for (int i = 0; i < messages; i++) {
                    assertThat(text(reader.read(), 2)).hasSize(message.length());
                }
            });
            for (int i = 0; i < messages; i++) {
                steward.call("PUBLISH", "news", message);
            }
            reading.get();
            assertThat(steward.call("PUBSUB", "NUMSUB", "news"))
                    .isEqualTo(new Reply.Array(List.of(new Reply.Bulk("news"), new Reply.Int(1))));
            if (kind == ServerKind.NUTHATCH) {
                assertThat(Long.parseLong(info("client_output_buffer_limit_disconnections")))
                        .isEqualTo(Long.parseLong(before) + 1);
            }
            assertThat(sleeper.readRaw(Integer.MAX_VALUE, 1).closed()).isTrue();
        } finally {
            steward.call("CONFIG", "SET", "client-output-buffer-limit", "pubsub 32mb 8mb 60");
        }
        awaitNobody();
    }

    @Test
    void aSubscriberOfManySmallMessagesThatNeverReadsIsClosedAtItsLimit() {
        steward.call("CONFIG", "SET", "client-output-buffer-limit", "pubsub 4mb 0 0");
        try (RespClient sleeper = subscriber("SUBSCRIBE", "news")) {
            int published = 0;
            while (steward.call("PUBLISH", "news", "0123456789").equals(new Reply.Int(1))) {
                for (int i = 0; i < 1_000; i++) {
                    steward.queue(List.of("PUBLISH", "news", "0123456789"));
                }
                steward.flush();
                for (int i = 0; i < 1_000; i++) {
                    steward.read();
                }
                published += 1_001;
                assertThat(published).as("messages of 40 bytes").isLessThan(1_000_000);
            }
            assertThat(sleeper.readRaw(Integer.MAX_VALUE, 1).closed()).isTrue();
        } finally {
            steward.call("CONFIG", "SET", "client-output-buffer-limit", "pubsub 32mb 8mb 60");
        }
        awaitNobody();
    }

    @Test
    void longMessagesReachEveryoneWhole() {
        String message = "0123456789".repeat(300_000);
        try (RespClient one = subscriber("SUBSCRIBE", "news");
                RespClient other = subscriber("PSUBSCRIBE", "n*");
                RespClient third = RespClient.connect(server.port())) {
            third.call("HELLO", "3");
            third.queue(List.of("SUBSCRIBE", "news"));
            third.flush();
            third.readAnything();
            for (int i = 0; i < 3; i++) {
                assertThat(steward.call("PUBLISH", "news", message + i)).isEqualTo(new Reply.Int(3));
            }
            for (int i = 0; i < 3; i++) {
                assertThat(text(one.read(), 2)).isEqualTo(message + i);
                assertThat(text(other.read(), 3)).isEqualTo(message + i);
                assertThat(third.readAnything())
                        .isEqualTo(new Reply.Push(List.of(
                                new Reply.Bulk("message"), new Reply.Bulk("news"), new Reply.Bulk(message + i))));
            }
        }
        awaitNobody();
    }

    @Test
    void whatWouldFillTheHeapIsRefused() {
        Assumptions.assumeTrue(kind == ServerKind.NUTHATCH, "Redis has no such bounds");
        String longName = "x".repeat((64 << 10) + 1);
        try (RespClient client = RespClient.connect(server.port())) {
            client.call("HELLO", "3");
            assertThat(client.call("SUBSCRIBE", longName))
                    .isEqualTo(new Reply.Failure("ERR too many or too long channels and patterns are subscribed to"));
            assertThat(client.call("PUBLISH", "news", "x".repeat(8 << 20)))
                    .isEqualTo(new Reply.Failure("ERR the message is too long"));
            assertThat(client.call("CLIENT", "TRACKING", "ON", "BCAST", "PREFIX", longName))
                    .isEqualTo(new Reply.Failure("ERR the prefix is too long"));
            assertThat(client.call("KEYS", "x".repeat((1 << 20) + 1)))
                    .isEqualTo(new Reply.Failure("ERR the pattern is too long"));
        }
    }

    @Test
    void aTransactionOfMoreThanThereIsRoomForClosesThoseWhoMissSomethingAndNobodyElse() {
        Assumptions.assumeTrue(kind == ServerKind.NUTHATCH, "Redis has no such bounds");
        String message = "x".repeat(4 << 20);
        try (RespClient listener = subscriber("SUBSCRIBE", "news")) {
            steward.call("MULTI");
            for (int i = 0; i < 40; i++) {
                steward.call("PUBLISH", "news", message);
            }
            assertThat(((Reply.Array) steward.call("EXEC")).items()).hasSize(40).containsOnly(new Reply.Int(1));
            assertThat(listener.readRaw(Integer.MAX_VALUE, 1).closed()).isTrue();
        }
        awaitNobody();
        assertThat(steward.call("PING")).isEqualTo(new Reply.Simple("PONG"));
    }
}
