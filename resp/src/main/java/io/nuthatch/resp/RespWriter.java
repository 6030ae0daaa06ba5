package io.nuthatch.resp;

import io.nuthatch.memory.Memory;
import io.nuthatch.memory.Numbers;
import java.nio.charset.StandardCharsets;

/// Writes replies in RESP2 or RESP3 into native memory that its owner supplies piece by piece.
///
/// ```
///   [ written so far ........ | free ........ ]
///     ^start                   ^position      ^limit
/// ```
///
/// A piece that is full is handed to [#moreRoom], which sends it on its way and supplies the next one. A bulk
/// string may run over several pieces; everything else is written in one.
///
/// Thread: the connection's event loop.
public abstract class RespWriter implements ReplySink {
    private static final int MAX_HEADER_BYTES = 32;
    private static final byte[] OK = "+OK\r\n".getBytes(StandardCharsets.US_ASCII);

    /// The piece at hand: its first byte, the first free byte, and the end.
    protected long start;

    protected long position;
    protected long limit;

    private int protocol = 2;

    /// Arrays opened and not closed. Their elements must stay in one piece, so that the header can be put before
    /// them.
    private int openArrays;

    /// Supplies room: afterwards `limit - position` is at least 64 bytes, and better `wantedBytes`.
    ///
    /// @param whole whether what stands in the piece must stay in it, before the new room
    protected abstract void moreRoom(long wantedBytes, boolean whole);

    @Override
    public int protocol() {
        return protocol;
    }

    public void protocol(int version) {
        assert version == 2 || version == 3 : "no such protocol: version=" + version;
        protocol = version;
    }

    /// Bytes in pieces that have been handed on.
    protected abstract long handedOnBytes();

    @Override
    public long writtenBytes() {
        return handedOnBytes() + position - start;
    }

    @Override
    public void simple(String text) {
        line('+', text);
    }

    @Override
    public void ok() {
        reserve(OK.length);
        Memory.copy(OK, 0, position, OK.length);
        position += OK.length;
    }

    @Override
    public void error(String text) {
        line('-', text.replace('\r', ' ').replace('\n', ' '));
    }

    @Override
    public void integer(long value) {
        header(':', value);
    }

    @Override
    public void bulk(long address, int length) {
        header('$', length);
        raw(address, length);
        lineEnd();
    }

    @Override
    public void bulk(String text) {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        header('$', bytes.length);
        raw(bytes);
        lineEnd();
    }

    @Override
    public void bulkInteger(long value) {
        header('$', Numbers.digits(value));
        reserve(MAX_HEADER_BYTES);
        position += Numbers.write(value, position);
        lineEnd();
    }

    @Override
    public void bigNumber(String digits) {
        if (protocol == 3) {
            line('(', digits);
        } else {
            bulk(digits);
        }
    }

    @Override
    public void nullBulk() {
        if (protocol == 3) {
            line('_', "");
        } else {
            header('$', -1);
        }
    }

    @Override
    public void nullArray() {
        if (protocol == 3) {
            line('_', "");
        } else {
            header('*', -1);
        }
    }

    @Override
    public void array(int elements) {
        header('*', elements);
    }

    @Override
    public void map(int entries) {
        if (protocol == 3) {
            header('%', entries);
        } else {
            header('*', entries * 2L);
        }
    }

    @Override
    public void set(int elements) {
        header(protocol == 3 ? '~' : '*', elements);
    }

    @Override
    public void push(int elements) {
        header(protocol == 3 ? '>' : '*', elements);
    }

    /// Writes a message that was encoded for RESP2, where RESP3 has a push: `*` becomes `>`.
    public void message(byte[] encoded) {
        messageKind(encoded[0]);
        raw(encoded, 1);
    }

    /// Writes the first byte of such a message.
    protected void messageKind(byte kind) {
        reserve(MAX_HEADER_BYTES);
        Memory.putByte(position++, kind == '*' && protocol == 3 ? '>' : kind);
    }

