package io.nuthatch.store;

import static org.assertj.core.api.Assertions.assertThat;

import io.nuthatch.memory.Bytes;
import io.nuthatch.memory.Memory;
import io.nuthatch.memory.testing.GuardedMemory;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;

/// Threads run commands over a few keys in many shards, and note what each answered and when it began and ended.
/// Then an order of all commands is searched for that a single thread could have run with the same answers, and in
/// which no command comes before one that had ended before it began (Wing and Gong, 1993; with Lowe's memory of
/// what has been tried).
@ExtendWith(GuardedMemory.class)
class LinearizabilityTest {
    private static final int DATABASES = 2;
    private static final int KEYS = 4;
    private static final int THREADS = 3;
    private static final int COMMANDS_OF_A_THREAD = 6;
    private static final int ROUNDS = Boolean.getBoolean("nuthatch.long") ? 20_000 : 1000;
    private static final int LONGEST_VALUE_BYTES = 6000;

    /// What a command does to a plain store: slot `database * KEYS + key` has a number, or 0 for no key.
    private sealed interface Command {
        record Read(int db, List<Integer> keys) implements Command {}

        record Write(int db, List<Integer> keys, int value) implements Command {}

        record Delete(int db, int key) implements Command {}

        record Rename(int db, int from, int to) implements Command {}

        record Move(int key) implements Command {}

        record Swap() implements Command {}

        record Flush(int db) implements Command {}
    }

    private record Event(Command command, String answer, long began, long ended) {}

    private final Keyspace keyspace = new Keyspace(DATABASES, 42, new StoreSettings());
    private final AtomicLong ticks = new AtomicLong();

    @AfterEach
    void givesAllMemoryBack() {
        keyspace.close();
    }

    // ---- the model ------------------------------------------------------------------------------------------

    private static String apply(Command command, int[] state) {
        return switch (command) {
            case Command.Read(int db, List<Integer> keys) ->
                keys.stream().map(key -> state[db * KEYS + key]).toList().toString();
            case Command.Write(int db, List<Integer> keys, int value) -> {
                for (int key : keys) {
                    state[db * KEYS + key] = value;
                }
                yield "OK";
            }
            case Command.Delete(int db, int key) -> take(state, db * KEYS + key) == 0 ? "none" : "OK";
            case Command.Rename(int db, int from, int to) -> transfer(state, db * KEYS + from, db * KEYS + to);
            case Command.Move(int key) -> state[KEYS + key] != 0 ? "none" : transfer(state, key, KEYS + key);
            case Command.Swap() -> {
                for (int key = 0; key < KEYS; key++) {
                    int value = state[key];
                    state[key] = state[KEYS + key];
                    state[KEYS + key] = value;
                }
                yield "OK";
            }
            case Command.Flush(int db) -> {
                int gone = 0;
                for (int key = 0; key < KEYS; key++) {
                    gone += take(state, db * KEYS + key) == 0 ? 0 : 1;
                }
                yield Integer.toString(gone);
            }
        };
    }

    private static int take(int[] state, int slot) {
        int value = state[slot];
        state[slot] = 0;
        return value;
    }

    private static String transfer(int[] state, int from, int to) {
        int value = take(state, from);
        if (value == 0) {
            return "none";
        }
        state[to] = value;
        return "OK";
    }

    private static boolean hasAnOrder(List<Event> history) {
        return hasAnOrder(history, 0, new int[DATABASES * KEYS], new HashSet<>());
    }

    private static boolean hasAnOrder(List<Event> history, long done, int[] state, Set<String> tried) {
        if (done == (1L << history.size()) - 1) {
            return true;
        }
        if (!tried.add(done + Arrays.toString(state))) {
            return false;
        }
        long firstEnd = Long.MAX_VALUE;
        for (int i = 0; i < history.size(); i++) {
            firstEnd = (done & 1L << i) == 0 ? Math.min(firstEnd, history.get(i).ended) : firstEnd;
        }
        for (int i = 0; i < history.size(); i++) {
            Event event = history.get(i);
            if ((done & 1L << i) == 0 && event.began < firstEnd) {
                int[] next = state.clone();
                if (apply(event.command, next).equals(event.answer)
                        && hasAnOrder(history, done | 1L << i, next, tried)) {
                    return true;
                }
            }
        }
        return false;
    }

