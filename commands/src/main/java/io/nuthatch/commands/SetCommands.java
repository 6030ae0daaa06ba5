package io.nuthatch.commands;

import static io.nuthatch.engine.Command.row;
import static io.nuthatch.engine.CommandFlag.DENYOOM;
import static io.nuthatch.engine.CommandFlag.FAST;
import static io.nuthatch.engine.CommandFlag.READONLY;
import static io.nuthatch.engine.CommandFlag.WRITE;

import io.nuthatch.engine.Args;
import io.nuthatch.engine.CommandError;
import io.nuthatch.engine.Family;
import io.nuthatch.memory.Bytes;
import io.nuthatch.resp.ReplySink;
import io.nuthatch.store.Effects;
import io.nuthatch.store.Entry;
import io.nuthatch.store.KeyEvent;
import io.nuthatch.store.SetResult;
import io.nuthatch.store.SetValue;
import io.nuthatch.store.SetView;
import io.nuthatch.store.Tx;
import io.nuthatch.store.Type;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Set;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/// Sets: the table, then the bodies in the same order.
public final class SetCommands {
    private static final CommandError TOO_MANY_KEYS =
            CommandError.of("ERR Number of keys can't be greater than number of args");
    private static final CommandError LIMIT_NEGATIVE = CommandError.of("ERR LIMIT can't be negative");

    /// The most members that SRANDMEMBER returns with repetitions: as many as an array of a reply may have.
    private static final long MAX_REPEATED = Integer.MAX_VALUE;

    private SetCommands() {}

