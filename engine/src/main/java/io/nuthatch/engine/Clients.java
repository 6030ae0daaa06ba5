package io.nuthatch.engine;

import java.util.Collection;
import java.util.Optional;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;

/// All clients that are connected, by their ids, which are given in order of arrival and never again.
public final class Clients {
    private final ConcurrentSkipListMap<Long, Session> byId = new ConcurrentSkipListMap<>();
    private final AtomicLong lastId = new AtomicLong();
    private final AtomicLong accepted = new AtomicLong();
    private final AtomicLong refused = new AtomicLong();
    private final AtomicLong evicted = new AtomicLong();
    private final AtomicLong outputLimited = new AtomicLong();
    private final AtomicLong inputLimited = new AtomicLong();
    private final AtomicInteger count = new AtomicInteger();

    long nextId() {
        return lastId.incrementAndGet();
    }

    void add(Session session) {
        accepted.incrementAndGet();
        byId.put(session.id(), session);
        count.incrementAndGet();
    }

    void remove(Session session) {
        if (byId.remove(session.id()) != null) {
            count.decrementAndGet();
        }
    }

    /// Counts a connection that was turned away at the door.
    public void refuse() {
        refused.incrementAndGet();
    }

    /// Counts a client that was dropped for `maxmemory-clients`.
    public void evict() {
        evicted.incrementAndGet();
    }

    /// Counts a client that was dropped for `client-output-buffer-limit`.
    public void limitOutput() {
        outputLimited.incrementAndGet();
    }

    /// Counts a client that was closed for `client-query-buffer-limit`.
    public void limitInput() {
        inputLimited.incrementAndGet();
    }

    /// In order of arrival.
    public Collection<Session> all() {
        return byId.values();
    }

    public Optional<Session> byId(long id) {
        return Optional.ofNullable(byId.get(id));
    }

    public int count() {
        return count.get();
    }

    /// How many have connected since the beginning.
    public long accepted() {
        return accepted.get();
    }

    public long refused() {
        return refused.get();
    }

    public long evicted() {
        return evicted.get();
    }

    public long outputLimited() {
        return outputLimited.get();
    }

    public long inputLimited() {
        return inputLimited.get();
    }

    void resetCounts() {
        outputLimited.set(0);
        inputLimited.set(0);
        accepted.set(0);
        refused.set(0);
        evicted.set(0);
    }
}