    // ---- the store ------------------------------------------------------------------------------------------

    private final class Client {
        private final Random random;
        private final Tx tx;
        private final Bytes value = new Bytes();
        private final long buffer = Memory.allocate(LONGEST_VALUE_BYTES);
        private final Bytes[] keys = new Bytes[KEYS];

        Client(Random random) {
            this.random = random;
            tx = keyspace.newTx(random);
            for (int key = 0; key < KEYS; key++) {
                byte[] name = ("key" + key).getBytes(StandardCharsets.US_ASCII);
                long address = Memory.allocate(name.length);
                Memory.copy(name, 0, address, name.length);
                keys[key] = new Bytes().set(address, name.length);
            }
        }

        void close() {
            Memory.free(buffer, LONGEST_VALUE_BYTES);
            for (Bytes key : keys) {
                Memory.free(key.address(), key.length());
            }
        }

        Event run(Command command) {
            long began = ticks.incrementAndGet();
            String answer;
            try {
                answer = answer(command);
            } finally {
                tx.end();
            }
            return new Event(command, answer, began, ticks.incrementAndGet());
        }

        private void begin(int db, List<Integer> its) {
            long shards = 0;
            for (int key : its) {
                shards |= 1L << Keyspace.shardOf(keyspace.hash(keys[key]));
            }
            tx.begin(db, 0, true).lock(shards);
            // Others come and wait for these shards, in the midst of what they do.
            for (int i = random.nextInt(3); i > 0; i--) {
                Thread.yield();
            }
        }

        private String answer(Command command) {
            return switch (command) {
                case Command.Read(int db, List<Integer> its) -> {
                    begin(db, its);
                    yield its.stream().map(key -> valueOf(keys[key])).toList().toString();
                }
                case Command.Write(int db, List<Integer> its, int number) -> {
                    begin(db, its);
                    for (int key : its) {
                        StringValue.set(tx, keys[key], valueFor(number), number % 2 == 0 ? 1_000_000 : Tx.NO_DEADLINE);
                    }
                    yield "OK";
                }
                case Command.Delete(int db, int key) -> {
                    begin(db, List.of(key));
                    Entry entry = tx.find(keys[key]);
                    if (entry == null) {
                        yield "none";
                    }
                    entry.delete();
                    yield "OK";
                }
                case Command.Rename(int db, int from, int to) -> {
                    begin(db, List.of(from, to));
                    Entry entry = tx.find(keys[from]);
                    if (entry == null) {
                        yield "none";
                    }
                    tx.rename(entry, keys[to]);
                    yield "OK";
                }
                case Command.Move(int key) -> {
                    begin(0, List.of(key));
                    Entry entry = tx.find(keys[key], 1) == null ? tx.find(keys[key]) : null;
                    if (entry == null) {
                        yield "none";
                    }
                    tx.move(entry, 1);
                    yield "OK";
                }
                case Command.Swap() -> {
                    tx.begin(0, 0, true).swap(0, 1);
                    yield "OK";
                }
                case Command.Flush(int db) -> Long.toString(tx.begin(0, 0, true).flush(db));
            };
        }

        private int valueOf(Bytes key) {
            Entry entry = tx.read(key);
            return entry == null ? 0 : Integer.parseInt(entry.value().toString().replace("x", ""));
        }

        /// An integer, a short or a long string, so that records change their form.
        private Bytes valueFor(int number) {
            String text = number + "x".repeat(new int[] {0, 10, 5000}[number % 3]);
            byte[] bytes = text.getBytes(StandardCharsets.US_ASCII);
            Memory.copy(bytes, 0, buffer, bytes.length);
            return value.set(buffer, bytes.length);
        }
    }

    private static Command randomCommand(Random random, AtomicInteger values) {
        int db = random.nextInt(3) / 2;
        int key = random.nextInt(KEYS);
        int other = (key + 1 + random.nextInt(KEYS - 1)) % KEYS;
        return switch (random.nextInt(16)) {
            case 0, 1, 2 -> new Command.Read(db, List.of(key));
            case 3, 4, 5 -> new Command.Read(db, List.of(key, other));
            case 6, 7 -> new Command.Write(db, List.of(key), values.incrementAndGet());
            case 8, 9, 10 -> new Command.Write(db, List.of(key, other), values.incrementAndGet());
            case 11 -> new Command.Delete(db, key);
            case 12, 13 -> new Command.Rename(db, key, other);
            case 14 -> random.nextBoolean() ? new Command.Move(key) : new Command.Swap();
            default -> random.nextBoolean() ? new Command.Flush(db) : new Command.Swap();
        };
    }