    public static Family family() {
        return Family.of(
                "set",
                Set.of("set"),
                row("SADD @key member [member ...]")
                        .is(WRITE, DENYOOM, FAST)
                        .keys("RW insert")
                        .since("1.0.0")
                        .brief("Adds members to a set. Creates the key if it doesn't exist.")
                        .cost("O(N), N being the number of members.")
                        .does(SetCommands::sAdd),
                row("SCARD @key")
                        .is(READONLY, FAST)
                        .keys("RO")
                        .since("1.0.0")
                        .brief("Returns the number of members of a set.")
                        .does(SetCommands::sCard),
                row("SDIFF @key [@key ...]")
                        .is(READONLY)
                        .keys("RO access")
                        .tips("nondeterministic_output_order")
                        .since("1.0.0")
                        .brief("Returns the members of a set that others don't have.")
                        .cost("O(N*M), N being the number of members of the first set and M the number of sets.")
                        .does(SetCommands::sDiff),
                row("SDIFFCARD numkeys @key [@key ...] [LIMIT limit]")
                        .is(READONLY)
                        .keys("RO access")
                        .since("8.10.0")
                        .brief("Returns how many members of a set others don't have.")
                        .cost("O(N*M), N being the number of members of the first set and M the number of sets.")
                        .does(SetCommands::sDiffCard),
                row("SDIFFSTORE @destination @key [@key ...]")
                        .is(WRITE, DENYOOM)
                        .keys("OW update", "RO access")
                        .since("1.0.0")
                        .brief("Stores the members of a set that others don't have in a key.")
                        .cost("O(N*M), N being the number of members of the first set and M the number of sets.")
                        .does(SetCommands::sDiffStore),
                row("SINTER @key [@key ...]")
                        .is(READONLY)
                        .keys("RO access")
                        .tips("nondeterministic_output_order")
                        .since("1.0.0")
                        .brief("Returns the members that several sets have in common.")
                        .cost("O(N*M), N being the number of members of the smallest set and M the number of sets.")
                        .does(SetCommands::sInter),
                row("SINTERCARD numkeys @key [@key ...] [LIMIT limit]")
                        .is(READONLY)
                        .keys("RO access")
                        .since("7.0.0")
                        .brief("Returns how many members several sets have in common.")
                        .cost("O(N*M), N being the number of members of the smallest set and M the number of sets.")
                        .does(SetCommands::sInterCard),
                row("SINTERSTORE @destination @key [@key ...]")
                        .is(WRITE, DENYOOM)
                        .keys("OW update", "RO access")
                        .since("1.0.0")
                        .brief("Stores the members that several sets have in common in a key.")
                        .cost("O(N*M), N being the number of members of the smallest set and M the number of sets.")
                        .does(SetCommands::sInterStore),
                row("SISMEMBER @key member")
                        .is(READONLY, FAST)
                        .keys("RO")
                        .since("1.0.0")
                        .brief("Returns whether a set has a member.")
                        .does(SetCommands::sIsMember),
                row("SMEMBERS @key")
                        .is(READONLY)
                        .keys("RO access")
                        .tips("nondeterministic_output_order")
                        .since("1.0.0")
                        .brief("Returns all members of a set.")
                        .cost("O(N), N being the number of members.")
                        .does(SetCommands::sMembers),
                row("SMISMEMBER @key member [member ...]")
                        .is(READONLY, FAST)
                        .keys("RO access")
                        .since("6.2.0")
                        .brief("Returns whether a set has each of several members.")
                        .cost("O(N), N being the number of members asked for.")
                        .does(SetCommands::smIsMember),
                row("SMOVE @source @destination member")
                        .is(WRITE, FAST)
                        .keys("RW access delete", "RW insert")
                        .since("1.0.0")
                        .brief("Moves a member from one set to another.")
                        .does(SetCommands::sMove),
                row("SPOP @key [count]")
                        .is(WRITE, FAST)
                        .keys("RW access delete")
                        .tips("nondeterministic_output")
                        .since("1.0.0")
                        .brief("Takes random members from a set.")
                        .cost("O(N), N being the number of members taken.")
                        .does(SetCommands::sPop),
                row("SRANDMEMBER @key [count]")
                        .is(READONLY)
                        .keys("RO access")
                        .tips("nondeterministic_output")
                        .since("1.0.0")
                        .brief("Returns random members of a set.")
                        .cost("O(N), N being the number of members returned.")
                        .does(SetCommands::sRandMember),
                row("SREM @key member [member ...]")
                        .is(WRITE, FAST)
                        .keys("RW delete")
                        .since("1.0.0")
                        .brief("Removes members from a set.")
                        .cost("O(N), N being the number of members.")
                        .does(SetCommands::sRem),
                row("SSCAN @key cursor [MATCH pattern] [COUNT count]")
                        .is(READONLY)
                        .keys("RO access")
                        .tips("nondeterministic_output")
                        .since("2.8.0")
                        .brief("Visits the members of a set, a part with each call.")
                        .cost("O(1) for each call, O(N) for all, N being the number of members.")
                        .does(SetCommands::sScan),
                row("SUNION @key [@key ...]")
                        .is(READONLY)
                        .keys("RO access")
                        .tips("nondeterministic_output_order")
                        .since("1.0.0")
                        .brief("Returns the members that any of several sets has.")
                        .cost("O(N*M), N being the number of all members and M the number of sets.")
                        .does(SetCommands::sUnion),
                row("SUNIONCARD numkeys @key [@key ...] [APPROX] [LIMIT limit]")
                        .is(READONLY)
                        .keys("RO access")
                        .since("8.10.0")
                        .brief("Returns how many members several sets have together.")
                        .cost("O(N*M), N being the number of all members and M the number of sets.")
                        .does(SetCommands::sUnionCard),
                row("SUNIONSTORE @destination @key [@key ...]")
                        .is(WRITE, DENYOOM)
                        .keys("OW update", "RO access")
                        .since("1.0.0")
                        .brief("Stores the members that any of several sets has in a key.")
                        .cost("O(N), N being the number of all members.")
                        .does(SetCommands::sUnionStore));
    }

    /// A key's set entry, or null if there is no such key.
    static @Nullable Entry set(@Nullable Entry entry) {
        if (entry != null && entry.type() != Type.SET) {
            throw CommandError.WRONG_TYPE;
        }
        return entry;
    }

