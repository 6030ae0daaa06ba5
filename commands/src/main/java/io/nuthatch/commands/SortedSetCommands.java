package io.nuthatch.commands;

import static io.nuthatch.engine.Command.row;
import static io.nuthatch.engine.CommandFlag.BLOCKING;
import static io.nuthatch.engine.CommandFlag.DENYOOM;
import static io.nuthatch.engine.CommandFlag.FAST;
import static io.nuthatch.engine.CommandFlag.READONLY;
import static io.nuthatch.engine.CommandFlag.WRITE;

import io.nuthatch.commands.RangeQuery.By;
import io.nuthatch.commands.RangeQuery.Direction;
import io.nuthatch.commands.RangeQuery.Span;
import io.nuthatch.commands.SortedSetAlgebra.Operation;
import io.nuthatch.commands.SortedSetAlgebra.Purpose;
import io.nuthatch.engine.Args;
import io.nuthatch.engine.CommandError;
import io.nuthatch.engine.Family;
import io.nuthatch.engine.Wait;
import io.nuthatch.memory.Bytes;
import io.nuthatch.memory.Numbers;
import io.nuthatch.resp.ReplySink;
import io.nuthatch.store.Effects;
import io.nuthatch.store.Entry;
import io.nuthatch.store.KeyEvent;
import io.nuthatch.store.SetValue;
import io.nuthatch.store.SetView;
import io.nuthatch.store.SortedSetDraft;
import io.nuthatch.store.SortedSetValue;
import io.nuthatch.store.Tx;
import io.nuthatch.store.Type;
import java.util.HashSet;
import java.util.Set;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/// Sorted sets: the table, then the bodies in the same order.
///
/// Members come with their scores in one flat list in RESP2, and in pairs in RESP3.
public final class SortedSetCommands {
    /// The most members that ZRANDMEMBER draws with repetition: with their scores they fill one reply. Redis sets no
    /// limit, and begins a reply that never ends.
    private static final long MAX_REPEATED = Integer.MAX_VALUE / 2;

    private SortedSetCommands() {}

