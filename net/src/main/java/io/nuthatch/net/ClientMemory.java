package io.nuthatch.net;

import io.nuthatch.engine.Config;
import io.nuthatch.engine.Engine;
import io.nuthatch.engine.Session;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.ReentrantLock;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// `maxmemory-clients`: how much all clients together take, and who goes when that is too much, the largest first. Keys
/// are never evicted for the sake of clients.
///
/// Each connection tells what it has come to take, whenever that changes; the sum may be late about bytes that
/// have been sent meanwhile. So before anyone goes, all are measured again.
///
/// Threads: any. One evicts at a time.
final class ClientMemory {
    private static final Logger LOG = LoggerFactory.getLogger(ClientMemory.class);

    /// A smaller limit would let nobody in to change it.
    private static final long LEAST_LIMIT_BYTES = 128 * 1024;

    private final Engine engine;
    private final AtomicLong sumBytes = new AtomicLong();
    private final ReentrantLock evicting = new ReentrantLock();

    ClientMemory(Engine engine) {
        this.engine = engine;
    }

    /// Someone takes so much more, or less if that is negative.
    void changed(long byBytes) {
        long sum = sumBytes.addAndGet(byBytes);
        if (byBytes > 0 && sum > limitBytes()) {
            makeRoom();
        }
    }

    private long limitBytes() {
        Config config = engine.config();
        long limit = config.maxmemoryClients.value();
        if (limit < 0) {
            // A share of no limit is none.
            limit = (long) (config.maxmemory.value() / 100.0 * -limit);
        }
        return limit == 0 ? Long.MAX_VALUE : Math.max(limit, LEAST_LIMIT_BYTES);
    }

    /// Drops clients until the others fit. For when the limit has changed, too.
    void makeRoom() {
        if (!evicting.tryLock()) {
            return;
        }
        try {
            long over = usedBytes() - limitBytes();
            if (over > 0) {
                evict(over);
            }
        } finally {
            evicting.unlock();
        }
    }

    private long usedBytes() {
        long used = 0;
        for (Session session : engine.clients().all()) {
            used += session.memoryBytes();
        }
        return used;
    }

    private void evict(long overBytes) {
        List<Candidate> candidates = new ArrayList<>();
        for (Session session : engine.clients().all()) {
            if (!session.isNoEvict()
                    && session.clientClass() != Session.ClientClass.REPLICA
                    && session.peer() instanceof Connection connection) {
                candidates.add(new Candidate(connection, session.memoryBytes()));
            }
        }
        candidates.sort(Comparator.comparingLong(Candidate::bytes).reversed());
        long over = overBytes;
        for (Candidate largest : candidates) {
            if (over <= 0) {
                return;
            }
            LOG.info(
                    "evicting a client: client={}, bytes={}",
                    largest.connection().address(),
                    largest.bytes());
            largest.connection().evict();
            engine.clients().evict();
            over -= largest.bytes();
        }
    }

    private record Candidate(Connection connection, long bytes) {}
}
