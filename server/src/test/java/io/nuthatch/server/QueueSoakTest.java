package io.nuthatch.server;

import static org.assertj.core.api.Assertions.assertThat;

import io.nuthatch.engine.Config;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// A queue as people build them: producers, consumers that wait, and an accident every few milliseconds. Every
/// element is counted.
///
/// There are three kinds of consumer. One moves elements to a list of its own (BLMOVE, BLMOVEM) and may die
/// whenever it likes: what it had not done is found there. One takes elements (BLPOP, BRPOP, BLMPOP) and is killed by
/// the server (CLIENT KILL): it reads to the end of the connection, and has got all that was taken for it. One hangs
/// up while it waits, and has queues for its kind alone: what was on its way to it then is lost, one pop for each
/// time, and nothing else.
class QueueSoakTest {
    private static final int QUEUES = 4;
    private static final int PRODUCERS = 3;
    private static final int CONSUMERS_OF_A_KIND = 3;
    private static final long ELEMENTS_OF_A_PRODUCER = Boolean.getBoolean("nuthatch.long") ? 500_000 : 15_000;
    private static final int BATCH = 5;

    private final ConcurrentHashMap<String, Integer> consumed = new ConcurrentHashMap<>();
    private final AtomicLong produced = new AtomicLong();
    private final AtomicLong producedFrail = new AtomicLong();
    private final AtomicLong hangUps = new AtomicLong();
    private final AtomicLong kills = new AtomicLong();
    private final AtomicBoolean consuming = new AtomicBoolean(true);
    private final ConcurrentLinkedQueue<Throwable> faults = new ConcurrentLinkedQueue<>();
    private final long seed = Long.getLong("nuthatch.seed", System.nanoTime());

    private InProcessNuthatch nuthatch;

    @Test
    @Timeout(value = 15, unit = TimeUnit.MINUTES)
    void everyElementIsConsumedOnce() throws InterruptedException {
        System.out.println("QueueSoakTest seed=" + seed);
        var config = new Config();
        config.set(Map.of("io-threads", "3"));
        nuthatch = InProcessNuthatch.start(config);
        try {
            soak();
            checkCounts();
        } finally {
            nuthatch.close();
        }
    }

    private void soak() throws InterruptedException {
        var producers = new ArrayList<Thread>();
        var consumers = new ArrayList<Thread>();
        for (int i = 0; i < PRODUCERS; i++) {
            int number = i;
            producers.add(start(() -> produce(number)));
        }
        for (int i = 0; i < CONSUMERS_OF_A_KIND; i++) {
            int number = i;
            consumers.add(start(() -> moveAndFinish(number)));
            consumers.add(start(() -> takeUntilKilled(number)));
            consumers.add(start(() -> takeAndHangUp(number)));
        }
        Thread killer = start(this::kill);
        for (Thread producer : producers) {
            producer.join();
        }
        consuming.set(false);
        for (Thread consumer : consumers) {
            consumer.join();
        }
        killer.join();
        assertThat(faults).isEmpty();
    }

    private Thread start(Runnable work) {
        return Thread.ofPlatform()
                .uncaughtExceptionHandler((thread, fault) -> faults.add(fault))
                .start(work);
    }

    private RespClient connect() {
        return RespClient.connect(nuthatch.port());
    }

    private static String queue(Random random) {
        return "queue" + random.nextInt(QUEUES);
    }

    private static String frailQueue(Random random) {
        return "frail" + random.nextInt(QUEUES);
    }

    /// Pushes one element, several, or some in a transaction over two queues.
    private void produce(int number) {
        var random = new Random(seed + number);
        try (RespClient client = connect()) {
            for (long next = 0; next < ELEMENTS_OF_A_PRODUCER; ) {
                boolean frail = random.nextInt(3) == 0;
                var elements = new ArrayList<String>();
                for (int i = random.nextInt(3); i >= 0; i--) {
                    elements.add((frail ? "f" : "") + number + ":" + next++);
                }
                String push = random.nextBoolean() ? "RPUSH" : "LPUSH";
                if (random.nextInt(4) == 0) {
                    client.call("MULTI");
                    elements.forEach(element -> client.call(push, frail ? frailQueue(random) : queue(random), element));
                    assertThat(client.call("EXEC")).isInstanceOf(Reply.Array.class);
                } else {
                    String queue = frail ? frailQueue(random) : queue(random);
                    assertThat(client.call(Recipe.words(push, queue, elements))).isInstanceOf(Reply.Int.class);
                }
                (frail ? producedFrail : produced).addAndGet(elements.size());
            }
        }
    }

    private void consumed(Reply reply) {
        switch (reply) {
            case Reply.Nil ignored -> {}
            case Reply.Bulk(String element) -> consumed.merge(element, 1, Integer::sum);
            case Reply.Array(List<Reply> items) -> {
                // The first is the queue.
                switch (items.getLast()) {
                    case Reply.Array(List<Reply> elements) -> elements.forEach(this::consumed);
                    default -> consumed(items.getLast());
                }
            }
            default -> throw new IllegalStateException("not an element: " + reply);
        }
    }

