package io.nuthatch.server;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Stories are written as redis-cli prints; so the printer is held against redis-cli itself.
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class RedisCliFormatTest {
    private RealRedis redis;

    @BeforeAll
    void start() {
        redis = RealRedis.start();
    }

    @AfterAll
    void stop() {
        redis.close();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "PING",
                "ECHO \"a\\x00\\xff\\n\\r\\t\\a\\b\\\\\\\"'b\"",
                "ECHO ''",
                "ECHO 'it\\'s \\x'",
                "GET missing",
                "INCR n",
                "NOSUCH a b",
                "DEBUG PROTOCOL string",
                "DEBUG PROTOCOL integer",
                "DEBUG PROTOCOL double",
                "DEBUG PROTOCOL null",
                "DEBUG PROTOCOL array",
                "DEBUG PROTOCOL set",
                "DEBUG PROTOCOL map",
                "DEBUG PROTOCOL true",
                "DEBUG PROTOCOL false",
                "DEBUG PROTOCOL verbatim",
                "COMMAND INFO get set nosuch",
                "COMMAND DOCS get lcs",
                "COMMAND LIST FILTERBY PATTERN x*",
                "CONFIG GET proto*",
                "CONFIG GET nosuch",
                "KEYS nosuch*",
                "MEMORY DOCTOR",
                "LATENCY DOCTOR",
            })
    void printsAsRedisCli(String command) throws Exception {
        for (String protocol : List.of("-2", "-3")) {
            try (RespClient client = RespClient.connect(redis.port())) {
                client.call("HELLO", protocol.substring(1));
                List<String> words = RedisCliFormat.words(command);
                List<String> ours = RedisCliFormat.lines(client.call(words), words);
                client.call("FLUSHALL");
                assertThat(ours).isEqualTo(redisCli(protocol, command));
                client.call("FLUSHALL");
            }
        }
    }

    private List<String> redisCli(String protocol, String command) throws IOException, InterruptedException {
        Process process = new ProcessBuilder(
                        "redis-cli", "-p", String.valueOf(redis.port()), protocol, "--no-raw", "--no-auth-warning")
                .redirectErrorStream(true)
                .start();
        process.getOutputStream().write((command + "\n").getBytes(ISO_8859_1));
        process.getOutputStream().close();
        String out = new String(process.getInputStream().readAllBytes(), ISO_8859_1);
        process.waitFor();
        // Not at a terminal, redis-cli ends each reply with an empty line.
        List<String> lines = out.lines().toList();
        return !lines.isEmpty() && lines.getLast().isEmpty() ? lines.subList(0, lines.size() - 1) : lines;
    }

    @Test
    void splitsWordsAsRedisCli() {
        assertThat(RedisCliFormat.words("  SET  k \"a b\\x41\\n\" 'c\\'d\\n' e\"f\" "))
                .containsExactly("SET", "k", "a bA\n", "c'd\\n", "ef");
        assertThatThrownBy(() -> RedisCliFormat.words("\"a")).hasMessageContaining("not closed");
        assertThatThrownBy(() -> RedisCliFormat.words("\"a\"b")).hasMessageContaining("end the word");
    }
}
