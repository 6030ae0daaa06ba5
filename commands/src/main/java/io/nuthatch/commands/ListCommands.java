package io.nuthatch.commands;

import static io.nuthatch.engine.Command.row;
import static io.nuthatch.engine.CommandFlag.BLOCKING;
import static io.nuthatch.engine.CommandFlag.DENYOOM;
import static io.nuthatch.engine.CommandFlag.FAST;
import static io.nuthatch.engine.CommandFlag.READONLY;
import static io.nuthatch.engine.CommandFlag.WRITE;

import io.nuthatch.engine.Args;
import io.nuthatch.engine.CommandError;
import io.nuthatch.engine.Family;
import io.nuthatch.engine.Wait;
import io.nuthatch.memory.Bytes;
import io.nuthatch.memory.Scratch;
import io.nuthatch.resp.ReplySink;
import io.nuthatch.store.Effects;
import io.nuthatch.store.Entry;
import io.nuthatch.store.KeyEvent;
import io.nuthatch.store.ListValue;
import io.nuthatch.store.ListValue.End;
import io.nuthatch.store.Tx;
import io.nuthatch.store.Type;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// Lists: the table, then the bodies in the same order.
public final class ListCommands {
    private static final CommandError RANK_ZERO =
            CommandError.of("ERR RANK can't be zero: use 1 to start from the first"
                    + " match, 2 from the second ... or use negative to start from the end of the list");
    private static final CommandError COUNT_NEGATIVE = CommandError.of("ERR COUNT can't be negative");
    private static final CommandError MAXLEN_NEGATIVE = CommandError.of("ERR MAXLEN can't be negative");

    private ListCommands() {}