    /// Moves elements to a list of its own, deletes those that are done, and dies in between. Its successor finds
    /// what it had not done.
    private void moveAndFinish(int number) {
        var random = new Random(seed + 100 + number);
        String own = "doing" + number;
        while (consuming.get()) {
            try (RespClient client = connect()) {
                for (Reply left = client.call("LPOP", own);
                        left instanceof Reply.Bulk;
                        left = client.call("LPOP", own)) {
                    consumed(left);
                }
                for (int i = random.nextInt(50); i >= 0; i--) {
                    for (Reply moved : elements(client.call(move(random, own, "0.01")))) {
                        assertThat(client.call("LREM", own, "1", ((Reply.Bulk) moved).text()))
                                .isEqualTo(new Reply.Int(1));
                        consumed(moved);
                    }
                }
                client.queue(move(random, own, "0"));
                client.flush();
            }
        }
    }

    private static List<String> move(Random random, String to, String timeout) {
        List<String> move = List.of(queue(random), to, "LEFT", "RIGHT", timeout);
        return switch (random.nextInt(3)) {
            case 0 -> Recipe.words("BLMOVEM", move, "COUNT", String.valueOf(BATCH), "OBO");
            case 1 -> Recipe.words("BLMOVEM", move, "EXACTLY", "2", "BULK");
            default -> Recipe.words("BLMOVE", move);
        };
    }

    /// What has been moved: one element, several or none.
    private static List<Reply> elements(Reply reply) {
        return switch (reply) {
            case Reply.Bulk one -> List.of(one);
            case Reply.Array(List<Reply> several) -> several;
            default -> List.of();
        };
    }

    private static List<String> take(Random random) {
        return switch (random.nextInt(3)) {
            case 0 -> List.of("BLPOP", queue(random), queue(random), "0.01");
            case 1 -> List.of("BRPOP", queue(random), queue(random), queue(random), "0.01");
            default ->
                List.of("BLMPOP", "0.01", "2", queue(random), queue(random), "LEFT", "COUNT", String.valueOf(BATCH));
        };
    }

    /// Takes elements until someone kills it, and again.
    private void takeUntilKilled(int number) {
        var random = new Random(seed + 200 + number);
        while (consuming.get()) {
            try (RespClient client = connect()) {
                client.call("CLIENT", "SETNAME", "victim");
                while (consuming.get()) {
                    client.queue(take(random));
                    client.flush();
                    consumed(client.read());
                }
            } catch (UncheckedIOException killed) {
                // All that came before the end has been counted.
                kills.incrementAndGet();
            }
        }
    }

    /// Takes elements, and hangs up while it waits.
    private void takeAndHangUp(int number) {
        var random = new Random(seed + 300 + number);
        while (consuming.get()) {
            try (RespClient client = connect()) {
                for (int i = random.nextInt(50); i >= 0; i--) {
                    consumed(client.call("BLPOP", frailQueue(random), frailQueue(random), "0.01"));
                }
                client.queue(List.of("BLPOP", frailQueue(random), frailQueue(random), "0"));
                client.flush();
            }
            hangUps.incrementAndGet();
        }
    }

    private void kill() {
        var random = new Random(seed + 400);
        try (RespClient client = connect()) {
            while (consuming.get()) {
                String list = ((Reply.Bulk) client.call("CLIENT", "LIST")).text();
                List<String> victims = list.lines()
                        .filter(line -> line.contains(" name=victim "))
                        .toList();
                if (!victims.isEmpty()) {
                    String victim = victims.get(random.nextInt(victims.size()));
                    String id = victim.substring("id=".length(), victim.indexOf(' '));
                    client.call(
                            random.nextInt(3) == 0
                                    ? List.of("CLIENT", "UNBLOCK", id)
                                    : List.of("CLIENT", "KILL", "ID", id));
                }
            }
        }
    }

    private void checkCounts() {
        var left = new HashMap<String, Integer>();
        // What the last connections sent before they hung up is done when they are gone.
        Awaitility.await()
                .atMost(1, TimeUnit.MINUTES)
                .until(() -> nuthatch.engine().clients().count() == 0);
        try (RespClient client = connect()) {
            var keys = new ArrayList<String>();
            for (int i = 0; i < QUEUES; i++) {
                keys.add("queue" + i);
                keys.add("frail" + i);
            }
            for (int i = 0; i < CONSUMERS_OF_A_KIND; i++) {
                keys.add("doing" + i);
            }
            for (String key : keys) {
                for (Reply element : ((Reply.Array) client.call("LRANGE", key, "0", "-1")).items()) {
                    left.merge(((Reply.Bulk) element).text(), 1, Integer::sum);
                }
            }
        }
        long frail = frail(consumed) + frail(left);
        long others = consumed.size() + left.size() - frail;
        System.out.printf(
                "QueueSoakTest kills=%d produced=%d given=%d; hangUps=%d produced=%d given=%d%n",
                kills.get(), produced.get(), others, hangUps.get(), producedFrail.get(), frail);
        assertThat(consumed.values()).as("given twice").allMatch(count -> count == 1);
        assertThat(left.values()).as("there twice").allMatch(count -> count == 1);
        assertThat(left.keySet()).as("given and still there").noneMatch(consumed::containsKey);
        assertThat(others).isEqualTo(produced.get());
        assertThat(producedFrail.get() - frail).as("lost").isBetween(0L, hangUps.get());
        assertThat(kills.get()).isPositive();
        assertThat(others).isGreaterThan(1000);
    }

    private static long frail(Map<String, Integer> elements) {
        return elements.keySet().stream()
                .filter(element -> element.startsWith("f"))
                .count();
    }
}
