package io.nuthatch.cache.jcache;

import io.nuthatch.cache.Policy;
import java.util.function.Supplier;
import javax.cache.expiry.Duration;
import javax.cache.expiry.ExpiryPolicy;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// An expiry policy of JCache in the words of the cache.
///
/// A policy is the user's code. When it throws, an entry is kept as if it had said nothing: a new one for ever,
/// another as long as before.
record Expiry(ExpiryPolicy policy) implements AutoCloseable {
    /// Until it is replaced or removed.
    static final Policy ETERNAL = Policy.forever();

    private static final Logger log = LoggerFactory.getLogger(Expiry.class);

    /// For how long.
    sealed interface Term {
        /// Not at all.
        record Over() implements Term {}

        /// As before.
        record Same() implements Term {}

        /// As a policy says.
        record For(Policy policy) implements Term {}

        /// Not at all.
        Term OVER = new Over();
        /// As before.
        Term SAME = new Same();
        /// Until it is replaced or removed.
        Term EVER = new For(ETERNAL);
    }

    Term ofCreation() {
        Term term = termOf(policy::getExpiryForCreation);
        return term == Term.SAME ? Term.EVER : term;
    }

    Term ofAccess() {
        return termOf(policy::getExpiryForAccess);
    }

    Term ofUpdate() {
        return termOf(policy::getExpiryForUpdate);
    }

    private static Term termOf(Supplier<@Nullable Duration> answer) {
        Duration duration;
        try {
            duration = answer.get();
        } catch (RuntimeException e) {
            log.warn("the expiry policy failed", e);
            return Term.SAME;
        }
        if (duration == null) {
            return Term.SAME;
        }
        if (duration.isZero()) {
            return Term.OVER;
        }
        if (duration.isEternal()) {
            return Term.EVER;
        }
        return new Term.For(Policy.ofTtl(
                java.time.Duration.ofMillis(duration.getTimeUnit().toMillis(duration.getDurationAmount()))));
    }

    @Override
    public void close() {
        Closing.close(policy);
    }
}
