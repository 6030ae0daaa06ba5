package io.nuthatch.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

class TemplateTest {
    @Test
    void plainWordsAreEncodedAsTheyAre() {
        assertThat(sent("PING", 1)).isEqualTo("*1\r\n$4\r\nPING\r\n");
        assertThat(sent("SET  k   v", 1)).isEqualTo("*3\r\n$3\r\nSET\r\n$1\r\nk\r\n$1\r\nv\r\n");
    }

    @Test
    void aSemicolonEndsARequest() {
        assertThat(sent("MULTI ; (INCR a ;)x2 EXEC", 1))
                .isEqualTo("*1\r\n$5\r\nMULTI\r\n*2\r\n$4\r\nINCR\r\n$1\r\na\r\n"
                        + "*2\r\n$4\r\nINCR\r\n$1\r\na\r\n*1\r\n$4\r\nEXEC\r\n");
        assertThat(Template.parse("MULTI ; (INCR a ;)x2 EXEC", 1).requests()).isEqualTo(4);
        assertThat(Template.parse("(PING ;)x2", 1).requests()).isEqualTo(2);
        assertThat(batch("PING ; PING", 1, 3).requests()).isEqualTo(6);
        assertThatThrownBy(() -> Template.parse("PING ; ; PING", 1)).isInstanceOf(BenchFailure.class);
    }

    @Test
    void sequencesRunThroughTheirRangeAndStartAgain() {
        RequestBatch batch = batch("SET key:{s:4:3} {s:4:2:7}", 100, 3);
        assertThat(renewed(batch, 0)).containsSubsequence("key:000", "07", "key:001", "08", "key:002", "09");
        assertThat(renewed(batch, 3)).containsSubsequence("key:003", "10", "key:000", "07", "key:001", "08");
    }

    @Test
    void theRunningNumberStartsAgainAfterAsManyRequestsAsThereAreKeys() {
        RequestBatch batch = batch("SET key:{s} {s:7:1}", 10, 2);
        assertThat(renewed(batch, 9)).containsSubsequence("key:000000000009", "2", "key:000000000000", "0");
    }

    @Test
    void aRisingNumberIsTheSameInAllHolesOfARequestAndHigherInTheNext() {
        RequestBatch batch = batch("XADD s{c:3:1} {n} a b ; XACK s{c:3:1} g {n}", 10, 2);
        batch.renew(new RandomNumbers(1), 0, 7, 12_345_678_901_234_567L);
        assertThat(List.of(text(batch).split("\r\n")))
                .containsSubsequence("s1", "12345678901234567", "s1", "12345678901234567")
                .containsSubsequence("12345678901234569", "12345678901234569");
    }

    @Test
    void aNumberIsWrittenTwice() {
        RequestBatch batch = batch("ZRANGE z {r:900000:6:100000} {=}", 1, 1);
        List<String> words = renewed(batch, 0);
        assertThat(words.get(6)).matches("\\d{6}").isEqualTo(words.get(8)).isNotEqualTo("100000");
        assertThatThrownBy(() -> Template.parse("GET {=}", 1)).isInstanceOf(BenchFailure.class);
    }

    @Test
    void aKeyHasSixteenBytesAndAValueAsManyAsAskedFor() {
        String request = sent("SET key:{r} {v:64}", 1_000_000);
        Matcher matcher = Pattern.compile("\\*3\r\n\\$3\r\nSET\r\n\\$16\r\nkey:\\d{12}\r\n\\$64\r\n(\\w{64})\r\n")
                .matcher(request);
        assertThat(matcher.matches()).as(request).isTrue();
        assertThat(matcher.group(1)).isEqualTo(Template.value(64));
    }

    @Test
    void randomNumbersStayInTheirRangeAndReachAllOfIt() {
        RequestBatch batch = batch("GET k{r:150:3:10}", 1, 1);
        RandomNumbers random = new RandomNumbers(1);
        Set<Integer> seen = new HashSet<>();
        for (int i = 0; i < 5_000; i++) {
            batch.renew(random, i);
            seen.add(Integer.parseInt(text(batch).replaceAll("(?s).*k(\\d{3})\r\n", "$1")));
        }
        List<Integer> all = new ArrayList<>();
        for (int i = 10; i < 160; i++) {
            all.add(i);
        }
        assertThat(seen).containsExactlyInAnyOrderElementsOf(all);
    }