    private static void sAdd(Args args, Tx tx, ReplySink reply) {
        Bytes key = args.bytes(1);
        Entry entry = set(tx.write(key));
        int count = args.count() - 2;
        if (entry == null) {
            entry = SetValue.create(tx, key, args.bytes(2), count);
        } else {
            SetValue.expect(entry, count);
        }
        int added = 0;
        for (int i = 2; i < args.count(); i++) {
            if (SetValue.add(entry, args.bytes(i))) {
                added++;
            }
        }
        if (added > 0) {
            entry.changed(KeyEvent.SADD);
        }
        reply.integer(added);
    }

    private static void sCard(Args args, Tx tx, ReplySink reply) {
        Entry entry = set(tx.read(args.bytes(1)));
        reply.integer(entry == null ? 0 : SetValue.size(entry));
    }

    private static void sDiff(Args args, Tx tx, ReplySink reply) {
        replyAll(Operands.of(args, 1, args.count(), tx)::subtract, reply);
    }

    private static void sDiffCard(Args args, Tx tx, ReplySink reply) {
        count(args, tx, Operands::subtract, false, reply);
    }

    private static void sDiffStore(Args args, Tx tx, ReplySink reply) {
        store(Operands.of(args, 2, args.count(), tx)::subtract, KeyEvent.SDIFFSTORE, args, tx, reply);
    }

    private static void sInter(Args args, Tx tx, ReplySink reply) {
        replyAll(Operands.of(args, 1, args.count(), tx)::intersect, reply);
    }

    private static void sInterCard(Args args, Tx tx, ReplySink reply) {
        count(args, tx, Operands::intersect, false, reply);
    }

    /// How several sets are combined; what visits the members says when it has seen enough.
    private interface Combination {
        void run(Operands sets, Predicate<Bytes> visit);
    }

    /// Counts the members of a combination, up to a limit.
    ///
    /// @param approximates whether the word APPROX is known. It allows for an error, and there is none: members
    ///     are looked up and not gathered, so an exact count takes no memory.
    private static void count(Args args, Tx tx, Combination combination, boolean approximates, ReplySink reply) {
        long keys = args.integer(1, 1, Long.MAX_VALUE, CommandError.NUMKEYS_NOT_POSITIVE);
        if (keys > args.count() - 2) {
            throw TOO_MANY_KEYS;
        }
        int afterKeys = 2 + (int) keys;
        long limit = 0;
        for (int i = afterKeys; i < args.count(); i++) {
            if (approximates && args.is(i, "approx")) {
                continue;
            }
            if (!args.is(i, "limit") || i + 1 == args.count()) {
                throw CommandError.SYNTAX;
            }
            limit = args.integer(++i, 0, Long.MAX_VALUE, LIMIT_NEGATIVE);
        }
        long most = limit == 0 ? Long.MAX_VALUE : limit;
        long[] count = {0};
        combination.run(Operands.of(args, 2, afterKeys, tx), member -> ++count[0] < most);
        reply.integer(count[0]);
    }

    private static void sInterStore(Args args, Tx tx, ReplySink reply) {
        store(Operands.of(args, 2, args.count(), tx)::intersect, KeyEvent.SINTERSTORE, args, tx, reply);
    }

    /// Visits the members of a set made of others, as long as the visitor wants more.
    private interface Operation {
        void visit(Predicate<Bytes> visit);
    }

    private static void replyAll(Operation operation, ReplySink reply) {
        long opened = reply.openArray();
        int[] count = {0};
        operation.visit(member -> {
            reply.bulk(member);
            count[0]++;
            return true;
        });
        reply.closeSet(opened, count[0]);
    }

    private static void store(Operation operation, KeyEvent event, Args args, Tx tx, ReplySink reply) {
        try (SetResult result = new SetResult(tx, args.bytes(1))) {
            operation.visit(member -> {
                result.add(member);
                return true;
            });
            long size = result.store();
            if (size > 0) {
                tx.changed(args.bytes(1), event);
            }
            reply.integer(size);
        }
    }

    /// The sets that a command combines.
    ///
    /// @param sets those that are there, in the order of their keys
    /// @param hasFirst whether the first key is there
    /// @param hasAll whether all keys are there
    private record Operands(List<SetView> sets, boolean hasFirst, boolean hasAll) {
        static Operands of(Args args, int from, int to, Tx tx) {
            List<SetView> sets = new ArrayList<>();
            boolean hasFirst = false;
            for (int i = from; i < to; i++) {
                Entry entry = set(tx.read(args.bytes(i)));
                if (entry != null) {
                    sets.add(SetView.of(entry));
                    hasFirst |= i == from;
                }
            }
            return new Operands(sets, hasFirst, sets.size() == to - from);
        }

