package io.nuthatch.cache;

import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/// Values by key, in up to three tiers over a source: memory, a RESP server, disk.
///
/// ```
///  get ──> memory ──> redis ──> disk ──> loader      the first that has it; the tiers above it get it too
///  put ──> writer, then every tier
/// ```
///
/// A tier that fails or is slow is left out until it is well again: it never makes a call fail. Only the loader
/// and the writer do, with a [CacheException]. Keys are never null. All methods may be called from any thread,
/// virtual ones too.
///
/// @param <K> the keys: immutable, with `equals` and `hashCode`
/// @param <V> the values: not changed once they are in a cache
public interface Cache<K, V> extends AutoCloseable {
    /// Describes a cache to build. The name goes into the keys of the lower tiers, into figures and into messages.
    static <K, V> CacheBuilder<K, V> builder(String name) {
        return new CacheBuilder<>(name);
    }

    /// A function that remembers up to 10 000 results, for as long as it lives itself.
    /// `builder(name).loader(function)` has the same with every option.
    static <K, V> Function<K, @Nullable V> memoize(Function<? super K, ? extends @Nullable V> function) {
        Policy policy = Policy.forever().negativeTtl(Policy.FOREVER);
        Cache<K, V> cache = Cache.<K, V>builder("memoized").policy(policy).build();
        return key -> {
            try {
                return cache.get(key, function::apply);
            } catch (CacheException.LoadFailed e) {
                // A function throws nothing that is checked.
                throw e.getCause() instanceof RuntimeException thrown ? thrown : e;
            }
        };
    }

    /// The name it was built with.
    String name();

    /// The value of a key, loaded if need be; null when the source has none, or when there is no loader and no
    /// tier has it.
    @Nullable
    V get(K key);

    /// The value of a key, loaded by this loader if no tier has it.
    @Nullable
    V get(K key, Loader<? super K, ? extends V> loader);

    /// What the tiers hold for a key. Does not load.
    Lookup<V> lookup(K key);

    /// The values of many keys, loaded if need be. Keys without a value are left out.
    Map<K, V> getAll(Collection<? extends K> keys);

    /// Writes a value: to the writer, then to the tiers. Null is kept as knowledge that there is no value.
    void put(K key, @Nullable V value);

    /// Writes many values.
    void putAll(Map<? extends K, ? extends V> values);

    /// Removes a key: from the source if there is a writer, then from the tiers.
    void remove(K key);

    /// Removes many keys.
    void removeAll(Collection<? extends K> keys);

    /// Ends the freshness of a key: the next read loads. The old value is kept for a source that fails, as long as
    /// the policy says.
    void expire(K key);

    /// Gives the copy in memory its whole ttl again, from now on. The tiers below keep the ttl it was written
    /// with, and what they tell ends it all the same.
    void touch(K key);

    /// Removes from the tiers every entry that was written under a tag.
    void invalidateTag(String tag);

    /// Removes every entry from the tiers. The source keeps its own.
    void clear();

    /// Loads the keys that no tier has fresh, so that later reads hit. Failed loads are left for later reads.
    void warm(Collection<? extends K> keys);

    /// The fresh values in memory, found one by one as the stream is read. That counts neither as reading nor as
    /// loading, and what lies only in the tiers below is not among them.
    Stream<Map.Entry<K, V>> entries();

    /// This cache with another policy for what is read and written through the view. Both share everything else.
    Cache<K, V> with(Policy policy);

    /// The policy of reads and writes.
    Policy policy();

    /// This cache for callers that do not want to wait.
    AsyncCache<K, V> async();

    /// Returns when every change has reached the source. Does nothing without a writer that holds changes back.
    void flush();

    /// What has happened so far.
    CacheStats stats();

    /// Whether the tiers are well.
    CacheHealth health();

    /// What could be better, in words; empty when all is well or too little has happened to tell.
    List<Advice> advice();

    /// Drains the writer and lets go of the tiers. Views of a cache share its end.
    @Override
    void close();
}
