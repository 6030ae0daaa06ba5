package io.nuthatch.commands;

import io.nuthatch.engine.Args;
import io.nuthatch.engine.CommandError;
import io.nuthatch.memory.Bytes;
import io.nuthatch.memory.Numbers;
import io.nuthatch.memory.Scratch;
import io.nuthatch.resp.ReplySink;
import io.nuthatch.store.Entry;
import io.nuthatch.store.KeyEvent;
import io.nuthatch.store.ListValue;
import io.nuthatch.store.SetView;
import io.nuthatch.store.SortedSetValue;
import io.nuthatch.store.Tx;
import io.nuthatch.store.Type;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// A call of SORT: its words read, the elements put in order, and replied or stored.
///
/// Elements are copied to the Java heap while they are sorted: keys that patterns name are read in between, and the
/// result may go to the very key it came from.
final class Sorting {
    private static final CommandError NOT_NUMBERS =
            CommandError.of("ERR One or more scores can't be converted into double");

    /// An element, and what it is sorted by.
    ///
    /// @param weight for numbers
    /// @param text for ALPHA; null, which comes first, if the pattern names nothing
    private record Element(byte[] bytes, double weight, byte @Nullable [] text) {
        /// Elements of one weight are in the order of their bytes, so that the result is always the same.
        static final Comparator<Element> BY_WEIGHT =
                Comparator.comparingDouble(Element::weight).thenComparing(Element::bytes, Arrays::compareUnsigned);

        static final Comparator<Element> BY_TEXT =
                Comparator.comparing(Element::text, Comparator.nullsFirst(Arrays::compareUnsigned));
    }

    private final Args args;
    private final Tx tx;
    private final List<KeyPattern> gets = new ArrayList<>();
    private @Nullable KeyPattern by;
    private boolean sorts = true;
    private boolean descending;
    private boolean alpha;
    private long offset;
    private long limit = -1;

    /// The word that is the key to store into, or 0.
    private int target;

    private Sorting(Args args, Tx tx) {
        this.args = args;
        this.tx = tx;
    }

    /// Whether a call comes to other keys than the one that is sorted.
    static boolean reachesAnyKey(Args args) {
        for (int i = 2; i + 1 < args.count(); i++) {
            if (args.is(i, "store")
                    || (args.is(i, "by") || args.is(i, "get"))
                            && KeyPattern.of(args.bytes(i + 1)).namesKeys()) {
                return true;
            }
        }
        return false;
    }

    /// Which word of a call is the key to store into, or 0. As in Redis it may come several times, and then the last
    /// counts; and the call need not be right.
    static int targetAt(Args args) {
        int target = 0;
        for (int i = 2; i < args.count(); i++) {
            if (args.is(i, "limit")) {
                i += 2;
            } else if (args.is(i, "by") || args.is(i, "get")) {
                i++;
            } else if (args.is(i, "store") && i + 1 < args.count()) {
                target = i + 1;
            }
        }
        return target;
    }

    static Sorting reading(Args args, Tx tx) {
        return new Sorting(args, tx).read(false);
    }

    static Sorting storing(Args args, Tx tx) {
        return new Sorting(args, tx).read(true);
    }

    private Sorting read(boolean mayStore) {
        for (int i = 2; i < args.count(); i++) {
            int more = args.count() - i - 1;
            if (args.is(i, "asc")) {
                descending = false;
            } else if (args.is(i, "desc")) {
                descending = true;
            } else if (args.is(i, "alpha")) {
                alpha = true;
            } else if (args.is(i, "limit") && more >= 2) {
                offset = args.integer(++i);
                limit = args.integer(++i);
            } else if (mayStore && args.is(i, "store") && more >= 1) {
                target = ++i;
            } else if (args.is(i, "by") && more >= 1) {
                by = KeyPattern.of(args.bytes(++i));
                sorts &= by.namesKeys();
            } else if (args.is(i, "get") && more >= 1) {
                gets.add(KeyPattern.of(args.bytes(++i)));
            } else {
                throw CommandError.SYNTAX;
            }
        }
        return this;
    }

    void run(ReplySink reply) {
        List<byte[]> sorted = sorted();
        if (target == 0) {
            reply.array(sorted.size() * Math.max(1, gets.size()));
            sorted.forEach(element -> reply(element, reply));
        } else {
            store(results(sorted), args.bytes(target), reply);
        }
    }

