package io.nuthatch.bench;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/// Counts the complete replies in a stream of RESP2 or RESP3, whatever the sizes in which it arrives, and keeps the
/// first error. It looks at headers only: the bodies of strings are skipped.
///
/// There is no stack for nested replies: `pending` is the number of values that are still to come before the reply
/// is whole. An array of n takes one off and adds n, a map adds 2n; at zero the reply is complete. An attribute
/// adds what it holds without taking one off, since the value it belongs to follows. A push is not a reply to
/// anything, so it ends without being counted.
///
/// Thread: its connection's.
final class ReplyCounter {
    private static final int ERROR_BYTES_MAX = 200;
    private static final long VALUES_MAX = 1L << 32;

    /// Where in a value the next byte is.
    private enum At {
        TYPE,
        /// In a line of text, up to its line feed.
        LINE,
        /// In the number after a type byte: a length or a count.
        NUMBER,
        /// In the body of a string; `bodyLeft` bytes to go, its line end included.
        BODY
    }

    private At at = At.TYPE;
    private byte type;
    private long number;
    private boolean negative;
    private long bodyLeft;
    private long pending = 1;
    private boolean push;
    private boolean error;
    private long errors;
    private final StringBuilder firstError = new StringBuilder();

    /// Reads the buffer to its limit.
    ///
    /// @return how many replies became complete
    /// @throws BenchFailure if this is not RESP
    int count(ByteBuffer in) {
        int complete = 0;
        int i = in.position();
        int limit = in.limit();
        while (i < limit) {
            switch (at) {
                case TYPE -> {
                    begin(in.get(i++));
                }
                case LINE -> {
                    byte b = in.get(i++);
                    if (b == '\n') {
                        complete += endOfValue();
                    } else if (error) {
                        keep(b);
                    }
                }
                case NUMBER -> {
                    byte b = in.get(i++);
                    if (b == '\n') {
                        complete += endOfNumber();
                    } else {
                        digit(b);
                    }
                }
                case BODY -> {
                    int here = (int) Math.min(bodyLeft, limit - i);
                    if (error) {
                        for (int k = i; k < i + here; k++) {
                            keep(in.get(k));
                        }
                    }
                    i += here;
                    bodyLeft -= here;
                    if (bodyLeft == 0) {
                        complete += endOfValue();
                    }
                }
            }
        }
        in.position(limit);
        return complete;
    }

    /// How many of the replies so far were errors, those inside arrays included.
    long errors() {
        return errors;
    }

    /// The first error's text, or an empty one.
    String firstError() {
        return firstError.toString().strip();
    }

    private void begin(byte typeByte) {
        type = typeByte;
        switch (typeByte) {
            case '+', ':', ',', '#', '_', '(' -> at = At.LINE;
            case '-' -> {
                at = At.LINE;
                beginError();
            }
            case '$', '*', '=', '!', '%', '~', '>', '|' -> {
                at = At.NUMBER;
                number = 0;
                negative = false;
            }
            default -> throw new BenchFailure("not a RESP type: '" + (char) (typeByte & 0xFF) + "' (" + typeByte + ")");
        }
    }

    private void digit(byte b) {
        if (b >= '0' && b <= '9' && number < VALUES_MAX) {
            number = number * 10 + (b - '0');
        } else if (b == '-' && number == 0) {
            negative = true;
        } else if (b != '\r') {
            throw new BenchFailure("not a RESP length: type=" + (char) type + ", byte=" + b);
        }
    }

    private int endOfNumber() {
        if (negative) {
            return endOfValue();
        }
        switch (type) {
            case '$', '=', '!' -> {
                if (type == '!') {
                    beginError();
                }
                at = At.BODY;
                bodyLeft = number + 2;
                return 0;
            }
            case '|' -> {
                pending += 2 * number;
                at = At.TYPE;
                return 0;
            }
            case '%' -> pending += 2 * number;
            case '>' -> {
                push |= pending == 1;
                pending += number;
            }
            default -> pending += number;
        }
        return endOfValue();
    }

    private int endOfValue() {
        at = At.TYPE;
        error = false;
        pending--;
        if (pending > 0) {
            return 0;
        }
        pending = 1;
        boolean counted = !push;
        push = false;
        return counted ? 1 : 0;
    }

    private void beginError() {
        errors++;
        error = errors == 1;
    }

    private void keep(byte b) {
        if (firstError.length() < ERROR_BYTES_MAX) {
            firstError.append(new String(new byte[] {b}, StandardCharsets.ISO_8859_1));
        }
    }
}
