package io.nuthatch.bench;

import java.util.List;
import java.util.TreeMap;
import java.util.function.Consumer;

/// The server's own record of slow commands, followed while it grows: what a command took inside the server,
/// without the wire and without waiting for its turn.
///
/// Entries are told apart by their numbers, so none is counted twice, and how many were lost between two looks is
/// known.
///
/// Thread: its owner's.
final class SlowLog {
    private static final int ENTRIES_KEPT = 20_000;
    private static final int FIRST_LOOK = 128;

    private final RespClient client;
    private long lastId;
    private long lost;

    /// A slow command.
    ///
    /// @param word the first argument, mostly the key
    record Entry(long id, long micros, String command, String word) {}

    private SlowLog(RespClient client, long lastId) {
        this.client = client;
        this.lastId = lastId;
    }

    /// Tells the server to record commands that take that long or longer, and follows them from now on.
    static SlowLog follow(RespClient client, long micros) {
        client.call("CONFIG", "SET", "slowlog-log-slower-than", Long.toString(micros));
        client.call("CONFIG", "SET", "slowlog-max-len", Integer.toString(ENTRIES_KEPT));
        List<RespClient.Reply> newest = client.call("SLOWLOG", "GET", "1").items();
        return new SlowLog(client, newest.isEmpty() ? -1 : entry(newest.getFirst()).id);
    }

    /// Hands over what is new since the last look, oldest first.
    void look(Consumer<Entry> each) {
        TreeMap<Long, Entry> fresh = new TreeMap<>();
        boolean more = true;
        for (int asked = FIRST_LOOK; more; asked *= 4) {
            List<RespClient.Reply> entries =
                    client.call("SLOWLOG", "GET", Integer.toString(asked)).items();
            for (RespClient.Reply reply : entries) {
                Entry entry = entry(reply);
                if (entry.id > lastId) {
                    fresh.put(entry.id, entry);
                }
            }
            more = entries.size() == asked && asked < ENTRIES_KEPT && entry(entries.getLast()).id > lastId + 1;
        }
        if (!fresh.isEmpty()) {
            lost += fresh.lastKey() - lastId - fresh.size();
            lastId = fresh.lastKey();
        }
        fresh.values().forEach(each);
    }

    /// How many entries the server dropped before they were looked at.
    long lost() {
        return lost;
    }

    private static Entry entry(RespClient.Reply reply) {
        List<RespClient.Reply> fields = reply.items();
        List<RespClient.Reply> words = fields.get(3).items();
        return new Entry(
                fields.get(0).number(),
                fields.get(2).number(),
                words.get(0).text(),
                words.size() > 1 ? words.get(1).text() : "");
    }
}