    public static Family family() {
        return Family.of(
                "list",
                Set.of("list"),
                row("BLMOVE @source @destination <LEFT | RIGHT> <LEFT | RIGHT> timeout")
                        .is(WRITE, DENYOOM, BLOCKING)
                        .keys("RW access delete", "RW insert")
                        .since("6.2.0")
                        .brief("Takes an element from one end of a list, adds it at one end of another, and returns it."
                                + " Waits for one if there is none.")
                        .waits(ListCommands::blMove),
                row("BLMOVEM @source @destination <LEFT | RIGHT> <LEFT | RIGHT> timeout"
                                + " [<COUNT count | EXACTLY exactly> <OBO | BULK>]")
                        .is(WRITE, DENYOOM, BLOCKING)
                        .keys("RW access delete", "RW insert")
                        .since("8.10.0")
                        .brief("Takes elements from one end of a list, adds them at one end of another, and returns"
                                + " them. Waits until there are enough.")
                        .cost("O(N), N being the number of elements.")
                        .waits(ListCommands::blMoveM),
                row("BLMPOP timeout numkeys @key [@key ...] <LEFT | RIGHT> [COUNT count]")
                        .is(WRITE, BLOCKING)
                        .keys("RW access delete")
                        .since("7.0.0")
                        .brief("Takes elements from one end of the first of several lists that is not empty."
                                + " Waits for one if there is none.")
                        .cost("O(N+M), N being the number of keys and M the number of elements.")
                        .waits(ListCommands::blmPop),
                row("BLPOP @key [@key ...] timeout")
                        .is(WRITE, BLOCKING)
                        .keys("RW access delete")
                        .since("2.0.0")
                        .brief("Takes the first element of the first of several lists that is not empty."
                                + " Waits for one if there is none.")
                        .cost("O(N), N being the number of keys.")
                        .waits(ListCommands::blPop),
                row("BRPOP @key [@key ...] timeout")
                        .is(WRITE, BLOCKING)
                        .keys("RW access delete")
                        .since("2.0.0")
                        .brief("Takes the last element of the first of several lists that is not empty."
                                + " Waits for one if there is none.")
                        .cost("O(N), N being the number of keys.")
                        .waits(ListCommands::brPop),
                row("BRPOPLPUSH @source @destination timeout")
                        .is(WRITE, DENYOOM, BLOCKING)
                        .keys("RW access delete", "RW insert")
                        .since("2.2.0")
                        .deprecated("6.2.0", "BLMOVE with RIGHT and LEFT")
                        .brief("Takes the last element of a list, adds it before the first of another, and returns it."
                                + " Waits for one if there is none.")
                        .waits(ListCommands::brPopLPush),
                row("LINDEX @key index")
                        .is(READONLY)
                        .keys("RO access")
                        .since("1.0.0")
                        .brief("Returns the element of a list at an index.")
                        .cost("O(log N), N being the length of the list.")
                        .does(ListCommands::lIndex),
                row("LINSERT @key <BEFORE | AFTER> pivot element")
                        .is(WRITE, DENYOOM)
                        .keys("RW insert")
                        .since("2.2.0")
                        .brief("Inserts an element before or after another element of a list.")
                        .cost("O(N), N being the number of elements before the other one.")
                        .does(ListCommands::lInsert),
                row("LLEN @key")
                        .is(READONLY, FAST)
                        .keys("RO")
                        .since("1.0.0")
                        .brief("Returns the length of a list.")
                        .does(ListCommands::lLen),
                row("LMOVE @source @destination <LEFT | RIGHT> <LEFT | RIGHT>")
                        .is(WRITE, DENYOOM)
                        .keys("RW access delete", "RW insert")
                        .since("6.2.0")
                        .brief(
                                "Takes an element from one end of a list, adds it at one end of another, and returns it.")
                        .does(ListCommands::lMove),
                row("LMOVEM @source @destination <LEFT | RIGHT> <LEFT | RIGHT>"
                                + " [<COUNT count | EXACTLY exactly> <OBO | BULK>]")
                        .is(WRITE, DENYOOM)
                        .keys("RW access delete", "RW insert")
                        .since("8.10.0")
                        .brief("Takes elements from one end of a list, adds them at one end of another, and returns"
                                + " them.")
                        .cost("O(N), N being the number of elements.")
                        .does(ListCommands::lMoveM),
                row("LMPOP numkeys @key [@key ...] <LEFT | RIGHT> [COUNT count]")
                        .is(WRITE)
                        .keys("RW access delete")
                        .since("7.0.0")
                        .brief("Takes elements from one end of the first of several lists that is not empty.")
                        .cost("O(N+M), N being the number of keys and M the number of elements.")
                        .does(ListCommands::lmPop),
                row("LPOP @key [count]")
                        .is(WRITE, FAST)
                        .keys("RW access delete")
                        .since("1.0.0")
                        .brief("Takes the first elements of a list.")
                        .cost("O(N), N being the number of elements.")
                        .does(ListCommands::lPop),
                row("LPOS @key element [RANK rank] [COUNT num-matches] [MAXLEN len]")
                        .is(READONLY)
                        .keys("RO access")
                        .since("6.0.6")
                        .brief("Returns the indexes of the elements of a list that equal a value.")
                        .cost("O(N), N being the number of elements that are looked at.")
                        .does(ListCommands::lPos),
                row("LPUSH @key element [element ...]")
                        .is(WRITE, DENYOOM, FAST)
                        .keys("RW insert")
                        .since("1.0.0")
                        .brief("Adds elements before the first of a list. Creates the key if it doesn't exist.")
                        .cost("O(N), N being the number of elements.")
                        .does(ListCommands::lPush),
                row("LPUSHX @key element [element ...]")
                        .is(WRITE, DENYOOM, FAST)
                        .keys("RW insert")
                        .since("2.2.0")
                        .brief("Adds elements before the first of a list, only if the list exists.")
                        .cost("O(N), N being the number of elements.")
                        .does(ListCommands::lPushX),
                row("LRANGE @key start stop")
                        .is(READONLY)
                        .keys("RO access")
                        .since("1.0.0")
                        .brief("Returns a range of the elements of a list.")
                        .cost("O(log N+M), N being the length of the list and M the number of elements.")
                        .does(ListCommands::lRange),
                row("LREM @key count element")
                        .is(WRITE)
                        .keys("RW delete")
                        .since("1.0.0")
                        .brief("Removes elements of a list that equal a value.")
                        .cost("O(N), N being the length of the list.")
                        .does(ListCommands::lRem),
                row("LSET @key index element")
                        .is(WRITE, DENYOOM)
                        .keys("RW update")
                        .since("1.0.0")
                        .brief("Replaces the element of a list at an index.")
                        .cost("O(log N), N being the length of the list.")
                        .does(ListCommands::lSet),
                row("LTRIM @key start stop")
                        .is(WRITE)
                        .keys("RW delete")
                        .since("1.0.0")
                        .brief("Removes all elements of a list but those of a range.")
                        .cost("O(N), N being the number of elements removed.")
                        .does(ListCommands::lTrim),
                row("RPOP @key [count]")
                        .is(WRITE, FAST)
                        .keys("RW access delete")
                        .since("1.0.0")
                        .brief("Takes the last elements of a list.")
                        .cost("O(N), N being the number of elements.")
                        .does(ListCommands::rPop),
                row("RPOPLPUSH @source @destination")
                        .is(WRITE, DENYOOM)
                        .keys("RW access delete", "RW insert")
                        .since("1.2.0")
                        .brief("Takes the last element of a list, adds it before the first of another, and returns it.")
                        .does(ListCommands::rPopLPush),
                row("RPUSH @key element [element ...]")
                        .is(WRITE, DENYOOM, FAST)
                        .keys("RW insert")
                        .since("1.0.0")
                        .brief("Adds elements after the last of a list. Creates the key if it doesn't exist.")
                        .cost("O(N), N being the number of elements.")
                        .does(ListCommands::rPush),
                row("RPUSHX @key element [element ...]")
                        .is(WRITE, DENYOOM, FAST)
                        .keys("RW insert")
                        .since("2.2.0")
                        .brief("Adds elements after the last of a list, only if the list exists.")
                        .cost("O(N), N being the number of elements.")
                        .does(ListCommands::rPushX));
    }

