package io.nuthatch.server;

import static org.assertj.core.api.Assertions.assertThat;

import io.nuthatch.engine.Config;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.Deque;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.BrokenBarrierException;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// Clients push, take, wait, move and run transactions over a few lists in different shards, from several event
/// loops, and note what each got and when it began and ended. Then an order of all that happened is searched for
/// that a single thread could have run with the same replies (Wing and Gong, 1993).
///
/// A command that waits happens twice: it *arrives*, and takes what is there or lines up; and it *ends*, with
/// what it has been given meanwhile, or with nothing, if it still stands in line. Between the two, every change
/// of a key gives to who came first. So the search finds no order if an element is lost or given twice, if
/// someone takes what belongs to a waiting client, or if a transaction is served from in its midst.
class HandOverTest {
    private static final int KEYS = 3;
    private static final int CLIENTS = 3;
    private static final int COMMANDS_OF_A_CLIENT = 5;
    private static final int ROUNDS = Boolean.getBoolean("nuthatch.long") ? 20_000 : 1_000;
    private static final String TIMEOUT_SECONDS = "0.002";

    /// What a client does. Lists are numbered.
    private sealed interface Command {
        record Push(int key, String value) implements Command {}

        record Pop(int key) implements Command {}

        record Range(int key) implements Command {}

        record Rename(int from, int to) implements Command {}

        record Move(int from, int to) implements Command {}

        /// RPUSH of one, LPOP of another, RPUSH of a third, as one.
        record Transaction(int first, String one, int second, int third, String other) implements Command {}

        record Wait(int key, int orElse) implements Command {}

        record WaitToMove(int from, int to) implements Command {}

        /// BLMOVEM of exactly two, keeping their order.
        record WaitToMoveTwo(int from, int to) implements Command {}
    }

    private record Event(int client, Command command, String reply, long began, long ended) {
        boolean waits() {
            return command instanceof Command.Wait
                    || command instanceof Command.WaitToMove
                    || command instanceof Command.WaitToMoveTwo;
        }
    }

    // ---- the model ------------------------------------------------------------------------------------------------

    /// What a single thread knows: the lists, who waits for them in order of arrival, and what those got.
    private static final class Model {
        private final List<Deque<String>> lists = new ArrayList<>();
        private final List<Event> waiting = new ArrayList<>();
        private final String[] given = new String[CLIENTS];
        private final Deque<Integer> ready = new ArrayDeque<>();

        Model() {
            for (int i = 0; i < KEYS; i++) {
                lists.add(new ArrayDeque<>());
            }
        }

        Model(Model other) {
            other.lists.forEach(list -> lists.add(new ArrayDeque<>(list)));
            waiting.addAll(other.waiting);
            System.arraycopy(other.given, 0, given, 0, CLIENTS);
        }

        /// Whether a command that does not wait replies so; or whether one that waits may arrive now.
        boolean arrives(Event event) {
            boolean fits = switch (event.command) {
                case Command.Push(int key, String value) -> event.reply.equals(push(key, value));
                case Command.Pop(int key) -> event.reply.equals(pop(key));
                case Command.Range(int key) -> event.reply.equals(lists.get(key).toString());
                case Command.Rename(int from, int to) -> event.reply.equals(rename(from, to));
                case Command.Move(int from, int to) -> event.reply.equals(move(from, to));
                case Command.Transaction(int first, String one, int second, int third, String other) ->
                    event.reply.equals("[" + push(first, one) + ", " + pop(second) + ", " + push(third, other) + "]");
                case Command.Wait wait -> {
                    if (!tryToTake(event, wait.key) && !tryToTake(event, wait.orElse)) {
                        waiting.add(event);
                    }
                    yield true;
                }
                case Command.WaitToMove wait -> {
                    if (!tryToTake(event, wait.from)) {
                        waiting.add(event);
                    }
                    yield true;
                }
                case Command.WaitToMoveTwo wait -> {
                    if (!tryToTake(event, wait.from)) {
                        waiting.add(event);
                    }
                    yield true;
                }
            };
            serve();
            return fits;
        }

        /// Whether a command that waits may end as it did.
        boolean ends(Event event) {
            if (event.reply.equals("nil")) {
                return waiting.remove(event);
            }
            boolean fits = event.reply.equals(given[event.client]);
            given[event.client] = null;
            return fits;
        }

        private String push(int key, String value) {
            lists.get(key).addLast(value);
            ready.add(key);
            return String.valueOf(lists.get(key).size());
        }

        private String pop(int key) {
            String value = lists.get(key).pollFirst();
            return value == null ? "nil" : value;
        }

        private String rename(int from, int to) {
            if (lists.get(from).isEmpty()) {
                return "ERR no such key";
            }
            lists.set(to, lists.get(from));
            lists.set(from, new ArrayDeque<>());
            ready.add(to);
            return "OK";
        }

        private String move(int from, int to) {
            String value = lists.get(from).pollFirst();
            if (value == null) {
                return "nil";
            }
            push(to, value);
            return value;
        }

