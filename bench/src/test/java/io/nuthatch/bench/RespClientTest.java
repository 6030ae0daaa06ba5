package io.nuthatch.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.nuthatch.bench.RespClient.Reply;
import java.io.IOException;
import java.util.List;
import org.junit.jupiter.api.Test;

class RespClientTest {
    @Test
    void repliesOfAllKindsAreRead() throws IOException {
        try (EchoServer server = new EchoServer(words -> words[0].replace(" ", "\r\n"));
                RespClient client = RespClient.connect(server.port())) {
            assertThat(client.call("+OK ").text()).isEqualTo("OK");
            assertThat(client.call(":42 ").number()).isEqualTo(42);
            assertThat(client.call("$5 a\u00e9\u0000bc ").text()).isEqualTo("a\u00e9\u0000bc");
            assertThat(client.call("$-1 ")).isEqualTo(new Reply.Nil());
            assertThat(client.call("*2 :1 *1 +x ").items())
                    .containsExactly(new Reply.Whole(1), new Reply.Items(List.of(new Reply.Text("x"))));
            assertThat(client.tryCall("-ERR\u00a0no ")).isInstanceOf(Reply.Failure.class);
            assertThatThrownBy(() -> client.call("-ERR ")).hasMessageEndingWith(": ERR");
            assertThatThrownBy(() -> client.call("*-1 ").text()).isInstanceOf(BenchFailure.class);
        }
    }
}
