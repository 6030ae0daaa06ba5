package io.nuthatch.server;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/// The keyspace notifications of each command, on both kinds of channels: Redis's, in Redis's order.
class KeyEventsHoldForRedisTest {
    /// The commands, one after another on the same keys; those that Redis 7.0 knows.
    private static final String SCRIPT = """
            SET s 1
            SET s 2 EX 100
            SET s 3 KEEPTTL
            SET s 4 XX GET
            SET s 5 NX
            SET n 5 NX PX 100000
            GETSET s 6
            GETSET fresh 6
            SETNX s 1
            SETNX t 1
            SETEX t 100 2
            PSETEX t 100000 2
            MSET a 1 b 2 a 3
            MSETNX a 1 c 2
            MSETNX c 1 d 2
            GET s
            GET missing
            MGET s missing a
            STRLEN missing
            GETRANGE missing 0 -1
            EXISTS missing s
            TYPE missing
            TTL missing
            OBJECT ENCODING missing
            TOUCH missing s
            GETEX s
            GETEX s EX 100
            GETEX s PERSIST
            GETEX s PERSIST
            GETEX missing EX 3
            GETEX s EXAT 1
            GETDEL s
            GETDEL s
            INCR i
            INCRBY i 5
            DECR i
            DECRBY i 3
            INCRBYFLOAT i 1.5
            APPEND i x
            APPEND j x
            SETRANGE j 3 abc
            SETRANGE j 3 ""
            SETRANGE missing 0 ""
            SETBIT bits 7 1
            SETBIT bits 7 1
            BITFIELD bits SET u8 0 255 INCRBY u8 0 1
            BITFIELD bits GET u8 0
            BITFIELD_RO missing GET u8 0
            BITOP NOT bits2 bits
            BITOP AND bits2 missing missing2
            BITCOUNT missing
            BITPOS missing 1
            PFADD p a b c
            PFADD p a b c
            PFADD q
            PFADD q
            PFCOUNT p
            PFCOUNT p q
            PFMERGE r p q
            PFCOUNT missing
            LCS missing missing
            EXPIRE a 100
            EXPIRE a 50 GT
            EXPIRE a 500 GT
            PEXPIRE a 100000
            EXPIREAT a 99999999999
            PEXPIREAT a 99999999999999
            PERSIST a
            PERSIST a
            EXPIRE missing 10
            EXPIRE a -1
            PEXPIREAT b 1
            RENAME c cc
            RENAME cc d
            RENAME d d
            RENAMENX d e
            RENAMENX e n
            COPY e f
            COPY e f
            COPY e f REPLACE
            COPY e f DB 3
            MOVE e 4
            MOVE missing 4
            DEL f missing
            UNLINK n missing
            RPUSH l 1 2 3 4 5 6
            LPUSH l 0
            LPUSHX l 0
            RPUSHX l 9
            LPUSHX missing 1
            LPOP l
            RPOP l
            LPOP l 2
            LPOP missing
            LSET l 0 x
            LINSERT l BEFORE x y
            LINSERT l BEFORE nothing y
            LREM l 0 y
            LREM l 0 y
            LTRIM l 0 1
            LTRIM l 0 -1
            LRANGE missing 0 1
            LINDEX missing 0
            LLEN missing
            LPOS missing 0
            RPOPLPUSH l l2
            RPOPLPUSH l l
            LMOVE l2 l LEFT RIGHT
            LMPOP 2 missing l LEFT COUNT 1
            BLPOP l 1
            RPUSH l 1 2
            BRPOP l 1
            BRPOPLPUSH l l3 1
            BLMOVE l3 l4 LEFT LEFT 1
            BLMPOP 1 1 l4 LEFT
            RPUSH l5 1
            LTRIM l5 5 6
            RPUSH l5 1
            LREM l5 0 1
            RPUSH sortme 3 1 2
            SORT sortme STORE sorted
            SORT missing STORE sorted
            SORT missing STORE sorted
            SORT_RO missing
            SADD set 1 2 3
            SADD set 3
            SADD set a
            SREM set 1
            SREM set 1
            SREM missing 1
            SMOVE set set2 2
            SMOVE set set2 nothing
            SMOVE set2 set2 2
            SPOP set2
            SPOP missing
            SADD set2 x y z
            SPOP set2 2
            SPOP set2 5
            SRANDMEMBER missing
            SCARD missing
            SMEMBERS missing
            SISMEMBER missing a
            SMISMEMBER missing a
            SINTER missing set
            SINTERCARD 1 missing
            SINTERSTORE x set set
            SINTERSTORE x set missing
            SINTERSTORE x set missing
            SUNIONSTORE x set missing
            SDIFFSTORE x set missing
            SDIFFSTORE x missing
            HSET h a 1 b 2
            HMSET h c 3
            HSETNX h a 2
            HSETNX h d 2
            HINCRBY h a 3
            HINCRBYFLOAT h a 1.5
            HDEL h nothing
            HDEL h a b
            HDEL h c d
            HGET missing a
            HMGET missing a
            HGETALL missing
            HLEN missing
            HKEYS missing
            HEXISTS missing a
            HSTRLEN missing a
            HRANDFIELD missing
            ZADD z 1 a 2 b 3 c 4 d 5 e 6 f 7 g 8 h
            ZADD z 1 a
            ZADD z XX CH 2 a
            ZADD z INCR 2 a
            ZADD z NX 3 a
            ZINCRBY z 2 a
            ZREM z a
            ZREM z a
            ZPOPMIN z
            ZPOPMAX z 2
            ZPOPMIN missing
            ZMPOP 1 z MIN
            BZPOPMIN z 1
            BZPOPMAX z 1
            BZMPOP 1 1 z MIN
            ZADD z 1 a 2 b 3 c 4 d 5 e 6 f 7 g 8 h
            ZREMRANGEBYRANK z 0 0
            ZREMRANGEBYSCORE z 2 2
            ZREMRANGEBYSCORE z 200 200
            ZREMRANGEBYLEX z [c [c
            ZRANGESTORE zz z 0 1
            ZRANGESTORE zz missing 0 1
            ZRANGESTORE zz missing 0 1
            ZUNIONSTORE zz 1 z
            ZINTERSTORE zz 1 z
            ZDIFFSTORE zz 1 z
            ZUNIONSTORE zz 1 missing
            ZSCORE missing a
            ZRANK missing a
            ZRANGE missing 0 1
            ZCARD missing
            ZCOUNT missing 0 1
            ZMSCORE missing a
            ZRANDMEMBER missing
            ZUNION 2 missing z
            ZREMRANGEBYRANK z 0 -1
            GEOADD g 13.361389 38.115556 Palermo
            GEOADD g 13.361389 38.115556 Palermo
            GEOSEARCHSTORE g2 g FROMMEMBER Palermo BYRADIUS 100 km
            GEOSEARCHSTORE g2 missing FROMLONLAT 1 1 BYRADIUS 100 km
            GEORADIUS g 13 38 200 km STORE g3
            GEORADIUS missing 13 38 200 km STORE g3
            GEOPOS missing a
            XADD x1 1-1 a 1
            XADD x1 NOMKSTREAM 2-1 a 1
            XADD x1 MAXLEN 1 3-1 a 1
            XADD nostream NOMKSTREAM 2-1 a 1
            XDEL x1 3-1
            XDEL x1 3-1
            XTRIM x1 MAXLEN 0
            XADD x1 5-1 a 1
            XTRIM x1 MAXLEN 0
            XSETID x1 9-1
            XGROUP CREATE x1 grp $
            XGROUP CREATE x2 grp $ MKSTREAM
            XGROUP CREATECONSUMER x1 grp c
            XGROUP CREATECONSUMER x1 grp c
            XGROUP SETID x1 grp 0
            XADD x1 10-1 a 1
            XREADGROUP GROUP grp c2 STREAMS x1 >
            XREADGROUP GROUP grp c2 STREAMS x1 >
            XCLAIM x1 grp c3 0 10-1
            XAUTOCLAIM x1 grp c4 0 0
            XACK x1 grp 10-1
            XGROUP DELCONSUMER x1 grp c2
            XGROUP DESTROY x1 grp
            XGROUP DESTROY x1 grp
            XLEN missing
            XRANGE missing - +
            DUMP missing
            SET dumped value
            FLUSHDB
            SET k 1
            SWAPDB 0 5
            SELECT 5
            SET k 2
            DEL k
            SELECT 0
            FLUSHALL
            """;

