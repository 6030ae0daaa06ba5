package io.nuthatch.commands;

import io.nuthatch.engine.Args;
import io.nuthatch.engine.CommandError;

/// The end of a command on fields of a hash: `FIELDS numfields field [field ...]`.
///
/// @param first the word that is the first field
/// @param count how many fields there are
record FieldWords(int first, int count) {
    private static final CommandError NO_FIELDS_WORD =
            CommandError.of("ERR Mandatory argument FIELDS is missing or not at the right position");
    private static final CommandError WRONG_NUMFIELDS =
            CommandError.of("ERR The `numfields` parameter must match the number of arguments");

    static final CommandError NOT_POSITIVE = CommandError.of("ERR Number of fields must be a positive integer");

    /// Reads it from a word on.
    ///
    /// @param notPositive the error for a number that is none: commands differ in it
    static FieldWords at(Args args, int index, CommandError notPositive) {
        if (!args.has(index, "fields")) {
            throw NO_FIELDS_WORD;
        }
        if (index + 1 == args.count()) {
            throw notPositive;
        }
        FieldWords fields = new FieldWords(index + 2, args.count() - index - 2);
        if (args.integer(index + 1, 1, Long.MAX_VALUE, notPositive) != fields.count) {
            throw WRONG_NUMFIELDS;
        }
        return fields;
    }

    int end() {
        return first + count;
    }
}
