package io.nuthatch.cache;

import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/// A core with a policy, for callers that wait.
record BlockingView<K, V>(
        Core<K, V> core, Policy policy, @Nullable Source<K, V> source) implements Cache<K, V> {
    BlockingView(Core<K, V> core, Policy policy) {
        this(core, policy, core.parts.source());
    }

    /// The source that a plain loader is.
    static <K, V> Source<K, V> sourceOf(Loader<? super K, ? extends V> loader) {
        return (key, known) -> Loaded.ofNullable(loader.load(key));
    }

    @Override
    public String name() {
        return core.parts.name();
    }

    @Override
    public @Nullable V get(K key) {
        return core.get(key, policy, source);
    }

    @Override
    public @Nullable V get(K key, Loader<? super K, ? extends V> loader) {
        return core.get(key, policy, sourceOf(loader));
    }

    @Override
    public Lookup<V> lookup(K key) {
        return core.lookup(key, policy);
    }

    @Override
    public Map<K, V> getAll(Collection<? extends K> keys) {
        return core.getAll(keys, policy);
    }

    @Override
    public void put(K key, @Nullable V value) {
        core.put(key, value, policy);
    }

    @Override
    public void putAll(Map<? extends K, ? extends V> values) {
        core.putAll(values, policy);
    }

    @Override
    public void remove(K key) {
        core.remove(key);
    }

    @Override
    public void removeAll(Collection<? extends K> keys) {
        core.removeAll(keys);
    }

    @Override
    public void expire(K key) {
        core.expire(key, policy);
    }

    @Override
    public void touch(K key) {
        core.touch(key, policy);
    }

    @Override
    public void invalidateTag(String tag) {
        core.invalidateTag(tag);
    }

    @Override
    public void clear() {
        core.clear();
    }

    @Override
    public void warm(Collection<? extends K> keys) {
        core.warm(keys, policy);
    }

    @Override
    public Stream<Map.Entry<K, V>> entries() {
        return core.entries();
    }

    @Override
    public Cache<K, V> with(Policy policy) {
        return new BlockingView<>(core, policy.consistent());
    }

    @Override
    public AsyncCache<K, V> async() {
        return new AsyncView<>(this);
    }

    @Override
    public void flush() {
        core.flush();
    }

    @Override
    public CacheStats stats() {
        return core.stats();
    }

    @Override
    public CacheHealth health() {
        return core.health();
    }

    @Override
    public List<Advice> advice() {
        return Advisor.advise(stats(), health(), policy);
    }

    @Override
    public void close() {
        core.close();
    }

    @Override
    public String toString() {
        return "Cache[" + name() + "]";
    }
}
