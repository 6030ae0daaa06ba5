package io.nuthatch.store;

import io.nuthatch.memory.Bytes;
import io.nuthatch.memory.Numbers;
import java.util.LinkedHashSet;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Predicate;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/// A set as it is at a moment, to be read: it makes one thing of the three forms a set has.
///
/// It is valid until any set changes or the transaction ends; unlike an [Entry], any number may be held side by
/// side. Where a member's bytes are handed out, they are valid until the view is asked for more.
///
/// Locks: the shard's, which the transaction holds.
public final class SetView {
    /// Up to this part of a set is drawn member by member; more is chosen by going through the set.
    private static final int FEW = 3;

    private final Bytes window = new Bytes();
    private final long digits;
    private @Nullable Members members;
    private long packed;
    private boolean isIntset;

    private SetView(long digits) {
        this.digits = digits;
    }

    /// The set that an entry is.
    public static SetView of(Entry entry) {
        return new SetView(entry.digits).look(entry);
    }

    private SetView look(Entry entry) {
        members = entry.isRoot() ? ((SetRoot) entry.root()).members : null;
        if (members == null) {
            packed = Payload.address(entry.at);
            isIntset = SetValue.isIntset(entry);
        }
        return this;
    }

    public long size() {
        return members != null ? members.size() : isIntset ? Intset.count(packed) : Listpack.count(packed);
    }

    public boolean contains(Bytes member) {
        if (members != null) {
            return members.find(member) != 0;
        }
        return isIntset ? intsetHas(packed, member) : listpackHas(packed, member);
    }

    static boolean intsetHas(long intset, Bytes member) {
        return Numbers.isLong(member.address(), member.length())
                && Intset.contains(intset, Numbers.parse(member.address(), member.length()));
    }

    static boolean listpackHas(long listpack, Bytes member) {
        return Listpack.has(listpack, Listpack.find(listpack, Listpack.FIRST, member, 0));
    }

    /// Visits all members.
    public void forEach(Consumer<Bytes> visit) {
        forEachWhile(member -> {
            visit.accept(member);
            return true;
        });
    }

    /// Visits members as long as the visitor wants more.
    public void forEachWhile(Predicate<Bytes> visit) {
        if (members != null) {
            forEachWhile(members, visit);
        } else if (isIntset) {
            int count = Intset.count(packed);
            for (int i = 0; i < count && visit.test(integer(i)); i++) {
                // The visitor does it all.
            }
        } else {
            int at = Listpack.FIRST;
            while (Listpack.has(packed, at) && visit.test(Listpack.read(packed, at, window, digits))) {
                at = Listpack.next(packed, at);
            }
        }
    }

    private void forEachWhile(Members large, Predicate<Bytes> visit) {
        boolean[] more = {true};
        long cursor = 0;
        do {
            cursor = large.scan(cursor, at -> more[0] = more[0] && visit.test(Member.read(at, window)));
        } while (cursor != 0 && more[0]);
    }

    private Bytes integer(int index) {
        return window.set(digits, Numbers.write(Intset.value(packed, index), digits));
    }

    /// Visits a part of the set: about `most` members, or all if it is small. A member that is there from the
    /// first call to the last is visited at least once.
    ///
    /// @param from 0 to begin, else what the last call returned
    /// @return where to go on, 0 when all has been visited
    public long scan(long from, long most, Consumer<Bytes> visit) {
        if (members == null) {
            forEach(visit);
            return 0;
        }
        return members.scan(from, most, at -> visit.accept(Member.read(at, window)));
    }

    /// A member at random, each as likely as any other. The set must not be empty.
    public Bytes random(RandomGenerator random) {
        return read(draw(random));
    }

    /// Draws a member for [#read]: the address of a large set's, the index of a small one's.
    long draw(RandomGenerator random) {
        return members != null ? members.index.randomEvenly(random) : random.nextLong(size());
    }

    Bytes read(long drawn) {
        if (members != null) {
            return Member.read(drawn, window);
        }
        return isIntset
                ? integer((int) drawn)
                : Listpack.read(packed, Listpack.seek(packed, (int) drawn), window, digits);
    }

    /// Visits `count` different members at random, each as likely as any other. There must be more than so many.
    public void sample(long count, RandomGenerator random, Consumer<Bytes> visit) {
        if (members != null && count < size() / FEW) {
            Set<Long> drawn = new LinkedHashSet<>();
            while (drawn.size() < count) {
                drawn.add(draw(random));
            }
            drawn.forEach(at -> visit.accept(read(at)));
            return;
        }
        // Of all that are left, as many as are still wanted: each member gets its fair chance (Knuth, 3.4.2, S).
        long[] left = {size(), count};
        forEachWhile(member -> {
            if (random.nextLong(left[0]--) < left[1]) {
                left[1]--;
                visit.accept(member);
            }
            return left[1] > 0;
        });
    }
}