    /// A key's list entry, or null if there is no such key.
    static @Nullable Entry list(@Nullable Entry entry) {
        if (entry != null && entry.type() != Type.LIST) {
            throw CommandError.WRONG_TYPE;
        }
        return entry;
    }

    private static End end(Args args, int index) {
        if (args.is(index, "left")) {
            return End.HEAD;
        }
        if (args.is(index, "right")) {
            return End.TAIL;
        }
        throw CommandError.SYNTAX;
    }

    private static @Nullable Wait blMove(Args args, Tx tx, ReplySink reply) {
        return move(args, end(args, 3), end(args, 4), args.timeoutMs(5), tx, reply);
    }

    /// Moves an element, or waits for one.
    private static @Nullable Wait move(Args args, End from, End to, long timeoutMs, Tx tx, ReplySink reply) {
        Entry source = list(tx.write(args.bytes(1)));
        if (source != null) {
            move(source, args, from, to, tx, reply);
            return null;
        }
        return Wait.forKeys(Type.LIST, 1, 1, timeoutMs, (key, words, later, answer) -> {
                    Entry found = list(later.write(words.bytes(key)));
                    if (found != null) {
                        move(found, words, from, to, later, answer);
                    }
                    return found != null;
                })
                .changing(2)
                .orElseAtOnce(ReplySink::nullBulk);
    }