    public static Family family() {
        return Family.of(
                "sorted-set",
                Set.of("sortedset"),
                row("BZMPOP timeout numkeys @key [@key ...] <MIN | MAX> [COUNT count]")
                        .is(WRITE, BLOCKING)
                        .keys("RW access delete")
                        .since("7.0.0")
                        .brief("Removes and returns members with the lowest or highest scores of the first sorted set"
                                + " that has any. Waits for one if none has.")
                        .cost("O(K + M log N), K being the number of keys, N the size of the sorted set, M the number"
                                + " of members returned.")
                        .waits(SortedSetCommands::bzmPop),
                row("BZPOPMAX @key [@key ...] timeout")
                        .is(WRITE, BLOCKING, FAST)
                        .keys("RW access delete")
                        .since("5.0.0")
                        .brief("Removes and returns the member with the highest score of the first sorted set that has"
                                + " any. Waits for one if none has.")
                        .cost("O(log N), N being the size of the sorted set.")
                        .waits(SortedSetCommands::bzPopMax),
                row("BZPOPMIN @key [@key ...] timeout")
                        .is(WRITE, BLOCKING, FAST)
                        .keys("RW access delete")
                        .since("5.0.0")
                        .brief("Removes and returns the member with the lowest score of the first sorted set that has"
                                + " any. Waits for one if none has.")
                        .cost("O(log N), N being the size of the sorted set.")
                        .waits(SortedSetCommands::bzPopMin),
                row("ZADD @key [NX | XX] [GT | LT] [CH] [INCR] score member [score member ...]")
                        .is(WRITE, DENYOOM, FAST)
                        .keys("RW update")
                        .since("1.2.0")
                        .brief("Adds members to a sorted set, or gives them other scores.")
                        .cost("O(log N) for each member, N being the size of the sorted set.")
                        .does(SortedSetCommands::zAdd),
                row("ZCARD @key")
                        .is(READONLY, FAST)
                        .keys("RO")
                        .since("1.2.0")
                        .brief("Returns how many members a sorted set has.")
                        .does(SortedSetCommands::zCard),
                row("ZCOUNT @key min max")
                        .is(READONLY, FAST)
                        .keys("RO access")
                        .since("2.0.0")
                        .brief("Counts the members of a sorted set within a range of scores.")
                        .cost("O(log N), N being the size of the sorted set.")
                        .does(SortedSetCommands::zCount),
                row("ZDIFF numkeys @key [@key ...] [WITHSCORES]")
                        .is(READONLY)
                        .keys("RO access")
                        .since("6.2.0")
                        .brief("Returns the members of the first of several sorted sets that no other one has.")
                        .cost("O(N + M log M), N being the size of all sorted sets, M that of the result.")
                        .does(SortedSetCommands::zDiff),
                row("ZDIFFSTORE @destination numkeys @key [@key ...]")
                        .is(WRITE, DENYOOM)
                        .keys("OW update", "RO access")
                        .since("6.2.0")
                        .brief("Stores the members of the first of several sorted sets that no other one has.")
                        .cost("O(N + M log M), N being the size of all sorted sets, M that of the result.")
                        .does(SortedSetCommands::zDiffStore),
                row("ZINCRBY @key increment member")
                        .is(WRITE, DENYOOM, FAST)
                        .keys("RW access update")
                        .since("1.2.0")
                        .brief("Increments the score of a member of a sorted set. A missing member counts as 0.")
                        .cost("O(log N), N being the size of the sorted set.")
                        .does(SortedSetCommands::zIncrBy),
                row("ZINTER numkeys @key [@key ...] [WEIGHTS weight [weight ...]] "
                                + "[AGGREGATE <SUM | MIN | MAX>] [WITHSCORES]")
                        .is(READONLY)
                        .keys("RO access")
                        .since("6.2.0")
                        .brief("Returns the members that all of several sorted sets have.")
                        .cost(
                                "O(N K + M log M), N being the size of the smallest of the K sorted sets, M that of the result.")
                        .does(SortedSetCommands::zInter),
                row("ZINTERCARD numkeys @key [@key ...] [LIMIT limit]")
                        .is(READONLY)
                        .keys("RO access")
                        .since("7.0.0")
                        .brief("Counts the members that all of several sorted sets have.")
                        .cost("O(N K), N being the size of the smallest of the K sorted sets.")
                        .does(SortedSetCommands::zInterCard),
                row("ZINTERSTORE @destination numkeys @key [@key ...] [WEIGHTS weight [weight ...]] "
                                + "[AGGREGATE <SUM | MIN | MAX>]")
                        .is(WRITE, DENYOOM)
                        .keys("OW update", "RO access")
                        .since("2.0.0")
                        .brief("Stores the members that all of several sorted sets have.")
                        .cost(
                                "O(N K + M log M), N being the size of the smallest of the K sorted sets, M that of the result.")
                        .does(SortedSetCommands::zInterStore),
                row("ZLEXCOUNT @key min max")
                        .is(READONLY, FAST)
                        .keys("RO access")
                        .since("2.8.9")
                        .brief("Counts the members of a sorted set within a range of members, whose scores are equal.")
                        .cost("O(log N), N being the size of the sorted set.")
                        .does(SortedSetCommands::zLexCount),
                row("ZMPOP numkeys @key [@key ...] <MIN | MAX> [COUNT count]")
                        .is(WRITE)
                        .keys("RW access delete")
                        .since("7.0.0")
                        .brief(
                                "Removes and returns members with the lowest or highest scores of the first sorted set that has any.")
                        .cost(
                                "O(K + M log N), K being the number of keys, N the size of the sorted set, M the number of members returned.")
                        .does(SortedSetCommands::zmPop),
                row("ZMSCORE @key member [member ...]")
                        .is(READONLY, FAST)
                        .keys("RO access")
                        .since("6.2.0")
                        .brief("Returns the scores of members of a sorted set.")
                        .cost("O(N), N being the number of members.")
                        .does(SortedSetCommands::zmScore),
                row("ZPOPMAX @key [count]")
                        .is(WRITE, FAST)
                        .keys("RW access delete")
                        .since("5.0.0")
                        .brief("Removes and returns members with the highest scores of a sorted set.")
                        .cost("O(M log N), N being the size of the sorted set, M the number of members returned.")
                        .does(SortedSetCommands::zPopMax),
                row("ZPOPMIN @key [count]")
                        .is(WRITE, FAST)
                        .keys("RW access delete")
                        .since("5.0.0")
                        .brief("Removes and returns members with the lowest scores of a sorted set.")
                        .cost("O(M log N), N being the size of the sorted set, M the number of members returned.")
                        .does(SortedSetCommands::zPopMin),
                row("ZRANDMEMBER @key [count [WITHSCORES]]")
                        .is(READONLY)
                        .keys("RO access")
                        .tips("nondeterministic_output")
                        .since("6.2.0")
                        .brief("Returns members of a sorted set at random.")
                        .cost("O(M log N), N being the size of the sorted set, M the number of members returned.")
                        .does(SortedSetCommands::zRandMember),
                row("ZRANGE @key start stop [BYSCORE | BYLEX] [REV] [LIMIT offset count] [WITHSCORES]")
                        .is(READONLY)
                        .keys("RO access")
                        .since("1.2.0")
                        .brief("Returns the members of a sorted set within a range.")
                        .cost("O(log N + M), N being the size of the sorted set, M the number of members returned.")
                        .does(SortedSetCommands::zRange),
                row("ZRANGEBYLEX @key min max [LIMIT offset count]")
                        .is(READONLY)
                        .keys("RO access")
                        .since("2.8.9")
                        .deprecated("6.2.0", "ZRANGE with BYLEX")
                        .brief("Returns the members of a sorted set within a range of members, whose scores are equal.")
                        .cost("O(log N + M), N being the size of the sorted set, M the number of members returned.")
                        .does(SortedSetCommands::zRangeByLex),
                row("ZRANGEBYSCORE @key min max [WITHSCORES] [LIMIT offset count]")
                        .is(READONLY)
                        .keys("RO access")
                        .since("1.0.5")
                        .deprecated("6.2.0", "ZRANGE with BYSCORE")
                        .brief("Returns the members of a sorted set within a range of scores.")
                        .cost("O(log N + M), N being the size of the sorted set, M the number of members returned.")
                        .does(SortedSetCommands::zRangeByScore),
                row("ZRANGESTORE @destination @source min max [BYSCORE | BYLEX] [REV] [LIMIT offset count]")
                        .is(WRITE, DENYOOM)
                        .keys("OW update", "RO access")
                        .since("6.2.0")
                        .brief("Stores the members of a sorted set within a range.")
                        .cost("O(log N + M log M), N being the size of the sorted set, M the number of members stored.")
                        .does(SortedSetCommands::zRangeStore),
                row("ZRANK @key member [WITHSCORE]")
                        .is(READONLY, FAST)
                        .keys("RO access")
                        .since("2.0.0")
                        .brief("Returns the rank of a member of a sorted set, by ascending scores.")
                        .cost("O(log N), N being the size of the sorted set.")
                        .does(SortedSetCommands::zRank),
                row("ZREM @key member [member ...]")
                        .is(WRITE, FAST)
                        .keys("RW delete")
                        .since("1.2.0")
                        .brief("Removes members from a sorted set.")
                        .cost("O(M log N), N being the size of the sorted set, M the number of members.")
                        .does(SortedSetCommands::zRem),
                row("ZREMRANGEBYLEX @key min max")
                        .is(WRITE)
                        .keys("RW delete")
                        .since("2.8.9")
                        .brief("Removes the members of a sorted set within a range of members, whose scores are equal.")
                        .cost("O(log N + M), N being the size of the sorted set, M the number of members removed.")
                        .does(SortedSetCommands::zRemRangeByLex),
                row("ZREMRANGEBYRANK @key start stop")
                        .is(WRITE)
                        .keys("RW delete")
                        .since("2.0.0")
                        .brief("Removes the members of a sorted set within a range of ranks.")
                        .cost("O(log N + M), N being the size of the sorted set, M the number of members removed.")
                        .does(SortedSetCommands::zRemRangeByRank),
                row("ZREMRANGEBYSCORE @key min max")
                        .is(WRITE)
                        .keys("RW delete")
                        .since("1.2.0")
                        .brief("Removes the members of a sorted set within a range of scores.")
                        .cost("O(log N + M), N being the size of the sorted set, M the number of members removed.")
                        .does(SortedSetCommands::zRemRangeByScore),
                row("ZREVRANGE @key start stop [WITHSCORES]")
                        .is(READONLY)
                        .keys("RO access")
                        .since("1.2.0")
                        .deprecated("6.2.0", "ZRANGE with REV")
                        .brief("Returns the members of a sorted set within a range of ranks, by descending scores.")
                        .cost("O(log N + M), N being the size of the sorted set, M the number of members returned.")
                        .does(SortedSetCommands::zRevRange),
                row("ZREVRANGEBYLEX @key max min [LIMIT offset count]")
                        .is(READONLY)
                        .keys("RO access")
                        .since("2.8.9")
                        .deprecated("6.2.0", "ZRANGE with REV and BYLEX")
                        .brief(
                                "Returns the members of a sorted set within a range of members, whose scores are equal, backwards.")
                        .cost("O(log N + M), N being the size of the sorted set, M the number of members returned.")
                        .does(SortedSetCommands::zRevRangeByLex),
                row("ZREVRANGEBYSCORE @key max min [WITHSCORES] [LIMIT offset count]")
                        .is(READONLY)
                        .keys("RO access")
                        .since("2.2.0")
                        .deprecated("6.2.0", "ZRANGE with REV and BYSCORE")
                        .brief("Returns the members of a sorted set within a range of scores, by descending scores.")
                        .cost("O(log N + M), N being the size of the sorted set, M the number of members returned.")
                        .does(SortedSetCommands::zRevRangeByScore),
                row("ZREVRANK @key member [WITHSCORE]")
                        .is(READONLY, FAST)
                        .keys("RO access")
                        .since("2.0.0")
                        .brief("Returns the rank of a member of a sorted set, by descending scores.")
                        .cost("O(log N), N being the size of the sorted set.")
                        .does(SortedSetCommands::zRevRank),
                row("ZSCAN @key cursor [MATCH pattern] [COUNT count] [NOSCORES]")
                        .is(READONLY)
                        .keys("RO access")
                        .tips("nondeterministic_output")
                        .since("2.8.0")
                        .brief("Walks the members of a sorted set, some at a time.")
                        .cost("O(1) for each call, O(N) for all of them, N being the size of the sorted set.")
                        .does(SortedSetCommands::zScan),
                row("ZSCORE @key member")
                        .is(READONLY, FAST)
                        .keys("RO access")
                        .since("1.2.0")
                        .brief("Returns the score of a member of a sorted set.")
                        .does(SortedSetCommands::zScore),
                row("ZUNION numkeys @key [@key ...] [WEIGHTS weight [weight ...]] "
                                + "[AGGREGATE <SUM | MIN | MAX>] [WITHSCORES]")
                        .is(READONLY)
                        .keys("RO access")
                        .since("6.2.0")
                        .brief("Returns the members that any of several sorted sets has.")
                        .cost("O(N + M log M), N being the size of all sorted sets, M that of the result.")
                        .does(SortedSetCommands::zUnion),
                row("ZUNIONSTORE @destination numkeys @key [@key ...] [WEIGHTS weight [weight ...]] "
                                + "[AGGREGATE <SUM | MIN | MAX>]")
                        .is(WRITE, DENYOOM)
                        .keys("OW update", "RO access")
                        .since("2.0.0")
                        .brief("Stores the members that any of several sorted sets has.")
                        .cost("O(N + M log M), N being the size of all sorted sets, M that of the result.")
                        .does(SortedSetCommands::zUnionStore));
    }

