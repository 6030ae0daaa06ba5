package io.nuthatch.server;

import java.util.List;
import java.util.Objects;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/// All that a server holds: for each key its value, as a redis-server digests it, and its deadline.
///
/// Keys that are about to expire are left out: one of two servers may still have them. So are stored distances, whose
/// last digit may differ.
///
/// @param keys by `database:key`
record DataSet(TreeMap<String, String> keys) {
    private static final int DATABASES = 16;
    private static final long SOON_MS = 5_000;
    private static final long NO_DEADLINE = -1;

    /// What a redis-server holds.
    static DataSet of(RespClient redis, int redisPort) {
        try (RespClient other = RespClient.connect(redisPort)) {
            return read(redis, other, false);
        }
    }

    /// What any server holds.
    ///
    /// @param redisPort where a redis-server is that may be used to digest its values
    static DataSet of(ServerUnderTest server, int redisPort) {
        try (RespClient client = RespClient.connect(server.port());
                RespClient redis = RespClient.connect(redisPort)) {
            return read(client, redis, true);
        }
    }

    /// The keys that are not the same in another, with what both have.
    List<String> differences(DataSet other) {
        return Stream.concat(keys.keySet().stream(), other.keys.keySet().stream())
                .distinct()
                .filter(key -> !Objects.equals(keys.get(key), other.keys.get(key)))
                .map(key -> key + ": " + keys.get(key) + " / " + other.keys.get(key))
                .toList();
    }

    private static DataSet read(RespClient client, RespClient redis, boolean byRestore) {
        var keys = new TreeMap<String, String>();
        for (int db = 0; db < DATABASES; db++) {
            client.call("SELECT", String.valueOf(db));
            for (Reply item : ((Reply.Array) client.call("KEYS", "*")).items()) {
                String key = ((Reply.Bulk) item).text();
                long deadlineMs = ((Reply.Int) client.call("PEXPIRETIME", key)).value();
                boolean soon = deadlineMs != NO_DEADLINE && deadlineMs < System.currentTimeMillis() + SOON_MS;
                if (!soon && !key.equals(GeoRecipes.DISTANCES)) {
                    String digest = byRestore ? restoredDigest(key, deadlineMs, client, redis) : digest(key, client);
                    keys.put(db + ":" + RedisCliFormat.quote(key), digest + " " + deadlineMs);
                }
            }
        }
        client.call("SELECT", "0");
        return new DataSet(keys);
    }

    private static String digest(String key, RespClient client) {
        Reply reply = client.call("DEBUG", "DIGEST-VALUE", key);
        return client.call("TYPE", key) + " "
                + ((Reply.Array) reply).items().stream().map(Reply::toString).collect(Collectors.joining());
    }

    /// That a key has a deadline is part of its digest, though not which one.
    private static String restoredDigest(String key, long deadlineMs, RespClient client, RespClient redis) {
        String dump = ((Reply.Bulk) client.call("DUMP", key)).text();
        String scratch = "a key that nobody else has";
        redis.call(List.of("RESTORE", scratch, deadlineMs < 0 ? "0" : "1000000", dump, "REPLACE"));
        String digest = digest(scratch, redis);
        redis.call("DEL", scratch);
        return digest;
    }
}