    private static @Nullable Wait blMoveM(Args args, Tx tx, ReplySink reply) {
        End from = end(args, 3);
        End to = end(args, 4);
        long timeoutMs = args.timeoutMs(5);
        MultiMove move = MultiMove.of(args, from, to, 6);
        if (moveAndTell(move, args, tx, reply)) {
            return null;
        }
        return Wait.forKeys(
                        Type.LIST,
                        1,
                        1,
                        timeoutMs,
                        (key, words, later, answer) -> moveAndTell(move, words, later, answer))
                .changing(2);
    }

    /// Moves several, and says so without a word of waiting.
    private static boolean moveAndTell(MultiMove move, Args args, Tx tx, ReplySink reply) {
        long count = moveSeveral(move, args, tx, reply);
        if (count > 0) {
            tx.effect("LMOVEM")
                    .add(args.bytes(1))
                    .add(args.bytes(2))
                    .add(side(move.from()))
                    .add(side(move.to()))
                    .add("EXACTLY")
                    .add(count)
                    .add(move.keepsOrder() ? "BULK" : "OBO");
        }
        return count > 0;
    }

    private static @Nullable Wait blmPop(Args args, Tx tx, ReplySink reply) {
        MultiPop pop = MultiPop.of(args, 2, "left", "right");
        long timeoutMs = args.timeoutMs(1);
        for (int i = pop.firstKey(); i <= pop.lastKey(); i++) {
            if (popSeveral(i, pop, args, tx, reply)) {
                return null;
            }
        }
        return Wait.forKeys(
                Type.LIST,
                pop.firstKey(),
                pop.lastKey(),
                timeoutMs,
                (key, words, later, answer) -> popSeveral(key, pop, words, later, answer));
    }

    /// Replies with a list's key and elements, and removes these, if there are any.
    private static boolean popSeveral(int key, MultiPop pop, Args args, Tx tx, ReplySink reply) {
        Entry entry = list(tx.write(args.bytes(key)));
        if (entry == null) {
            return false;
        }
        reply.array(2);
        reply.bulk(args.bytes(key));
        End from = pop.fromFront() ? End.HEAD : End.TAIL;
        tellPop(args.bytes(key), from, Math.min(pop.count(), ListValue.length(entry)), tx);
        pop(entry, from, pop.count(), reply);
        return true;
    }

    private static @Nullable Wait blPop(Args args, Tx tx, ReplySink reply) {
        return popFirst(args, End.HEAD, tx, reply);
    }

    private static @Nullable Wait popFirst(Args args, End from, Tx tx, ReplySink reply) {
        int last = args.count() - 2;
        long timeoutMs = args.timeoutMs(last + 1);
        for (int i = 1; i <= last; i++) {
            if (popWithKey(i, args, from, tx, reply)) {
                return null;
            }
        }
        return Wait.forKeys(
                Type.LIST,
                1,
                last,
                timeoutMs,
                (key, words, later, answer) -> popWithKey(key, words, from, later, answer));
    }

    /// Replies with a list's key and an element, and removes that, if there is any.
    private static boolean popWithKey(int key, Args args, End from, Tx tx, ReplySink reply) {
        Entry entry = list(tx.write(args.bytes(key)));
        if (entry == null) {
            return false;
        }
        reply.array(2);
        reply.bulk(args.bytes(key));
        tellPop(args.bytes(key), from, 1, tx);
        remove(entry, from, 1, reply);
        return true;
    }

    /// Says that elements have been taken, for a command that first had to find the list, or to wait for it.
    private static void tellPop(Bytes key, End from, long count, Tx tx) {
        Effects effect = tx.effect(from == End.HEAD ? "LPOP" : "RPOP").add(key);
        if (count != 1) {
            effect.add(count);
        }
    }

    private static @Nullable Wait brPop(Args args, Tx tx, ReplySink reply) {
        return popFirst(args, End.TAIL, tx, reply);
    }

    private static @Nullable Wait brPopLPush(Args args, Tx tx, ReplySink reply) {
        return move(args, End.TAIL, End.HEAD, args.timeoutMs(3), tx, reply);
    }

