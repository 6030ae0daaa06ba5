package io.nuthatch.engine;

import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.BiConsumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/// Values by prefixes: finds all those whose prefix a given text begins with.
///
/// A hash table, asked once for each length that any prefix has: ten thousand prefixes of three lengths cost three
/// look-ups.
///
/// Threads: any reads; changes exclude each other.
///
/// @param <V> what belongs to a prefix
final class Prefixes<V> {
    private final Map<ByteString, V> byPrefix = new ConcurrentHashMap<>();

    /// How many prefixes there are of each length. Guarded by this object.
    private final TreeMap<Integer, Integer> counts = new TreeMap<>();

    private volatile int[] lengths = {};

    /// The value of a prefix, made if there is none.
    synchronized V getOrAdd(ByteString prefix, Supplier<V> value) {
        V known = byPrefix.get(prefix);
        if (known == null) {
            known = value.get();
            byPrefix.put(prefix, known);
            count(prefix, 1);
        }
        return known;
    }

    @Nullable
    V get(ByteString prefix) {
        return byPrefix.get(prefix);
    }

    synchronized void remove(ByteString prefix) {
        if (byPrefix.remove(prefix) != null) {
            count(prefix, -1);
        }
    }

    private void count(ByteString prefix, int more) {
        counts.merge(prefix.length(), more, (one, other) -> one + other == 0 ? null : one + other);
        lengths = counts.keySet().stream().mapToInt(Integer::intValue).toArray();
    }

    int size() {
        return byPrefix.size();
    }

    boolean isEmpty() {
        return lengths.length == 0;
    }

    /// Visits all prefixes of a text with their values, the shortest first.
    void forEachOf(ByteString text, BiConsumer<ByteString, V> visit) {
        for (int length : lengths) {
            if (length > text.length()) {
                return;
            }
            ByteString prefix = text.prefix(length);
            V value = byPrefix.get(prefix);
            if (value != null) {
                visit.accept(prefix, value);
            }
        }
    }
}
