package io.nuthatch.server;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.AfterParameterizedClassInvocation;
import org.junit.jupiter.params.BeforeParameterizedClassInvocation;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

/// What a server does with clients that are too many, too idle, or too greedy of its buffers. Held against Redis too.
@ParameterizedClass
@EnumSource(ServerKind.class)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class ConnectionLimitsTest {
    private static final int MEGABYTE = 1 << 20;
    private static final int SILENCE_MS = 40;

    /// Of the text for clients that protected mode turns away.
    private static final int DENIED_HASH = 1_990_526_611;

    @Parameter
    private ServerKind kind;

    private ServerUnderTest server;
    private RespClient steward;

    @BeforeParameterizedClassInvocation
    void start() {
        server = kind.start();
        steward = RespClient.connect(server.port());
    }

    @AfterParameterizedClassInvocation
    void stop() {
        steward.close();
        server.close();
    }

    /// Runs `work` while a directive has another value.
    private void with(String directive, String value, Runnable work) {
        String before = ((Reply.Bulk) ((Reply.Array) steward.call("CONFIG", "GET", directive))
                        .items()
                        .getLast())
                .text();
        assertThat(steward.call("CONFIG", "SET", directive, value)).isEqualTo(new Reply.Simple("OK"));
        try {
            work.run();
        } finally {
            steward.call("CONFIG", "SET", directive, before);
        }
    }

    @Test
    void oneClientMoreThanMaxclientsIsToldAndDropped() {
        with("maxclients", "5", () -> {
            List<RespClient> clients = new ArrayList<>();
            for (int i = 0; i < 4; i++) {
                RespClient client = RespClient.connect(server.port());
                clients.add(client);
                assertThat(client.call("PING")).isEqualTo(new Reply.Simple("PONG"));
            }
            try (RespClient tooMany = RespClient.connect(server.port())) {
                String answer = "-ERR max number of clients reached\r\n";
                assertThat(tooMany.readRaw(answer.length(), SILENCE_MS))
                        .isEqualTo(new RespClient.RawAnswer(answer, true));
            }
            clients.forEach(RespClient::close);
            awaitClients(1);
            try (RespClient welcome = RespClient.connect(server.port())) {
                assertThat(welcome.call("PING")).isEqualTo(new Reply.Simple("PONG"));
            }
        });
    }

    private void awaitClients(int count) {
        Awaitility.await()
                .untilAsserted(() -> assertThat(((Reply.Bulk) steward.call("CLIENT", "LIST"))
                                .text()
                                .lines())
                        .hasSize(count));
    }

    @Test
    void anIdleClientIsDroppedAfterTheTimeout() {
        with("timeout", "1", () -> {
            try (RespClient idle = RespClient.connect(server.port())) {
                assertThat(idle.call("PING")).isEqualTo(new Reply.Simple("PONG"));
                server.letPass(Duration.ofMillis(2_500));
                assertThat(idle.readRaw(1, SILENCE_MS)).isEqualTo(new RespClient.RawAnswer("", true));
            }
            steward.close();
            steward = RespClient.connect(server.port());
        });
    }

    @Test
    void aRequestLargerThanTheQueryBufferMayBeIsDropped() {
        with("client-query-buffer-limit", String.valueOf(MEGABYTE), () -> {
            try (RespClient greedy = RespClient.connect(server.port())) {
                greedy.queue(List.of("SET", "a", "x".repeat(4 * MEGABYTE)));
                greedy.sendWhatItTakes();
                assertThat(greedy.readRaw(1, SILENCE_MS)).isEqualTo(new RespClient.RawAnswer("", true));
            }
            try (RespClient modest = RespClient.connect(server.port())) {
                assertThat(modest.call("SET", "a", "x".repeat(MEGABYTE / 2))).isEqualTo(new Reply.Simple("OK"));
            }
        });
        assertThat(steward.call("SET", "a", "")).isEqualTo(new Reply.Simple("OK"));
    }

    @Test
    void manySmallRequestsAreNoLargeOne() {
        with("client-query-buffer-limit", String.valueOf(MEGABYTE), () -> {
            try (RespClient client = RespClient.connect(server.port())) {
                int count = 400;
                for (int i = 0; i < count; i++) {
                    client.queue(List.of("STRLEN", "x".repeat(10_000)));
                }
                client.flush();
                for (int i = 0; i < count; i++) {
                    assertThat(client.read()).isEqualTo(new Reply.Int(0));
                }
            }
        });
    }

    @Test
    void aClientThatDoesNotReadIsDroppedAtTheHardLimit() {
        steward.call("SETRANGE", "big", String.valueOf(MEGABYTE - 1), "x");
        with("client-output-buffer-limit", "normal " + 8 * MEGABYTE + " 0 0", () -> {
            try (RespClient lazy = RespClient.connect(server.port())) {
                for (int i = 0; i < 64; i++) {
                    lazy.queue(List.of("GET", "big"));
                }
                lazy.sendWhatItTakes();
                awaitClients(1);
            }
        });
        steward.call("DEL", "big");
    }

    @Test
    void aClientThatReadsMayHaveMoreThanTheLimitInAll() {
        steward.call("SETRANGE", "big", String.valueOf(MEGABYTE - 1), "x");
        with("client-output-buffer-limit", "normal " + 8 * MEGABYTE + " 0 0", () -> {
            try (RespClient client = RespClient.connect(server.port())) {
                for (int i = 0; i < 64; i++) {
                    assertThat(((Reply.Bulk) client.call("GET", "big")).text()).hasSize(MEGABYTE);
                }
            }
        });
        steward.call("DEL", "big");
    }

    @Test
    void aValueLargerThanProtoMaxBulkLenIsRefusedBeforeItIsSent() {
        with("proto-max-bulk-len", String.valueOf(MEGABYTE), () -> {
            try (RespClient client = RespClient.connect(server.port())) {
                client.raw("*3\r\n$3\r\nSET\r\n$1\r\na\r\n$" + (MEGABYTE + 1) + "\r\n");
                client.flush();
                String answer = "-ERR Protocol error: invalid bulk length\r\n";
                assertThat(client.readRaw(answer.length(), SILENCE_MS))
                        .isEqualTo(new RespClient.RawAnswer(answer, true));
            }
        });
    }

    @Test
    void aClientThatStaysBeyondTheSoftLimitIsDroppedWhenItsTimeIsUp() {
        steward.call("SETRANGE", "big", String.valueOf(MEGABYTE - 1), "x");
        with("client-output-buffer-limit", "normal 0 " + 8 * MEGABYTE + " 2", () -> {
            try (RespClient lazy = RespClient.connect(server.port())) {
                for (int i = 0; i < 64; i++) {
                    lazy.queue(List.of("GET", "big"));
                }
                lazy.sendWhatItTakes();
                assertThat(((Reply.Bulk) steward.call("CLIENT", "LIST")).text().lines())
                        .hasSize(2);
                // Redis begins to count when it next looks at the client.
                server.letPass(Duration.ofMillis(1_500));
                server.letPass(Duration.ofMillis(2_500));
                awaitClients(1);
            }
        });
        steward.call("DEL", "big");
    }

    /// Sends all of a request but its last byte.
    private static void sendNearly(RespClient client, int megabytes) {
        int bytes = megabytes * MEGABYTE;
        client.raw("*2\r\n$6\r\nSTRLEN\r\n$" + bytes + "\r\n" + "x".repeat(bytes));
        client.sendWhatItTakes();
    }

    private static void sendTheRest(RespClient client) {
        client.raw("\r\n");
        client.flush();
        assertThat(client.read()).isEqualTo(new Reply.Int(0));
    }

    @Test
    void whenClientsTakeTooMuchTheLargestIsDropped() {
        with("maxmemory-clients", String.valueOf(20 * MEGABYTE), () -> {
            try (RespClient small = RespClient.connect(server.port());
                    RespClient large = RespClient.connect(server.port())) {
                sendNearly(small, 4);
                sendNearly(large, 12);
                try (RespClient middle = RespClient.connect(server.port())) {
                    sendNearly(middle, 8);
                    assertThat(large.readRaw(1, SILENCE_MS)).isEqualTo(new RespClient.RawAnswer("", true));
                    sendTheRest(middle);
                }
                sendTheRest(small);
            }
        });
    }

    @Test
    void aClientThatIsNotToBeEvictedStays() {
        with("maxmemory-clients", String.valueOf(20 * MEGABYTE), () -> {
            try (RespClient kept = RespClient.connect(server.port());
                    RespClient other = RespClient.connect(server.port())) {
                kept.call("CLIENT", "NO-EVICT", "ON");
                sendNearly(kept, 14);
                sendNearly(other, 10);
                assertThat(other.readRaw(1, SILENCE_MS)).isEqualTo(new RespClient.RawAnswer("", true));
                sendTheRest(kept);
            }
        });
    }

    @Test
    void aClientFromElsewhereIsDeniedUnlessThereIsAPasswordOrNoProtection() {
        String denied;
        try (RespClient stranger = RespClient.connect("127.0.0.2", server.port())) {
            denied = stranger.readRaw(1_000, SILENCE_MS).bytes();
        }
        assertThat(denied)
                .startsWith("-DENIED Redis is running in protected mode because")
                .endsWith("outside.\r\n");
        // The text is the same to the letter.
        assertThat(denied.hashCode()).isEqualTo(DENIED_HASH);
        with("protected-mode", "no", () -> assertThat(pingFromElsewhere()).isEqualTo(new Reply.Simple("PONG")));
        with(
                "requirepass",
                "secret",
                () -> assertThat(pingFromElsewhere()).isEqualTo(new Reply.Failure("NOAUTH Authentication required.")));
    }

    private Reply pingFromElsewhere() {
        try (RespClient stranger = RespClient.connect("127.0.0.2", server.port())) {
            return stranger.call("PING");
        }
    }
}
