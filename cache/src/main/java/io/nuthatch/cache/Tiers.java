package io.nuthatch.cache;

import io.nuthatch.cache.Entry.Life;
import io.nuthatch.cache.Tier.Held;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// The tiers of a cache as one, for what goes into them and what leaves: the lower tiers in order, then memory.
///
/// Whoever calls holds the stripes of the keys, so that a key's changes reach all tiers in one order.
///
/// A change is an event of the [Timeline] twice: before the lower tiers are given it, against fills that have begun by
/// then, and when they have it, against those that have begun meanwhile and may have read what was there before. What
/// is loaded changes nothing, and is none: else it would cost the fills of other keys in its slot.
final class Tiers<K, V> {
    /// Later than any deadline, and still no overflow when the time of day is added.
    private static final long FAR_MS = Long.MAX_VALUE / 2;

    private final MemoryTier<K, V> memory;
    private final List<GuardedTier> lower;
    private final @Nullable GuardedTier followed;
    private final KeyText<K> keyText;
    private final Packer<V> packer;
    private final Time time;
    private final Timeline timeline;

    Tiers(Core.Parts<K, V> parts) {
        memory = parts.memory();
        lower = parts.lower();
        followed = parts.followed();
        keyText = parts.keyText();
        packer = parts.packer();
        time = parts.time();
        timeline = parts.timeline();
    }

    /// An entry that is to be kept under a key.
    record Kept<K, V>(K key, Entry<V> entry) {}

    /// Under which text the lower tiers keep a key.
    String textOf(K key) {
        return keyText.of(key);
    }

    /// The slot of a key: of its text where a server may push it, as then the text is all we get.
    int slotOf(K key) {
        return timeline.slotOf(followed == null ? key : textOf(key));
    }

    /// The lower tiers have been given what they are to hold.
    private void changed(K key) {
        timeline.change(slotOf(key));
    }

    /// Writes entries that are new to all tiers. Memory is silent about them until it has what comes of it; where
    /// there is nothing below, it goes from one value to the other in one step.
    void replace(List<Kept<K, V>> all, Policy policy) {
        if (!lower.isEmpty()) {
            all.forEach(one -> memory.remove(one.key()));
        }
        keepOrForget(all, policy);
        if (!lower.isEmpty()) {
            all.forEach(one -> changed(one.key()));
        }
    }

    /// Writes entries to all tiers; those that are gone before they are there are removed.
    void keepOrForget(List<Kept<K, V>> all, Policy policy) {
        List<Kept<K, V>> kept = new ArrayList<>();
        List<K> gone = new ArrayList<>();
        for (Kept<K, V> one : all) {
            if (one.entry().isStillborn()) {
                gone.add(one.key());
            } else {
                kept.add(one);
            }
        }
        forgetAll(gone);
        spreadAll(kept, policy, lower.size());
    }

    /// Writes an entry to the first tiers below memory, and to memory.
    void spread(K key, Entry<V> entry, Policy policy, int lowerTiers) {
        spreadAll(List.of(new Kept<>(key, entry)), policy, lowerTiers);
    }

    /// Writes entries to the first tiers below memory, then to memory. Each tier is given
    /// all of them before the answer to the first is awaited.
    private void spreadAll(List<Kept<K, V>> all, Policy policy, int lowerTiers) {
        long[] marks = all.stream().mapToLong(kept -> kept.entry().mark).toArray();
        List<@Nullable Frame> frames = new ArrayList<>();
        if (lowerTiers > 0) {
            all.forEach(kept -> frames.add(packer.frame(kept.entry())));
        }
        for (int i = 0; i < lowerTiers; i++) {
            writeAll(lower.get(i), all, frames, policy, marks);
        }
        for (int i = 0; i < marks.length; i++) {
            remember(all.get(i).key(), all.get(i).entry(), policy, marks[i]);
        }
    }

    /// Writes entries to one tier; the followed one changes their marks to those of what it then holds.
    private void writeAll(
            GuardedTier tier, List<Kept<K, V>> all, List<@Nullable Frame> frames, Policy policy, long[] marks) {
        List<Tier.Write> writes = new ArrayList<>();
        List<String> unwritable = new ArrayList<>();
        for (int i = 0; i < marks.length; i++) {
            Frame frame = frames.get(i);
            String text = textOf(all.get(i).key());
            if (frame == null) {
                unwritable.add(text);
            } else {
                writes.add(write(tier, text, frame, policy, marks[i]));
            }
        }
        if (!unwritable.isEmpty()) {
            tier.remove(unwritable);
        }
        List<@Nullable Held> held = tier.writeAll(writes);
        if (tier == followed) {
            int next = 0;
            for (int i = 0; i < marks.length; i++) {
                marks[i] = frames.get(i) == null ? Held.UNMARKED : markOf(writes.get(next), held.get(next++));
            }
        }
    }

    private Tier.Write write(GuardedTier tier, String text, Frame frame, Policy policy, long mark) {
        long nowMs = time.nowMs();
        Life life = frame.life().limited(nowMs, policy.tierTtlMs(tier.name(), FAR_MS));
        long ttlMs = Math.max(1, life.goneAtMs() - nowMs);
        return new Tier.Write(text, frame.life(life).toBytes(), ttlMs, frame.tags(), mark);
    }

    /// The mark of what a tier then holds, if that is what was to be written.
    private static long markOf(Tier.Write write, @Nullable Held held) {
        return held != null && held.bytes() == write.bytes() ? held.mark() : Held.UNMARKED;
    }

    /// Keeps an entry in memory; one that nobody would tell us the end of only for want of better.
    private void remember(K key, Entry<V> entry, Policy policy, long mark) {
        long nowMs = time.nowMs();
        Life life = entry.life().limited(nowMs, policy.tierTtlMs(MemoryTier.NAME, FAR_MS));
        if (mark == Held.UNMARKED) {
            life = life.expired(nowMs);
            mark = entry.mark;
        }
        if (life.goneAtMs() > nowMs) {
            memory.put(key, entry.with(life, policy, mark));
        }
    }

    /// Removes a key from the tiers.
    void forget(K key) {
        forgetAll(List.of(key));
    }

    void forgetAll(List<K> keys) {
        keys.forEach(memory::remove);
        if (!lower.isEmpty() && !keys.isEmpty()) {
            List<String> texts = keys.stream().map(this::textOf).toList();
            lower.forEach(tier -> tier.remove(texts));
            keys.forEach(this::changed);
        }
    }
}
