package io.nuthatch.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.lettuce.core.BitFieldArgs;
import io.lettuce.core.ClientOptions;
import io.lettuce.core.ExpireArgs;
import io.lettuce.core.GeoArgs;
import io.lettuce.core.GeoSearch;
import io.lettuce.core.HGetExArgs;
import io.lettuce.core.HSetExArgs;
import io.lettuce.core.KeyValue;
import io.lettuce.core.LPosArgs;
import io.lettuce.core.Limit;
import io.lettuce.core.Range;
import io.lettuce.core.RedisClient;
import io.lettuce.core.RedisURI;
import io.lettuce.core.RestoreArgs;
import io.lettuce.core.ScoredValue;
import io.lettuce.core.SortArgs;
import io.lettuce.core.ZAddArgs;
import io.lettuce.core.ZStoreArgs;
import io.lettuce.core.api.StatefulRedisConnection;
import io.lettuce.core.api.sync.RedisCommands;
import io.lettuce.core.protocol.ProtocolVersion;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import redis.clients.jedis.DefaultJedisClientConfig;
import redis.clients.jedis.RedisProtocol;
import redis.clients.jedis.args.BitOP;
import redis.clients.jedis.args.ExpiryOption;
import redis.clients.jedis.args.GeoUnit;
import redis.clients.jedis.args.ListPosition;
import redis.clients.jedis.params.GeoSearchParam;
import redis.clients.jedis.params.HGetExParams;
import redis.clients.jedis.params.HSetExParams;
import redis.clients.jedis.params.LPosParams;
import redis.clients.jedis.params.RestoreParams;
import redis.clients.jedis.params.SortingParams;
import redis.clients.jedis.params.ZAddParams;
import redis.clients.jedis.params.ZParams;
import redis.clients.jedis.params.ZRangeParams;
import redis.clients.jedis.resps.Tuple;

/// What Jedis and Lettuce make of the replies of each family: that both understand them, in RESP2 and in RESP3.
class ClientFamiliesTest {
    private static final int PATIENCE_SECONDS = 60;

    private InProcessNuthatch nuthatch;

    @BeforeEach
    void start() {
        nuthatch = InProcessNuthatch.start();
    }

    @AfterEach
    void stop() {
        nuthatch.close();
    }

    // ---- Jedis
    // -------------------------------------------------------------------------------------------------

    private void withJedis(RedisProtocol protocol, Consumer<redis.clients.jedis.RedisClient> work) {
        try (var jedis = redis.clients.jedis.RedisClient.builder()
                .hostAndPort("127.0.0.1", nuthatch.port())
                .clientConfig(
                        DefaultJedisClientConfig.builder().protocol(protocol).build())
                .build()) {
            work.accept(jedis);
        }
    }

    @ParameterizedTest
    @EnumSource(
            value = RedisProtocol.class,
            names = {"RESP2", "RESP3"})
    void jedisListsAndSets(RedisProtocol protocol) {
        withJedis(protocol, jedis -> {
            assertThat(jedis.rpush("l", "a", "b", "c", "b")).isEqualTo(4);
            assertThat(jedis.lpos("l", "b", LPosParams.lPosParams(), 0)).containsExactly(1L, 3L);
            assertThat(jedis.linsert("l", ListPosition.AFTER, "a", "x")).isEqualTo(5);
            assertThat(jedis.lrange("l", 0, -1)).containsExactly("a", "x", "b", "c", "b");
            assertThat(jedis.lset("l", 1, "y")).isEqualTo("OK");
            assertThat(jedis.lrem("l", -1, "b")).isEqualTo(1);
            assertThat(jedis.ltrim("l", 1, 2)).isEqualTo("OK");
            assertThat(jedis.lpop("l", 5)).containsExactly("y", "b");
            assertThat(jedis.lpop("l")).isNull();
            assertThat(jedis.sadd("s", "1", "2", "3")).isEqualTo(3);
            assertThat(jedis.sadd("t", "2", "3", "4")).isEqualTo(3);
            assertThat(jedis.sinter("s", "t")).containsExactlyInAnyOrder("2", "3");
            assertThat(jedis.sdiff("s", "t")).containsExactly("1");
            assertThat(jedis.sunionstore("u", "s", "t")).isEqualTo(4);
            assertThat(jedis.smismember("s", "1", "9")).containsExactly(true, false);
            assertThat(jedis.sintercard(1, "s", "t")).isEqualTo(1);
            assertThat(jedis.smove("s", "t", "1")).isEqualTo(1);
            assertThat(jedis.srandmember("s", 5)).containsExactlyInAnyOrder("2", "3");
            assertThat(jedis.spop("s", 5)).containsExactlyInAnyOrder("2", "3");
            assertThat(jedis.sscan("u", "0").getResult()).hasSize(4);
        });
    }

