package io.nuthatch.engine;

import io.nuthatch.engine.Waiter.Place;
import org.jspecify.annotations.Nullable;

/// The clients that wait for a key, in order of arrival.
///
/// Locks: the shard's that the key is in.
final class Line {
    final KeyName name;
    final int shard;

    /// Whether it is among those to be served.
    boolean isReady;

    /// How many of its clients want to know when the key ends.
    int minders;

    /// How many of its clients are served by time alone, too.
    int ripeners;

    /// When the first of them is to be, at the earliest, in milliseconds since 1970.
    long ripeMs = Wait.NEVER_MS;

    /// How long what comes into the key takes to be of use to one of them.
    long ripeningMs = Wait.NEVER_MS;

    private @Nullable Place first;
    private @Nullable Place last;

    Line(KeyName name, int shard) {
        this.name = name;
        this.shard = shard;
    }

    @Nullable
    Place first() {
        return first;
    }

    boolean isEmpty() {
        return first == null;
    }

    /// Whether a client is the last of it, having just come for the same key under another word.
    boolean endsWith(Waiter waiter) {
        return last != null && last.waiter == waiter;
    }

    Place add(Waiter waiter, int key) {
        Place place = new Place(waiter, this, key);
        place.before = last;
        if (last == null) {
            first = place;
        } else {
            last.after = place;
        }
        last = place;
        minders += waiter.wait.endings() ? 1 : 0;
        Wait.Ripening ripening = waiter.wait.ripening();
        if (ripening != null) {
            ripeners++;
            ripeningMs = Math.min(ripeningMs, ripening.leastMs());
        }
        return place;
    }

    void remove(Place place) {
        if (place.before == null) {
            first = place.after;
        } else {
            place.before.after = place.after;
        }
        if (place.after == null) {
            last = place.before;
        } else {
            place.after.before = place.before;
        }
        place.isLeft = true;
        minders -= place.waiter.wait.endings() ? 1 : 0;
        if (place.waiter.wait.ripening() != null && --ripeners == 0) {
            ripeMs = Wait.NEVER_MS;
            ripeningMs = Wait.NEVER_MS;
        }
    }
}
