package io.nuthatch.server;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import io.nuthatch.engine.Journal;
import io.nuthatch.memory.Bytes;
import java.io.ByteArrayOutputStream;
import java.util.ArrayList;
import java.util.List;

/// What a server's journal says from one moment on, as byte text.
///
/// To be opened while no client is there. Thread: the test's.
final class JournalText implements AutoCloseable {
    private final Journal.Reader reader;
    private final Bytes window = new Bytes();

    JournalText(Journal journal) {
        this.reader = journal.read();
    }

    /// The bytes that have come since the last time.
    String take() {
        var bytes = new ByteArrayOutputStream();
        while (reader.next(window) || reader.mark() != null) {
            bytes.writeBytes(window.toArray());
            reader.skip(window.length());
            window.set(0, 0);
        }
        return bytes.toString(ISO_8859_1);
    }

    /// The same as one line for each command: its words, with blanks between them.
    List<String> takeLines() {
        return lines(take());
    }

    /// Commands as one line each.
    static List<String> lines(String text) {
        var lines = new ArrayList<String>();
        int[] at = {0};
        while (at[0] < text.length()) {
            int count = number(text, at, '*');
            var words = new ArrayList<String>();
            for (int i = 0; i < count; i++) {
                int length = number(text, at, '$');
                words.add(text.substring(at[0], at[0] + length));
                at[0] += length + 2;
            }
            lines.add(String.join(" ", words));
        }
        return lines;
    }

    private static int number(String text, int[] at, char kind) {
        int end = text.indexOf("\r\n", at[0]);
        if (text.charAt(at[0]) != kind) {
            throw new IllegalStateException("expected " + kind + " at " + at[0] + " of " + text);
        }
        int number = Integer.parseInt(text.substring(at[0] + 1, end));
        at[0] = end + 2;
        return number;
    }

    @Override
    public void close() {
        reader.close();
    }
}
