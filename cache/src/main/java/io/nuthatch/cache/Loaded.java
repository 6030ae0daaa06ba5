package io.nuthatch.cache;

import java.util.Set;
import org.jspecify.annotations.Nullable;

/// What a [Source] answers.
///
/// @param <V> the values
public sealed interface Loaded<V> {
    /// A value.
    ///
    /// @param policy how to keep it; null is as the read says
    /// @param tags besides those of the policy
    /// @param validator what the next load of the key is told, null for nothing
    record Value<V>(
            V value,
            @Nullable Policy policy,
            Set<String> tags,
            @Nullable String validator) implements Loaded<V> {
        /// Copies the tags.
        public Value {
            tags = Set.copyOf(tags);
        }

        /// The same, kept in another way than the read says.
        public Value<V> policy(Policy policy) {
            return new Value<>(value, policy, tags, validator);
        }

        /// The same, with tags besides those of the policy.
        public Value<V> tags(String... tags) {
            return new Value<>(value, policy, Set.of(tags), validator);
        }

        /// The same, with what the next load of the key is told.
        public Value<V> validator(String validator) {
            return new Value<>(value, policy, tags, validator);
        }
    }

    /// The value the cache knows is still right: it is fresh again. Only an answer to a question that held a
    /// value.
    record NotModified<V>() implements Loaded<V> {}

    /// The source has no value.
    record Absent<V>() implements Loaded<V> {}

    /// A value, kept as the read says.
    static <V> Value<V> value(V value) {
        return new Value<>(value, null, Set.of(), null);
    }

    /// The known value is still right.
    static <V> Loaded<V> notModified() {
        return new NotModified<>();
    }

    /// The source has no value.
    static <V> Loaded<V> absent() {
        return new Absent<>();
    }

    /// The value, or that there is none.
    static <V> Loaded<V> ofNullable(@Nullable V value) {
        return value == null ? new Absent<>() : value(value);
    }
}