        void subtract(Predicate<Bytes> visit) {
            if (hasFirst) {
                List<SetView> others = sets.subList(1, sets.size());
                sets.getFirst().forEachWhile(member -> isInAny(others, member) || visit.test(member));
            }
        }

        void intersect(Predicate<Bytes> visit) {
            if (hasAll) {
                List<SetView> bySize = new ArrayList<>(sets);
                bySize.sort(Comparator.comparingLong(SetView::size));
                List<SetView> others = bySize.subList(1, sets.size());
                bySize.getFirst().forEachWhile(member -> !isInAll(others, member) || visit.test(member));
            }
        }

        /// A member of several sets is visited with the first of them.
        void unite(Predicate<Bytes> visit) {
            for (int i = 0; i < sets.size(); i++) {
                List<SetView> before = sets.subList(0, i);
                sets.get(i).forEachWhile(member -> isInAny(before, member) || visit.test(member));
            }
        }

        /// The same, but a member is visited with each set that has it.
        void uniteAgain(Predicate<Bytes> visit) {
            sets.forEach(set -> set.forEachWhile(visit));
        }

        private static boolean isInAny(List<SetView> sets, Bytes member) {
            for (SetView set : sets) {
                if (set.contains(member)) {
                    return true;
                }
            }
            return false;
        }

        private static boolean isInAll(List<SetView> sets, Bytes member) {
            for (SetView set : sets) {
                if (!set.contains(member)) {
                    return false;
                }
            }
            return true;
        }
    }

    private static void sIsMember(Args args, Tx tx, ReplySink reply) {
        Entry entry = set(tx.read(args.bytes(1)));
        reply.integer(entry != null && SetValue.contains(entry, args.bytes(2)) ? 1 : 0);
    }

    private static void sMembers(Args args, Tx tx, ReplySink reply) {
        replyMembers(set(tx.read(args.bytes(1))), reply);
    }

    private static void replyMembers(@Nullable Entry entry, ReplySink reply) {
        if (entry == null) {
            reply.set(0);
            return;
        }
        reply.set((int) SetValue.size(entry));
        SetView.of(entry).forEach(reply::bulk);
    }

    private static void smIsMember(Args args, Tx tx, ReplySink reply) {
        Entry entry = set(tx.read(args.bytes(1)));
        reply.array(args.count() - 2);
        for (int i = 2; i < args.count(); i++) {
            reply.integer(entry != null && SetValue.contains(entry, args.bytes(i)) ? 1 : 0);
        }
    }

    private static void sMove(Args args, Tx tx, ReplySink reply) {
        Bytes member = args.bytes(3);
        Entry source = set(tx.write(args.bytes(1)));
        if (source == null) {
            reply.integer(0);
            return;
        }
        Entry target = set(tx.write(args.bytes(2)));
        if (args.bytes(1).equals(args.bytes(2))) {
            reply.integer(SetValue.contains(source, member) ? 1 : 0);
            return;
        }
        if (!SetValue.remove(source, member)) {
            reply.integer(0);
            return;
        }
        source.changed(KeyEvent.SREM);
        SetValue.settle(source);
        if (SetValue.add(target == null ? SetValue.create(tx, args.bytes(2), member, 1) : target, member)) {
            tx.changed(args.bytes(2), KeyEvent.SADD);
        }
        reply.integer(1);
    }

    private static void sPop(Args args, Tx tx, ReplySink reply) {
        if (args.count() > 3) {
            throw CommandError.SYNTAX;
        }
        boolean counted = args.count() == 3;
        long count = counted ? args.integer(2, 0, Long.MAX_VALUE, CommandError.NOT_POSITIVE) : 1;
        Entry entry = set(tx.write(args.bytes(1)));
        if (counted) {
            pop(args, entry, count, tx, reply);
        } else if (entry == null) {
            reply.nullBulk();
        } else {
            SetValue.pop(entry, member -> {
                reply.bulk(member);
                tx.effect("SREM").add(args.bytes(1)).add(member);
            });
            entry.changed(KeyEvent.SPOP);
            SetValue.settle(entry);
        }
    }

