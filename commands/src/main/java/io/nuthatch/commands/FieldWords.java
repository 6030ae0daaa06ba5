package io.nuthatch.commands;

import io.nuthatch.engine.Args;
import io.nuthatch.engine.CommandError;

/// The fields that a command on a hash names: `FIELDS numfields field [field ...]`, or `field value` for each.
///
/// @param first the word that is the first field
/// @param count how many fields there are
/// @param end the word behind them
record FieldWords(int first, int count, int end) {
    private static final CommandError NO_FIELDS_WORD =
            CommandError.of("ERR Mandatory argument FIELDS is missing or not at the right position");
    private static final CommandError WRONG_NUMFIELDS =
            CommandError.of("ERR The `numfields` parameter must match the number of arguments");

    private static final CommandError TOO_FEW = CommandError.of("ERR wrong number of arguments");

    static final CommandError TWICE = CommandError.of("ERR FIELDS keyword specified multiple times");
    static final CommandError MISSING = CommandError.of("ERR missing FIELDS argument");
    static final CommandError NOT_POSITIVE = CommandError.of("ERR Number of fields must be a positive integer");

    /// Reads it from a word on, to the end of the command.
    ///
    /// @param notPositive the error for a number that is none: commands differ in it
    static FieldWords at(Args args, int index, CommandError notPositive) {
        if (!args.has(index, "fields")) {
            throw NO_FIELDS_WORD;
        }
        if (index + 1 == args.count()) {
            throw notPositive;
        }
        FieldWords fields = new FieldWords(index + 2, args.count() - index - 2, args.count());
        if (args.integer(index + 1, 1, Long.MAX_VALUE, notPositive) != fields.count) {
            throw WRONG_NUMFIELDS;
        }
        return fields;
    }

    /// Reads it where other words may follow, from FIELDS on, behind which there is another word.
    ///
    /// @param wordsEach how many a field takes: two with its value
    /// @param notPositive the error for a number that is none: commands differ in it
    static FieldWords within(Args args, int index, int wordsEach, CommandError notPositive) {
        long count = args.integer(index + 1, 1, Integer.MAX_VALUE, notPositive);
        int first = index + 2;
        if (count * wordsEach > args.count() - first) {
            throw TOO_FEW;
        }
        return new FieldWords(first, (int) count, first + (int) count * wordsEach);
    }

    /// What a word is that is no option of the command.
    static CommandError unknown(Args args, int index) {
        return CommandError.of("ERR unknown argument: " + args.cited(index));
    }
}
