package io.nuthatch.cache.jcache;

import java.util.Objects;
import javax.cache.processor.MutableEntry;
import org.jspecify.annotations.Nullable;

/// An entry in the hands of an entry processor: it notes what is wanted, and [JCache] does it afterwards.
final class ProcessedEntry<K, V> implements MutableEntry<K, V> {
    private final JCache<K, V> cache;
    private final K key;
    /// What the cache held before; null when nothing.
    private final @Nullable V before;

    private @Nullable V value;
    private Wish wish = Wish.NOTHING;

    /// What is to be done with the entry.
    enum Wish {
        /// Nothing was asked of it.
        NOTHING,
        /// Its value was read.
        ACCESS,
        /// It was loaded because its value was read.
        KEEP_LOADED,
        /// It is to have another value.
        SET,
        /// It is to go.
        REMOVE
    }

    ProcessedEntry(JCache<K, V> cache, K key, @Nullable V before) {
        this.cache = cache;
        this.key = key;
        this.before = before;
        value = before;
    }

    Wish wish() {
        return wish;
    }

    @Nullable
    V before() {
        return before;
    }

    /// The value it is to have.
    V wanted() {
        return Objects.requireNonNull(value);
    }

    @Override
    public boolean exists() {
        return value != null;
    }

    @Override
    public void remove() {
        // What came to be in here alone leaves nothing behind.
        boolean isNew = before == null && (wish == Wish.SET || wish == Wish.KEEP_LOADED);
        wish = isNew ? Wish.NOTHING : Wish.REMOVE;
        value = null;
    }

    @Override
    public void setValue(V value) {
        this.value = Objects.requireNonNull(value, "value");
        wish = Wish.SET;
    }

    @Override
    public K getKey() {
        return key;
    }

    @Override
    public @Nullable V getValue() {
        if (wish == Wish.NOTHING) {
            if (value != null) {
                wish = Wish.ACCESS;
            } else {
                value = cache.load(key);
                wish = value == null ? Wish.NOTHING : Wish.KEEP_LOADED;
            }
        }
        return value;
    }

    @Override
    public <T> T unwrap(Class<T> type) {
        if (type.isInstance(this)) {
            return type.cast(this);
        }
        throw new IllegalArgumentException("is no " + type);
    }
}