    /// A key's sorted set, or null if there is no such key.
    static @Nullable Entry sortedSet(@Nullable Entry entry) {
        if (entry != null && entry.type() != Type.SORTED_SET) {
            throw CommandError.WRONG_TYPE;
        }
        return entry;
    }

    // ---------------------------------------------------------------------------------------------- replies

    /// Announces members.
    private static void open(long members, boolean withScores, ReplySink reply) {
        reply.array((int) (withScores && reply.protocol() == 2 ? members * 2 : members));
    }

    /// What replies with one member after another.
    private static SortedSetValue.Visitor members(boolean withScores, ReplySink reply) {
        return withScores ? (member, score) -> pair(member, score, reply) : (member, score) -> reply.bulk(member);
    }

    private static void pair(Bytes member, double score, ReplySink reply) {
        if (reply.protocol() == 3) {
            reply.array(2);
        }
        reply.bulk(member);
        reply.doubleNumber(score);
    }

    /// Replies with a score, NaN being none.
    static void replyScore(double score, ReplySink reply) {
        if (Double.isNaN(score)) {
            reply.nullBulk();
        } else {
            reply.doubleNumber(score);
        }
    }

    // ---------------------------------------------------------------------------------------------- bodies

    private static @Nullable Wait bzmPop(Args args, Tx tx, ReplySink reply) {
        MultiPop pop = MultiPop.of(args, 2, "min", "max");
        long timeoutMs = args.timeoutMs(1);
        for (int i = pop.firstKey(); i <= pop.lastKey(); i++) {
            if (popSeveral(i, pop, args, tx, reply)) {
                return null;
            }
        }
        return Wait.forKeys(
                Type.SORTED_SET,
                pop.firstKey(),
                pop.lastKey(),
                timeoutMs,
                (key, words, later, answer) -> popSeveral(key, pop, words, later, answer));
    }

