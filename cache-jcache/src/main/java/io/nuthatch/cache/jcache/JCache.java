package io.nuthatch.cache.jcache;

import io.nuthatch.cache.jcache.KeyLocks.Guard;
import io.nuthatch.cache.jcache.WriteThrough.Outcome;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.NoSuchElementException;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import javax.cache.Cache;
import javax.cache.CacheException;
import javax.cache.CacheManager;
import javax.cache.configuration.CacheEntryListenerConfiguration;
import javax.cache.configuration.Configuration;
import javax.cache.integration.CacheLoaderException;
import javax.cache.integration.CompletionListener;
import javax.cache.processor.EntryProcessor;
import javax.cache.processor.EntryProcessorException;
import javax.cache.processor.EntryProcessorResult;
import org.jspecify.annotations.Nullable;

/// A cache as JCache knows it, over the tiers of [io.nuthatch.cache.Cache].
///
/// In chapters: reading, writing, removing, comparing and setting, entry processors, the whole, the end.
///
/// Every change has its key locked from the first look to the last event, so it is one step for all threads of
/// this process. Another process that shares a tier may come between: comparing and setting is not a step for
/// both. A read that hits locks nothing.
final class JCache<K, V> implements Cache<K, V> {
    private final JCaches manager;
    private final String name;
    /// Changed by the manager and by listeners that come and go, under its own lock.
    private final TieredConfiguration<K, V> configuration;

    private final KeyLocks locks = new KeyLocks();
    private final Listeners<K, V> listeners;
    private final io.nuthatch.cache.Cache<K, V> tiers;
    private final HeldEntries<K, V> store;
    private final Copies<K, V> copies;
    private final ReadThrough<K, V> source;
    private final WriteThrough<K, V> writer;
    private final Figures figures;
    private final ExecutorService loads;
    private volatile boolean closed;

    JCache(JCaches manager, String name, TieredConfiguration<K, V> configuration) {
        this.manager = manager;
        this.name = name;
        this.configuration = configuration;
        listeners = new Listeners<>(this, name);
        copies = configuration.isStoreByValue()
                ? Copies.byValue(manager.getClassLoader(), configuration.codec())
                : Copies.none();
        var loaders = configuration.getCacheLoaderFactory();
        source = new ReadThrough<>(loaders == null ? null : loaders.create(), configuration.isReadThrough());
        var writers = configuration.getCacheWriterFactory();
        writer = new WriteThrough<>(writers == null || !configuration.isWriteThrough() ? null : writers.create());
        figures = new Figures(this::evictions);
        figures.enable(configuration.isStatisticsEnabled());
        loads = Executors.newThreadPerTaskExecutor(
                Thread.ofVirtual().name("jcache-load-" + name + "-", 0).factory());
        configuration.getCacheEntryListenerConfigurations().forEach(listeners::add);
        Expiry expiry = new Expiry(configuration.getExpiryPolicyFactory().create());
        // Last, as they have threads and connections: nothing after them can fail.
        tiers = configuration.build(name, listeners::expired);
        store = new HeldEntries<>(tiers, expiry, listeners);
    }

    private long evictions() {
        return tiers.stats().evictions();
    }

    // Reading

    @Override
    public @Nullable V get(K key) {
        checkOpen();
        Objects.requireNonNull(key, "key");
        long startNs = figures.start();
        V value = hit(key);
        figures.got(startNs, value == null ? 0 : 1, value == null ? 1 : 0);
        return value != null ? value : loaded(key);
    }

    /// A copy of what the tiers have.
    private @Nullable V hit(K key) {
        V value = store.get(key);
        if (value == null) {
            return null;
        }
        store.access(key, value);
        return copies.value().apply(value);
    }

    /// What the source has, which is then in the cache too.
    private @Nullable V loaded(K key) {
        if (!source.always()) {
            return null;
        }
        try (Guard _ = locks.lock(key)) {
            V known = store.peek(key);
            if (known != null) {
                return copies.value().apply(known);
            }
            V value = source.load(key);
            if (value != null) {
                keep(key, value);
            }
            return value;
        }
    }

