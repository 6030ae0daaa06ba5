package io.nuthatch.commands;

import io.nuthatch.engine.Args;
import io.nuthatch.engine.CommandError;

/// The words of LMPOP, ZMPOP and those of their kind that wait: `numkeys key ... <LEFT | RIGHT> [COUNT count]`.
///
/// @param firstKey the first of the words that are keys
/// @param lastKey the last of them
/// @param fromFront whether elements are taken from the end that is named first, left or lowest
/// @param count how many at most
record MultiPop(int firstKey, int lastKey, boolean fromFront, long count) {
    /// @param numkeys the word that says how many keys there are
    /// @param front the name of one end
    /// @param back the name of the other
    static MultiPop of(Args args, int numkeys, String front, String back) {
        long keys = args.integer(numkeys, 1, Long.MAX_VALUE, CommandError.NUMKEYS_NOT_POSITIVE);
        if (keys > args.count() - numkeys - 2) {
            throw CommandError.SYNTAX;
        }
        int end = numkeys + 1 + (int) keys;
        if (!args.is(end, front) && !args.is(end, back)) {
            throw CommandError.SYNTAX;
        }
        return new MultiPop(numkeys + 1, end - 1, args.is(end, front), count(args, end + 1));
    }

    private static long count(Args args, int option) {
        if (args.count() == option) {
            return 1;
        }
        if (!args.is(option, "count") || args.count() < option + 2) {
            throw CommandError.SYNTAX;
        }
        long count = args.integer(option + 1, 1, Long.MAX_VALUE, CommandError.COUNT_NOT_POSITIVE);
        if (args.count() > option + 2) {
            throw CommandError.SYNTAX;
        }
        return count;
    }
}