    private static @Nullable Wait bzPopMax(Args args, Tx tx, ReplySink reply) {
        return popFirst(args, false, tx, reply);
    }

    private static @Nullable Wait popFirst(Args args, boolean lowest, Tx tx, ReplySink reply) {
        int last = args.count() - 2;
        long timeoutMs = args.timeoutMs(last + 1);
        for (int i = 1; i <= last; i++) {
            if (popWithKey(i, args, lowest, tx, reply)) {
                return null;
            }
        }
        return Wait.forKeys(
                Type.SORTED_SET,
                1,
                last,
                timeoutMs,
                (key, words, later, answer) -> popWithKey(key, words, lowest, later, answer));
    }

    /// Replies with a sorted set's key, a member and its score, and removes that, if there is any.
    private static boolean popWithKey(int key, Args args, boolean lowest, Tx tx, ReplySink reply) {
        Entry entry = sortedSet(tx.write(args.bytes(key)));
        if (entry == null) {
            return false;
        }
        Span span = end(entry, lowest, 1);
        reply.array(3);
        reply.bulk(args.bytes(key));
        span.forEach(entry, (member, score) -> {
            reply.bulk(member);
            reply.doubleNumber(score);
        });
        tellPop(args.bytes(key), lowest, 1, tx);
        remove(entry, span, lowest ? KeyEvent.ZPOPMIN : KeyEvent.ZPOPMAX);
        return true;
    }