    /// Loads for an entry processor, which keeps it or not.
    @Nullable
    V load(K key) {
        return source.load(key);
    }

    private boolean keep(K key, V value) {
        return store.create(copies.key().apply(key), copies.value().apply(value));
    }

    @Override
    public Map<K, V> getAll(Set<? extends K> keys) {
        checkOpen();
        noNulls(keys);
        long startNs = figures.start();
        Map<K, V> found = new HashMap<>();
        Set<K> missing = new HashSet<>();
        for (K key : keys) {
            V value = hit(key);
            if (value == null) {
                missing.add(key);
            } else {
                found.put(key, value);
            }
        }
        figures.got(startNs, found.size(), missing.size());
        if (source.always() && !missing.isEmpty()) {
            try (Guard _ = locks.lockAll(missing)) {
                found.putAll(loadMissing(missing));
            }
        }
        return found;
    }

    /// Loads keys that are not there and keeps what comes. The keys are locked.
    private Map<K, V> loadMissing(Set<K> keys) {
        Map<K, V> found = new HashMap<>();
        Set<K> asking = new HashSet<>();
        for (K key : keys) {
            V known = store.peek(key);
            if (known == null) {
                asking.add(key);
            } else {
                found.put(key, copies.value().apply(known));
            }
        }
        source.loadAll(asking).forEach((key, value) -> {
            keep(key, value);
            found.put(key, value);
        });
        return found;
    }

    @Override
    public boolean containsKey(K key) {
        checkOpen();
        return store.peek(Objects.requireNonNull(key, "key")) != null;
    }

    @Override
    public void loadAll(Set<? extends K> keys, boolean replaceExistingValues, @Nullable CompletionListener listener) {
        checkOpen();
        noNulls(keys);
        Set<K> wanted = Set.copyOf(keys);
        loads.execute(() -> {
            try {
                loadNow(wanted, replaceExistingValues);
            } catch (RuntimeException e) {
                if (listener != null) {
                    listener.onException(e instanceof CacheException ? e : new CacheLoaderException(e));
                }
                return;
            }
            if (listener != null) {
                listener.onCompletion();
            }
        });
    }

    private void loadNow(Set<K> keys, boolean replaceExistingValues) {
        try (Guard _ = locks.lockAll(keys)) {
            if (!replaceExistingValues) {
                loadMissing(keys);
                return;
            }
            source.loadAll(keys).forEach(this::set);
        }
    }

    // Writing

    /// Creates or updates an entry. Returns whether there is one then. The key is locked.
    private boolean set(K key, V value) {
        V old = store.peek(key);
        if (old == null) {
            return keep(key, value);
        }
        store.update(copies.key().apply(key), copies.value().apply(value), old);
        return true;
    }

    @Override
    public void put(K key, V value) {
        checkOpen();
        noNull(key, value);
        long startNs = figures.start();
        try (Guard _ = locks.lock(key)) {
            writer.write(key, value);
            if (set(key, value)) {
                figures.put(startNs, 1);
            }
        }
    }

    @Override
    public @Nullable V getAndPut(K key, V value) {
        checkOpen();
        noNull(key, value);
        long startNs = figures.start();
        try (Guard _ = locks.lock(key)) {
            V old = looked(key, startNs);
            writer.write(key, value);
            if (set(key, value)) {
                figures.put(startNs, 1);
            }
            return copyOf(old);
        }
    }

    private @Nullable V copyOf(@Nullable V value) {
        return value == null ? null : copies.value().apply(value);
    }