    // ---------------------------------------------------------------------------------------------- putting in order

    private List<byte[]> sorted() {
        Entry entry = tx.read(args.bytes(1));
        if (entry == null) {
            return List.of();
        }
        if (!sorts && entry.type() == Type.SET && target > 0) {
            // What is stored must not hang on how a set happens to be kept.
            sorts = true;
            alpha = true;
            by = null;
        }
        List<byte[]> elements = elements(entry);
        if (sorts) {
            elements = sort(elements);
        } else if (descending && entry.type() != Type.SET) {
            Collections.reverse(elements);
        }
        return part(elements);
    }

    private static List<byte[]> elements(Entry entry) {
        List<byte[]> elements = new ArrayList<>();
        switch (entry.type()) {
            case LIST -> ListValue.forEach(entry, 0, Long.MAX_VALUE, each -> elements.add(each.toArray()));
            case SET -> SetView.of(entry).forEach(each -> elements.add(each.toArray()));
            case SORTED_SET ->
                SortedSetValue.forEach(entry, 0, Long.MAX_VALUE, (each, score) -> elements.add(each.toArray()));
            case STRING, HASH, STREAM -> throw CommandError.WRONG_TYPE;
        }
        return elements;
    }

    private List<byte[]> sort(List<byte[]> elements) {
        List<Element> weighed = new ArrayList<>(elements.size());
        for (byte[] element : elements) {
            weighed.add(weigh(element));
        }
        Comparator<Element> order = alpha ? Element.BY_TEXT : Element.BY_WEIGHT;
        weighed.sort(descending ? order.reversed() : order);
        return weighed.stream().map(Element::bytes).toList();
    }

    private Element weigh(byte[] element) {
        if (alpha && by == null) {
            return new Element(element, 0, element);
        }
        Element[] weighed = new Element[1];
        KeyPattern pattern = by == null ? KeyPattern.ELEMENT : by;
        pattern.look(element, tx, value -> {
            byte[] text = value == null || !alpha ? null : value.toArray();
            weighed[0] = new Element(element, value == null || alpha ? 0 : number(value), text);
        });
        return weighed[0];
    }

    private static double number(Bytes text) {
        double number = Numbers.parseDoubleAsC(text.address(), text.length());
        if (Double.isNaN(number) || Numbers.isOutOfRange(number, text.address(), text.length())) {
            throw NOT_NUMBERS;
        }
        // So that -0 is 0: they weigh the same.
        return number + 0.0;
    }

    private List<byte[]> part(List<byte[]> elements) {
        int from = Math.clamp(offset, 0, elements.size());
        int count = elements.size() - from;
        return elements.subList(from, from + (limit < 0 ? count : (int) Math.min(limit, count)));
    }

    // ---------------------------------------------------------------------------------------------- answering

    private void reply(byte[] element, ReplySink reply) {
        for (KeyPattern get : gets.isEmpty() ? List.of(KeyPattern.ELEMENT) : gets) {
            get.look(element, tx, value -> {
                if (value == null) {
                    reply.nullBulk();
                } else {
                    reply.bulk(value);
                }
            });
        }
    }

    private List<byte[]> results(List<byte[]> elements) {
        if (gets.isEmpty()) {
            return elements;
        }
        List<byte[]> results = new ArrayList<>(elements.size() * gets.size());
        for (byte[] element : elements) {
            for (KeyPattern get : gets) {
                get.look(element, tx, value -> results.add(value == null ? new byte[0] : value.toArray()));
            }
        }
        return results;
    }

    private void store(List<byte[]> results, Bytes key, ReplySink reply) {
        if (results.isEmpty()) {
            Entry old = tx.find(key);
            if (old != null) {
                old.delete();
            }
        } else {
            Entry list = ListValue.put(tx, key);
            ListValue.expect(
                    list, results.stream().mapToLong(each -> each.length).sum(), results.size());
            for (byte[] result : results) {
                try (Scratch copy = Scratch.of(result)) {
                    ListValue.push(list, ListValue.End.TAIL, copy.bytes());
                }
            }
            list.changed(KeyEvent.SORTSTORE);
        }
        reply.integer(results.size());
    }
}
