package io.nuthatch.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;

class ReplyCounterTest {
    private static final List<String> REPLIES = List.of(
            "+OK\r\n",
            ":1000\r\n",
            "$5\r\nhello\r\n",
            "$0\r\n\r\n",
            "$-1\r\n",
            "*-1\r\n",
            "*0\r\n",
            "$7\r\n\r\n+OK\r\n\r\n",
            "*3\r\n$1\r\na\r\n:1\r\n*2\r\n+x\r\n$-1\r\n",
            "*2\r\n*0\r\n*1\r\n*1\r\n*0\r\n",
            "_\r\n",
            "#t\r\n",
            ",3.14\r\n",
            ",-inf\r\n",
            "(3492890328409238509324850943850943825024385\r\n",
            "=15\r\ntxt:Some string\r\n",
            "%2\r\n+a\r\n:1\r\n+b\r\n*1\r\n:2\r\n",
            "%0\r\n",
            "~2\r\n+a\r\n+b\r\n",
            "|1\r\n+ttl\r\n:3600\r\n*2\r\n:1\r\n:2\r\n",
            "*2\r\n|1\r\n+k\r\n+v\r\n:1\r\n:2\r\n");

    @Test
    void everyKindOfReplyIsCountedOnce() {
        for (String reply : REPLIES) {
            assertThat(count(reply)).as(reply).isEqualTo(1);
        }
        assertThat(count(String.join("", REPLIES))).isEqualTo(REPLIES.size());
    }

    @Test
    void repliesMayBeCutAtEveryByte() {
        byte[] all = bytes(String.join("", REPLIES));
        for (int cut = 0; cut <= all.length; cut++) {
            ReplyCounter counter = new ReplyCounter();
            int complete = counter.count(ByteBuffer.wrap(all, 0, cut));
            complete += counter.count(ByteBuffer.wrap(all, cut, all.length - cut));
            assertThat(complete).as("cut at %d", cut).isEqualTo(REPLIES.size());
        }
    }

    @Test
    void repliesMayComeByteByByteAndAreCompleteAtTheirLastByte() {
        ReplyCounter counter = new ReplyCounter();
        for (String reply : REPLIES) {
            byte[] bytes = bytes(reply);
            for (int i = 0; i < bytes.length; i++) {
                int complete = counter.count(ByteBuffer.wrap(bytes, i, 1));
                assertThat(complete).as("%s at byte %d", reply, i).isEqualTo(i == bytes.length - 1 ? 1 : 0);
            }
        }
    }

    @Test
    void pushesAreNoReplies() {
        assertThat(count(">3\r\n+message\r\n+channel\r\n$2\r\nhi\r\n")).isZero();
        assertThat(count(">2\r\n+invalidate\r\n*1\r\n$1\r\nk\r\n+OK\r\n>1\r\n+x\r\n:1\r\n"))
                .isEqualTo(2);
    }

    @Test
    void errorsAreCountedAndTheFirstIsKept() {
        ReplyCounter counter = new ReplyCounter();
        byte[] bytes = bytes("+OK\r\n-ERR first\r\n*2\r\n-ERR second\r\n!5\r\nthird\r\n");
        int complete = 0;
        for (int i = 0; i < bytes.length; i++) {
            complete += counter.count(ByteBuffer.wrap(bytes, i, 1));
        }
        assertThat(complete).isEqualTo(3);
        assertThat(counter.errors()).isEqualTo(3);
        assertThat(counter.firstError()).isEqualTo("ERR first");
    }

    @Test
    void blobErrorsAreKeptToo() {
        ReplyCounter counter = new ReplyCounter();
        assertThat(counter.count(ByteBuffer.wrap(bytes("!9\r\nERR wrong\r\n+OK\r\n"))))
                .isEqualTo(2);
        assertThat(counter.firstError()).isEqualTo("ERR wrong");
    }

    @Test
    void whatIsNotRespIsRefused() {
        assertThatThrownBy(() -> count("HTTP/1.1 200 OK\r\n")).isInstanceOf(BenchFailure.class);
        assertThatThrownBy(() -> count("$5x\r\n")).isInstanceOf(BenchFailure.class);
    }

    private static int count(String replies) {
        return new ReplyCounter().count(ByteBuffer.wrap(bytes(replies)));
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.ISO_8859_1);
    }
}
