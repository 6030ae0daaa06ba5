package io.nuthatch.bench;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class SlowLogTest {
    /// Entries `from` to `to` as SLOWLOG GET replies them: the newest first.
    private static String log(int from, int to) {
        StringBuilder reply = new StringBuilder("*" + (to - from + 1) + "\r\n");
        for (int id = to; id >= from; id--) {
            reply.append("*6\r\n:" + id + "\r\n:1700000000\r\n:" + 100 * id + "\r\n*2\r\n$3\r\nset\r\n$1\r\nk\r\n")
                    .append("$11\r\n127.0.0.1:1\r\n$0\r\n\r\n");
        }
        return reply.toString();
    }

    @Test
    void eachEntryIsSeenOnceAndThoseLostAreCounted() throws IOException {
        AtomicInteger newest = new AtomicInteger(4);
        AtomicInteger kept = new AtomicInteger(1_000);
        try (EchoServer server = new EchoServer(words -> {
                    if (words[0].equals("CONFIG")) {
                        return "+OK\r\n";
                    }
                    int count = Math.min(Integer.parseInt(words[2]), kept.get());
                    return log(Math.max(1, newest.get() - count + 1), newest.get());
                });
                RespClient client = RespClient.connect(server.port())) {
            List<Long> seen = new ArrayList<>();
            SlowLog slowLog = SlowLog.follow(client, 100);
            slowLog.look(entry -> seen.add(entry.id()));
            assertThat(seen).isEmpty();

            newest.set(304);
            slowLog.look(entry -> seen.add(entry.id()));
            assertThat(seen).hasSize(300).startsWith(5L, 6L).endsWith(304L);
            assertThat(slowLog.lost()).isZero();

            kept.set(10);
            newest.set(330);
            seen.clear();
            slowLog.look(entry -> seen.add(entry.micros()));
            assertThat(seen).hasSize(10).startsWith(32_100L);
            assertThat(slowLog.lost()).isEqualTo(16);
        }
    }
}
