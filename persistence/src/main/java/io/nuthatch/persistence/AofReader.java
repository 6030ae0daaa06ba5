package io.nuthatch.persistence;

import io.nuthatch.memory.Bytes;
import io.nuthatch.memory.Memory;
import io.nuthatch.resp.Request;

/// Reads a log's commands, in place, as strictly as they are written: nothing that is not to the byte what it should be
/// passes for a command.
///
/// ```
///   *3\r\n $3\r\nSET\r\n $1\r\nk\r\n $1\r\nv\r\n        a command
///   #TS:1732215600\r\n                                  what follows was done in that second or later
///   #anything else\r\n                                  says nothing
/// ```
///
/// Thread: the one that made it.
final class AofReader {
    private static final int MOST_DIGITS = 10;
    private static final int NOT_WHOLE = -1;

    /// The longest line that Redis takes for an annotation.
    private static final int MOST_ANNOTATION_BYTES = 1024;

    /// What has been read.
    enum Found {
        COMMAND,
        /// [#second] says which.
        SECOND,
        REMARK,
        /// Nothing: the bytes end here.
        END,
        /// The bytes end within something.
        TORN
    }

    /// Bytes that are no command, and where the command begins that they should be.
    static final class Damage extends Exception {
        private static final long serialVersionUID = 1L;

        private Damage(String what) {
            super(what, null, false, false);
        }
    }

    private final long begin;
    private final long limit;
    private long at;
    private long start;
    private long second;

    /// @param begin where the bytes begin
    /// @param from where the first command is
    AofReader(long begin, long from, long limit) {
        this.begin = begin;
        this.limit = limit;
        this.at = from;
        this.start = from;
    }

    /// Where the thing begins that was read last, or that could not be read.
    long offset() {
        return start - begin;
    }

    /// Where it ends.
    long end() {
        return at - begin;
    }

    /// The last [Found#SECOND].
    long second() {
        return second;
    }

    /// Reads the next thing.
    Found next(Request request) throws Damage {
        start = at;
        if (at == limit) {
            return Found.END;
        }
        int kind = Memory.getByte(at);
        if (kind == '#') {
            return remark();
        }
        if (kind != '*') {
            throw new Damage("a command begins with '*', and here is " + shown(kind));
        }
        request.clear();
        int words = number('*', 1);
        boolean whole = words != NOT_WHOLE;
        for (int i = 0; whole && i < words; i++) {
            whole = word(request);
        }
        if (!whole) {
            at = start;
            return Found.TORN;
        }
        return Found.COMMAND;
    }

    private boolean word(Request request) throws Damage {
        int length = number('$', 0);
        if (length == NOT_WHOLE || limit - at < length + 2L) {
            return false;
        }
        request.add(at, length);
        at += length;
        lineEnd();
        return true;
    }

    /// Reads `*3\r\n`.
    private int number(char kind, int least) throws Damage {
        if (at == limit) {
            return NOT_WHOLE;
        }
        if (Memory.getByte(at) != kind) {
            throw new Damage("'" + kind + "' is expected, and here is " + shown(Memory.getByte(at)));
        }
        at++;
        long number = 0;
        int digits = 0;
        while (at < limit && Memory.getByte(at) != '\r') {
            int digit = Memory.getByte(at++) - '0';
            if (digit < 0 || digit > 9 || ++digits > MOST_DIGITS) {
                throw new Damage("a number is expected after '" + kind + "'");
            }
            number = number * 10 + digit;
        }
        if (limit - at < 2) {
            return NOT_WHOLE;
        }
        if (digits == 0 || number < least || number > Integer.MAX_VALUE) {
            throw new Damage("a length that is none");
        }
        lineEnd();
        return (int) number;
    }

    private void lineEnd() throws Damage {
        if (Memory.getByte(at) != '\r' || Memory.getByte(at + 1) != '\n') {
            throw new Damage("a line end is expected, and here is " + shown(Memory.getByte(at)));
        }
        at += 2;
    }

    private Found remark() throws Damage {
        while (at < limit && Memory.getByte(at) != '\n') {
            if (at - start > MOST_ANNOTATION_BYTES) {
                throw new Damage("a remark that does not end");
            }
            at++;
        }
        if (at == limit) {
            at = start;
            return Found.TORN;
        }
        at++;
        String line = new Bytes().set(start, (int) (at - start)).toString().strip();
        if (line.matches("#TS:[0-9]{1,18}")) {
            second = Long.parseLong(line.substring("#TS:".length()));
            return Found.SECOND;
        }
        return Found.REMARK;
    }

    private static String shown(int b) {
        return b > ' ' && b < 0x7f ? "'" + (char) b + "'" : "byte " + (b & 0xff);
    }
}
