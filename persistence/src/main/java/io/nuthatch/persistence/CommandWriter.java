package io.nuthatch.persistence;

import io.nuthatch.memory.Bytes;
import io.nuthatch.memory.Memory;
import io.nuthatch.memory.Numbers;
import io.nuthatch.memory.Scratch;
import java.io.IOException;
import java.io.UncheckedIOException;

/// Commands on their way to a file, as a log has them:
///
/// ```
///   *3\r\n $5\r\nRPUSH\r\n $1\r\nk\r\n $1\r\nv\r\n
/// ```
/// How many words a command has is said before them.
///
/// Errors: an [UncheckedIOException] if the file cannot be written, for words come from within visitors.
///
/// Thread: one at a time.
final class CommandWriter implements AutoCloseable {
    private static final int CAPACITY = 256 * 1024;

    /// What a word has beside its bytes.
    private static final int MOST_FRAME_BYTES = 64;

    /// Longer words go to the file from where they are.
    private static final int LONG_WORD_BYTES = CAPACITY / 2;

    /// How much may be written and not forced, if it is to be forced on the way.
    private static final long FORCED_EACH_BYTES = 4 << 20;

    private final Disk.File file;
    private final boolean forcedOnTheWay;
    private final Bytes window = new Bytes();
    private final long buffer = Memory.allocate(CAPACITY);
    private int used;
    private long unforcedBytes;

    CommandWriter(Disk.File file, boolean forcedOnTheWay) {
        this.file = file;
        this.forcedOnTheWay = forcedOnTheWay;
    }

    /// A line that is no command.
    void remark(String line) {
        raw(line + "\r\n");
    }

    /// Begins a command.
    ///
    /// @param words how many there are in all, this one included
    CommandWriter command(String name, long words) {
        head('*', words);
        return word(name);
    }

    CommandWriter word(Bytes word) {
        head('$', word.length());
        if (word.length() >= LONG_WORD_BYTES) {
            flush();
            append(word);
        } else {
            reserve(word.length());
            Memory.copy(word.address(), buffer + used, word.length());
            used += word.length();
        }
        lineEnd();
        return this;
    }

    /// A word of ASCII.
    CommandWriter word(String word) {
        head('$', word.length());
        raw(word);
        lineEnd();
        return this;
    }

    CommandWriter word(long number) {
        head('$', Numbers.digits(number));
        reserve(MOST_FRAME_BYTES);
        used += Numbers.write(number, buffer + used);
        lineEnd();
        return this;
    }

    private void head(char kind, long number) {
        reserve(MOST_FRAME_BYTES);
        Memory.putByte(buffer + used++, kind);
        used += Numbers.write(number, buffer + used);
        lineEnd();
    }

    private void lineEnd() {
        raw("\r\n");
    }

    private void raw(String ascii) {
        try (Scratch bytes = Scratch.of(ascii)) {
            int length = bytes.bytes().length();
            reserve(length);
            Memory.copy(bytes.bytes().address(), buffer + used, length);
            used += length;
        }
    }

    private void reserve(int bytes) {
        if (used + bytes > CAPACITY) {
            flush();
        }
    }

    /// Hands all that has been written to the file.
    void flush() {
        int bytes = used;
        used = 0;
        append(window.set(buffer, bytes));
    }

    private void append(Bytes bytes) {
        try {
            file.append(bytes);
            unforcedBytes += bytes.length();
            if (forcedOnTheWay && unforcedBytes >= FORCED_EACH_BYTES) {
                file.force();
                unforcedBytes = 0;
            }
        } catch (IOException fault) {
            throw new UncheckedIOException(fault);
        }
    }

    @Override
    public void close() {
        Memory.free(buffer, CAPACITY);
    }
}