    @Override
    public void putAll(Map<? extends K, ? extends V> entries) {
        checkOpen();
        entries.forEach(JCache::noNull);
        long startNs = figures.start();
        Map<K, V> all = new HashMap<>(entries);
        try (Guard _ = locks.lockAll(all.keySet())) {
            Outcome written = writer.writeAll(all);
            int count = 0;
            for (Map.Entry<K, V> entry : all.entrySet()) {
                if (written.isDone(entry.getKey()) && set(entry.getKey(), entry.getValue())) {
                    count++;
                }
            }
            figures.put(startNs, count);
            written.orThrow();
        }
    }

    @Override
    public boolean putIfAbsent(K key, V value) {
        checkOpen();
        noNull(key, value);
        long startNs = figures.start();
        try (Guard _ = locks.lock(key)) {
            V old = looked(key, startNs);
            if (old != null) {
                return false;
            }
            writer.write(key, value);
            boolean kept = keep(key, value);
            figures.put(startNs, kept ? 1 : 0);
            return kept;
        }
    }

    // Removing

    @Override
    public boolean remove(K key) {
        checkOpen();
        return removed(Objects.requireNonNull(key, "key"), figures.start()) != null;
    }

    @Override
    public @Nullable V getAndRemove(K key) {
        checkOpen();
        long startNs = figures.start();
        V old = removed(Objects.requireNonNull(key, "key"), startNs);
        figures.got(startNs, old == null ? 0 : 1, old == null ? 1 : 0);
        return copyOf(old);
    }

    private @Nullable V removed(K key, long startNs) {
        try (Guard _ = locks.lock(key)) {
            writer.delete(key);
            V old = store.peek(key);
            if (old != null) {
                store.remove(key, old);
                figures.removed(startNs, 1);
            }
            return old;
        }
    }

    @Override
    public void removeAll(Set<? extends K> keys) {
        checkOpen();
        noNulls(keys);
        removeThese(keys).orThrow();
    }

    @Override
    public void removeAll() {
        checkOpen();
        Set<K> keys = new HashSet<>();
        store.entries().forEachRemaining(entry -> keys.add(entry.getKey()));
        Outcome removed = removeThese(keys);
        // What lies in the tiers below alone has no key that we know.
        if (removed.failure() == null && tiers.stats().tiers().size() > 1) {
            tiers.clear();
        }
        removed.orThrow();
    }

    private Outcome removeThese(Set<? extends K> keys) {
        long startNs = figures.start();
        try (Guard _ = locks.lockAll(keys)) {
            Outcome deleted = writer.deleteAll(keys);
            int count = 0;
            for (K key : keys) {
                V old = deleted.isDone(key) ? store.peek(key) : null;
                if (old != null) {
                    store.remove(key, old);
                    count++;
                }
            }
            figures.removed(startNs, count);
            return deleted;
        }
    }

    @Override
    public void clear() {
        checkOpen();
        tiers.clear();
    }

    // Comparing and setting

    @Override
    public boolean remove(K key, V expected) {
        checkOpen();
        noNull(key, expected);
        long startNs = figures.start();
        try (Guard _ = locks.lock(key)) {
            V current = currentIf(key, expected, startNs);
            if (current == null) {
                return false;
            }
            writer.delete(key);
            store.remove(key, current);
            figures.removed(startNs, 1);
            return true;
        }
    }

    /// The value of an entry, if it is the expected one. If it is another, that was a reading of it.
    private @Nullable V currentIf(K key, V expected, long startNs) {
        V current = looked(key, startNs);
        if (current == null || current.equals(expected)) {
            return current;
        }
        store.access(key, current);
        return null;
    }

    /// What is there, counted as asked for.
    private @Nullable V looked(K key, long startNs) {
        V current = store.peek(key);
        figures.got(startNs, current == null ? 0 : 1, current == null ? 1 : 0);
        return current;
    }

    @Override
    public boolean replace(K key, V expected, V value) {
        checkOpen();
        noNull(key, expected);
        Objects.requireNonNull(value, "value");
        long startNs = figures.start();
        try (Guard _ = locks.lock(key)) {
            if (currentIf(key, expected, startNs) == null) {
                return false;
            }
            writer.write(key, value);
            set(key, value);
            figures.put(startNs, 1);
            return true;
        }
    }