    @Test
    void bigOffsetsAreWrittenWhole() {
        RequestBatch batch = batch("PEXPIREAT k {s:60000:13:1763700000000}", 100_000, 2);
        assertThat(renewed(batch, 59_999)).containsSubsequence("1763700059999", "1763700000000");
    }

    @Test
    void groupsRepeat() {
        String request = sent("MSET (a{s:9:1} b)x3", 1);
        assertThat(request).startsWith("*7\r\n$4\r\nMSET\r\n").endsWith("$2\r\na0\r\n$1\r\nb\r\n");
    }

    @Test
    void whatCannotBeReadIsRefused() {
        for (String text : List.of(
                "",
                "  ",
                "GET {x}",
                "GET {r",
                "SET k {v}",
                "GET {r:0}",
                "GET {r:1000:2}",
                "GET {r:10:2:1:1}",
                "GET {r:a}",
                "MSET (a b)x0",
                "GET {r:10:2:95}")) {
            assertThatThrownBy(() -> Template.parse(text, 10)).as(text).isInstanceOf(BenchFailure.class);
        }
    }

    @Test
    void allWorkloadsAreWellFormedAndKeepTheirLength() {
        for (Workload workload : Workload.ALL) {
            for (int pipeline : new int[] {1, 16, 64}) {
                for (RequestBatch batch : workload.batches(pipeline, 1_000_000, 1)) {
                    assertThat(batch.requests() % pipeline).as(workload.name()).isZero();
                    batch.renew(new RandomNumbers(7), 0);
                    assertThat(new ReplyCounter().count(batch.bytes()))
                            .as(workload.name())
                            .isEqualTo(batch.requests());
                }
            }
        }
    }

    @Test
    void aMixKeepsItsWeights() {
        for (int pipeline : new int[] {1, 10, 50}) {
            int gets = 0;
            int all = 0;
            for (RequestBatch batch : Workload.named("mixed").batches(pipeline, 1000, 3)) {
                gets += text(batch).split("GET").length - 1;
                all += batch.requests();
            }
            assertThat(gets).isEqualTo(all * 9 / 10);
        }
    }

    @Test
    void aWorkloadCanBeWrittenOut() {
        Workload workload = Workload.named("LPUSH list:{r:1000} {v:8}");
        assertThat(text(workload.batches(1, 1, 1).getFirst())).startsWith("*3\r\n$5\r\nLPUSH\r\n$17\r\nlist:0");
        assertThatThrownBy(() -> Workload.named("nonsense")).hasMessageContaining("set-ex");
    }

    @Test
    void everyWorkloadOfAGroupIsKnown() {
        for (String group : Workload.GROUPS.keySet()) {
            assertThat(Workload.chosen(group).map(Workload::name)).isEqualTo(Workload.GROUPS.get(group));
        }
        assertThat(Workload.chosen("get").map(Workload::name)).containsExactly("get");
    }

    private static RequestBatch batch(String template, long keys, int requests) {
        List<Template> all = new ArrayList<>();
        for (int i = 0; i < requests; i++) {
            all.add(Template.parse(template, keys));
        }
        return RequestBatch.of(all, keys);
    }

    private static String sent(String template, long keys) {
        return text(batch(template, keys, 1));
    }

    private static List<String> renewed(RequestBatch batch, long firstSequence) {
        batch.renew(new RandomNumbers(1), firstSequence);
        return List.of(text(batch).split("\r\n"));
    }

    private static String text(RequestBatch batch) {
        ByteBuffer bytes = batch.bytes();
        byte[] copy = new byte[bytes.remaining()];
        bytes.get(copy);
        return new String(copy, StandardCharsets.US_ASCII);
    }
}