    private static void pop(Args args, @Nullable Entry entry, long count, Tx tx, ReplySink reply) {
        if (entry == null || count == 0) {
            reply.set(0);
            return;
        }
        if (count >= SetValue.size(entry)) {
            replyMembers(entry, reply);
            entry.changed(KeyEvent.SPOP);
            entry.delete();
            tx.effect("DEL").add(args.bytes(1));
        } else {
            reply.set((int) count);
            Effects effect = tx.effect("SREM").add(args.bytes(1));
            for (long left = count; left > 0; left--) {
                SetValue.pop(entry, member -> {
                    reply.bulk(member);
                    effect.add(member);
                });
            }
            entry.changed(KeyEvent.SPOP);
        }
    }

    private static void sRandMember(Args args, Tx tx, ReplySink reply) {
        if (args.count() > 3) {
            throw CommandError.SYNTAX;
        }
        boolean counted = args.count() == 3;
        long count = counted ? args.integer(2) : 1;
        if (count == Long.MIN_VALUE) {
            throw CommandError.outOfRange(-Long.MAX_VALUE, Long.MAX_VALUE);
        }
        Entry entry = set(tx.read(args.bytes(1)));
        if (counted) {
            replyRandom(entry, count, tx, reply);
        } else if (entry == null) {
            reply.nullBulk();
        } else {
            reply.bulk(SetView.of(entry).random(tx.random()));
        }
    }

    /// Members at random: different ones or, if the count is negative, any.
    private static void replyRandom(@Nullable Entry entry, long count, Tx tx, ReplySink reply) {
        if (entry == null || count == 0) {
            reply.emptyArray();
            return;
        }
        SetView view = SetView.of(entry);
        if (count >= view.size()) {
            reply.array((int) view.size());
            view.forEach(reply::bulk);
        } else if (count > 0) {
            reply.array((int) count);
            view.sample(count, tx.random(), reply::bulk);
        } else {
            if (-count > MAX_REPEATED) {
                throw CommandError.outOfRange(-MAX_REPEATED, Long.MAX_VALUE);
            }
            reply.array((int) -count);
            for (long left = -count; left > 0; left--) {
                reply.bulk(view.random(tx.random()));
            }
        }
    }

    private static void sRem(Args args, Tx tx, ReplySink reply) {
        Entry entry = set(tx.write(args.bytes(1)));
        if (entry == null) {
            reply.integer(0);
            return;
        }
        int removed = 0;
        for (int i = 2; i < args.count(); i++) {
            if (SetValue.remove(entry, args.bytes(i))) {
                removed++;
            }
        }
        if (removed > 0) {
            entry.changed(KeyEvent.SREM);
            SetValue.settle(entry);
        }
        reply.integer(removed);
    }

    private static void sScan(Args args, Tx tx, ReplySink reply) {
        ScanOptions.cursor(args);
        Entry entry = set(tx.read(args.bytes(1)));
        if (entry == null) {
            ScanOptions.answerNothing(reply);
            return;
        }
        ScanOptions options = ScanOptions.of(args, "");
        options.answer(
                reply,
                (cursor, answer) -> SetView.of(entry).scan(cursor, options.count(), member -> {
                    if (options.takes(member)) {
                        answer.add(member);
                    }
                }));
    }

    private static void sUnion(Args args, Tx tx, ReplySink reply) {
        replyAll(Operands.of(args, 1, args.count(), tx)::unite, reply);
    }

    private static void sUnionCard(Args args, Tx tx, ReplySink reply) {
        count(args, tx, Operands::unite, true, reply);
    }

    private static void sUnionStore(Args args, Tx tx, ReplySink reply) {
        store(Operands.of(args, 2, args.count(), tx)::uniteAgain, KeyEvent.SUNIONSTORE, args, tx, reply);
    }
}
