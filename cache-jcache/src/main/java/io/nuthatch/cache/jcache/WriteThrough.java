package io.nuthatch.cache.jcache;

import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import javax.cache.Cache;
import javax.cache.integration.CacheWriter;
import javax.cache.integration.CacheWriterException;
import org.jspecify.annotations.Nullable;

/// The writer that hears of changes before the cache makes them; none when there is none to hear.
record WriteThrough<K, V>(@Nullable CacheWriter<? super K, ? super V> writer) implements AutoCloseable {
    /// What became of a batch.
    ///
    /// @param undone the keys that the writer left in the batch because it could not do them
    /// @param failure why
    record Outcome(Set<Object> undone, @Nullable CacheWriterException failure) {
        static final Outcome DONE = new Outcome(Set.of(), null);

        boolean isDone(Object key) {
            return !undone.contains(key);
        }

        void orThrow() {
            if (failure != null) {
                throw failure;
            }
        }
    }

    void write(K key, V value) {
        if (writer != null) {
            try {
                writer.write(new JEntry<K, V>(key, value));
            } catch (RuntimeException e) {
                throw failed(e);
            }
        }
    }

    void delete(K key) {
        if (writer != null) {
            try {
                writer.delete(key);
            } catch (RuntimeException e) {
                throw failed(e);
            }
        }
    }

    Outcome writeAll(Map<? extends K, ? extends V> entries) {
        return writer == null || entries.isEmpty() ? Outcome.DONE : writeAll(writer, entries);
    }

    /// The writer of a supertype takes a collection of entries of its own types; it may only take entries out of
    /// it.
    @SuppressWarnings("unchecked")
    private static <K, V> Outcome writeAll(
            CacheWriter<? super K, ? super V> writer, Map<? extends K, ? extends V> entries) {
        List<Cache.Entry<? extends K, ? extends V>> batch = new ArrayList<>();
        entries.forEach((key, value) -> batch.add(new JEntry<K, V>(key, value)));
        try {
            ((CacheWriter<K, V>) writer).writeAll(batch);
            return Outcome.DONE;
        } catch (RuntimeException e) {
            Set<Object> undone = new HashSet<>();
            batch.forEach(entry -> undone.add(entry.getKey()));
            return new Outcome(undone, failed(e));
        }
    }

    Outcome deleteAll(Collection<? extends K> keys) {
        if (writer == null || keys.isEmpty()) {
            return Outcome.DONE;
        }
        List<Object> batch = new ArrayList<>(keys);
        try {
            writer.deleteAll(batch);
            return Outcome.DONE;
        } catch (RuntimeException e) {
            return new Outcome(new HashSet<>(batch), failed(e));
        }
    }

    private static CacheWriterException failed(RuntimeException e) {
        return e instanceof CacheWriterException own ? own : new CacheWriterException("the writer failed", e);
    }

    @Override
    public void close() {
        Closing.close(writer);
    }
}
