package io.nuthatch.server;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// What monitoring tools read of a server: whatever field a real Redis has, Nuthatch has too, and the kinds of
/// replies are the same in both protocols.
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class ServerFiguresTest {
    private RealRedis redis;
    private InProcessNuthatch nuthatch;

    @BeforeAll
    void start() {
        redis = RealRedis.start();
        nuthatch = InProcessNuthatch.start();
    }

    @AfterAll
    void stop() {
        nuthatch.close();
        redis.close();
    }

    /// Of the allocator and the compiler that Redis alone has.
    private static final Set<String> REDIS_ALONE = Set.of("gcc_version", "atomicvar_api");

    @Test
    void infoHasEveryFieldOfRedisInItsSection() {
        Map<String, Set<String>> theirs = info(redis);
        Map<String, Set<String>> ours = info(nuthatch);
        theirs.forEach((section, fields) -> {
            fields.removeAll(REDIS_ALONE);
            assertThat(ours.get(section)).as(section).isNotNull().containsAll(fields);
        });
        assertThat(theirs).hasSizeGreaterThan(11);
    }

    private static Map<String, Set<String>> info(ServerUnderTest server) {
        try (RespClient client = RespClient.connect(server.port())) {
            client.call("SET", "a", "1");
            client.call("PING");
            client.call("GET", "a");
            client.call("GET");
            String text = ((Reply.Bulk) client.call("INFO", "everything")).text();
            Map<String, Set<String>> sections = new LinkedHashMap<>();
            Set<String> fields = Set.of();
            for (String line : text.lines().filter(each -> !each.isBlank()).toList()) {
                if (line.startsWith("# ")) {
                    fields = sections.computeIfAbsent(line, title -> new LinkedHashSet<>());
                } else {
                    fields.add(line.substring(0, line.indexOf(':')));
                }
            }
            return sections;
        }
    }

    @Test
    void everyByteOfAKeyIsInUsedMemory() {
        try (RespClient client = RespClient.connect(nuthatch.port())) {
            client.call("SET", "a", "1");
            long before = usedMemory(client);
            long bytes = ((Reply.Int) client.call("MEMORY", "USAGE", "a")).value();
            client.call("APPEND", "a", "x".repeat(100));
            long more = ((Reply.Int) client.call("MEMORY", "USAGE", "a")).value() - bytes;
            assertThat(more).isGreaterThan(80);
            assertThat(usedMemory(client)).isEqualTo(before + more);
        }
    }

    private static long usedMemory(RespClient client) {
        String text = ((Reply.Bulk) client.call("INFO", "memory")).text();
        return text.lines()
                .filter(line -> line.startsWith("used_memory:"))
                .mapToLong(line -> Long.parseLong(line.substring(line.indexOf(':') + 1)))
                .findFirst()
                .orElseThrow();
    }

    @Test
    void clientListHasEveryFieldOfRedisInItsOrder() {
        List<String> theirs = clientFields(redis);
        List<String> ours = new ArrayList<>(clientFields(nuthatch));
        ours.retainAll(theirs);
        assertThat(ours).isEqualTo(theirs);
    }

    private static List<String> clientFields(ServerUnderTest server) {
        try (RespClient client = RespClient.connect(server.port())) {
            String line = ((Reply.Bulk) client.call("CLIENT", "INFO")).text().strip();
            return Pattern.compile(" ")
                    .splitAsStream(line)
                    .map(field -> field.substring(0, field.indexOf('=')))
                    .toList();
        }
    }

    @Test
    void memoryStatsHasEveryFieldOfRedisOfTheSameKind() {
        Map<String, String> theirs = memoryStats(redis);
        Map<String, String> ours = memoryStats(nuthatch);
        assertThat(ours).containsAllEntriesOf(theirs);
    }

    private static Map<String, String> memoryStats(ServerUnderTest server) {
        try (RespClient client = RespClient.connect(server.port())) {
            client.call("HELLO", "3");
            client.call("SET", "a", "1");
            List<Reply> items = ((Reply.Pairs) client.call("MEMORY", "STATS")).items();
            Map<String, String> kinds = new LinkedHashMap<>();
            for (int i = 0; i < items.size(); i += 2) {
                kinds.put(((Reply.Bulk) items.get(i)).text(), kind(items.get(i + 1)));
            }
            kinds.replaceAll((name, kind) -> name.startsWith("db.") ? "Pairs" : kind);
            return kinds;
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "CLIENT GETNAME",
                "CLIENT GETREDIR",
                "CLIENT HELP",
                "CLIENT ID",
                "CLIENT INFO",
                "CLIENT LIST",
                "CLIENT UNPAUSE",
                "COMMAND COUNT",
                "COMMAND GETKEYS GET a",
                "COMMAND GETKEYSANDFLAGS SET a b",
                "COMMAND INFO get nosuch object|encoding slowlog|len",
                "COMMAND LIST FILTERBY PATTERN mget",
                "CONFIG GET maxmemory",
                "CONFIG GET maxmemory timeout",
                "CONFIG GET nosuch",
                "CONFIG RESETSTAT",
                "DEBUG CHANGE-REPL-ID",
                "DEBUG LOG hello",
                "DEBUG PROTOCOL array",
                "DEBUG PROTOCOL attrib",
                "DEBUG PROTOCOL bignum",
                "DEBUG PROTOCOL double",
                "DEBUG PROTOCOL false",
                "DEBUG PROTOCOL integer",
                "DEBUG PROTOCOL map",
                "DEBUG PROTOCOL null",
                "DEBUG PROTOCOL set",
                "DEBUG PROTOCOL string",
                "DEBUG PROTOCOL true",
                "DEBUG PROTOCOL verbatim",
                "DEBUG PROTOCOL nosuch",
                "INFO server",
                "LATENCY DOCTOR",
                "LATENCY GRAPH nosuch",
                "LATENCY HISTORY nosuch",
                "LATENCY LATEST",
                "LATENCY RESET",
                "LOLWUT",
                "LOLWUT VERSION 1",
                "MEMORY DOCTOR",
                "MEMORY MALLOC-STATS",
                "MEMORY PURGE",
                "MEMORY USAGE a",
                "MEMORY USAGE nosuch",
                "RESET",
                "SHUTDOWN ABORT",
                "SLOWLOG GET",
                "SLOWLOG LEN",
                "TIME"
            })
    void repliesAreOfTheSameKind(String command) {
        for (String protocol : List.of("2", "3")) {
            assertThat(shape(nuthatch, protocol, command))
                    .as("%s in RESP%s", command, protocol)
                    .isEqualTo(shape(redis, protocol, command));
        }
    }

    private static String shape(ServerUnderTest server, String protocol, String command) {
        try (RespClient client = RespClient.connect(server.port())) {
            client.call("SLOWLOG", "RESET");
            client.call("SET", "a", "1");
            client.call("HELLO", protocol);
            String kind = kind(client.call(command.split(" ")));
            return command.endsWith("HELP") ? kind.replaceAll("(Simple )+", "Simple ") : kind;
        }
    }

    /// The kind of a reply, of its parts, and of theirs.
    private static String kind(Reply reply) {
        return switch (reply) {
            case Reply.Array(List<Reply> items) -> "Array" + kinds(items);
            case Reply.Pairs(List<Reply> items) -> "Pairs" + kinds(items);
            case Reply.Members(List<Reply> items) -> "Members" + kinds(items);
            case Reply.Push(List<Reply> items) -> "Push" + kinds(items);
            case Reply.Nil(String wire) -> "Nil " + wire;
            default -> reply.getClass().getSimpleName();
        };
    }

    private static String kinds(List<Reply> items) {
        StringBuilder kinds = new StringBuilder("[ ");
        items.forEach(item -> kinds.append(kind(item)).append(' '));
        return kinds.append(']').toString();
    }
}
