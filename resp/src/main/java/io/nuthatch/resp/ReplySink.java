package io.nuthatch.resp;

import io.nuthatch.memory.Bytes;

/// Where a command puts its reply, piece by piece, in the terms of RESP3. A sink for a RESP2 client writes the
/// nearest thing RESP2 has: a map is an array of twice the length, a double is a bulk string, a boolean is 0 or
/// 1.
///
/// An aggregate is announced with its number of elements, which then follow. Where the number is known only
/// afterwards, [#openArray] and [#closeArray] stand around the elements.
///
/// Thread: the one that runs the command.
public interface ReplySink {
    /// 2 or 3.
    int protocol();

    /// How many bytes have been written since the beginning: equal before and after says that nothing was.
    long writtenBytes();

    /// A status line, ASCII without line ends.
    void simple(String text);

    /// An error line: an upper-case code, a space and the text, each character a byte. Line ends in it become spaces.
    void error(String text);

    void integer(long value);

    void bulk(long address, int length);

    /// UTF-8 text as a bulk string.
    void bulk(String text);

    /// A number's decimal digits as a bulk string.
    void bulkInteger(long value);

    void bigNumber(String digits);

    /// RESP2: `$-1`.
    void nullBulk();

    /// RESP2: `*-1`. RESP3 has one null only.
    void nullArray();

    void array(int elements);

    /// `entries` keys and as many values follow, in turn.
    void map(int entries);

    void set(int elements);

    /// An out-of-band message (an array in RESP2).
    void push(int elements);

    /// `entries` keys and as many values follow, then the reply that they say something about. RESP3 only.
    void attribute(int entries);

    void doubleNumber(double value);

    /// A double whose digits the command has chosen.
    void doubleNumber(String digits);

    void bool(boolean value);

    /// Text with a format of three letters, `txt` or `mkd`.
    void verbatim(String format, String text);

    /// Begins an array whose length is not known yet.
    ///
    /// @return what [#closeArray] wants to know
    long openArray();

    void closeArray(long opened, int elements);

    /// Ends what [#openArray] began, as a set.
    void closeSet(long opened, int elements);

    /// Ends what [#openArray] began, as a map: so many keys, each with its value behind it.
    void closeMap(long opened, int entries);

    default void ok() {
        simple("OK");
    }

    default void bulk(Bytes bytes) {
        bulk(bytes.address(), bytes.length());
    }

    default void emptyArray() {
        array(0);
    }
}