        private void serve() {
            while (!ready.isEmpty()) {
                int key = ready.remove();
                for (Event each : List.copyOf(waiting)) {
                    if (waitsFor(each, key) && tryToTake(each, key)) {
                        waiting.remove(each);
                    }
                }
            }
        }

        private static boolean waitsFor(Event event, int key) {
            return switch (event.command) {
                case Command.Wait(int one, int other) -> key == one || key == other;
                case Command.WaitToMove(int from, int ignored) -> key == from;
                case Command.WaitToMoveTwo(int from, int ignored) -> key == from;
                default -> false;
            };
        }

        private boolean tryToTake(Event event, int key) {
            if (lists.get(key).size() < (event.command instanceof Command.WaitToMoveTwo ? 2 : 1)) {
                return false;
            }
            given[event.client] = switch (event.command) {
                case Command.WaitToMove(int ignored, int to) -> move(key, to);
                case Command.WaitToMoveTwo(int ignored, int to) -> "[" + move(key, to) + ", " + move(key, to) + "]";
                default -> "[" + key + ", " + pop(key) + "]";
            };
            return true;
        }

        @Override
        public String toString() {
            return lists + waiting.stream().map(Event::client).toList().toString() + Arrays.toString(given);
        }
    }

    /// Searches for an order. Bit `2 * i` of `done` says that the i-th event has happened, or arrived; the bit
    /// after it that it has ended.
    private static boolean hasAnOrder(List<Event> history, long done, Model model, Set<String> tried) {
        if (done == (1L << 2 * history.size()) - 1) {
            return true;
        }
        if (!tried.add(done + model.toString())) {
            return false;
        }
        long firstEnd = Long.MAX_VALUE;
        for (int i = 0; i < history.size(); i++) {
            if ((done >>> 2 * i & 3) != 3) {
                firstEnd = Math.min(firstEnd, history.get(i).ended);
            }
        }
        for (int i = 0; i < history.size(); i++) {
            Event event = history.get(i);
            long state = done >>> 2 * i & 3;
            Model next = new Model(model);
            if (state == 0 && event.began < firstEnd && next.arrives(event)) {
                long steps = event.waits() ? 1L : 3L;
                if (hasAnOrder(history, done | steps << 2 * i, next, tried)) {
                    return true;
                }
            } else if (state == 1 && next.ends(event) && hasAnOrder(history, done | 3L << 2 * i, next, tried)) {
                return true;
            }
        }
        return false;
    }

    private static boolean hasAnOrder(List<Event> history) {
        return hasAnOrder(history, 0, new Model(), new HashSet<>());
    }

    // ---- the server -----------------------------------------------------------------------------------------------

    private final AtomicLong ticks = new AtomicLong();
    private final AtomicLong values = new AtomicLong();

    private final class Client {
        private final int number;
        private final RespClient connection;
        private final Random random;

        Client(int number, int port, Random random) {
            this.number = number;
            this.connection = RespClient.connect(port);
            this.random = random;
        }

        Event run(int round) {
            Command command = draw();
            long began = ticks.incrementAndGet();
            String reply = text(send(command, round), round);
            return new Event(number, command, reply, began, ticks.incrementAndGet());
        }

        private Command draw() {
            int key = random.nextInt(KEYS);
            int other = (key + 1 + random.nextInt(KEYS - 1)) % KEYS;
            return switch (random.nextInt(16)) {
                case 0, 1, 2 -> new Command.Push(key, value());
                case 3 -> new Command.Pop(key);
                case 4 -> new Command.Range(key);
                case 5 -> new Command.Rename(key, other);
                case 6 -> new Command.Move(key, other);
                case 7, 8, 9 -> new Command.Transaction(key, value(), other, random.nextInt(KEYS), value());
                case 10, 11 -> new Command.Wait(key, other);
                case 12, 13 -> new Command.WaitToMoveTwo(key, other);
                default -> new Command.WaitToMove(key, other);
            };
        }

        private String value() {
            return "v" + values.incrementAndGet();
        }

        private Reply send(Command command, int round) {
            return switch (command) {
                case Command.Push(int key, String value) -> connection.call("RPUSH", name(key, round), value);
                case Command.Pop(int key) -> connection.call("LPOP", name(key, round));
                case Command.Range(int key) -> connection.call("LRANGE", name(key, round), "0", "-1");
                case Command.Rename(int from, int to) -> connection.call("RENAME", name(from, round), name(to, round));
                case Command.Move(int from, int to) ->
                    connection.call("LMOVE", name(from, round), name(to, round), "LEFT", "RIGHT");
                case Command.Transaction(int first, String one, int second, int third, String other) -> {
                    connection.call("MULTI");
                    connection.call("RPUSH", name(first, round), one);
                    connection.call("LPOP", name(second, round));
                    connection.call("RPUSH", name(third, round), other);
                    yield connection.call("EXEC");
                }
                case Command.Wait(int key, int orElse) ->
                    connection.call("BLPOP", name(key, round), name(orElse, round), TIMEOUT_SECONDS);
                case Command.WaitToMove(int from, int to) ->
                    connection.call("BLMOVE", name(from, round), name(to, round), "LEFT", "RIGHT", TIMEOUT_SECONDS);
                case Command.WaitToMoveTwo(int from, int to) ->
                    connection.call(
                            "BLMOVEM",
                            name(from, round),
                            name(to, round),
                            "LEFT",
                            "RIGHT",
                            TIMEOUT_SECONDS,
                            "EXACTLY",
                            "2",
                            "BULK");
            };
        }
    }

