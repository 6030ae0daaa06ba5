package io.nuthatch.cache;

import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/// A tier in this process that fails or hangs when it is told to.
final class FakeTier implements Tier {
    enum Mood {
        WELL,
        FAILING,
        THROWING,
        HANGING
    }

    final Map<String, Write> held = new ConcurrentHashMap<>();
    final List<String> calls = Collections.synchronizedList(new ArrayList<>());
    volatile Mood mood = Mood.WELL;
    /// Runs in the middle of a write, before its answer.
    volatile Runnable duringWrite = () -> {};

    /// Runs before something is written or removed.
    volatile Runnable beforeChange = () -> {};
    /// Runs when something has been read, before the answer.
    volatile Runnable afterRead = () -> {};

    private final String name;

    FakeTier(String name) {
        this.name = name;
    }

    @Override
    public String name() {
        return name;
    }

    private <T> CompletionStage<T> answer(String call, Supplier<T> work) {
        calls.add(call);
        return switch (mood) {
            case WELL -> CompletableFuture.completedFuture(work.get());
            case FAILING -> CompletableFuture.failedFuture(new IllegalStateException("failing"));
            case THROWING -> throw new IllegalStateException("throwing");
            case HANGING -> new CompletableFuture<>();
        };
    }

    private CompletionStage<@Nullable Void> change(String call, Runnable work) {
        return answer(call, () -> {
            beforeChange.run();
            work.run();
            return null;
        });
    }

    @Override
    public CompletionStage<Map<String, Held>> read(Collection<String> keys) {
        return answer("read " + String.join(",", keys), () -> {
            Map<String, Held> found = new HashMap<>();
            for (String key : keys) {
                if (held.containsKey(key)) {
                    found.put(key, Held.of(held.get(key).bytes()));
                }
            }
            afterRead.run();
            return found;
        });
    }

    @Override
    public CompletionStage<Held> write(Write write) {
        return answer("write " + write.key(), () -> {
            beforeChange.run();
            held.put(write.key(), write);
            duringWrite.run();
            return Held.of(write.bytes());
        });
    }

    @Override
    public CompletionStage<@Nullable Void> remove(Collection<String> keys) {
        return change("remove " + String.join(",", keys), () -> held.keySet().removeAll(keys));
    }

    @Override
    public CompletionStage<@Nullable Void> invalidateTag(String tag) {
        return change(
                "tag " + tag, () -> held.values().removeIf(write -> write.tags().contains(tag)));
    }

    @Override
    public CompletionStage<@Nullable Void> clear() {
        return change("clear", held::clear);
    }

    @Override
    public void close() {
        calls.add("close");
    }
}
