package io.nuthatch.cache.jcache;

import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Closes what users gave to a cache, if it can be closed: listeners, loaders, writers, policies. One that fails
/// must not keep the others open.
final class Closing {
    private static final Logger log = LoggerFactory.getLogger(Closing.class);

    private Closing() {}

    static void close(@Nullable Object something) {
        if (something instanceof AutoCloseable closeable) {
            try {
                closeable.close();
            } catch (Exception e) {
                log.warn("{} could not be closed", something, e);
            }
        }
    }
}
