package io.nuthatch.server;

import static org.assertj.core.api.Assertions.assertThat;

import io.nuthatch.engine.Config;
import io.nuthatch.engine.Setting;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

/// The directives, held against those of a real redis-server: all of them are known, with the same defaults and
/// the same bounds.
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class ConfigHoldsForRedisTest {
    /// What the test itself gives the redis-server it starts.
    private static final Set<String> GIVEN = Set.of("port", "bind", "dir", "save", "enable-debug-command", "logfile");

    /// Not the same by intention: one event loop a core, and huge pages where nothing is copied on write.
    private static final Set<String> DIFFERENT = Set.of("io-threads", "disable-thp");

    private RealRedis redis;
    private RespClient client;

    @BeforeAll
    void start() {
        redis = RealRedis.start();
        client = RespClient.connect(redis.port());
    }

    @AfterAll
    void stop() {
        client.close();
        redis.close();
    }

    private Map<String, String> redisConfig() {
        Map<String, String> all = new TreeMap<>();
        List<Reply> items = ((Reply.Array) client.call("CONFIG", "GET", "*")).items();
        for (int i = 0; i < items.size(); i += 2) {
            all.put(((Reply.Bulk) items.get(i)).text(), ((Reply.Bulk) items.get(i + 1)).text());
        }
        return all;
    }

    @Test
    void everyDirectiveOfRedisIsKnownWithItsDefault() {
        Map<String, String> ours = new LinkedHashMap<>();
        new Config().byName().forEach((name, setting) -> ours.put(name, setting.defaultText()));
        redisConfig().forEach((name, value) -> {
            assertThat(ours).containsKey(name);
            if (!GIVEN.contains(name) && !DIFFERENT.contains(name)) {
                assertThat(ours).containsEntry(name, value);
            }
        });
    }

    @Test
    void whatRedisChangesWhileItRunsCanBeChanged() {
        Map<String, Setting> ours = new Config().byName();
        redisConfig().forEach((name, value) -> {
            boolean fixed = client.call("CONFIG", "SET", name, value).toString().contains("immutable");
            assertThat(ours.get(name).isMutable()).as(name).isEqualTo(!fixed);
        });
    }

    @Test
    void numbersHaveRedissBounds() {
        for (Setting setting : Set.copyOf(new Config().byName().values())) {
            if (setting instanceof Setting.Whole
                    && setting.isMutable()
                    && redisConfig().containsKey(setting.name())) {
                for (String wrong : List.of("x", "-9223372036854775808", "9223372036854775807", "1%", "101%")) {
                    boolean redisRefuses = refuses(setting.name(), wrong);
                    assertThat(oursRefuses(setting.name(), wrong))
                            .as(setting.name() + " " + wrong)
                            .isIn(
                                    redisRefuses,
                                    redisRefuses || !setting.refusal().isEmpty());
                }
            }
        }
    }

    private boolean refuses(String name, String value) {
        // These would have Redis take all memory, or end its life in another way.
        if (value.startsWith("92")
                && Set.of("repl-backlog-size", "maxclients", "port", "hz").contains(name)) {
            return oursRefuses(name, value);
        }
        return client.call("CONFIG", "SET", name, value) instanceof Reply.Failure;
    }

    private static boolean oursRefuses(String name, String value) {
        try {
            new Config().set(Map.of(name, value));
            return false;
        } catch (Setting.Refused refused) {
            return true;
        }
    }
}
