package io.nuthatch.net;

import io.nuthatch.engine.Config;
import io.nuthatch.engine.OutputLimits;
import io.nuthatch.engine.Session;

/// `client-output-buffer-limit`: how many bytes of replies may wait for a client that does not read them. The
/// hard limit closes it at once, the soft one when it has lasted.
final class OutputLimit {
    private final Config config;
    private final Session session;
    private long softSinceMs;

    OutputLimit(Config config, Session session) {
        this.config = config;
        this.session = session;
    }

    boolean isExceeded(long pendingBytes, long nowMs) {
        OutputLimits.Limit limit = config.clientOutputBufferLimit.value().of(session.clientClass());
        if (limit.hardBytes() > 0 && pendingBytes > limit.hardBytes()) {
            return true;
        }
        if (limit.softBytes() == 0 || pendingBytes <= limit.softBytes()) {
            softSinceMs = 0;
            return false;
        }
        if (softSinceMs == 0) {
            softSinceMs = nowMs;
        }
        return nowMs - softSinceMs > limit.softSeconds() * 1000;
    }
}