    @ParameterizedTest
    @EnumSource(
            value = RedisProtocol.class,
            names = {"RESP2", "RESP3"})
    void jedisHashes(RedisProtocol protocol) {
        withJedis(protocol, jedis -> {
            assertThat(jedis.hset("h", Map.of("a", "1", "b", "2"))).isEqualTo(2);
            assertThat(jedis.hgetAll("h")).isEqualTo(Map.of("a", "1", "b", "2"));
            assertThat(jedis.hmget("h", "a", "x")).containsExactly("1", null);
            assertThat(jedis.hincrBy("h", "a", 4)).isEqualTo(5);
            assertThat(jedis.hincrByFloat("h", "b", 0.5)).isEqualTo(2.5);
            assertThat(jedis.hrandfieldWithValues("h", 2)).hasSize(2);
            assertThat(jedis.hscan("h", "0").getResult()).hasSize(2);
            assertThat(jedis.hexpire("h", 100, "a", "x")).containsExactly(1L, -2L);
            assertThat(jedis.hpexpire("h", 50_000, ExpiryOption.GT, "a")).containsExactly(0L);
            assertThat(jedis.httl("h", "a", "b")).containsExactly(100L, -1L);
            assertThat(jedis.hpersist("h", "a")).containsExactly(1L);
            assertThat(jedis.hsetex("h", HSetExParams.hSetExParams().ex(100).fnx(), "c", "3"))
                    .isEqualTo(1);
            assertThat(jedis.hgetex("h", HGetExParams.hGetExParams().persist(), "c", "x"))
                    .containsExactly("3", null);
            assertThat(jedis.hpexpireTime("h", "c")).containsExactly(-1L);
            assertThat(jedis.hgetdel("h", "c", "a")).containsExactly("3", "5");
            assertThat(jedis.hdel("h", "b")).isEqualTo(1);
            assertThat(jedis.exists("h")).isFalse();
        });
    }

    @ParameterizedTest
    @EnumSource(
            value = RedisProtocol.class,
            names = {"RESP2", "RESP3"})
    void jedisSortedSetsAndPlaces(RedisProtocol protocol) {
        withJedis(protocol, jedis -> {
            assertThat(jedis.zadd("z", Map.of("a", 1.0, "b", 2.5, "c", 3.0))).isEqualTo(3);
            assertThat(jedis.zadd("z", 2, "b", ZAddParams.zAddParams().gt().ch()))
                    .isZero();
            assertThat(jedis.zincrby("z", 0.5, "a")).isEqualTo(1.5);
            assertThat(jedis.zrangeWithScores("z", 0, 1)).containsExactly(new Tuple("a", 1.5), new Tuple("b", 2.5));
            assertThat(jedis.zrange("z", ZRangeParams.zrangeByScoreParams(3, 2).rev()))
                    .containsExactly("c", "b");
            assertThat(jedis.zmscore("z", "a", "x")).containsExactly(1.5, null);
            assertThat(jedis.zrevrank("z", "a")).isEqualTo(2);
            assertThat(jedis.zadd("y", 10, "b")).isEqualTo(1);
            assertThat(jedis.zunionWithScores(new ZParams().weights(1, 2), "z", "y"))
                    .contains(new Tuple("b", 22.5));
            assertThat(jedis.zinterstore("d", "z", "y")).isEqualTo(1);
            assertThat(jedis.zpopmin("z", 2)).containsExactly(new Tuple("a", 1.5), new Tuple("b", 2.5));
            assertThat(jedis.zscan("z", "0").getResult()).containsExactly(new Tuple("c", 3.0));
            assertThat(jedis.geoadd("g", 13.361389, 38.115556, "Palermo")).isEqualTo(1);
            assertThat(jedis.geoadd("g", 15.087269, 37.502669, "Catania")).isEqualTo(1);
            assertThat(jedis.geodist("g", "Palermo", "Catania", GeoUnit.KM)).isCloseTo(166.2742, within(0.001));
            assertThat(jedis.geohash("g", "Palermo")).containsExactly("sqc8b49rny0");
            assertThat(jedis.geopos("g", "Palermo", "x").getFirst().getLongitude())
                    .isCloseTo(13.361389, within(0.0001));
            var found = jedis.geosearch(
                    "g",
                    new GeoSearchParam()
                            .fromLonLat(15, 37)
                            .byRadius(200, GeoUnit.KM)
                            .asc()
                            .withDist());
            assertThat(found).extracting(each -> each.getMemberByString()).containsExactly("Catania", "Palermo");
            assertThat(found.getFirst().getDistance()).isCloseTo(56.4413, within(0.001));
        });
    }

