package io.nuthatch.commands;

import io.nuthatch.engine.Args;
import io.nuthatch.engine.CommandError;
import io.nuthatch.store.ListValue.End;

/// The words of LMOVEM and BLMOVEM: `... <LEFT | RIGHT> <LEFT | RIGHT> ... [<COUNT n | EXACTLY n> <OBO | BULK>]`.
///
/// @param from the end of the source
/// @param to the end of the destination
/// @param least how many elements there must be: with COUNT one is enough
/// @param most how many are moved at most
/// @param keepsOrder whether they stand in the destination as they stood in the source (BULK), and not as if they had
/// been moved one by one (OBO)
record MultiMove(End from, End to, long least, long most, boolean keepsOrder) {
    /// @param option the word where the options begin, if there are any
    static MultiMove of(Args args, End from, End to, int option) {
        if (args.count() == option) {
            return new MultiMove(from, to, 1, 1, true);
        }
        boolean exactly = args.is(option, "exactly");
        if (args.count() != option + 3 || !exactly && !args.is(option, "count")) {
            throw CommandError.SYNTAX;
        }
        long count = args.integer(option + 1, 1, Long.MAX_VALUE, CommandError.COUNT_NOT_POSITIVE);
        boolean bulk = args.is(option + 2, "bulk");
        if (!bulk && !args.is(option + 2, "obo")) {
            throw CommandError.SYNTAX;
        }
        return new MultiMove(from, to, exactly ? count : 1, count, bulk);
    }
}