    @Test
    @Timeout(value = 10, unit = TimeUnit.MINUTES)
    void everyHistoryHasAnOrderThatOneThreadCouldHaveRun() throws InterruptedException {
        long seed = System.nanoTime();
        System.out.println("LinearizabilityTest seed=" + seed);
        AtomicBoolean over = new AtomicBoolean();
        Thread background = Thread.ofPlatform().daemon().start(() -> {
            while (!over.get()) {
                keyspace.advance(0);
                keyspace.collect();
                Thread.yield();
            }
        });
        ConcurrentLinkedQueue<Throwable> faults = new ConcurrentLinkedQueue<>();
        List<ConcurrentLinkedQueue<Event>> histories = new ArrayList<>();
        for (int round = 0; round < ROUNDS; round++) {
            histories.add(new ConcurrentLinkedQueue<>());
        }
        AtomicInteger arrived = new AtomicInteger();
        List<Thread> threads = new ArrayList<>();
        for (int i = 0; i < THREADS; i++) {
            Random random = new Random(seed + i);
            threads.add(Thread.ofPlatform()
                    .daemon()
                    .uncaughtExceptionHandler((thread, fault) -> faults.add(fault))
                    .start(() -> runRounds(random, arrived, histories)));
        }
        for (Thread thread : threads) {
            thread.join();
        }
        over.set(true);
        background.join();
        assertThat(faults).isEmpty();
        for (ConcurrentLinkedQueue<Event> history : histories) {
            assertThat(hasAnOrder(List.copyOf(history)))
                    .as("an order for %s", history)
                    .isTrue();
        }
    }

    private void runRounds(Random random, AtomicInteger arrived, List<ConcurrentLinkedQueue<Event>> histories) {
        Client client = new Client(random);
        AtomicInteger values = new AtomicInteger(random.nextInt(1000) * 1000);
        for (int round = 0; round < ROUNDS; round++) {
            meet(arrived, 2 * round + 1);
            for (int i = 0; i < COMMANDS_OF_A_THREAD; i++) {
                histories.get(round).add(client.run(randomCommand(random, values)));
            }
            meet(arrived, 2 * round + 2);
            // Each round begins with an empty store; all of them see to it, before any goes on.
            client.run(new Command.Flush(0));
            client.run(new Command.Flush(1));
        }
        client.close();
    }

    /// Waits until all threads have come here as often; busily, so that they go on at the same moment.
    private static void meet(AtomicInteger arrived, int times) {
        arrived.incrementAndGet();
        while (arrived.get() < times * THREADS) {
            Thread.yield();
        }
    }

    private static Event event(Command command, String answer, long began, long ended) {
        return new Event(command, answer, began, ended);
    }

    @Test
    void theSearchFindsAnOrderWhereThereIsOneAndNoneWhereThereIsNone() {
        List<Integer> both = List.of(0, 1);
        Event write = event(new Command.Write(0, both, 7), "OK", 1, 10);
        assertThat(hasAnOrder(List.of(write, event(new Command.Read(0, both), "[7, 7]", 2, 9))))
                .isTrue();
        assertThat(hasAnOrder(List.of(write, event(new Command.Read(0, both), "[0, 0]", 2, 9))))
                .isTrue();
        assertThat(hasAnOrder(List.of(write, event(new Command.Read(0, both), "[0, 0]", 11, 12))))
                .isFalse();
        assertThat(hasAnOrder(List.of(write, event(new Command.Read(0, both), "[7, 0]", 2, 9))))
                .isFalse();
        assertThat(hasAnOrder(List.of(
                        write,
                        event(new Command.Rename(0, 0, 2), "OK", 11, 20),
                        event(new Command.Read(0, List.of(0, 2)), "[7, 7]", 12, 19))))
                .isFalse();
        assertThat(hasAnOrder(List.of(write, event(new Command.Swap(), "OK", 11, 12))))
                .isTrue();
        assertThat(hasAnOrder(List.of(
                        write, event(new Command.Swap(), "OK", 11, 20), event(new Command.Flush(1), "1", 12, 19))))
                .isFalse();
    }
}