    private static @Nullable Wait bzPopMin(Args args, Tx tx, ReplySink reply) {
        return popFirst(args, true, tx, reply);
    }

    private static void zAdd(Args args, Tx tx, ReplySink reply) {
        int first = SortedSetAdd.afterOptions(args, SortedSetAdd.ALL);
        SortedSetAdd add = SortedSetAdd.of(args, first, SortedSetAdd.ALL);
        int words = args.count() - first;
        if (words == 0 || words % 2 != 0) {
            throw CommandError.SYNTAX;
        }
        add.check(words / 2);
        double[] scores = new double[words / 2];
        for (int i = 0; i < scores.length; i++) {
            scores[i] = args.decimal(first + 2 * i);
        }
        add.run(scores, first + 1, 2, tx, reply);
    }

    private static void zCard(Args args, Tx tx, ReplySink reply) {
        Entry entry = sortedSet(tx.read(args.bytes(1)));
        reply.integer(entry == null ? 0 : SortedSetValue.length(entry));
    }

    private static void zCount(Args args, Tx tx, ReplySink reply) {
        count(args, By.SCORE, tx, reply);
    }

    private static void count(Args args, By by, Tx tx, ReplySink reply) {
        RangeQuery query = RangeQuery.plain(args, by);
        Entry entry = sortedSet(tx.read(args.bytes(1)));
        reply.integer(entry == null ? 0 : query.of(entry).count());
    }

    private static void zDiff(Args args, Tx tx, ReplySink reply) {
        combine(args, Operation.DIFFERENCE, "zdiff", tx, reply);
    }

    private static void combine(Args args, Operation operation, String command, Tx tx, ReplySink reply) {
        SortedSetAlgebra algebra = SortedSetAlgebra.of(args, 1, operation, Purpose.REPLY, command, tx);
        try (SortedSetDraft result = algebra.result(args.bytes(2))) {
            open(result.size(), algebra.withScores(), reply);
            result.forEach(members(algebra.withScores(), reply));
        }
    }

    private static void zDiffStore(Args args, Tx tx, ReplySink reply) {
        combineAndStore(args, Operation.DIFFERENCE, KeyEvent.ZDIFFSTORE, tx, reply);
    }

    private static void combineAndStore(Args args, Operation operation, KeyEvent event, Tx tx, ReplySink reply) {
        SortedSetAlgebra algebra = SortedSetAlgebra.of(args, 2, operation, Purpose.STORE, event.redisName(), tx);
        try (SortedSetDraft result = algebra.result(args.bytes(1))) {
            store(result, args.bytes(1), event, tx, reply);
        }
    }

    /// Makes a draft the value of a key, and replies with its size.
    static void store(SortedSetDraft draft, Bytes key, KeyEvent event, Tx tx, ReplySink reply) {
        long size = draft.size();
        draft.store(key);
        if (size > 0) {
            tx.changed(key, event);
        }
        reply.integer(size);
    }

    private static void zIncrBy(Args args, Tx tx, ReplySink reply) {
        if (SortedSetAdd.afterOptions(args, SortedSetAdd.ALL) > 2) {
            // Redis reads it as ZADD, and misses the score.
            throw CommandError.SYNTAX;
        }
        SortedSetAdd.increment(args).run(new double[] {args.decimal(2)}, 3, 1, tx, reply);
    }

    private static void zInter(Args args, Tx tx, ReplySink reply) {
        combine(args, Operation.INTERSECTION, "zinter", tx, reply);
    }

