package io.nuthatch.server;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.AfterParameterizedClassInvocation;
import org.junit.jupiter.params.BeforeParameterizedClassInvocation;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/// What a server answers to bytes that need not be well-formed requests, and when it hangs up. Held against Redis too.
@ParameterizedClass
@EnumSource(ServerKind.class)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class ProtocolTest {
    private static final String PING = "*1\r\n$4\r\nPING\r\n";
    private static final String PONG = "+PONG\r\n";

    /// Long enough that an answer too many would have come.
    private static final int SILENCE_MS = 40;

    @Parameter
    private ServerKind kind;

    private ServerUnderTest server;

    @BeforeParameterizedClassInvocation
    void start() {
        server = kind.start();
    }

    @AfterParameterizedClassInvocation
    void stop() {
        server.close();
    }

    /// Bytes sent, and what comes back.
    ///
    /// @param closed whether the server then hangs up
    record Exchange(String fact, String sent, String answer, boolean closed) {
        @Override
        public String toString() {
            return fact;
        }
    }

    private static Exchange open(String fact, String sent, String answer) {
        return new Exchange(fact, sent, answer, false);
    }

    private static Exchange refused(String fact, String sent, String error) {
        return new Exchange(fact, sent, "-ERR Protocol error: " + error + "\r\n", true);
    }

    private static Exchange dropped(String fact, String sent) {
        return new Exchange(fact, sent, "", true);
    }

    static List<Exchange> exchanges() {
        return List.of(
                open("a request is a list of bulk strings", PING, PONG),
                open("requests may come many at a time", PING + PING + PING, PONG + PONG + PONG),
                open("an empty bulk string is a word", "*2\r\n$4\r\nECHO\r\n$0\r\n\r\n", "$0\r\n\r\n"),
                open("an empty list is nothing", "*0\r\n" + PING, PONG),
                open("a list of less than nothing is nothing", "*-1\r\n*-10\r\n" + PING, PONG),
                open(
                        "what stands for the line end after a bulk string is not looked at",
                        "*1\r\n$4\r\nPINGxy" + PING,
                        PONG + PONG),
                open("a request that is not complete is waited for", "*1\r\n$4\r\nPIN", ""),
                open("a line that is not complete is waited for", "*1\r\n$4", ""),
                open("a line end that is not complete is waited for", "PING\r", ""),
                open("a long list is waited for", "*1048577\r\n", ""),
                open("the longest list is waited for", "*2147483647\r\n", ""),
                open("the longest bulk string is waited for", "*2\r\n$4\r\nECHO\r\n$536870912\r\n", ""),
                refused("a list longer than 32 bits", "*2147483648\r\n" + PING, "invalid multibulk length"),
                refused("a list longer than 64 bits", "*99999999999999999999\r\n", "invalid multibulk length"),
                refused("a list less than 64 bits", "*-99999999999999999999\r\n", "invalid multibulk length"),
                refused("a list length that is no number", "*x\r\n", "invalid multibulk length"),
                refused("a list length that is missing", "*\r\n", "invalid multibulk length"),
                refused("a list length with a blank", "* 1\r\n", "invalid multibulk length"),
                refused("a list length with a plus", "*+1\r\n", "invalid multibulk length"),
                refused("a list length with a leading zero", "*01\r\n", "invalid multibulk length"),
                refused("a list length that never ends", "*" + "1".repeat(70_000), "too big mbulk count string"),
                refused("a word that is an integer", "*1\r\n:5\r\n", "expected '$', got ':'"),
                refused("a word that is a list", "*1\r\n*1\r\n", "expected '$', got '*'"),
                refused("a word without a length", "*2\r\n$4\r\nPING\r\nPING\r\n", "expected '$', got 'P'"),
                refused("a word that is an empty line", "*1\r\n\r\n", "expected '$', got ' '"),
                refused("a length that is no number", "*1\r\n$x\r\n", "invalid bulk length"),
                refused("a length that is missing", "*1\r\n$\r\n", "invalid bulk length"),
                refused("a length that is negative", "*1\r\n$-1\r\n", "invalid bulk length"),
                refused("a length with a plus", "*1\r\n$+4\r\n", "invalid bulk length"),
                refused("a length with a blank", "*1\r\n$ 4\r\n", "invalid bulk length"),
                refused("a length with a leading zero", "*1\r\n$04\r\nPING\r\n", "invalid bulk length"),
                refused("a length beyond proto-max-bulk-len", "*1\r\n$536870913\r\n", "invalid bulk length"),
                refused("a length beyond 64 bits", "*1\r\n$9223372036854775808\r\n", "invalid bulk length"),
                refused("a length that never ends", "*1\r\n$" + "1".repeat(70_000), "too big bulk count string"),
                refused("a word of no length at all", "*3\r\n$3\r\nSET\r\n$1\r\na\r\n$-1\r\n", "invalid bulk length"),
                new Exchange(
                        "what came before a mistake is answered, what comes after is not",
                        PING + "*x\r\n" + PING,
                        PONG + "-ERR Protocol error: invalid multibulk length\r\n",
                        true),
                new Exchange("what comes after QUIT is not answered", "*1\r\n$4\r\nQUIT\r\n" + PING, "+OK\r\n", true),
                open("a request may be a line", "PING\r\n", PONG),
                open("a line may end in LF alone", "PING\n", PONG),
                open("empty lines are nothing", "\r\n\n\r\nPING\r\n", PONG),
                open("blanks in a line are nothing", "\t  PING   hi  \r\n", "$2\r\nhi\r\n"),
                open("lines and lists may take turns", PING + "PING\r\n" + PING + "PING\n", PONG + PONG + PONG + PONG),
                open("a line may have words in double quotes", "ECHO \"a \\x41\\n\\\"b\"\r\n", "$6\r\na A\n\"b\r\n"),
                open("a line may have words in single quotes", "ECHO 'a \\n\\'b'\r\n", "$6\r\na \\n'b\r\n"),
                open("a quote may stand inside a word", "ECHO a\"b c\"\r\n", "$4\r\nab c\r\n"),
                open(
                        "a line may be an empty word",
                        "\"\"\r\n",
                        "-ERR unknown command '', with args beginning with: \r\n"),
                open(
                        "a line may begin like a bulk string",
                        "$4\r\n",
                        "-ERR unknown command '$4', with args beginning with: \r\n"),
                open(
                        "a line may begin like a reply",
                        "+PING\r\n",
                        "-ERR unknown command '+PING', with args beginning with: \r\n"),
                open(
                        "a line may hold any letter",
                        "\u00ff\u00fe \u0001\r\n",
                        "-ERR unknown command '\u00ff\u00fe', with args beginning with: '\u0001' \r\n"),
                open(
                        "a long line that is complete is taken",
                        "ECHO " + "x".repeat(60_000) + "\r\n",
                        "$60000\r\n" + "x".repeat(60_000) + "\r\n"),
                refused("a line that never ends", "x".repeat(70_000), "too big inline request"),
                refused("a double quote that is not closed", "SET a \"b\r\n", "unbalanced quotes in request"),
                refused("a single quote that is not closed", "SET a 'b\r\n", "unbalanced quotes in request"),
                refused("a word that goes on after its quote", "SET a \"b\"c\r\n", "unbalanced quotes in request"),
                dropped("a browser that posts", "POST / HTTP/1.1\r\nHost: a\r\n\r\n"),
                dropped("a browser that posts, in small letters", "post / http/1.1\r\n"),
                dropped("a browser's second line", "Host: a\r\n"),
                dropped("a browser that posts a list", "*1\r\n$4\r\nPOST\r\n"),
                open(
                        "an error names the bytes of an unknown command, without its line ends",
                        "*2\r\n$4\r\na\r\nb\r\n$3\r\n\r\n\u00ff\r\n",
                        "-ERR unknown command 'a  b', with args beginning with: '  \u00ff' \r\n"));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("exchanges")
    void answers(Exchange exchange) {
        try (RespClient client = RespClient.connect(server.port())) {
            client.raw(exchange.sent());
            client.sendWhatItTakes();
            // One byte more than there will be, if the server hangs up: however long that takes.
            int length = exchange.answer().length() + (exchange.closed() ? 1 : 0);
            assertThat(client.readRaw(length, SILENCE_MS))
                    .isEqualTo(new RespClient.RawAnswer(exchange.answer(), exchange.closed()));
        }
    }

    @Test
    void requestsMayBeCutAnywhere() {
        String sent =
                "*3\r\n$3\r\nSET\r\n$1\r\nk\r\n$12\r\nab\r\n$3\r\ncd\r\n\r\n*2\r\n$3\r\nGET\r\n$1\r\nk\r\nECHO 'a b'\r\n"
                        + PING;
        String answer = "+OK\r\n$12\r\nab\r\n$3\r\ncd\r\n\r\n$3\r\na b\r\n" + PONG;
        for (int cut = 1; cut < sent.length(); cut++) {
            try (RespClient client = RespClient.connect(server.port())) {
                client.raw(sent.substring(0, cut));
                client.flush();
                // Another connection's round trip gives the server time to take the first piece alone.
                try (RespClient other = RespClient.connect(server.port())) {
                    other.call("PING");
                }
                client.raw(sent.substring(cut));
                client.flush();
                assertThat(client.readRaw(answer.length(), 0).bytes())
                        .as("cut=" + cut)
                        .isEqualTo(answer);
            }
        }
    }

    @Test
    void requestsMayComeByteByByte() {
        String sent = "*2\r\n$4\r\nECHO\r\n$5\r\nhe\r\no\r\nPING\r\n" + PING;
        try (RespClient client = RespClient.connect(server.port())) {
            for (int i = 0; i < sent.length(); i++) {
                client.raw(sent.substring(i, i + 1));
                client.flush();
            }
            assertThat(client.readRaw(25, SILENCE_MS).bytes()).isEqualTo("$5\r\nhe\r\no\r\n" + PONG + PONG);
        }
    }

    @Test
    void whatWasSentBeforeTheClientStopsSendingIsAnswered() {
        try (RespClient client = RespClient.connect(server.port())) {
            client.raw(PING.repeat(100) + "*1\r\n$4\r\nPI");
            client.finishSending();
            assertThat(client.readRaw(PONG.length() * 100 + 1, SILENCE_MS))
                    .isEqualTo(new RespClient.RawAnswer(PONG.repeat(100), true));
        }
    }

    @Test
    void whoHasNotGivenThePasswordMaySendLittle() {
        try (RespClient steward = RespClient.connect(server.port())) {
            steward.call("CONFIG", "SET", "requirepass", "secret");
            try {
                answers(refused("", "*11\r\n", "unauthenticated multibulk length"));
                answers(refused("", "*1\r\n$16385\r\n", "unauthenticated bulk length"));
                answers(open("", "*10\r\n$16384\r\n", ""));
                answers(open("", PING, "-NOAUTH Authentication required.\r\n"));
            } finally {
                steward.call("CONFIG", "SET", "requirepass", "");
            }
        }
    }

    @Test
    void aValueOfManyMegabytesGoesAndComesWhole() {
        String value = "0123456789abcdef".repeat(1 << 20);
        try (RespClient client = RespClient.connect(server.port())) {
            assertThat(client.call("SET", "big", value)).isEqualTo(new Reply.Simple("OK"));
            assertThat(client.call("STRLEN", "big")).isEqualTo(new Reply.Int(value.length()));
            assertThat(client.call("GET", "big").equals(new Reply.Bulk(value))).isTrue();
            client.call("DEL", "big");
        }
    }

    @Test
    void aPipelineMayBeFarLongerThanAnyBuffer() {
        try (RespClient client = RespClient.connect(server.port())) {
            int count = 20_000;
            for (int i = 0; i < count; i++) {
                client.queue(List.of("ECHO", "word " + i));
            }
            // All is sent before anything is read; the replies fit the socket buffers and the server's.
            client.flush();
            for (int i = 0; i < count; i++) {
                assertThat(client.read()).isEqualTo(new Reply.Bulk("word " + i));
            }
        }
    }
}
