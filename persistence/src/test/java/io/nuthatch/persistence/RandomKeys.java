package io.nuthatch.persistence;

import io.nuthatch.memory.Bytes;
import io.nuthatch.memory.Scratch;
import io.nuthatch.store.Entry;
import io.nuthatch.store.HashValue;
import io.nuthatch.store.Keyspace;
import io.nuthatch.store.ListValue;
import io.nuthatch.store.SetValue;
import io.nuthatch.store.SortedSetDraft;
import io.nuthatch.store.StringValue;
import io.nuthatch.store.Tx;
import java.nio.charset.StandardCharsets;
import java.util.Objects;
import java.util.Random;
import java.util.function.Consumer;

/// Keys with values of all types, small and large, drawn at random.
final class RandomKeys {
    private final Random random;
    private final long nowMs;

    RandomKeys(Random random, long nowMs) {
        this.random = random;
        this.nowMs = nowMs;
    }

    /// Gives a key a value of any type, and a deadline perhaps.
    void put(Tx tx, int db, String name) {
        try (Scratch key = Scratch.of(name)) {
            tx.begin(db, nowMs, true).lock(Keyspace.ALL_SHARDS);
            int size = random.nextInt(20) == 0 ? 1 + random.nextInt(1500) : 1 + random.nextInt(20);
            Bytes bytes = key.bytes();
            switch (random.nextInt(5)) {
                case 0 -> putString(tx, bytes);
                case 1 -> {
                    Entry list = ListValue.create(tx, bytes);
                    for (int i = 0; i < size; i++) {
                        with(text(), text -> {
                            ListValue.expect(list, text.length(), 1);
                            ListValue.push(list, ListValue.End.TAIL, text);
                        });
                    }
                }
                case 2 -> {
                    Entry[] set = new Entry[1];
                    for (int i = 0; i < size; i++) {
                        with(text(), text -> {
                            set[0] = set[0] == null ? SetValue.create(tx, bytes, text, 1) : set[0];
                            SetValue.add(set[0], text);
                        });
                    }
                }
                case 3 -> {
                    Entry hash = HashValue.create(tx, bytes);
                    for (int i = 0; i < size; i++) {
                        with(text(), field -> with(text(), value -> HashValue.put(hash, field, value)));
                    }
                }
                default -> {
                    try (SortedSetDraft draft = SortedSetDraft.of(tx, bytes)) {
                        for (int i = 0; i < size; i++) {
                            with(text(), member -> draft.put(member, score()));
                        }
                        draft.store(bytes);
                    }
                }
            }
            if (random.nextInt(4) == 0) {
                Objects.requireNonNull(tx.find(bytes)).deadlineMs(nowMs + 1 + random.nextInt(1_000_000));
            }
            tx.end();
        }
    }

    private double score() {
        return switch (random.nextInt(5)) {
            case 0 -> Double.NEGATIVE_INFINITY;
            case 1 -> random.nextGaussian();
            default -> random.nextInt(100);
        };
    }

    private void putString(Tx tx, Bytes key) {
        with(text(), text -> StringValue.set(tx, key, text, Tx.NO_DEADLINE));
    }

    private static void with(byte[] text, Consumer<Bytes> use) {
        try (Scratch bytes = Scratch.of(text)) {
            use.accept(bytes.bytes());
        }
    }

    /// Numbers, noise, and text that can be compressed.
    private byte[] text() {
        return switch (random.nextInt(4)) {
            case 0 -> String.valueOf(random.nextLong() >> random.nextInt(64)).getBytes(StandardCharsets.US_ASCII);
            case 1 -> noise(1 + random.nextInt(100), 256);
            case 2 -> noise(1 + random.nextInt(random.nextInt(100) == 0 ? 100_000 : 300), 3);
            default -> noise(1 + random.nextInt(12), 10);
        };
    }

    private byte[] noise(int length, int alphabet) {
        byte[] bytes = new byte[length];
        for (int i = 0; i < length; i++) {
            bytes[i] = (byte) random.nextInt(alphabet);
        }
        return bytes;
    }
}
