package io.nuthatch.engine;

import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;

/// The slowest commands of late: SLOWLOG.
///
/// Bound: `slowlog-max-len` entries of at most 32 words of 128 bytes.
public final class SlowLog {
    private static final int MAX_WORDS = 32;
    private static final int MAX_WORD_BYTES = 128;

    private final Deque<Entry> entries = new ArrayDeque<>();
    private long nextId;

    /// @param words the command, cut to size
    public record Entry(long id, long wallSeconds, long micros, List<byte[]> words, String client, String name) {}

    synchronized void add(Session session, Command command, Args args, long wallMs, long micros, long most) {
        entries.addFirst(new Entry(
                nextId++,
                wallMs / 1000,
                micros,
                cut(command, args),
                session.peer().address(),
                session.name()));
        while (entries.size() > most) {
            entries.removeLast();
        }
    }

    private static List<byte[]> cut(Command command, Args args) {
        int shown = args.count() > MAX_WORDS ? MAX_WORDS - 1 : args.count();
        List<byte[]> words = new ArrayList<>(shown + 1);
        for (int i = 0; i < shown; i++) {
            int length = args.bytes(i).length();
            if (command.hides(args, i)) {
                words.add(Command.REDACTED.getBytes(StandardCharsets.US_ASCII));
            } else if (length <= MAX_WORD_BYTES) {
                words.add(args.bytes(i).toArray());
            } else {
                String more = "... (" + (length - MAX_WORD_BYTES) + " more bytes)";
                words.add((args.latin1(i).substring(0, MAX_WORD_BYTES) + more).getBytes(StandardCharsets.ISO_8859_1));
            }
        }
        if (shown < args.count()) {
            words.add(("... (" + (args.count() - shown) + " more arguments)").getBytes(StandardCharsets.US_ASCII));
        }
        return words;
    }

    /// The newest first.
    public synchronized List<Entry> newest(long most) {
        return entries.stream().limit(most).toList();
    }

    public synchronized int size() {
        return entries.size();
    }

    public synchronized void clear() {
        entries.clear();
    }
}
