package io.nuthatch.store;

import io.nuthatch.memory.Bytes;
import io.nuthatch.memory.Memory;
import io.nuthatch.memory.Numbers;
import java.nio.charset.StandardCharsets;

/// What a transaction has done so far, as commands that do the same again on another copy of the data, today or in a
/// year: times are absolute, and what chance has drawn is named.
///
/// ```
///   *3 $3 SET $1 k $1 v   *2 $6 SELECT $1 7   *2 $3 DEL $1 k            RESP, in native memory
///   `-- effect, db 0 --'  `-- the next effect is in another database --'
/// ```
///
/// An effect is begun ([Tx#effect]) and given its words; the next one, or the transaction's end, closes it. While
/// nobody wants effects ([EffectLog#isOpen]) all this does nothing.
///
/// Thread: the transaction's. Memory: one small block for good, and a larger one for as long as it takes.
public final class Effects {
    /// Enough for most transactions; what is larger is allocated and freed for itself.
    private static final int ROOM_BYTES = 16 * 1024;

    /// `*9\r\n`: the header that most effects have. A longer one shifts its words.
    private static final int SHORT_HEADER_BYTES = 4;

    /// `$` and a number and two line ends, all that a word has beside its bytes; and a header.
    private static final int MOST_FRAME_BYTES = 64;

    private long room;
    private long start;
    private long position;
    private long limit;

    /// Where the header of the effect that is open stands; 0 if none is open, or if its header is complete.
    private long header;

    private int words;
    private int count;
    private int told;
    private int firstDb;
    private int db;
    private boolean on;
    private long nowMs;

    // ---- what has been done ---------------------------------------------------------------------------------

    /// Whether effects are wanted.
    public boolean isOn() {
        return on;
    }

    /// Begins a transaction's effects: its locks have been taken.
    void begin(boolean wanted, long atMs) {
        on = wanted;
        nowMs = atMs;
    }

    /// Begins an effect whose words follow.
    Effects open(int inDb) {
        if (on) {
            close();
            enter(inDb);
            reserve(MOST_FRAME_BYTES);
            header = position;
            position += SHORT_HEADER_BYTES;
            words = 0;
            count++;
        }
        return this;
    }

    /// Begins an effect of so many words.
    Effects open(int inDb, int wordCount) {
        if (on) {
            close();
            enter(inDb);
            head('*', wordCount);
            count++;
        }
        return this;
    }

    /// An effect that is encoded already.
    void whole(int inDb, Bytes encoded) {
        if (on) {
            close();
            enter(inDb);
            reserve(encoded.length());
            Memory.copy(encoded.address(), position, encoded.length());
            position += encoded.length();
            count++;
        }
    }

    /// Goes to a database. Where the first effect goes is for the log to say, which knows where the one before it was.
    private void enter(int inDb) {
        if (count == 0) {
            firstDb = inDb;
        } else if (inDb != db) {
            head('*', 2);
            add("SELECT").add(inDb);
        }
        db = inDb;
    }

    /// The effects said so far are the running command's own words or stand in their place.
    void tell() {
        told++;
    }

    /// How many effects have been said since the beginning, whatever became of them.
    int told() {
        return told;
    }

    /// A word.
    public Effects add(Bytes word) {
        if (on) {
            words++;
            head('$', word.length());
            reserve(word.length() + 2L);
            Memory.copy(word.address(), position, word.length());
            position += word.length();
            lineEnd();
        }
        return this;
    }

    /// A word of ASCII, or text.
    public Effects add(String word) {
        return on ? add(word.getBytes(StandardCharsets.UTF_8)) : this;
    }

    /// A word.
    public Effects add(byte[] word) {
        if (on) {
            words++;
            head('$', word.length);
            reserve(word.length + 2L);
            Memory.copy(word, 0, position, word.length);
            position += word.length;
            lineEnd();
        }
        return this;
    }

    /// A number as a word.
    public Effects add(long number) {
        if (on) {
            words++;
            head('$', Numbers.digits(number));
            reserve(MOST_FRAME_BYTES);
            position += Numbers.write(number, position);
            lineEnd();
        }
        return this;
    }

    private void head(char kind, int number) {
        reserve(MOST_FRAME_BYTES);
        putHead(kind, number);
    }

    private void putHead(char kind, int number) {
        Memory.putByte(position++, kind);
        if (number <= 9) {
            Memory.putByte(position++, '0' + number);
        } else {
            position += Numbers.write(number, position);
        }
        lineEnd();
    }

    private void lineEnd() {
        Memory.putShort(position, '\r' | '\n' << 8);
        position += 2;
    }

    /// Completes the effect that is open, now that the number of its words is known.
    private void close() {
        if (header == 0) {
            return;
        }
        int shift = Numbers.digits(words) - 1;
        if (shift > 0) {
            reserve(shift);
            long body = header + SHORT_HEADER_BYTES;
            Memory.copy(body, body + shift, position - body);
        }
        long end = position + shift;
        position = header;
        putHead('*', words);
        position = end;
        header = 0;
    }

    // ---- what the log takes over ----------------------------------------------------------------------------

    /// Ends the transaction's effects: they are complete.
    void end() {
        close();
    }

    /// How many commands there are, not counting those that go from one database to another.
    public int count() {
        return count;
    }

    /// When the transaction began, in milliseconds since 1970.
    public long nowMs() {
        return nowMs;
    }

    /// The database of the first of them.
    public int firstDb() {
        return firstDb;
    }

    /// The database of the last of them.
    public int lastDb() {
        return db;
    }

    /// Where the bytes begin.
    public long address() {
        return start;
    }

    /// How many bytes there are.
    public long bytes() {
        return position - start;
    }

    void clear() {
        if (start != room) {
            Memory.free(start, limit - start);
        }
        start = position = room;
        limit = room == 0 ? 0 : room + ROOM_BYTES;
        count = 0;
    }

    // ---- room -----------------------------------------------------------------------------------------------

    private void reserve(long bytes) {
        if (limit - position < bytes) {
            grow(bytes);
        }
    }

    private void grow(long bytes) {
        if (room == 0) {
            room = Memory.allocateForever(ROOM_BYTES);
            start = position = room;
            limit = room + ROOM_BYTES;
        }
        if (limit - position < bytes) {
            long used = position - start;
            long wanted = Math.max(2 * (limit - start), used + bytes);
            long larger = Memory.allocate(wanted);
            Memory.copy(start, larger, used);
            if (start != room) {
                Memory.free(start, limit - start);
            }
            header = header == 0 ? 0 : larger + (header - start);
            start = larger;
            position = larger + used;
            limit = larger + wanted;
        }
    }
}
