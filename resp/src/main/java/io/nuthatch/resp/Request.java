package io.nuthatch.resp;

import io.nuthatch.memory.Bytes;
import io.nuthatch.memory.Memory;
import io.nuthatch.memory.Numbers;
import java.util.Arrays;

/// One request: its words, as slices of the input buffer. Nothing is copied; the words are valid until the buffer
/// is read into again, that is, for as long as the command runs.
///
/// A request is filled again and again ([RespReader#read]), so that reading one allocates nothing once it has
/// seen its largest number of words. Words beyond the first thousand are kept in native memory until [#release]: a
/// client may send millions of them, and they must not fill the Java heap.
///
/// ```
///   more -> [ address 8 | length 4 | unused 4 ] [ address 8 | ... ]      word KEPT_WORDS, KEPT_WORDS + 1, ...
/// ```
///
/// Thread: the event loop that reads into it.
public final class Request {
    /// Words that are objects, used again and again.
    static final int KEPT_WORDS = 1024;

    private static final int FIRST_WORDS = 8;

    /// Carriage return and line feed, as two bytes in memory read at once.
    private static final short LINE_END = '\r' | '\n' << 8;

    private static final int LENGTH = 8;
    private static final int WORD_BYTES = 16;

    private Bytes[] words = new Bytes[FIRST_WORDS];

    /// Where the words after the first KEPT_WORDS stand, and how many there is room for; 0 if there are none.
    private long more;

    private long moreRoom;
    private int count;
    private long wireBytes;

    /// Where the request stands as it came, if it came as an array of bulk strings; else 0.
    private long wire;

    /// How many words there are; the command's name is word 0.
    public int count() {
        return count;
    }

    public Bytes word(int index) {
        assert index >= 0 && index < count : "word out of range: index=" + index + ", count=" + count;
        return index < KEPT_WORDS ? words[index] : farWord(place(index));
    }

    private static Bytes farWord(long place) {
        return new Bytes().set(Memory.getLong(place), Memory.getInt(place + LENGTH));
    }

    private long place(int index) {
        return more + (long) (index - KEPT_WORDS) * WORD_BYTES;
    }

    /// The size of the request as it came over the wire, in bytes.
    public long wireBytes() {
        return wireBytes;
    }

    /// Moves a window to the whole request as it came, if that is to the byte how it would be written again. Numbers
    /// have one form only; what may differ are line ends, of which the reader looks at the first byte at most.
    ///
    /// @return whether it is; else the words must do
    public boolean asSent(Bytes window) {
        if (wire == 0 || count > KEPT_WORDS || wireBytes > Integer.MAX_VALUE || !isLineEnd(wire + 1 + digits(count))) {
            return false;
        }
        for (int i = 0; i < count; i++) {
            Bytes word = words[i];
            if (!isLineEnd(word.address() - 2) || !isLineEnd(word.address() + word.length())) {
                return false;
            }
        }
        window.set(wire, (int) wireBytes);
        return true;
    }

    private static int digits(int count) {
        return count < 10 ? 1 : Numbers.digits(count);
    }

    private static boolean isLineEnd(long at) {
        return Memory.getShort(at) == LINE_END;
    }

    /// Empties the request. The first words' objects stay, for the next one.
    public void clear() {
        release();
        count = 0;
        wireBytes = 0;
        wire = 0;
    }

    /// Gives back what a request of very many words takes beside; without those it is as good as empty.
    public void release() {
        if (more != 0) {
            Memory.free(more, moreRoom * WORD_BYTES);
            more = moreRoom = 0;
            count = 0;
        }
    }

    public void add(long address, int length) {
        if (count < KEPT_WORDS) {
            addNear(address, length);
        } else {
            addFar(address, length);
        }
        count++;
    }

    private void addNear(long address, int length) {
        if (count == words.length) {
            words = Arrays.copyOf(words, count * 2);
        }
        Bytes word = words[count];
        if (word == null) {
            words[count] = word = new Bytes();
        }
        word.set(address, length);
    }

    private void addFar(long address, int length) {
        if (count - KEPT_WORDS == moreRoom) {
            long room = Math.max(KEPT_WORDS, 2 * moreRoom);
            more = moreRoom == 0
                    ? Memory.allocate(room * WORD_BYTES)
                    : Memory.reallocate(more, moreRoom * WORD_BYTES, room * WORD_BYTES);
            moreRoom = room;
        }
        long place = place(count);
        Memory.putLong(place, address);
        Memory.putInt(place + LENGTH, length);
    }

    /// How much room a copy of its bytes takes.
    public long copyBytes() {
        if (isInOnePiece()) {
            return wireBytes;
        }
        long bytes = 0;
        for (int i = 0; i < count; i++) {
            bytes += word(i).length();
        }
        return bytes;
    }

    /// Becomes another request, whose bytes are copied to where there is room for them ([#copyBytes]). Most come in one
    /// piece and are copied as one.
    public void copy(Request other, long to) {
        clear();
        boolean whole = other.isInOnePiece();
        if (whole) {
            Memory.copy(other.wire, to, other.wireBytes);
            wire(to, other.wireBytes);
        }
        long end = to;
        for (int i = 0; i < other.count; i++) {
            Bytes word = other.word(i);
            if (whole) {
                add(word.address() - other.wire + to, word.length());
            } else {
                Memory.copy(word.address(), end, word.length());
                add(end, word.length());
                end += word.length();
            }
        }
    }

    private boolean isInOnePiece() {
        return wire != 0;
    }

    /// @param start where it stands as an array of bulk strings, or 0 if it came otherwise
    void wire(long start, long bytes) {
        wire = start;
        wireBytes = bytes;
    }

    /// The input has moved in memory by `delta` bytes: so do the words.
    void shift(long delta) {
        for (int i = 0; i < Math.min(count, KEPT_WORDS); i++) {
            words[i].set(words[i].address() + delta, words[i].length());
        }
        for (int i = KEPT_WORDS; i < count; i++) {
            Memory.putLong(place(i), Memory.getLong(place(i)) + delta);
        }
    }
}
