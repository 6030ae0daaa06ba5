package io.nuthatch.cache.jcache;

import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;
import javax.cache.Cache;
import javax.cache.configuration.CacheEntryListenerConfiguration;
import javax.cache.event.CacheEntryCreatedListener;
import javax.cache.event.CacheEntryEvent;
import javax.cache.event.CacheEntryEventFilter;
import javax.cache.event.CacheEntryExpiredListener;
import javax.cache.event.CacheEntryListener;
import javax.cache.event.CacheEntryListenerException;
import javax.cache.event.CacheEntryRemovedListener;
import javax.cache.event.CacheEntryUpdatedListener;
import javax.cache.event.EventType;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Who wants to know what happens to the entries of a cache.
///
/// Synchronous listeners are told by the thread that does it, while it has the key: in the order in which it
/// happens. The others are told by one thread, in that order too. When they are too slow and too much waits for
/// them, they miss events.
final class Listeners<K, V> implements AutoCloseable {
    /// How many events wait for asynchronous listeners; some tens of megabytes at most, without the values.
    private static final int MAX_WAITING = 100_000;

    private static final Logger log = LoggerFactory.getLogger(Listeners.class);

    private final Cache<K, V> source;
    private final List<Registration<K, V>> registrations = new CopyOnWriteArrayList<>();
    private final ThreadPoolExecutor teller;
    private final LongAdder missed = new LongAdder();

    private record Registration<K, V>(
            CacheEntryListenerConfiguration<K, V> configuration,
            CacheEntryListener<? super K, ? super V> listener,
            @Nullable CacheEntryEventFilter<? super K, ? super V> filter) {}

    Listeners(Cache<K, V> source, String name) {
        this.source = source;
        // Starts its thread with the first event.
        teller = new ThreadPoolExecutor(
                1,
                1,
                0,
                TimeUnit.MILLISECONDS,
                new LinkedBlockingQueue<>(MAX_WAITING),
                Thread.ofVirtual().name("jcache-listeners-" + name).factory(),
                (event, executor) -> miss());
    }

    private void miss() {
        missed.increment();
        long count = missed.sum();
        // Now and then: whoever misses one misses many.
        if (Long.bitCount(count) == 1) {
            log.warn("asynchronous listeners of cache {} are too slow: {} events missed", source.getName(), count);
        }
    }

    void add(CacheEntryListenerConfiguration<K, V> configuration) {
        var listener = configuration.getCacheEntryListenerFactory().create();
        var filters = configuration.getCacheEntryEventFilterFactory();
        registrations.add(new Registration<>(configuration, listener, filters == null ? null : filters.create()));
    }

    void remove(CacheEntryListenerConfiguration<K, V> configuration) {
        for (Registration<K, V> registration : registrations) {
            if (registration.configuration().equals(configuration) && registrations.remove(registration)) {
                close(registration);
            }
        }
    }

    private static void close(Registration<?, ?> registration) {
        Closing.close(registration.listener());
        Closing.close(registration.filter());
    }

    void created(K key, V value) {
        tell(EventType.CREATED, key, value, null);
    }

    void updated(K key, V value, V old) {
        tell(EventType.UPDATED, key, value, old);
    }

    void removed(K key, V old) {
        tell(EventType.REMOVED, key, old, old);
    }

    void expired(K key, V old) {
        tell(EventType.EXPIRED, key, old, old);
    }

    boolean isEmpty() {
        return registrations.isEmpty();
    }

    private void tell(EventType type, K key, V value, @Nullable V old) {
        for (Registration<K, V> registration : registrations) {
            boolean wantsOld = registration.configuration().isOldValueRequired();
            boolean isGone = type == EventType.REMOVED || type == EventType.EXPIRED;
            var event = new JEvent<>(source, type, key, isGone && !wantsOld ? null : value, wantsOld ? old : null);
            if (registration.configuration().isSynchronous()) {
                tell(registration, event);
            } else {
                teller.execute(() -> tellLater(registration, event));
            }
        }
    }

    private void tellLater(Registration<K, V> registration, JEvent<K, V> event) {
        try {
            tell(registration, event);
        } catch (RuntimeException e) {
            log.warn("a listener of cache {} failed", source.getName(), e);
        }
    }

    private void tell(Registration<K, V> registration, JEvent<K, V> event) {
        try {
            var filter = registration.filter();
            if (filter == null || filter.evaluate(event)) {
                tell(registration.listener(), event);
            }
        } catch (CacheEntryListenerException e) {
            throw e;
        } catch (RuntimeException e) {
            throw new CacheEntryListenerException("a listener failed: " + e.getMessage(), e);
        }
    }

    @SuppressWarnings("unchecked")
    private void tell(CacheEntryListener<? super K, ? super V> listener, JEvent<K, V> event) {
        List<CacheEntryEvent<? extends K, ? extends V>> one = List.of(event);
        switch (event.getEventType()) {
            case CREATED -> {
                if (listener instanceof CacheEntryCreatedListener<?, ?> told) {
                    ((CacheEntryCreatedListener<K, V>) told).onCreated(one);
                }
            }
            case UPDATED -> {
                if (listener instanceof CacheEntryUpdatedListener<?, ?> told) {
                    ((CacheEntryUpdatedListener<K, V>) told).onUpdated(one);
                }
            }
            case REMOVED -> {
                if (listener instanceof CacheEntryRemovedListener<?, ?> told) {
                    ((CacheEntryRemovedListener<K, V>) told).onRemoved(one);
                }
            }
            case EXPIRED -> {
                if (listener instanceof CacheEntryExpiredListener<?, ?> told) {
                    ((CacheEntryExpiredListener<K, V>) told).onExpired(one);
                }
            }
        }
    }

    @Override
    public void close() {
        teller.shutdownNow();
        registrations.forEach(Listeners::close);
        registrations.clear();
    }
}