    private static String name(int key, int round) {
        return "list" + key + ":" + round;
    }

    /// A reply in the model's words: a list by its number.
    private static String text(Reply reply, int round) {
        return switch (reply) {
            case Reply.Simple(String text) -> text;
            case Reply.Failure(String text) -> text;
            case Reply.Int(long value) -> String.valueOf(value);
            case Reply.Bulk(String text) ->
                text.startsWith("list") && text.endsWith(":" + round) ? text.substring(4, 5) : text;
            case Reply.Nil ignored -> "nil";
            case Reply.Array(List<Reply> items) ->
                items.stream().map(item -> text(item, round)).toList().toString();
            default -> throw new IllegalStateException("unexpected: " + reply);
        };
    }

    @Test
    @Timeout(value = 10, unit = TimeUnit.MINUTES)
    void everyHistoryHasAnOrderThatOneThreadCouldHaveRun() throws InterruptedException {
        long seed = Long.getLong("nuthatch.seed", System.nanoTime());
        System.out.println("HandOverTest seed=" + seed);
        var config = new Config();
        config.set(Map.of("io-threads", String.valueOf(CLIENTS)));
        List<List<Event>> histories = new ArrayList<>();
        for (int round = 0; round < ROUNDS; round++) {
            histories.add(Collections.synchronizedList(new ArrayList<>()));
        }
        var faults = new ConcurrentLinkedQueue<Throwable>();
        try (InProcessNuthatch nuthatch = InProcessNuthatch.start(config)) {
            var start = new CyclicBarrier(CLIENTS);
            var threads = new ArrayList<Thread>();
            for (int i = 0; i < CLIENTS; i++) {
                var client = new Client(i, nuthatch.port(), new Random(seed + i));
                threads.add(Thread.ofPlatform()
                        .uncaughtExceptionHandler((thread, fault) -> faults.add(fault))
                        .start(() -> runRounds(client, start, histories)));
            }
            for (Thread thread : threads) {
                thread.join();
            }
        }
        assertThat(faults).isEmpty();
        for (List<Event> history : histories) {
            assertThat(hasAnOrder(history)).as("an order for %s", history).isTrue();
        }
        assertThat(histories.stream().flatMap(List::stream))
                .as("some have waited for what they got")
                .anyMatch(event -> event.waits() && !event.reply.equals("nil"));
    }

    private static void runRounds(Client client, CyclicBarrier start, List<List<Event>> histories) {
        try {
            for (int round = 0; round < ROUNDS; round++) {
                start.await();
                for (int i = 0; i < COMMANDS_OF_A_CLIENT; i++) {
                    histories.get(round).add(client.run(round));
                }
            }
        } catch (InterruptedException | BrokenBarrierException fault) {
            throw new IllegalStateException(fault);
        } finally {
            client.connection.close();
        }
    }

    // ---- the search itself ----------------------------------------------------------------------------------------

    private static Event event(int client, Command command, String reply, long began, long ended) {
        return new Event(client, command, reply, began, ended);
    }

    @Test
    void theSearchKnowsThatWhoWaitsComesFirst() {
        Event waits = event(0, new Command.Wait(0, 1), "[0, v1]", 1, 10);
        Event pushes = event(1, new Command.Push(0, "v1"), "1", 4, 5);
        assertThat(hasAnOrder(List.of(waits, pushes))).isTrue();
        assertThat(hasAnOrder(List.of(waits, pushes, event(2, new Command.Pop(0), "nil", 6, 7))))
                .isTrue();
        assertThat(hasAnOrder(List.of(waits, pushes, event(2, new Command.Pop(0), "v1", 6, 7))))
                .as("given twice")
                .isFalse();
        assertThat(hasAnOrder(List.of(event(0, new Command.Wait(0, 1), "nil", 1, 10), pushes)))
                .as("its time was up before")
                .isTrue();
        assertThat(hasAnOrder(List.of(
                        event(0, new Command.Wait(0, 1), "nil", 1, 3),
                        pushes,
                        event(2, new Command.Pop(0), "nil", 6, 7))))
                .as("lost")
                .isFalse();
    }

    @Test
    void theSearchKnowsThatATransactionIsOne() {
        Event waits = event(0, new Command.Wait(0, 0), "[0, v1]", 1, 10);
        Command takesBack = new Command.Transaction(0, "v1", 0, 1, "v2");
        assertThat(hasAnOrder(List.of(waits, event(1, takesBack, "[1, nil, 1]", 4, 5))))
                .as("served in its midst")
                .isFalse();
        assertThat(hasAnOrder(List.of(
                        event(0, new Command.Wait(0, 0), "nil", 1, 10), event(1, takesBack, "[1, v1, 1]", 4, 5))))
                .isTrue();
    }
}