    private static List<List<String>> commands() {
        return SCRIPT.lines()
                .filter(line -> !line.isBlank())
                .map(RedisCliFormat::words)
                .toList();
    }

    /// Tells for each command which messages it brought about.
    private static Map<String, List<String>> events(ServerUnderTest server) {
        var events = new LinkedHashMap<String, List<String>>();
        try (RespClient subscriber = RespClient.connect(server.port());
                RespClient client = RespClient.connect(server.port())) {
            client.call("CONFIG", "SET", "notify-keyspace-events", "KEAmn");
            subscriber.call("PSUBSCRIBE", "__key*");
            subscriber.call("SUBSCRIBE", "done");
            int number = 0;
            for (List<String> command : commands()) {
                Reply reply = client.call(command);
                String line = ++number + " " + String.join(" ", command);
                events.put(line, messages(server, subscriber));
                if (reply instanceof Reply.Failure failure) {
                    events.get(line).add(failure.text());
                }
            }
        }
        return events;
    }

    private static List<String> messages(ServerUnderTest server, RespClient subscriber) {
        try (RespClient other = RespClient.connect(server.port())) {
            other.call("PUBLISH", "done", "");
        }
        var messages = new ArrayList<String>();
        while (true) {
            List<Reply> message = ((Reply.Array) subscriber.read()).items();
            if (message.size() == 3) {
                return messages;
            }
            messages.add(((Reply.Bulk) message.get(2)).text() + " " + ((Reply.Bulk) message.get(3)).text());
        }
    }

    @Test
    void everyCommandNotifiesAsInRedis() {
        Map<String, List<String>> expected;
        try (ServerUnderTest redis = ServerKind.REDIS.start()) {
            expected = events(redis);
        }
        try (ServerUnderTest nuthatch = ServerKind.NUTHATCH.start()) {
            assertThat(differences(expected, events(nuthatch))).isEmpty();
        }
    }

    private static List<String> differences(Map<String, List<String>> expected, Map<String, List<String>> actual) {
        var differences = new ArrayList<String>();
        expected.forEach((command, messages) -> {
            if (!messages.equals(actual.get(command))) {
                differences.add(command + "\n   redis    " + messages + "\n   nuthatch " + actual.get(command));
            }
        });
        return differences;
    }
}