    private static void zInterCard(Args args, Tx tx, ReplySink reply) {
        SortedSetAlgebra algebra =
                SortedSetAlgebra.of(args, 1, Operation.INTERSECTION, Purpose.COUNT, "zintercard", tx);
        try (SortedSetDraft result = algebra.result(args.bytes(2))) {
            reply.integer(algebra.count(result.size()));
        }
    }

    private static void zInterStore(Args args, Tx tx, ReplySink reply) {
        combineAndStore(args, Operation.INTERSECTION, KeyEvent.ZINTERSTORE, tx, reply);
    }

    private static void zLexCount(Args args, Tx tx, ReplySink reply) {
        count(args, By.MEMBER, tx, reply);
    }

    private static void zmPop(Args args, Tx tx, ReplySink reply) {
        MultiPop pop = MultiPop.of(args, 1, "min", "max");
        for (int i = pop.firstKey(); i <= pop.lastKey(); i++) {
            if (popSeveral(i, pop, args, tx, reply)) {
                return;
            }
        }
        reply.nullArray();
    }

    /// Replies with a sorted set's key and members, and removes these, if there are any.
    private static boolean popSeveral(int key, MultiPop pop, Args args, Tx tx, ReplySink reply) {
        Entry entry = sortedSet(tx.write(args.bytes(key)));
        if (entry == null) {
            return false;
        }
        Span span = end(entry, pop.fromFront(), pop.count());
        reply.array(2);
        reply.bulk(args.bytes(key));
        reply.array((int) span.count());
        span.forEach(entry, (member, score) -> {
            reply.array(2);
            reply.bulk(member);
            reply.doubleNumber(score);
        });
        tellPop(args.bytes(key), pop.fromFront(), span.count(), tx);
        remove(entry, span, pop.fromFront() ? KeyEvent.ZPOPMIN : KeyEvent.ZPOPMAX);
        return true;
    }

    /// Says that members have been taken, for a command that first had to find the set, or to wait for it.
    private static void tellPop(Bytes key, boolean lowest, long count, Tx tx) {
        Effects effect = tx.effect(lowest ? "ZPOPMIN" : "ZPOPMAX").add(key);
        if (count != 1) {
            effect.add(count);
        }
    }

    /// Up to `most` members at an end, from it on.
    private static Span end(Entry entry, boolean lowest, long most) {
        long length = SortedSetValue.length(entry);
        return new Span(
                lowest ? 0 : length - 1, Math.min(most, length), lowest ? Direction.FORWARDS : Direction.BACKWARDS);
    }

    private static void remove(Entry entry, Span span, KeyEvent event) {
        boolean backwards = span.direction() == Direction.BACKWARDS;
        SortedSetValue.remove(entry, backwards ? span.rank() - span.count() + 1 : span.rank(), span.count());
        entry.changed(event);
        SortedSetValue.settle(entry);
    }

    private static void zmScore(Args args, Tx tx, ReplySink reply) {
        Entry entry = sortedSet(tx.read(args.bytes(1)));
        reply.array(args.count() - 2);
        for (int i = 2; i < args.count(); i++) {
            replyScore(entry == null ? Double.NaN : SortedSetValue.score(entry, args.bytes(i)), reply);
        }
    }

    private static void zPopMax(Args args, Tx tx, ReplySink reply) {
        pop(args, false, tx, reply);
    }

    private static void zPopMin(Args args, Tx tx, ReplySink reply) {
        pop(args, true, tx, reply);
    }

    private static void pop(Args args, boolean lowest, Tx tx, ReplySink reply) {
        if (args.count() > 3) {
            throw CommandError.SYNTAX;
        }
        boolean counted = args.count() == 3;
        long count = counted ? args.integer(2, 0, Long.MAX_VALUE, CommandError.NOT_POSITIVE) : 1;
        Entry entry = sortedSet(tx.write(args.bytes(1)));
        if (entry == null || count == 0) {
            reply.emptyArray();
            return;
        }
        Span span = end(entry, lowest, count);
        if (counted) {
            open(span.count(), true, reply);
            span.forEach(entry, members(true, reply));
        } else {
            reply.array(2);
            span.forEach(entry, (member, score) -> {
                reply.bulk(member);
                reply.doubleNumber(score);
            });
        }
        remove(entry, span, lowest ? KeyEvent.ZPOPMIN : KeyEvent.ZPOPMAX);
    }