    @Override
    public boolean replace(K key, V value) {
        return getAndReplace(key, value) != null;
    }

    @Override
    public @Nullable V getAndReplace(K key, V value) {
        checkOpen();
        noNull(key, value);
        long startNs = figures.start();
        try (Guard _ = locks.lock(key)) {
            V old = looked(key, startNs);
            if (old == null) {
                return null;
            }
            writer.write(key, value);
            set(key, value);
            figures.put(startNs, 1);
            return copies.value().apply(old);
        }
    }

    // Entry processors

    @Override
    public <T> @Nullable T invoke(K key, EntryProcessor<K, V, T> processor, Object... arguments) {
        checkOpen();
        Objects.requireNonNull(key, "key");
        Objects.requireNonNull(processor, "processor");
        long startNs = figures.start();
        try (Guard _ = locks.lock(key)) {
            V before = looked(key, startNs);
            ProcessedEntry<K, V> entry = new ProcessedEntry<>(this, key, copyOf(before));
            T result = process(processor, entry, arguments);
            carryOut(entry, startNs);
            return result;
        }
    }

    private static <K, V, T> @Nullable T process(
            EntryProcessor<K, V, T> processor, ProcessedEntry<K, V> entry, Object[] arguments) {
        try {
            return processor.process(entry, arguments);
        } catch (CacheException e) {
            throw e;
        } catch (RuntimeException e) {
            throw new EntryProcessorException("the entry processor failed", e);
        }
    }

    private void carryOut(ProcessedEntry<K, V> entry, long startNs) {
        K key = entry.getKey();
        switch (entry.wish()) {
            case NOTHING -> {}
            case ACCESS -> store.access(key, entry.wanted());
            case KEEP_LOADED -> keep(key, entry.wanted());
            case SET -> {
                writer.write(key, entry.wanted());
                if (set(key, entry.wanted())) {
                    figures.put(startNs, 1);
                }
            }
            case REMOVE -> {
                writer.delete(key);
                V before = entry.before();
                if (before != null) {
                    store.remove(key, before);
                    figures.removed(startNs, 1);
                }
            }
        }
    }

    @Override
    public <T> Map<K, EntryProcessorResult<T>> invokeAll(
            Set<? extends K> keys, EntryProcessor<K, V, T> processor, Object... arguments) {
        checkOpen();
        noNulls(keys);
        Objects.requireNonNull(processor, "processor");
        Map<K, EntryProcessorResult<T>> results = new HashMap<>();
        for (K key : keys) {
            try {
                T result = invoke(key, processor, arguments);
                if (result != null) {
                    results.put(key, () -> result);
                }
            } catch (RuntimeException e) {
                EntryProcessorException failure =
                        e instanceof EntryProcessorException own ? own : new EntryProcessorException(e);
                results.put(key, () -> {
                    throw failure;
                });
            }
        }
        return results;
    }

    // The whole

    @Override
    public Iterator<Cache.Entry<K, V>> iterator() {
        checkOpen();
        return new Entries(store.entries());
    }

    /// The entries in memory. Each is read as it is reached.
    private final class Entries implements Iterator<Cache.Entry<K, V>> {
        private final Iterator<Map.Entry<K, V>> held;
        private @Nullable K last;

        Entries(Iterator<Map.Entry<K, V>> held) {
            this.held = held;
        }

        @Override
        public boolean hasNext() {
            checkOpen();
            return held.hasNext();
        }

        @Override
        public Cache.Entry<K, V> next() {
            checkOpen();
            if (!held.hasNext()) {
                throw new NoSuchElementException();
            }
            long startNs = figures.start();
            Map.Entry<K, V> entry = held.next();
            last = entry.getKey();
            store.access(entry.getKey(), entry.getValue());
            figures.got(startNs, 1, 0);
            return new JEntry<>(
                    copies.key().apply(entry.getKey()), copies.value().apply(entry.getValue()));
        }

