package io.nuthatch.engine;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicIntegerArray;
import org.jspecify.annotations.Nullable;

/// What one client has subscribed to.
///
/// Thread: the client's; its counts anyone may read.
final class Subscriptions {
    private final List<Map<ByteString, Topic>> topics = new ArrayList<>();
    private final AtomicIntegerArray counts = new AtomicIntegerArray(PubSub.Kind.values().length);

    Subscriptions() {
        for (int i = 0; i < counts.length(); i++) {
            topics.add(new LinkedHashMap<>());
        }
    }

    int count(PubSub.Kind kind) {
        return counts.get(kind.ordinal());
    }

    int total() {
        int sum = 0;
        for (int i = 0; i < counts.length(); i++) {
            sum += counts.get(i);
        }
        return sum;
    }

    @Nullable
    Topic find(PubSub.Kind kind, ByteString name) {
        return topics.get(kind.ordinal()).get(name);
    }

    void add(PubSub.Kind kind, Topic topic) {
        topics.get(kind.ordinal()).put(topic.name(), topic);
        recount(kind);
    }

    void remove(PubSub.Kind kind, ByteString name) {
        topics.get(kind.ordinal()).remove(name);
        recount(kind);
    }

    private void recount(PubSub.Kind kind) {
        counts.set(kind.ordinal(), topics.get(kind.ordinal()).size());
    }

    /// In the order in which they were made.
    List<ByteString> names(PubSub.Kind kind) {
        return List.copyOf(topics.get(kind.ordinal()).keySet());
    }
}