    private static void zRandMember(Args args, Tx tx, ReplySink reply) {
        if (args.count() == 2) {
            Entry entry = sortedSet(tx.read(args.bytes(1)));
            if (entry == null) {
                reply.nullBulk();
            } else {
                SortedSetValue.random(entry, tx.random(), members(false, reply));
            }
            return;
        }
        long count = args.integer(2);
        if (count == Long.MIN_VALUE) {
            throw CommandError.outOfRange(-Long.MAX_VALUE, Long.MAX_VALUE);
        }
        boolean withScores = args.count() == 4 && args.is(3, "withscores");
        if (args.count() > 3 && !withScores) {
            throw CommandError.SYNTAX;
        }
        if (withScores && Math.abs(count) > Long.MAX_VALUE / 2) {
            throw CommandError.OUT_OF_RANGE;
        }
        if (count < -MAX_REPEATED) {
            throw CommandError.outOfRange(-MAX_REPEATED, Long.MAX_VALUE);
        }
        Entry entry = sortedSet(tx.read(args.bytes(1)));
        if (entry == null || count == 0) {
            reply.emptyArray();
        } else if (count < 0) {
            open(-count, withScores, reply);
            for (long i = count; i < 0; i++) {
                SortedSetValue.random(entry, tx.random(), members(withScores, reply));
            }
        } else {
            replyDistinct(entry, count, withScores, tx.random(), reply);
        }
    }

    private static void replyDistinct(
            Entry entry, long most, boolean withScores, RandomGenerator random, ReplySink reply) {
        long length = SortedSetValue.length(entry);
        long count = Math.min(most, length);
        SortedSetValue.Visitor visitor = members(withScores, reply);
        open(count, withScores, reply);
        if (count > length / 3) {
            // One walk over all: each is taken with the chance that leaves enough for those that follow.
            long[] left = {count, length};
            SortedSetValue.forEach(entry, 0, length, (member, score) -> {
                if (random.nextLong(left[1]--) < left[0]) {
                    left[0]--;
                    visitor.visit(member, score);
                }
            });
            return;
        }
        // Robert Floyd's sampling: one draw for each member ("Programming pearls: a sample of brilliance", 1987).
        Set<Long> drawn = new HashSet<>();
        for (long last = length - count; last < length; last++) {
            long rank = random.nextLong(last + 1);
            long taken = drawn.add(rank) ? rank : last;
            drawn.add(taken);
            SortedSetValue.forEach(entry, taken, 1, visitor);
        }
    }

    private static void zRange(Args args, Tx tx, ReplySink reply) {
        replyRange(args, RangeQuery.free(args, 2, true), tx, reply);
    }

    private static void replyRange(Args args, RangeQuery query, Tx tx, ReplySink reply) {
        Entry entry = sortedSet(tx.read(args.bytes(1)));
        if (entry == null) {
            reply.emptyArray();
            return;
        }
        Span span = query.of(entry);
        open(span.count(), query.withScores(), reply);
        span.forEach(entry, members(query.withScores(), reply));
    }

    private static void zRangeByLex(Args args, Tx tx, ReplySink reply) {
        replyRange(args, RangeQuery.fixed(args, By.MEMBER, Direction.FORWARDS), tx, reply);
    }

    private static void zRangeByScore(Args args, Tx tx, ReplySink reply) {
        replyRange(args, RangeQuery.fixed(args, By.SCORE, Direction.FORWARDS), tx, reply);
    }

    private static void zRangeStore(Args args, Tx tx, ReplySink reply) {
        RangeQuery query = RangeQuery.free(args, 3, false);
        Entry entry = sortedSet(tx.read(args.bytes(2)));
        try (SortedSetDraft draft = SortedSetDraft.of(tx, args.bytes(1))) {
            if (entry != null) {
                query.of(entry).forEach(entry, draft::put);
            }
            store(draft, args.bytes(1), KeyEvent.ZRANGESTORE, tx, reply);
        }
    }

    private static void zRank(Args args, Tx tx, ReplySink reply) {
        rank(args, Direction.FORWARDS, "zrank", tx, reply);
    }

    private static void rank(Args args, Direction direction, String command, Tx tx, ReplySink reply) {
        if (args.count() > 4) {
            throw CommandError.wrongArity(command);
        }
        boolean withScore = args.count() == 4;
        if (withScore && !args.is(3, "withscore")) {
            throw CommandError.SYNTAX;
        }
        Entry entry = sortedSet(tx.read(args.bytes(1)));
        long ascending = entry == null ? -1 : SortedSetValue.rank(entry, args.bytes(2));
        if (entry == null || ascending < 0) {
            if (withScore) {
                reply.nullArray();
            } else {
                reply.nullBulk();
            }
            return;
        }
        if (withScore) {
            reply.array(2);
        }
        reply.integer(direction == Direction.FORWARDS ? ascending : SortedSetValue.length(entry) - 1 - ascending);
        if (withScore) {
            reply.doubleNumber(SortedSetValue.score(entry, args.bytes(2)));
        }
    }

