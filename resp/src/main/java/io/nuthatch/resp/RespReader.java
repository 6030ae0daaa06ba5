package io.nuthatch.resp;

import io.nuthatch.memory.Memory;

/// Reads requests from a buffer, in place: multi-bulk (`*2 $3 GET $1 k`) and inline (`GET k`), as Redis does.
///
/// ```
///   [ request | request | request | part of a re ]
///     ^position                                 ^limit
/// ```
///
/// The owner gives the buffer ([#open]), takes requests while [#read] says `true`, then keeps the bytes from
/// [#position] on: they are the beginning of a request that is not whole yet. When more has come, behind those
/// same bytes, wherever they have moved, [#open] is called again and the reader goes on where it stopped: a
/// request of a million words that comes in a thousand pieces is looked at once.
///
/// Source: the protocol's description (redis.io, "RESP"), and the errors and limits of Redis's `networking.c`.
///
/// Thread: the connection's event loop.
public final class RespReader {
    /// The longest inline request, and the longest line with a count, in bytes (Redis: `PROTO_INLINE_MAX_SIZE`).
    static final int MAX_LINE_BYTES = 64 * 1024;

    /// The largest number of words that Redis takes.
    static final int MAX_WORDS = Integer.MAX_VALUE;

    /// What a client may send before it has said who it is: enough for AUTH and HELLO, too little to fill memory.
    static final int MAX_WORDS_UNAUTHENTICATED = 10;

    static final int MAX_BULK_BYTES_UNAUTHENTICATED = 16 * 1024;

    private static final int UNKNOWN = -1;

    private long maxBulkBytes;
    private boolean authenticated = true;

    /// Where the request under way begins.
    private long start;
    /// The next byte to look at.
    private long next;
    private long limit;

    /// Whether the request under way is a line typed by hand.
    private boolean isInline;

    /// Words still to come in the request under way, or UNKNOWN when its count has not been read.
    private int wordsLeft = UNKNOWN;
    /// The length of the word under way, or UNKNOWN when it has not been read.
    private int bulkLength = UNKNOWN;

    /// @param maxBulkBytes the longest word, in bytes (`proto-max-bulk-len`)
    public RespReader(long maxBulkBytes) {
        this.maxBulkBytes = maxBulkBytes;
    }

    public void maxBulkBytes(long bytes) {
        maxBulkBytes = bytes;
    }

    /// Until a client has said who it is, its requests must be short.
    public void authenticated(boolean is) {
        authenticated = is;
    }

    /// Gives the buffer: what was left of it last time (from [#position] on), and what has come since.
    ///
    /// @param pending the request in which the words of an unfinished one stand: they move along
    public void open(long address, long limit, Request pending) {
        long delta = address - start;
        if (delta != 0) {
            if (wordsLeft != UNKNOWN) {
                pending.shift(delta);
            }
            next += delta;
            start = address;
        }
        this.limit = limit;
    }

    /// Gives a fresh buffer: nothing was left of the last one.
    public void open(long address, long limit) {
        assert wordsLeft == UNKNOWN : "a request is under way: wordsLeft=" + wordsLeft;
        start = next = address;
        this.limit = limit;
    }

    /// Where the first byte stands that belongs to no complete request.
    public long position() {
        return start;
    }

    /// Whether the buffer ends within a request, some of whose words have been read.
    public boolean isInside() {
        return wordsLeft != UNKNOWN;
    }

    /// Forgets the request under way: the owner will give its bytes again, from the beginning.
    public void restart() {
        wordsLeft = UNKNOWN;
        bulkLength = UNKNOWN;
    }

    /// How many bytes the request under way is known to need in all, as far as they are announced.
    public long wantedBytes() {
        return bulkLength == UNKNOWN ? 0 : next - start + bulkLength + 2;
    }

    /// Reads the next request.
    ///
    /// @return whether it is whole; if not, its words so far stay in `request` for the next call
    /// @throws ProtocolError if the client has broken the protocol
    public boolean read(Request request) {
        while (next < limit) {
            if (wordsLeft == UNKNOWN) {
                request.clear();
                isInline = Memory.getByte(next) != '*';
                if (isInline) {
                    if (!readInline(request)) {
                        return false;
                    }
                } else if (!readCount()) {
                    return false;
                }
            }
            if (wordsLeft > 0 && !readWords(request)) {
                return false;
            }
            wordsLeft = UNKNOWN;
            request.wire(isInline ? 0 : start, next - start);
            start = next;
            if (request.count() > 0) {
                return true;
            }
        }
        return false;
    }