        @Override
        public void remove() {
            if (last == null) {
                throw new IllegalStateException("there is no entry to remove: next() comes first");
            }
            JCache.this.remove(last);
            last = null;
        }
    }

    @Override
    public <C extends Configuration<K, V>> C getConfiguration(Class<C> type) {
        synchronized (configuration) {
            TieredConfiguration<K, V> copy = TieredConfiguration.copyOf(configuration);
            if (type.isInstance(copy)) {
                return type.cast(copy);
            }
        }
        throw new IllegalArgumentException("the configuration is no " + type);
    }

    void checkTypes(Class<?> keyType, Class<?> valueType) {
        if (!configuration.getKeyType().equals(keyType)
                || !configuration.getValueType().equals(valueType)) {
            throw new ClassCastException("cache " + name + " holds "
                    + configuration.getKeyType().getName() + " and "
                    + configuration.getValueType().getName() + ", not " + keyType.getName() + " and "
                    + valueType.getName());
        }
    }

    @Override
    public void registerCacheEntryListener(CacheEntryListenerConfiguration<K, V> listener) {
        checkOpen();
        synchronized (configuration) {
            configuration.addCacheEntryListenerConfiguration(listener);
            listeners.add(listener);
        }
    }

    @Override
    public void deregisterCacheEntryListener(CacheEntryListenerConfiguration<K, V> listener) {
        checkOpen();
        synchronized (configuration) {
            configuration.removeCacheEntryListenerConfiguration(listener);
            listeners.remove(listener);
        }
    }

    void registerBeans() {
        enableManagement(configuration.isManagementEnabled());
        enableStatistics(configuration.isStatisticsEnabled());
    }

    void enableManagement(boolean enabled) {
        synchronized (configuration) {
            configuration.setManagementEnabled(enabled);
            if (enabled) {
                Beans.CONFIGURATION.register(this, new Settings(configuration));
            } else {
                Beans.CONFIGURATION.unregister(this);
            }
        }
    }

    void enableStatistics(boolean enabled) {
        synchronized (configuration) {
            configuration.setStatisticsEnabled(enabled);
            figures.enable(enabled);
            if (enabled) {
                Beans.STATISTICS.register(this, figures);
            } else {
                Beans.STATISTICS.unregister(this);
            }
        }
    }

    @Override
    public String getName() {
        return name;
    }

    @Override
    public CacheManager getCacheManager() {
        return manager;
    }

    @Override
    public <T> T unwrap(Class<T> type) {
        for (Object layer : List.of(this, tiers)) {
            if (type.isInstance(layer)) {
                return type.cast(layer);
            }
        }
        throw new IllegalArgumentException("is no " + type);
    }

    // The end

    /// Ends the cache and what it keeps in the tiers.
    void destroy() {
        if (!closed) {
            tiers.clear();
        }
        close();
    }

    @Override
    public void close() {
        if (closed) {
            return;
        }
        closed = true;
        manager.forget(this);
        Beans.CONFIGURATION.unregister(this);
        Beans.STATISTICS.unregister(this);
        loads.shutdownNow();
        tiers.close();
        listeners.close();
        source.close();
        writer.close();
        store.expiry().close();
    }

    @Override
    public boolean isClosed() {
        return closed;
    }

    private void checkOpen() {
        if (closed) {
            throw new IllegalStateException("cache " + name + " is closed");
        }
    }

    private static void noNull(@Nullable Object key, @Nullable Object value) {
        Objects.requireNonNull(key, "key");
        Objects.requireNonNull(value, "value");
    }

    private static void noNulls(Set<?> keys) {
        List<Object> all = new ArrayList<>(keys);
        all.forEach(key -> Objects.requireNonNull(key, "key"));
    }

    @Override
    public String toString() {
        return "JCache[" + name + "]";
    }
}
