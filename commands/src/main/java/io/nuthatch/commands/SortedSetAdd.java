package io.nuthatch.commands;

import io.nuthatch.engine.Args;
import io.nuthatch.engine.CommandError;
import io.nuthatch.memory.Bytes;
import io.nuthatch.resp.ReplySink;
import io.nuthatch.store.Entry;
import io.nuthatch.store.KeyEvent;
import io.nuthatch.store.SortedSetValue;
import io.nuthatch.store.Tx;
import java.util.List;

/// What ZADD, ZINCRBY and GEOADD do: give members scores, as far as options allow it.
final class SortedSetAdd {
    private static final CommandError NX_WITH_XX =
            CommandError.of("ERR XX and NX options at the same time are not compatible");
    private static final CommandError GT_LT_NX =
            CommandError.of("ERR GT, LT, and/or NX options at the same time are not compatible");
    private static final CommandError ONE_INCREMENT =
            CommandError.of("ERR INCR option supports a single increment-element pair");
    private static final CommandError NOT_A_SCORE = CommandError.of("ERR resulting score is not a number (NaN)");

    static final int NX = 1;
    static final int XX = 2;
    static final int CH = 4;
    private static final int GT = 8;
    private static final int LT = 16;
    private static final int INCR = 32;

    /// All options.
    static final int ALL = NX | XX | CH | GT | LT | INCR;

    /// In the order of their bits.
    private static final List<String> NAMES = List.of("nx", "xx", "ch", "gt", "lt", "incr");

    private final Args args;
    private final int options;

    private SortedSetAdd(Args args, int options) {
        this.args = args;
        this.options = options;
    }

    /// The first word from the third on that is no option.
    ///
    /// @param known the options that the command has
    static int afterOptions(Args args, int known) {
        int at = 2;
        while (at < args.count() && (option(args, at) & known) != 0) {
            at++;
        }
        return at;
    }

    /// Reads the options before a word.
    static SortedSetAdd of(Args args, int end, int known) {
        int options = 0;
        for (int at = 2; at < end; at++) {
            options |= option(args, at) & known;
        }
        return new SortedSetAdd(args, options);
    }

    /// ZINCRBY is ZADD with INCR.
    static SortedSetAdd increment(Args args) {
        return new SortedSetAdd(args, INCR);
    }

    private static int option(Args args, int at) {
        for (int i = 0; i < NAMES.size(); i++) {
            if (args.is(at, NAMES.get(i))) {
                return 1 << i;
            }
        }
        return 0;
    }

    boolean has(int option) {
        return (options & option) != 0;
    }

    /// Refuses options that do not go together.
    void check(int members) {
        if (has(NX) && has(XX)) {
            throw NX_WITH_XX;
        }
        if (has(NX) && (has(GT) || has(LT)) || has(GT) && has(LT)) {
            throw GT_LT_NX;
        }
        if (has(INCR) && members > 1) {
            throw ONE_INCREMENT;
        }
    }

    /// Does the work, and replies with a count or, for INCR, with the score.
    ///
    /// @param member the word that is the first member
    /// @param step from one member to the next
    void run(double[] scores, int member, int step, Tx tx, ReplySink reply) {
        Bytes key = args.bytes(1);
        Entry entry = SortedSetCommands.sortedSet(tx.write(key));
        int added = 0;
        int updated = 0;
        double score = Double.NaN;
        for (int i = 0; i < scores.length; i++) {
            Bytes name = args.bytes(member + i * step);
            double old = entry == null ? Double.NaN : SortedSetValue.score(entry, name);
            score = scoreFor(old, scores[i]);
            if (Double.isNaN(score) || score == old) {
                continue;
            }
            if (entry == null) {
                entry = SortedSetValue.create(tx, key);
            }
            if (Double.isNaN(old)) {
                SortedSetValue.add(entry, name, score);
                added++;
            } else {
                SortedSetValue.score(entry, name, score);
                updated++;
            }
        }
        if (entry != null && added + updated > 0) {
            entry.changed(has(INCR) ? KeyEvent.ZINCR : KeyEvent.ZADD);
        }
        if (has(INCR)) {
            SortedSetCommands.replyScore(score, reply);
        } else {
            reply.integer(has(CH) ? added + updated : added);
        }
    }

    /// The score that a member gets.
    ///
    /// @param old the one it has, NaN if it is not there
    /// @return NaN if it is to be left alone
    private double scoreFor(double old, double given) {
        if (Double.isNaN(old)) {
            return has(XX) ? Double.NaN : given;
        }
        if (has(NX)) {
            return Double.NaN;
        }
        double score = has(INCR) ? old + given : given;
        if (Double.isNaN(score)) {
            throw NOT_A_SCORE;
        }
        return has(GT) && score <= old || has(LT) && score >= old ? Double.NaN : score;
    }
}
