package io.nuthatch.resp;

import io.nuthatch.memory.Bytes;
import java.util.Arrays;

/// One request: its words, as slices of the input buffer. Nothing is copied; the words are valid until the buffer
/// is read into again, that is, for as long as the command runs.
///
/// A request is filled again and again ([RespReader#read]), so that reading one allocates nothing once it has
/// seen its largest number of words.
///
/// Thread: the event loop that reads into it.
public final class Request {
    /// Words kept for reuse after a request; one with more gives the surplus back to the collector.
    static final int KEPT_WORDS = 1024;

    private static final int FIRST_WORDS = 8;

    private Bytes[] words = new Bytes[FIRST_WORDS];
    private int count;
    private long wireBytes;

    /// How many words there are; the command's name is word 0.
    public int count() {
        return count;
    }

    public Bytes word(int index) {
        assert index >= 0 && index < count : "word out of range: index=" + index + ", count=" + count;
        return words[index];
    }

    /// The size of the request as it came over the wire, in bytes.
    public long wireBytes() {
        return wireBytes;
    }

    /// Empties the request. The words' objects stay, for the next one.
    public void clear() {
        count = 0;
        wireBytes = 0;
        if (words.length > KEPT_WORDS) {
            words = Arrays.copyOf(words, FIRST_WORDS);
        }
    }

    public void add(long address, int length) {
        if (count == words.length) {
            words = Arrays.copyOf(words, count * 2);
        }
        Bytes word = words[count];
        if (word == null) {
            words[count] = word = new Bytes();
        }
        word.set(address, length);
        count++;
    }

    void wireBytes(long bytes) {
        wireBytes = bytes;
    }

    /// The input has moved in memory by `delta` bytes: so do the words.
    void shift(long delta) {
        for (int i = 0; i < count; i++) {
            words[i].set(words[i].address() + delta, words[i].length());
        }
    }
}