    private static void lIndex(Args args, Tx tx, ReplySink reply) {
        Entry entry = list(tx.read(args.bytes(1)));
        if (entry == null) {
            reply.nullBulk();
            return;
        }
        Bytes element = ListValue.read(entry, args.integer(2), new Bytes());
        if (element == null) {
            reply.nullBulk();
        } else {
            reply.bulk(element);
        }
    }

    private static void lInsert(Args args, Tx tx, ReplySink reply) {
        boolean after = args.is(2, "after");
        if (!after && !args.is(2, "before")) {
            throw CommandError.SYNTAX;
        }
        Entry entry = list(tx.write(args.bytes(1)));
        if (entry == null) {
            reply.integer(0);
        } else if (after
                ? ListValue.insertAfter(entry, args.bytes(3), args.bytes(4))
                : ListValue.insertBefore(entry, args.bytes(3), args.bytes(4))) {
            entry.changed(KeyEvent.LINSERT);
            reply.integer(ListValue.length(entry));
        } else {
            reply.integer(-1);
        }
    }

    private static void lLen(Args args, Tx tx, ReplySink reply) {
        Entry entry = list(tx.read(args.bytes(1)));
        reply.integer(entry == null ? 0 : ListValue.length(entry));
    }

    private static void lMove(Args args, Tx tx, ReplySink reply) {
        move(args, end(args, 3), end(args, 4), tx, reply);
    }

    private static void move(Args args, End from, End to, Tx tx, ReplySink reply) {
        Entry source = list(tx.write(args.bytes(1)));
        if (source == null) {
            reply.nullBulk();
        } else {
            move(source, args, from, to, tx, reply);
        }
    }

    private static void move(Entry source, Args args, End from, End to, Tx tx, ReplySink reply) {
        boolean rotates = args.bytes(1).equals(args.bytes(2));
        Entry target = rotates ? source : list(tx.write(args.bytes(2)));
        byte[][] popped = new byte[1][];
        ListValue.pop(source, from, 1, element -> popped[0] = element.toArray());
        try (Scratch element = Scratch.of(popped[0])) {
            reply.bulk(element.bytes());
            push(target == null ? ListValue.create(tx, args.bytes(2)) : target, to, element.bytes());
        }
        tx.also(args.bytes(2), pushed(to));
        source.changed(popped(from));
        tx.effect("LMOVE").add(args.bytes(1)).add(args.bytes(2)).add(side(from)).add(side(to));
        ListValue.settle(source);
    }

    private static String side(End end) {
        return end == End.HEAD ? "LEFT" : "RIGHT";
    }

    private static KeyEvent pushed(End end) {
        return end == End.HEAD ? KeyEvent.LPUSH : KeyEvent.RPUSH;
    }

    private static KeyEvent popped(End end) {
        return end == End.HEAD ? KeyEvent.LPOP : KeyEvent.RPOP;
    }

    private static void push(Entry entry, End end, Bytes element) {
        ListValue.expect(entry, element.length(), 1);
        ListValue.push(entry, end, element);
    }

    private static void lMoveM(Args args, Tx tx, ReplySink reply) {
        if (moveSeveral(MultiMove.of(args, end(args, 3), end(args, 4), 5), args, tx, reply) == 0) {
            reply.nullArray();
        }
    }

    /// Moves elements and replies with them in the order in which they stand in the destination, if there are enough.
    ///
    /// @return how many
    private static long moveSeveral(MultiMove move, Args args, Tx tx, ReplySink reply) {
        Entry source = list(tx.write(args.bytes(1)));
        if (source == null || ListValue.length(source) < move.least()) {
            return 0;
        }
        Entry target = args.bytes(1).equals(args.bytes(2)) ? source : list(tx.write(args.bytes(2)));
        if (target == null) {
            target = ListValue.create(tx, args.bytes(2));
        }
        long count = Math.min(move.most(), ListValue.length(source));
        ListValue.move(source, move.from(), count, target, move.to(), move.keepsOrder());
        reply.array((int) count);
        ListValue.forEach(target, move.to() == End.HEAD ? 0 : -count, count, reply::bulk);
        tx.also(args.bytes(2), pushed(move.to()));
        source.changed(popped(move.from()));
        ListValue.settle(source);
        return count;
    }

