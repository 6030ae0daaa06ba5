package io.nuthatch.engine;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/// The clients that watch every command (MONITOR).
public final class Monitors {
    private final Mail mail;
    private final List<Session> sessions = new CopyOnWriteArrayList<>();

    Monitors(Mail mail) {
        this.mail = mail;
    }

    public void add(Session session) {
        session.monitor(true);
        sessions.add(session);
    }

    public void remove(Session session) {
        sessions.remove(session);
    }

    boolean isEmpty() {
        return sessions.isEmpty();
    }

    /// Tells all of them of a command, in redis-cli's notation: `1700000000.000000 [0 127.0.0.1:50000] "get"
    /// "k"`.
    void show(Session from, Command command, Args args, long wallMicros) {
        StringBuilder line = new StringBuilder()
                .append("%d.%06d [%d %s]"
                        .formatted(
                                wallMicros / 1_000_000,
                                wallMicros % 1_000_000,
                                from.db(),
                                from.peer().address()));
        for (int i = 0; i < args.count(); i++) {
            String word = command.hides(args, i)
                    ? Command.REDACTED
                    : quoted(args.bytes(i).toArray());
            line.append(" \"").append(word).append('"');
        }
        Message message = Message.Line.of(line.toString());
        for (Session session : sessions) {
            mail.send(session, message);
        }
    }

    private static String quoted(byte[] bytes) {
        StringBuilder text = new StringBuilder(bytes.length);
        for (char c : new String(bytes, StandardCharsets.ISO_8859_1).toCharArray()) {
            switch (c) {
                case '\\', '"' -> text.append('\\').append(c);
                case '\n' -> text.append("\\n");
                case '\r' -> text.append("\\r");
                case '\t' -> text.append("\\t");
                case 7 -> text.append("\\a");
                case '\b' -> text.append("\\b");
                default -> {
                    if (c >= ' ' && c < 127) {
                        text.append(c);
                    } else {
                        text.append("\\x%02x".formatted((int) c));
                    }
                }
            }
        }
        return text.toString();
    }
}
