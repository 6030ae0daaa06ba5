package io.nuthatch.server;

import java.util.List;

/// One reply of a server, as it came over the wire.
///
/// Text is *byte text* everywhere in these tests: a `String` that holds one byte in each character (ISO 8859-1). So a
/// reply of arbitrary bytes is a value that can be compared, printed and put in a record.
sealed interface Reply {
    /// `+OK`.
    record Simple(String text) implements Reply {}

    /// `-ERR ...`, also RESP3's bulk error.
    record Failure(String text) implements Reply {}

    /// `:1`.
    record Int(long value) implements Reply {}

    /// `$3 abc`.
    record Bulk(String text) implements Reply {}

    /// `$-1`, `*-1` and RESP3's `_`. Which of them it was is kept in `wire`, for the differential test alone.
    record Nil(String wire) implements Reply {}

    /// `*2 ...`.
    record Array(List<Reply> items) implements Reply {}

    /// `%1 ...`: keys and values in turn.
    record Pairs(List<Reply> items) implements Reply {}

    /// `~2 ...`.
    record Members(List<Reply> items) implements Reply {}

    /// `>2 ...`: a message that answers no command.
    record Push(List<Reply> items) implements Reply {}

    /// `,1.5`, with the digits the server chose.
    record Decimal(String text) implements Reply {}

    /// `#t`.
    record Bool(boolean value) implements Reply {}

    /// `(123...`.
    record BigNumber(String text) implements Reply {}

    /// `=7 txt:abc`.
    record Verbatim(String format, String text) implements Reply {}
}