    private boolean readCount() {
        // Most requests have fewer than ten words.
        if (limit - next >= 4 && Memory.getByte(next + 2) == '\r' && Memory.getByte(next + 3) == '\n') {
            int digit = Memory.getByte(next + 1) - '0';
            if (digit >= 0 && digit <= 9) {
                next += 4;
                wordsLeft = digit;
                return true;
            }
        }
        return readLongCount();
    }

    private boolean readLongCount() {
        long end = lineEnd("too big mbulk count string");
        if (end == 0) {
            return false;
        }
        long count = number(next + 1, end, "invalid multibulk length");
        if (count > MAX_WORDS) {
            throw new ProtocolError("invalid multibulk length");
        }
        if (!authenticated && count > MAX_WORDS_UNAUTHENTICATED) {
            throw new ProtocolError("unauthenticated multibulk length");
        }
        next = end + 2;
        wordsLeft = (int) Math.max(count, 0);
        return true;
    }

    private boolean readWords(Request request) {
        while (wordsLeft > 0) {
            if (bulkLength == UNKNOWN && !readBulkLength()) {
                return false;
            }
            if (limit - next < bulkLength + 2L) {
                return false;
            }
            request.add(next, bulkLength);
            next += bulkLength + 2L;
            bulkLength = UNKNOWN;
            wordsLeft--;
        }
        return true;
    }

    private boolean readBulkLength() {
        // Nine words in ten are shorter than a hundred bytes: `$d\r\n` and `$dd\r\n` are read without a search.
        if (limit - next >= 5 && Memory.getByte(next) == '$') {
            int first = Memory.getByte(next + 1) - '0';
            int second = Memory.getByte(next + 2) - '0';
            if (first >= 0 && first <= 9) {
                if (second == '\r' - '0' && Memory.getByte(next + 3) == '\n') {
                    bulkLength = first;
                    next += 4;
                    return true;
                }
                if (second >= 0 && second <= 9 && first > 0 && Memory.getByte(next + 3) == '\r') {
                    bulkLength = first * 10 + second;
                    next += 5;
                    return true;
                }
            }
        }
        return readLongBulkLength();
    }

    private boolean readLongBulkLength() {
        long end = lineEnd("too big bulk count string");
        if (end == 0) {
            return false;
        }
        if (Memory.getByte(next) != '$') {
            throw new ProtocolError("expected '$', got '" + (char) (Memory.getByte(next) & 0xff) + "'");
        }
        long length = number(next + 1, end, "invalid bulk length");
        if (length < 0 || length > Math.min(maxBulkBytes, Integer.MAX_VALUE)) {
            throw new ProtocolError("invalid bulk length");
        }
        if (!authenticated && length > MAX_BULK_BYTES_UNAUTHENTICATED) {
            throw new ProtocolError("unauthenticated bulk length");
        }
        bulkLength = (int) length;
        next = end + 2;
        return true;
    }

    /// Where the line's `\r` stands, or 0 if the line is not whole.
    private long lineEnd(String tooLong) {
        for (long at = next; at < limit; at++) {
            if (Memory.getByte(at) == '\r') {
                return at + 1 < limit ? at : 0;
            }
        }
        if (limit - next > MAX_LINE_BYTES) {
            throw new ProtocolError(tooLong);
        }
        return 0;
    }

    private static long number(long from, long to, String wrong) {
        boolean negative = to - from > 1 && Memory.getByte(from) == '-';
        long at = negative ? from + 1 : from;
        if (at == to || to - at > 18 || Memory.getByte(at) == '0' && (to - at > 1 || negative)) {
            throw new ProtocolError(wrong);
        }
        long value = 0;
        for (; at < to; at++) {
            int digit = Memory.getByte(at) - '0';
            if (digit < 0 || digit > 9) {
                throw new ProtocolError(wrong);
            }
            value = value * 10 + digit;
        }
        return negative ? -value : value;
    }

    /// Reads a line typed by hand. Quotes are taken off in place: what they stand for is never longer.
    private boolean readInline(Request request) {
        long end = next;
        while (end < limit && Memory.getByte(end) != '\n') {
            end++;
        }
        if (end == limit) {
            if (limit - next > MAX_LINE_BYTES) {
                throw new ProtocolError("too big inline request");
            }
            return false;
        }
        long lineEnd = end > next && Memory.getByte(end - 1) == '\r' ? end - 1 : end;
        InlineWords.split(next, lineEnd, request);
        next = end + 1;
        wordsLeft = 0;
        return true;
    }
}
