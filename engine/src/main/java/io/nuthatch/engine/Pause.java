package io.nuthatch.engine;

import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/// CLIENT PAUSE: for a while, commands wait, all of them or only those that write.
public final class Pause {
    /// What waits.
    public enum Extent {
        WRITES,
        ALL
    }

    /// Clients that have requests which wait.
    private final Set<Session> held = ConcurrentHashMap.newKeySet();

    private volatile long untilMs;
    private volatile Extent extent = Extent.WRITES;

    /// Pauses until a moment. A pause that is under way is neither cut short nor loosened.
    public synchronized void begin(long nowMs, long untilMs, Extent extent) {
        boolean stricter = !isOn(nowMs) || extent == Extent.ALL;
        this.extent = stricter ? extent : this.extent;
        this.untilMs = Math.max(this.untilMs, untilMs);
    }

    /// Ends the pause.
    public synchronized void end() {
        untilMs = 0;
    }

    public boolean isOn(long nowMs) {
        return untilMs > nowMs;
    }

    /// When it ends, in milliseconds since 1970; in the past if there is none.
    public long untilMs() {
        return untilMs;
    }

    public Extent extent() {
        return extent;
    }

    /// A client has a request that waits: for the end of a pause, or until there is less mail ([Mail]).
    void hold(Session session) {
        held.add(session);
    }

    /// A client has gone.
    void forget(Session session) {
        held.remove(session);
    }

    /// Has all clients go on that wait. Those for whom the pause is not over come to wait again.
    public void resume() {
        held.removeIf(session -> {
            session.peer().resume();
            return true;
        });
    }

    /// Has them go on if the pause is over.
    void resumeAfter(long nowMs) {
        if (!held.isEmpty() && !isOn(nowMs)) {
            resume();
        }
    }

    /// @param writes whether the command may change something
    boolean holds(boolean writes, long nowMs) {
        return untilMs != 0 && untilMs > nowMs && (extent == Extent.ALL || writes);
    }
}
