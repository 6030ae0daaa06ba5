package io.nuthatch.engine;

import io.nuthatch.memory.Bytes;
import io.nuthatch.memory.Numbers;
import io.nuthatch.resp.Request;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/// A command's words, as its body wants them: bytes, numbers, options. Word 0 is the command's name.
///
/// Errors: what is not what it should be is a [CommandError] in Redis's words.
public final class Args {
    private final Request request;
    private final Bytes sent = new Bytes();

    Args(Request request) {
        this.request = request;
    }

    /// The words from one on, as a call of its own: for COMMAND GETKEYS. Valid as long as these.
    public Args from(int first) {
        Request rest = new Request();
        for (int i = first; i < count(); i++) {
            rest.add(bytes(i).address(), bytes(i).length());
        }
        return new Args(rest);
    }

    public int count() {
        return request.count();
    }

    public Bytes bytes(int index) {
        return request.word(index);
    }

    /// UTF-8 text.
    public String text(int index) {
        return request.word(index).toString();
    }

    /// The bytes one by one as characters: for what goes back to the client unchanged.
    public String latin1(int index) {
        return new String(request.word(index).toArray(), StandardCharsets.ISO_8859_1);
    }

    /// A word as error messages cite it: byte by byte, up to a zero byte, where Redis's C strings end.
    public String cited(int index) {
        String bytes = latin1(index);
        int end = bytes.indexOf(0);
        return end < 0 ? bytes : bytes.substring(0, end);
    }

    /// Whether a word is the given one, whatever its case.
    ///
    /// @param lowerCase the word in lower case
    public boolean is(int index, String lowerCase) {
        return request.word(index).is(lowerCase);
    }

    /// The same, false past the last word; for options that take arguments.
    public boolean has(int index, String lowerCase) {
        return index < count() && is(index, lowerCase);
    }

    public boolean isInteger(int index) {
        Bytes word = request.word(index);
        return Numbers.isLong(word.address(), word.length());
    }

    public long integer(int index) {
        Bytes word = request.word(index);
        if (!Numbers.isLong(word.address(), word.length())) {
            throw CommandError.NOT_AN_INTEGER;
        }
        return Numbers.parse(word.address(), word.length());
    }

    /// An integer within bounds, both included.
    public long integer(int index, long least, long most) {
        long value = integer(index);
        if (value < least || value > most) {
            throw CommandError.NOT_AN_INTEGER;
        }
        return value;
    }

    /// An integer within bounds, with an error of the command's own.
    public long integer(int index, long least, long most, CommandError otherwise) {
        Bytes word = request.word(index);
        if (!Numbers.isLong(word.address(), word.length())) {
            throw otherwise;
        }
        long value = Numbers.parse(word.address(), word.length());
        if (value < least || value > most) {
            throw otherwise;
        }
        return value;
    }

    public double decimal(int index) {
        return decimal(index, CommandError.NOT_A_FLOAT);
    }

    /// A number with a fraction, within the range of doubles, with an error of the command's own.
    public double decimal(int index, CommandError otherwise) {
        Bytes word = request.word(index);
        double value = Numbers.parseDouble(word.address(), word.length());
        if (Double.isNaN(value) || Numbers.isOutOfRange(value, word.address(), word.length())) {
            throw otherwise;
        }
        return value;
    }

    /// How long a command is to wait at most, said in seconds, perhaps with a fraction.
    ///
    /// @return milliseconds, rounded up; 0 for no limit
    public long timeoutMs(int index) {
        double timeoutMs = Math.ceil(decimal(index, CommandError.TIMEOUT_NOT_A_FLOAT) * 1000);
        if (timeoutMs < 0) {
            throw CommandError.TIMEOUT_NEGATIVE;
        }
        if (timeoutMs >= Long.MAX_VALUE) {
            throw CommandError.TIMEOUT_OUT_OF_RANGE;
        }
        return (long) timeoutMs;
    }

    /// How long a command is to wait at most, said in milliseconds.
    ///
    /// @param nowMs the moment it would begin to wait, since 1970: the end must be a moment too
    /// @return 0 for no limit
    public long timeoutInMs(int index, long nowMs) {
        long timeoutMs = integer(index, Long.MIN_VALUE, Long.MAX_VALUE, CommandError.TIMEOUT_NOT_AN_INTEGER);
        if (timeoutMs < 0) {
            throw CommandError.TIMEOUT_NEGATIVE;
        }
        if (timeoutMs > Long.MAX_VALUE - nowMs) {
            throw CommandError.TIMEOUT_OUT_OF_RANGE;
        }
        return timeoutMs;
    }

    /// All of the words as they came, if that is how they would be encoded again; else null. Valid until the next call.
    @Nullable
    Bytes asSent() {
        return request.asSent(sent) ? sent : null;
    }

    /// The size of the request on the wire, in bytes.
    public long wireBytes() {
        return request.wireBytes();
    }
}