    private static void zRem(Args args, Tx tx, ReplySink reply) {
        Entry entry = sortedSet(tx.write(args.bytes(1)));
        int removed = 0;
        if (entry != null) {
            for (int i = 2; i < args.count(); i++) {
                removed += SortedSetValue.remove(entry, args.bytes(i)) ? 1 : 0;
            }
            if (removed > 0) {
                entry.changed(KeyEvent.ZREM);
            }
            SortedSetValue.settle(entry);
        }
        reply.integer(removed);
    }

    private static void zRemRangeByLex(Args args, Tx tx, ReplySink reply) {
        removeRange(args, By.MEMBER, KeyEvent.ZREMBYLEX, tx, reply);
    }

    private static void zRemRangeByRank(Args args, Tx tx, ReplySink reply) {
        removeRange(args, By.RANK, KeyEvent.ZREMBYRANK, tx, reply);
    }

    private static void zRemRangeByScore(Args args, Tx tx, ReplySink reply) {
        removeRange(args, By.SCORE, KeyEvent.ZREMBYSCORE, tx, reply);
    }

    private static void removeRange(Args args, By by, KeyEvent event, Tx tx, ReplySink reply) {
        RangeQuery query = RangeQuery.plain(args, by);
        Entry entry = sortedSet(tx.write(args.bytes(1)));
        Span span = entry == null ? null : query.of(entry);
        if (entry == null || span == null || span.count() == 0) {
            reply.integer(0);
            return;
        }
        remove(entry, span, event);
        reply.integer(span.count());
    }

    private static void zRevRange(Args args, Tx tx, ReplySink reply) {
        replyRange(args, RangeQuery.fixed(args, By.RANK, Direction.BACKWARDS), tx, reply);
    }

    private static void zRevRangeByLex(Args args, Tx tx, ReplySink reply) {
        replyRange(args, RangeQuery.fixed(args, By.MEMBER, Direction.BACKWARDS), tx, reply);
    }

    private static void zRevRangeByScore(Args args, Tx tx, ReplySink reply) {
        replyRange(args, RangeQuery.fixed(args, By.SCORE, Direction.BACKWARDS), tx, reply);
    }

    private static void zRevRank(Args args, Tx tx, ReplySink reply) {
        rank(args, Direction.BACKWARDS, "zrevrank", tx, reply);
    }

    private static void zScan(Args args, Tx tx, ReplySink reply) {
        ScanOptions.cursor(args);
        Entry entry = sortedSet(tx.read(args.bytes(1)));
        if (entry == null) {
            ScanOptions.answerNothing(reply);
            return;
        }
        ScanOptions options = ScanOptions.of(args, "noscores");
        options.answer(
                reply,
                (cursor, answer) -> SortedSetValue.scan(entry, cursor, options.count(), (member, score) -> {
                    if (options.takes(member)) {
                        answer.add(member);
                        if (!options.bare()) {
                            answer.add(Numbers.text(score));
                        }
                    }
                }));
    }

    private static void zScore(Args args, Tx tx, ReplySink reply) {
        Entry entry = sortedSet(tx.read(args.bytes(1)));
        replyScore(entry == null ? Double.NaN : SortedSetValue.score(entry, args.bytes(2)), reply);
    }

    private static void zUnion(Args args, Tx tx, ReplySink reply) {
        combine(args, Operation.UNION, "zunion", tx, reply);
    }

    private static void zUnionStore(Args args, Tx tx, ReplySink reply) {
        combineAndStore(args, Operation.UNION, KeyEvent.ZUNIONSTORE, tx, reply);
    }

    // ---------------------------------------------------------------------------------------------- sources

    /// How many members a sorted set or a set has.
    static long length(Entry entry) {
        return entry.type() == Type.SET ? SetValue.size(entry) : SortedSetValue.length(entry);
    }

    /// The score of a member of a sorted set or, 1, of a set; NaN if it is not there.
    static double score(Entry entry, Bytes member) {
        if (entry.type() == Type.SET) {
            return SetValue.contains(entry, member) ? 1 : Double.NaN;
        }
        return SortedSetValue.score(entry, member);
    }

    /// Visits all members of a sorted set or a set.
    static void forEach(Entry entry, SortedSetValue.Visitor visitor) {
        if (entry.type() == Type.SET) {
            SetView.of(entry).forEach(member -> visitor.visit(member, 1));
        } else {
            SortedSetValue.forEach(entry, 0, Long.MAX_VALUE, visitor);
        }
    }
}