    @Override
    public void attribute(int entries) {
        assert protocol == 3 : "RESP2 has no attributes";
        header('|', entries);
    }

    @Override
    public void doubleNumber(double value) {
        if (protocol == 2 && Numbers.isPlainInteger(value)) {
            bulkInteger((long) value);
        } else {
            doubleNumber(Numbers.text(value));
        }
    }

    @Override
    public void doubleNumber(String digits) {
        if (protocol == 3) {
            line(',', digits);
        } else {
            bulk(digits);
        }
    }

    @Override
    public void bool(boolean value) {
        if (protocol == 3) {
            line('#', value ? "t" : "f");
        } else {
            integer(value ? 1 : 0);
        }
    }

    @Override
    public void verbatim(String format, String text) {
        assert format.length() == 3 : "a format has three letters: format=" + format;
        if (protocol == 3) {
            byte[] bytes = (format + ":" + text).getBytes(StandardCharsets.UTF_8);
            header('=', bytes.length);
            raw(bytes);
            lineEnd();
        } else {
            bulk(text);
        }
    }

    @Override
    public long openArray() {
        openArrays++;
        return position - start;
    }

    @Override
    public void closeArray(long opened, int elements) {
        close(opened, '*', elements);
    }

    @Override
    public void closeSet(long opened, int elements) {
        close(opened, protocol == 3 ? '~' : '*', elements);
    }

    @Override
    public void closeMap(long opened, int entries) {
        if (protocol == 3) {
            close(opened, '%', entries);
        } else {
            close(opened, '*', 2 * entries);
        }
    }

    private void close(long opened, char kind, int elements) {
        long header = 3L + Numbers.digits(elements);
        reserve(MAX_HEADER_BYTES);
        openArrays--;
        long from = start + opened;
        long end = position;
        Memory.copy(from, from + header, end - from);
        position = from;
        header(kind, elements);
        position = end + header;
    }

    private void header(char kind, long number) {
        reserve(MAX_HEADER_BYTES);
        Memory.putByte(position++, kind);
        if (number >= 0 && number <= 9) {
            Memory.putByte(position++, (int) ('0' + number));
        } else {
            position += Numbers.write(number, position);
        }
        lineEndReserved();
    }

    /// Characters are bytes here: an error cites a client's words as they came.
    private void line(char kind, String text) {
        int length = text.length();
        reserve(length + 3L);
        Memory.putByte(position++, kind);
        if (limit - position >= length + 2L) {
            for (int i = 0; i < length; i++) {
                Memory.putByte(position++, text.charAt(i));
            }
        } else {
            raw(text.getBytes(StandardCharsets.ISO_8859_1));
        }
        lineEnd();
    }

    /// Adds a reply that has been written elsewhere, in the client's protocol.
    public void written(long address, long length) {
        raw(address, length);
    }

    private void lineEnd() {
        reserve(2);
        lineEndReserved();
    }

    private void lineEndReserved() {
        Memory.putShort(position, '\r' | '\n' << 8);
        position += 2;
    }

    /// Writes bytes as they are, over as many pieces as it takes.
    private void raw(long address, long length) {
        long left = length;
        while (left > 0) {
            if (position == limit) {
                moreRoom(left, openArrays > 0);
            }
            long part = Math.min(left, limit - position);
            Memory.copy(address + length - left, position, part);
            position += part;
            left -= part;
        }
    }

    private void raw(byte[] bytes) {
        raw(bytes, 0);
    }

    private void raw(byte[] bytes, int from) {
        int done = from;
        while (done < bytes.length) {
            if (position == limit) {
                moreRoom(bytes.length - done, openArrays > 0);
            }
            int part = (int) Math.min(bytes.length - done, limit - position);
            Memory.copy(bytes, done, position, part);
            position += part;
            done += part;
        }
    }

    private void reserve(long bytes) {
        if (limit - position < bytes) {
            moreRoom(bytes, openArrays > 0);
        }
    }
}