    @ParameterizedTest
    @EnumSource(
            value = RedisProtocol.class,
            names = {"RESP2", "RESP3"})
    void jedisBitsAndKeys(RedisProtocol protocol) {
        withJedis(protocol, jedis -> {
            assertThat(jedis.setbit("b", 7, true)).isFalse();
            assertThat(jedis.getbit("b", 7)).isTrue();
            assertThat(jedis.bitcount("b")).isEqualTo(1);
            assertThat(jedis.bitpos("b", true)).isEqualTo(7);
            assertThat(jedis.bitop(BitOP.NOT, "c", "b")).isEqualTo(1);
            assertThat(jedis.bitfield("b", "SET", "u8", "#1", "255", "GET", "u8", "0"))
                    .containsExactly(0L, 1L);
            assertThat(jedis.pfadd("p", "x", "y")).isEqualTo(1);
            assertThat(jedis.pfadd("q", "y", "z")).isEqualTo(1);
            assertThat(jedis.pfcount("p", "q")).isEqualTo(3);
            assertThat(jedis.pfmerge("r", "p", "q")).isEqualTo("OK");
            jedis.rpush("l", "3", "1", "2");
            assertThat(jedis.sort("l", new SortingParams().desc().limit(0, 2))).containsExactly("3", "2");
            assertThat(jedis.sort("l", "sorted")).isEqualTo(3);
            byte[] dump = jedis.dump("l");
            assertThat(jedis.restore("m", 0, dump, RestoreParams.restoreParams().replace()))
                    .isEqualTo("OK");
            assertThat(jedis.lrange("m", 0, -1)).containsExactly("3", "1", "2");
            assertThat(jedis.copy("m", "n", false)).isTrue();
            assertThat(jedis.objectEncoding("n")).isEqualTo("listpack");
        });
    }

    // ---- Lettuce
    // -----------------------------------------------------------------------------------------------

    private void withLettuce(ProtocolVersion protocol, Consumer<RedisCommands<String, String>> work) {
        RedisClient client = RedisClient.create(RedisURI.builder()
                .withHost("127.0.0.1")
                .withPort(nuthatch.port())
                .withTimeout(Duration.ofSeconds(PATIENCE_SECONDS))
                .build());
        client.setOptions(ClientOptions.builder().protocolVersion(protocol).build());
        try (StatefulRedisConnection<String, String> connection = client.connect()) {
            work.accept(connection.sync());
        } finally {
            client.shutdown(Duration.ZERO, Duration.ofSeconds(PATIENCE_SECONDS));
        }
    }

    @ParameterizedTest
    @EnumSource(ProtocolVersion.class)
    void lettuceListsAndSets(ProtocolVersion protocol) {
        withLettuce(protocol, redis -> {
            assertThat(redis.rpush("l", "a", "b", "c", "b")).isEqualTo(4);
            assertThat(redis.lpos("l", "b", 0, LPosArgs.Builder.rank(1))).containsExactly(1L, 3L);
            assertThat(redis.linsert("l", true, "a", "x")).isEqualTo(5);
            assertThat(redis.lrange("l", 0, -1)).containsExactly("x", "a", "b", "c", "b");
            assertThat(redis.lpop("l", 2)).containsExactly("x", "a");
            assertThat(redis.lrem("l", 0, "b")).isEqualTo(2);
            assertThat(redis.sadd("s", "1", "2", "3")).isEqualTo(3);
            assertThat(redis.sadd("t", "2", "3", "4")).isEqualTo(3);
            assertThat(redis.sinter("s", "t")).isEqualTo(Set.of("2", "3"));
            assertThat(redis.smembers("s")).isEqualTo(Set.of("1", "2", "3"));
            assertThat(redis.sinterstore("u", "s", "t")).isEqualTo(2);
            assertThat(redis.smismember("s", "1", "9")).containsExactly(true, false);
            assertThat(redis.sintercard(1, "s", "t")).isEqualTo(1);
            assertThat(redis.spop("s", 5)).isEqualTo(Set.of("1", "2", "3"));
            assertThat(redis.sscan("u").getValues()).hasSize(2);
        });
    }