    private static void lmPop(Args args, Tx tx, ReplySink reply) {
        MultiPop pop = MultiPop.of(args, 1, "left", "right");
        for (int i = pop.firstKey(); i <= pop.lastKey(); i++) {
            if (popSeveral(i, pop, args, tx, reply)) {
                return;
            }
        }
        reply.nullArray();
    }

    private static void lPop(Args args, Tx tx, ReplySink reply) {
        pop(args, End.HEAD, "lpop", tx, reply);
    }

    private static void pop(Args args, End from, String command, Tx tx, ReplySink reply) {
        if (args.count() > 3) {
            throw CommandError.wrongArity(command);
        }
        boolean counted = args.count() == 3;
        long count = counted ? args.integer(2, 0, Long.MAX_VALUE, CommandError.NOT_POSITIVE) : 1;
        Entry entry = list(tx.write(args.bytes(1)));
        if (entry == null) {
            if (counted) {
                reply.nullArray();
            } else {
                reply.nullBulk();
            }
        } else if (counted && count == 0) {
            reply.emptyArray();
        } else if (counted) {
            pop(entry, from, count, reply);
        } else {
            remove(entry, from, 1, reply);
        }
    }

    /// Replies with an array of elements and removes them.
    private static void pop(Entry entry, End from, long most, ReplySink reply) {
        long count = Math.min(most, ListValue.length(entry));
        reply.array((int) count);
        remove(entry, from, count, reply);
    }

    private static void remove(Entry entry, End from, long count, ReplySink reply) {
        ListValue.pop(entry, from, count, reply::bulk);
        if (count > 0) {
            entry.changed(popped(from));
        }
        ListValue.settle(entry);
    }

    private static void lPos(Args args, Tx tx, ReplySink reply) {
        long rank = 1;
        long count = -1;
        long among = 0;
        for (int i = 3; i < args.count(); i += 2) {
            if (args.is(i, "rank") && i + 1 < args.count()) {
                rank = args.integer(i + 1);
                if (rank == 0) {
                    throw RANK_ZERO;
                }
                if (rank == Long.MIN_VALUE) {
                    throw CommandError.outOfRange(-Long.MAX_VALUE, Long.MAX_VALUE);
                }
            } else if (args.is(i, "count") && i + 1 < args.count()) {
                count = args.integer(i + 1, 0, Long.MAX_VALUE, COUNT_NEGATIVE);
            } else if (args.is(i, "maxlen") && i + 1 < args.count()) {
                among = args.integer(i + 1, 0, Long.MAX_VALUE, MAXLEN_NEGATIVE);
            } else {
                throw CommandError.SYNTAX;
            }
        }
        Entry entry = list(tx.read(args.bytes(1)));
        if (count < 0) {
            replyPosition(entry, args.bytes(2), rank, orAll(among), reply);
        } else if (entry == null) {
            reply.emptyArray();
        } else {
            long opened = reply.openArray();
            long found = ListValue.positions(entry, args.bytes(2), rank, orAll(count), orAll(among), reply::integer);
            reply.closeArray(opened, (int) found);
        }
    }

    private static long orAll(long limit) {
        return limit == 0 ? Long.MAX_VALUE : limit;
    }

    private static void replyPosition(@Nullable Entry entry, Bytes element, long rank, long among, ReplySink reply) {
        if (entry == null || ListValue.positions(entry, element, rank, 1, among, reply::integer) == 0) {
            reply.nullBulk();
        }
    }

    private static void lPush(Args args, Tx tx, ReplySink reply) {
        push(args, End.HEAD, true, tx, reply);
    }

