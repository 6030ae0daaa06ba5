package io.nuthatch.engine;

import java.util.Collection;
import java.util.Optional;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.atomic.AtomicLong;

/// All clients that are connected, by their ids, which are given in order of arrival and never again.
public final class Clients {
    private final ConcurrentSkipListMap<Long, Session> byId = new ConcurrentSkipListMap<>();
    private final AtomicLong lastId = new AtomicLong();
    private final AtomicLong accepted = new AtomicLong();
    private final AtomicLong refused = new AtomicLong();

    long nextId() {
        return lastId.incrementAndGet();
    }

    void add(Session session) {
        accepted.incrementAndGet();
        byId.put(session.id(), session);
    }

    void remove(Session session) {
        byId.remove(session.id());
    }

    /// Counts a connection that was turned away for `maxclients`.
    public void refuse() {
        refused.incrementAndGet();
    }

    /// In order of arrival.
    public Collection<Session> all() {
        return byId.values();
    }

    public Optional<Session> byId(long id) {
        return Optional.ofNullable(byId.get(id));
    }

    public int count() {
        return byId.size();
    }

    /// How many have connected since the beginning.
    public long accepted() {
        return accepted.get();
    }

    public long refused() {
        return refused.get();
    }
}
