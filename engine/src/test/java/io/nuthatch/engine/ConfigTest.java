package io.nuthatch.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ConfigTest {
    private final Config config = new Config();

    @Test
    void everyDefaultIsAcceptedAndMeansItself() {
        for (Setting setting : config.all()) {
            config.set(Map.of(setting.name(), setting.defaultText()));
            assertThat(setting.isChanged()).as(setting.name()).isFalse();
        }
    }

    @Test
    void everyDirectiveSaysWhatItIs() {
        for (Setting setting : config.all()) {
            assertThat(setting.brief()).as(setting.name()).matches("[A-Z].*\\.|.*\\(Nuthatch's own\\.\\)");
            boolean acts = setting.effect() == Setting.Effect.ACTS;
            assertThat(setting.reason().isEmpty()).as(setting.name()).isEqualTo(acts);
        }
    }

    @ParameterizedTest
    @CsvSource({
        "'',0",
        "0,0",
        "1b,1",
        "1k,1000",
        "1KB,1024",
        "2m,2000000",
        "2Mb,2097152",
        "3g,3000000000",
        "3GB,3221225472"
    })
    void sizesHaveRedissUnits(String text, long bytes) {
        assertThat(Units.bytes(text)).isEqualTo(bytes);
    }

    @ParameterizedTest
    @CsvSource({"x", "1x", "-1", "1.5gb", "10%", "9223372036854775808", "9007199254740993kb", "1 kb"})
    void whatIsNoSizeIsRefused(String text) {
        assertThatThrownBy(() -> Units.bytes(text)).hasMessage("argument must be a memory value");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "timeout|x|argument couldn't be parsed into an integer",
                "timeout|+1|argument couldn't be parsed into an integer",
                "timeout|01|argument couldn't be parsed into an integer",
                "timeout|-1|argument must be between 0 and 2147483647 inclusive",
                "unixsocketperm|9|argument couldn't be parsed as an octal number",
                "unixsocketperm|1000|argument must be between 0 and 511 inclusive",
                "maxmemory-clients|101%|percentage argument must be less or equal to 100",
                "maxmemory-clients|x|argument must be a memory or percent value",
                "protected-mode|1|argument must be 'yes' or 'no'",
                "log-format|xml|argument(s) must be one of the following: text, json",
                "client-output-buffer-limit|normal 1 1|Wrong number of arguments in buffer limit configuration.",
                "notify-keyspace-events|Kq|Invalid event class character. Use 'Ag$lshzxeKEtmdnocaSTIV'.",
                "dbfilename|a/b|dbfilename can't be a path, just a filename",
                "save|900|Invalid save parameters",
                "dir|/nowhere/at/all|No such file or directory",
                "nosuch|1|unknown directive",
            })
    void wrongValuesAreRefusedInRedissWords(String name, String value, String reason) {
        assertThatThrownBy(() -> config.set(Map.of(name, value)))
                .isInstanceOfSatisfying(Setting.Refused.class, refused -> {
                    assertThat(refused.directive()).isEqualTo(name);
                    assertThat(refused.reason()).isEqualTo(reason);
                });
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "unixsocketperm|0770|770",
                "maxmemory-clients|5%|5%",
                "maxmemory-clients|1mb|1048576",
                "latency-tracking-info-percentiles|50 90.5 100|50 90.5 100",
                "notify-keyspace-events|xKEg|gxKE",
                "notify-keyspace-events|mnAK|AKm",
                "notify-keyspace-events|g$lshzxetdE|AE",
                "client-output-buffer-limit|replica 1k 1 2|" + "normal 0 0 0 slave 1000 1 2 pubsub 33554432 8388608 60",
            })
    void valuesAreShownAsRedisShowsThem(String name, String value, String shown) {
        config.set(Map.of(name, value));
        assertThat(config.named(name).orElseThrow().text()).isEqualTo(shown);
    }

    /// To accept these would be a lie about what is on disk, on another machine, or kept from others.
    @ParameterizedTest
    @CsvSource({
        "replicaof,127.0.0.1 6379",
        "min-replicas-to-write,1",
        "aclfile,users.acl",
        "user,alice on",
        "rename-command,CONFIG ''",
        "tls-port,6380",
        "cluster-enabled,yes",
        "socket-mark-id,7",
        "loadmodule,x.so",
    })
    void whatWouldBeALieIsRefused(String name, String value) {
        Setting setting = config.named(name).orElseThrow();
        assertThatThrownBy(() -> config.set(Map.of(name, value))).isInstanceOf(Setting.Refused.class);
        assertThat(setting.isChanged()).isFalse();
    }

    @Test
    void anOlderNameIsTheSameDirective() {
        config.set(Map.of("slave-read-only", "no"));
        assertThat(config.byName().get("replica-read-only").text()).isEqualTo("no");
        assertThat(config.byName().get("slave-read-only").text()).isEqualTo("no");
    }

    @Test
    void oneRefusalTakesBackAll() {
        Map<String, String> changes = new LinkedHashMap<>();
        changes.put("timeout", "5");
        changes.put("maxclients", "0");
        assertThatThrownBy(() -> config.set(changes)).isInstanceOf(Setting.Refused.class);
        assertThat(config.timeout.value()).isZero();
    }

    @Test
    void aFollowerIsToldAtOnceAndOfEveryChange() {
        List<Long> seen = new ArrayList<>();
        config.timeout.follow(() -> seen.add(config.timeout.value()));
        config.set(Map.of("timeout", "7"));
        assertThat(seen).containsExactly(0L, 7L);
    }

    @Test
    void aFollowerThatCannotGoAlongTakesBackAll() {
        List<Long> ports = new ArrayList<>();
        config.port.follow(() -> {
            ports.add(config.port.value());
            if (config.port.value() == 7) {
                throw new IllegalArgumentException("Unable to listen on this port. Check server logs.");
            }
        });
        Map<String, String> changes = new LinkedHashMap<>();
        changes.put("timeout", "5");
        changes.put("port", "7");
        assertThatThrownBy(() -> config.set(changes))
                .hasMessage("port: Unable to listen on this port. Check server logs.");
        assertThat(config.timeout.value()).isZero();
        assertThat(ports).containsExactly(6379L, 7L, 6379L);
    }

    @Test
    void onlyListsTakeSeveralWords() {
        config.set("bind", List.of("127.0.0.1", "-::1"));
        assertThat(config.bind.value()).containsExactly("127.0.0.1", "-::1");
        assertThatThrownBy(() -> config.set("timeout", List.of("1", "2")))
                .hasMessage("timeout: wrong number of arguments");
        assertThatThrownBy(() -> config.set("timeout", List.of())).hasMessage("timeout: wrong number of arguments");
    }
}