    private static void push(Args args, End end, boolean creates, Tx tx, ReplySink reply) {
        Entry entry = list(tx.write(args.bytes(1)));
        if (entry == null) {
            if (!creates) {
                reply.integer(0);
                return;
            }
            entry = ListValue.create(tx, args.bytes(1));
        }
        long bytes = 0;
        for (int i = 2; i < args.count(); i++) {
            bytes += args.bytes(i).length();
        }
        ListValue.expect(entry, bytes, args.count() - 2);
        for (int i = 2; i < args.count(); i++) {
            ListValue.push(entry, end, args.bytes(i));
        }
        entry.changed(pushed(end));
        reply.integer(ListValue.length(entry));
    }

    private static void lPushX(Args args, Tx tx, ReplySink reply) {
        push(args, End.HEAD, false, tx, reply);
    }

    private static void lRange(Args args, Tx tx, ReplySink reply) {
        long start = args.integer(2);
        long stop = args.integer(3);
        Entry entry = list(tx.read(args.bytes(1)));
        if (entry == null) {
            reply.emptyArray();
            return;
        }
        long length = ListValue.length(entry);
        long from = Math.max(0, start < 0 ? start + length : start);
        long to = Math.min(length - 1, stop < 0 ? stop + length : stop);
        if (from > to) {
            reply.emptyArray();
        } else {
            reply.array((int) (to - from + 1));
            ListValue.forEach(entry, from, to - from + 1, reply::bulk);
        }
    }

    private static void lRem(Args args, Tx tx, ReplySink reply) {
        long count = args.integer(2);
        Entry entry = list(tx.write(args.bytes(1)));
        if (entry == null) {
            reply.integer(0);
            return;
        }
        long most = count == 0 || count == Long.MIN_VALUE ? Long.MAX_VALUE : Math.abs(count);
        long removed = ListValue.removeEqual(entry, args.bytes(3), count < 0 ? End.TAIL : End.HEAD, most);
        if (removed > 0) {
            entry.changed(KeyEvent.LREM);
            ListValue.settle(entry);
        }
        reply.integer(removed);
    }

    private static void lSet(Args args, Tx tx, ReplySink reply) {
        Entry entry = list(tx.write(args.bytes(1)));
        if (entry == null) {
            throw CommandError.NO_SUCH_KEY;
        }
        if (!ListValue.set(entry, args.integer(2), args.bytes(3))) {
            throw CommandError.INDEX_OUT_OF_RANGE;
        }
        entry.changed(KeyEvent.LSET);
        ListValue.settle(entry);
        reply.ok();
    }

    private static void lTrim(Args args, Tx tx, ReplySink reply) {
        long start = args.integer(2);
        long stop = args.integer(3);
        Entry entry = list(tx.write(args.bytes(1)));
        if (entry != null) {
            long length = ListValue.length(entry);
            long from = Math.max(0, start < 0 ? start + length : start);
            long to = Math.min(length - 1, stop < 0 ? stop + length : stop);
            entry.changed(KeyEvent.LTRIM);
            if (from > to) {
                entry.delete();
            } else {
                ListValue.remove(entry, to + 1, length);
                ListValue.remove(entry, 0, from);
                ListValue.settle(entry);
            }
        }
        reply.ok();
    }

    private static void rPop(Args args, Tx tx, ReplySink reply) {
        pop(args, End.TAIL, "rpop", tx, reply);
    }

    private static void rPopLPush(Args args, Tx tx, ReplySink reply) {
        move(args, End.TAIL, End.HEAD, tx, reply);
    }

    private static void rPush(Args args, Tx tx, ReplySink reply) {
        push(args, End.TAIL, true, tx, reply);
    }

    private static void rPushX(Args args, Tx tx, ReplySink reply) {
        push(args, End.TAIL, false, tx, reply);
    }
}