    @ParameterizedTest
    @EnumSource(ProtocolVersion.class)
    void lettuceHashes(ProtocolVersion protocol) {
        withLettuce(protocol, redis -> {
            assertThat(redis.hset("h", Map.of("a", "1", "b", "2"))).isEqualTo(2);
            assertThat(redis.hgetall("h")).isEqualTo(Map.of("a", "1", "b", "2"));
            assertThat(redis.hmget("h", "a", "x")).containsExactly(KeyValue.just("a", "1"), KeyValue.empty("x"));
            assertThat(redis.hrandfieldWithvalues("h", 2)).hasSize(2);
            assertThat(redis.hscan("h").getMap()).hasSize(2);
            assertThat(redis.hscanNovalues("h").getKeys()).hasSize(2);
            assertThat(redis.hexpire("h", 100, "a", "x")).containsExactly(1L, -2L);
            assertThat(redis.hpexpire("h", 50_000, ExpireArgs.Builder.gt(), "a"))
                    .containsExactly(0L);
            assertThat(redis.httl("h", "a", "b")).containsExactly(100L, -1L);
            assertThat(redis.hpersist("h", "a")).containsExactly(1L);
            assertThat(redis.hsetex(
                            "h", HSetExArgs.Builder.ex(Duration.ofSeconds(100)).fnx(), Map.of("c", "3")))
                    .isEqualTo(1);
            assertThat(redis.hgetex("h", HGetExArgs.Builder.persist(), "c")).containsExactly(KeyValue.just("c", "3"));
            assertThat(redis.hgetdel("h", "c", "a")).containsExactly(KeyValue.just("c", "3"), KeyValue.just("a", "1"));
            assertThat(redis.hlen("h")).isEqualTo(1);
        });
    }

    @ParameterizedTest
    @EnumSource(ProtocolVersion.class)
    @SuppressWarnings("unchecked") // Lettuce takes several of a generic type.
    void lettuceSortedSetsAndPlaces(ProtocolVersion protocol) {
        withLettuce(protocol, redis -> {
            assertThat(redis.zadd("z", ScoredValue.just(1, "a"), ScoredValue.just(2.5, "b")))
                    .isEqualTo(2);
            assertThat(redis.zadd("z", ZAddArgs.Builder.gt().ch(), 2, "b")).isZero();
            assertThat(redis.zrangeWithScores("z", 0, -1))
                    .containsExactly(ScoredValue.just(1, "a"), ScoredValue.just(2.5, "b"));
            assertThat(redis.zrangebyscore("z", Range.create(0, 9), Limit.create(1, 1)))
                    .containsExactly("b");
            assertThat(redis.zmscore("z", "a", "x")).containsExactly(1.0, null);
            assertThat(redis.zadd("y", 10, "b")).isEqualTo(1);
            assertThat(redis.zunionstore("d", ZStoreArgs.Builder.weights(1, 2), "z", "y"))
                    .isEqualTo(2);
            assertThat(redis.zscore("d", "b")).isEqualTo(22.5);
            assertThat(redis.zpopmax("z")).isEqualTo(ScoredValue.just(2.5, "b"));
            assertThat(redis.zscan("z").getValues()).containsExactly(ScoredValue.just(1, "a"));
            assertThat(redis.geoadd("g", 13.361389, 38.115556, "Palermo", 15.087269, 37.502669, "Catania"))
                    .isEqualTo(2);
            assertThat(redis.geodist("g", "Palermo", "Catania", GeoArgs.Unit.km))
                    .isCloseTo(166.2742, within(0.001));
            assertThat(redis.geopos("g", "Palermo").getFirst().getX().doubleValue())
                    .isCloseTo(13.361389, within(0.0001));
            assertThat(redis.geosearch(
                            "g", GeoSearch.fromCoordinates(15, 37), GeoSearch.byRadius(100, GeoArgs.Unit.km)))
                    .containsExactly("Catania");
        });
    }

    @ParameterizedTest
    @EnumSource(ProtocolVersion.class)
    void lettuceBitsAndKeys(ProtocolVersion protocol) {
        withLettuce(protocol, redis -> {
            assertThat(redis.setbit("b", 7, 1)).isZero();
            assertThat(redis.bitcount("b")).isEqualTo(1);
            assertThat(redis.bitpos("b", true)).isEqualTo(7);
            assertThat(redis.bitfield("b", BitFieldArgs.Builder.set(BitFieldArgs.unsigned(8), 8, 255)))
                    .containsExactly(0L);
            assertThat(redis.pfadd("p", "x", "y")).isEqualTo(1);
            assertThat(redis.pfcount("p")).isEqualTo(2);
            redis.rpush("l", "3", "1", "2");
            assertThat(redis.sort("l", SortArgs.Builder.desc().limit(0, 2))).containsExactly("3", "2");
            byte[] dump = redis.dump("l");
            assertThat(redis.restore("m", dump, RestoreArgs.Builder.ttl(0).replace()))
                    .isEqualTo("OK");
            assertThat(redis.lrange("m", 0, -1)).isEqualTo(List.of("3", "1", "2"));
            assertThat(redis.copy("m", "n")).isTrue();
            assertThat(redis.rename("n", "o")).isEqualTo("OK");
            assertThat(redis.objectEncoding("o")).isEqualTo("listpack");
        });
    }
}
