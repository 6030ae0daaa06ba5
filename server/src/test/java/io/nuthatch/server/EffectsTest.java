package io.nuthatch.server;

import static org.assertj.core.api.Assertions.assertThat;

import io.nuthatch.engine.Config;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// What the journal says of each command: what would do the same again on any other copy of the data, today or later.
class EffectsTest {
    private static final Pattern INSTANT = Pattern.compile("\\b\\d{13}\\b");

    private final Config config = new Config();
    private InProcessNuthatch nuthatch;
    private JournalText journal;
    private RespClient client;

    @BeforeEach
    void start() {
        nuthatch = InProcessNuthatch.start(config);
        journal = new JournalText(nuthatch.engine().journal());
        client = RespClient.connect(nuthatch.port());
    }

    @AfterEach
    void stop() {
        client.close();
        journal.close();
        nuthatch.close();
    }

    /// Sends a command in a line of words.
    private Reply call(String line) {
        return client.call(line.split(" "));
    }

    /// What the journal says of some commands; an instant in milliseconds reads as `@`.
    private List<String> effectsOf(String... lines) {
        for (String line : lines) {
            assertThat(call(line)).as(line).isNotInstanceOf(Reply.Failure.class);
        }
        return journal.takeLines().stream()
                .filter(line -> !line.equals("SELECT 0"))
                .map(line -> INSTANT.matcher(line).replaceAll("@"))
                .toList();
    }

    private void assertEffect(String command, String... effects) {
        assertThat(effectsOf(command)).as(command).containsExactly(effects);
    }

    @Test
    void aCommandThatChangesSomethingStandsForItself() {
        assertEffect("SET k v", "SET k v");
        assertEffect("append k w", "append k w");
        assertEffect("INCR n", "INCR n");
        assertEffect("RPUSH l a b c", "RPUSH l a b c");
        assertEffect("HSET h f v", "HSET h f v");
        assertEffect("ZADD z 1 a 2 b", "ZADD z 1 a 2 b");
    }

    @Test
    void whatIsSentInAnotherFormIsWrittenInTheUsualOne() {
        effectsOf("SET k v");
        client.raw("SET \"a\\x20b\" 'c d'\r\n");
        client.raw("*3\r\n$3\r\nSET..$1\r\nk$\r$2\r\nvw\n\r");
        client.raw("\"*3\" $3 SET\r\n");
        client.raw("*3\r\n$3\r\nSET\r\n$1\r\nk\r\n$2\r\nvx\r\n");
        client.flush();
        for (int i = 0; i < 4; i++) {
            assertThat(client.read()).isNotNull();
        }
        assertThat(journal.take())
                .isEqualTo("*3\r\n$3\r\nSET\r\n$3\r\na b\r\n$3\r\nc d\r\n"
                        + "*3\r\n$3\r\nSET\r\n$1\r\nk\r\n$2\r\nvw\r\n"
                        + "*3\r\n$3\r\nSET\r\n$1\r\nk\r\n$2\r\nvx\r\n");
    }

    @Test
    void whatChangesNothingIsNotWritten() {
        effectsOf("SET k v", "SADD s a", "RPUSH l a");
        assertEffect("GET k");
        assertEffect("DEL missing");
        assertEffect("SADD s a");
        assertEffect("SETNX k w");
        assertEffect("LREM l 0 b");
        assertEffect("EXPIRE missing 10");
        assertEffect("SET k w NX");
        assertThat(call("LPUSH k a")).isInstanceOf(Reply.Failure.class);
        assertThat(journal.takeLines()).isEmpty();
    }

    @Test
    void timesAreAbsolute() {
        assertEffect("SET k v EX 10", "SET k v PXAT @");
        assertEffect("SETEX k 10 v", "SET k v PXAT @");
        assertEffect("PSETEX k 10000 v", "SET k v PXAT @");
        assertEffect("EXPIRE k 20", "PEXPIREAT k @");
        assertEffect("PEXPIRE k 20000", "PEXPIREAT k @");
        assertEffect("EXPIREAT k 4102444800", "PEXPIREAT k @");
        assertEffect("GETEX k EX 30", "PEXPIREAT k @");
        assertEffect("GETEX k PERSIST", "PERSIST k");
        assertEffect("GETEX k EXAT 1", "DEL k");
        effectsOf("SET k v");
        assertEffect("EXPIRE k -1", "DEL k");
        assertEffect("MSETEX 2 a 1 b 2 EX 10", "MULTI", "SET a 1 PXAT @", "SET b 2 PXAT @", "EXEC");
    }

    @Test
    void timesOfFieldsAreAbsolute() {
        effectsOf("HSET h a 1 b 2 c 3 d 4");
        assertEffect("HEXPIRE h 10 FIELDS 3 a b x", "HPEXPIREAT h @ FIELDS 2 a b");
        assertEffect("HEXPIRE h 20 NX FIELDS 1 a");
        assertEffect("HPEXPIREAT h 1 FIELDS 2 a x", "HDEL h a");
        assertEffect("HGETEX h PX 10000 FIELDS 2 c x", "HPEXPIREAT h @ FIELDS 1 c");
        assertEffect("HGETEX h PERSIST FIELDS 2 c d", "HPERSIST h FIELDS 1 c");
        assertEffect("HPERSIST h FIELDS 2 b x", "HPERSIST h FIELDS 1 b");
        assertEffect("HGETEX h FIELDS 1 b");
        assertEffect("HSETEX h FXX EX 10 FIELDS 2 b 3 c 4", "HSETEX h PXAT @ FIELDS 2 b 3 c 4");
        assertEffect("HINCRBYFLOAT h b 1.5", "HSETEX h KEEPTTL FIELDS 1 b 4.5");
        assertEffect("HINCRBYFLOAT h d 1.5", "HSET h d 5.5");
        assertEffect("HSETEX h XX KEEPTTL FIELDS 1 b 5", "HSETEX h KEEPTTL FIELDS 1 b 5");
        assertEffect("HSETEX h FIELDS 1 b 6", "HSET h b 6");
        assertEffect("HSETEX h FNX FIELDS 1 b 6");
        assertEffect("HSETEX h PXAT 1 FIELDS 2 b 6 c 7", "HDEL h b c");
        assertEffect("HIMPORT PREPARE f bb a");
        assertEffect("HIMPORT SET i f 1 2", "HSET i a 2 bb 1");
        assertEffect("HIMPORT SET i f 3 4", "MULTI", "DEL i", "HSET i a 4 bb 3", "EXEC");
        effectsOf("HPEXPIRE h 100 FIELDS 1 d");
        nuthatch.letPass(Duration.ofMillis(101));
        Awaitility.await().untilAsserted(() -> assertThat(journal.takeLines()).contains("DEL h"));
        effectsOf("HSET h a 1 b 2", "HPEXPIRE h 100 FIELDS 1 b");
        nuthatch.letPass(Duration.ofMillis(101));
        Awaitility.await().untilAsserted(() -> assertThat(journal.takeLines()).contains("HDEL h b"));
    }

    @Test
    void entriesOfStreamsHaveTheirIds() {
        assertEffect("XADD s 1-1 a 1", "XADD s 1-1 a 1");
        assertEffect("XADD s 2-* a 2", "XADD s 2-0 a 2");
        assertEffect("XADD auto * a 1", "XADD auto @-0 a 1");
        assertEffect("XADD named IDMP p 1 * a 1", "MULTI", "XADD named @-0 a 1", "XIDMPRECORD named p 1 @-0", "EXEC");
        assertEffect("XADD named IDMP p 1 * a 1");
        assertEffect("XCFGSET named IDMP-MAXSIZE 2", "XCFGSET named IDMP-MAXSIZE 2");
        assertEffect("XADD s MAXLEN 2 3-1 a 3", "MULTI", "XADD s 3-1 a 3", "XTRIM s MAXLEN = 2", "EXEC");
        assertEffect("XADD s NOMKSTREAM MAXLEN ~ 2 4-1 a 4", "XADD s 4-1 a 4");
        assertEffect("XTRIM s MINID 3", "XTRIM s MAXLEN = 2");
        assertEffect("XTRIM s MAXLEN 1 DELREF", "XTRIM s MAXLEN = 1 DELREF");
        assertEffect("XTRIM s MAXLEN 1");
        assertEffect("XDEL s 4-1", "XDEL s 4-1");
        assertEffect("XDEL s 4-1");
        assertEffect("XSETID s 9-9", "XSETID s 9-9");
    }

    @Test
    void whatAGroupDeliversIsClaimed() {
        effectsOf("XADD s 1-1 a 1", "XADD s 1-2 a 2", "XADD s 1-3 a 3", "XADD s 1-4 a 4");
        assertEffect("XGROUP CREATE s g 0", "XGROUP CREATE s g 0");
        String claimed = " FORCE JUSTID LASTID ";
        assertEffect(
                "XREADGROUP GROUP g c COUNT 2 STREAMS s >",
                "MULTI",
                "XGROUP CREATECONSUMER s g c",
                "XCLAIM s g c 0 1-1 TIME @ RETRYCOUNT 1" + claimed + "1-1",
                "XCLAIM s g c 0 1-2 TIME @ RETRYCOUNT 1" + claimed + "1-2",
                "XGROUP SETID s g 1-2 ENTRIESREAD 2",
                "EXEC");
        assertEffect("XREADGROUP GROUP g c NOACK COUNT 1 STREAMS s >", "XGROUP SETID s g 1-3 ENTRIESREAD 3");
        assertEffect("XREADGROUP GROUP g c STREAMS s 1-1", "XCLAIM s g c 0 1-2 TIME @ RETRYCOUNT 2" + claimed + "1-3");
        assertEffect("XREADGROUP GROUP g c STREAMS s 1-2");
        assertEffect(
                "XCLAIM s g d 0 1-1 JUSTID",
                "MULTI",
                "XGROUP CREATECONSUMER s g d",
                "XCLAIM s g d 0 1-1 TIME @ RETRYCOUNT 1" + claimed + "1-3",
                "EXEC");
        assertEffect("XCLAIM s g d 1000000 1-1");
        effectsOf("XDEL s 1-1");
        assertEffect(
                "XAUTOCLAIM s g d 0 0",
                "MULTI",
                "XACK s g 1-1",
                "XCLAIM s g d 0 1-2 TIME @ RETRYCOUNT 3" + claimed + "1-3",
                "EXEC");
        assertEffect("XNACK s g FAIL IDS 1 1-2", "XNACK s g FAIL IDS 1 1-2");
        assertEffect("XACK s g 1-2", "XACK s g 1-2");
        assertEffect("XACK s g 1-2");
        assertEffect("XGROUP DESTROY s g", "XGROUP DESTROY s g");
    }

    @Test
    void optionsAreLeftToTheServerThatHadToDecide() {
        assertEffect("SET k v NX GET", "SET k v");
        assertEffect("SET k w IFEQ v", "SET k w");
        assertEffect("SET k x XX KEEPTTL", "SET k x");
        effectsOf("EXPIRE k 100");
        assertEffect("SET k x KEEPTTL", "SET k x PXAT @");
        assertEffect("DELIFEQ k x", "DEL k");
        effectsOf("SET k x");
        assertEffect("DELEX k IFEQ x", "DEL k");
        effectsOf("SET k x");
        assertEffect("GETDEL k", "DEL k");
        assertEffect("GETSET k y", "SET k y");
        assertEffect("INCREX n BYINT 5 UBOUND 3 SATURATE", "SET n 3");
        assertEffect("INCREX n BYINT 1 EX 10", "SET n 4 PXAT @");
        effectsOf("HSET h a 1 b 2");
        assertEffect("HGETDEL h FIELDS 2 a x", "HDEL h a x");
        effectsOf("SET b1 a", "SET b2 c");
        assertEffect("BITOP OR d b1 b2", "BITOP OR d b1 b2");
        assertEffect("BITOP ANDOR d b1 b2", "SET d a");
        effectsOf("RPUSH l a b c", "ZADD z 1 a 2 b");
        assertEffect("LMPOP 2 x l RIGHT COUNT 2", "RPOP l 2");
        assertEffect("ZMPOP 1 z MAX", "ZPOPMAX z");
    }

    @Test
    void whatAClientWaitedForIsTakenRightAfterItCame() {
        try (RespClient waiting = RespClient.connect(nuthatch.port())) {
            waiting.queue(List.of("BLPOP", "x", "l", "0"));
            waiting.flush();
            awaitWaiting();
            assertEffect("RPUSH l a b", "MULTI", "RPUSH l a b", "LPOP l", "EXEC");
            assertThat(waiting.read()).isInstanceOf(Reply.Array.class);
            waiting.queue(List.of("BLMOVE", "x", "y", "LEFT", "RIGHT", "0"));
            waiting.flush();
            awaitWaiting();
            assertEffect("RPUSH x c", "MULTI", "RPUSH x c", "LMOVE x y LEFT RIGHT", "EXEC");
            assertThat(waiting.read()).isEqualTo(new Reply.Bulk("c"));
            waiting.queue(List.of("BLMOVEM", "x", "y", "LEFT", "LEFT", "0", "COUNT", "9", "OBO"));
            waiting.flush();
            awaitWaiting();
            assertEffect("RPUSH x d e", "MULTI", "RPUSH x d e", "LMOVEM x y LEFT LEFT EXACTLY 2 OBO", "EXEC");
            assertThat(waiting.read()).isInstanceOf(Reply.Array.class);
        }
        assertEffect("LMOVEM y x LEFT RIGHT COUNT 9 BULK", "LMOVEM y x LEFT RIGHT COUNT 9 BULK");
        assertEffect("LMOVEM y x LEFT RIGHT");
        assertEffect("BLMOVEM x y LEFT RIGHT 0", "LMOVEM x y LEFT RIGHT EXACTLY 1 BULK");
        effectsOf("RPUSH y c", "DEL x");
        assertEffect("BRPOP l 0", "RPOP l");
        assertEffect("RPOPLPUSH y z", "LMOVE y z RIGHT LEFT");
        effectsOf("ZADD zs 1 a 2 b 3 c 4 d 5 e");
        assertEffect("BZPOPMIN zs 0", "ZPOPMIN zs");
        assertEffect("BZMPOP 0 1 zs MAX COUNT 2", "ZPOPMAX zs 2");
        effectsOf("RPUSH l a b c");
        assertEffect("BLMPOP 0 2 x l LEFT COUNT 9", "LPOP l 3");
    }

    private void awaitWaiting() {
        Awaitility.await().until(() -> nuthatch.engine().waits().count() == 1);
    }

    @Test
    void fractionsAreWrittenAsResults() {
        assertEffect("INCRBYFLOAT f 0.1", "SET f 0.1 KEEPTTL");
        assertEffect("HINCRBYFLOAT h x 2.5", "HSET h x 2.5");
        assertEffect("INCREX f BYFLOAT 0.2", "SET f 0.3");
    }

    @Test
    void whatChanceDrewIsNamed() {
        effectsOf("SADD s a b c d");
        String popped = ((Reply.Bulk) call("SPOP s")).text();
        assertThat(journal.takeLines()).containsExactly("SREM s " + popped);
        Reply.Array two = (Reply.Array) call("SPOP s 2");
        String members = String.join(
                " ",
                two.items().stream().map(item -> ((Reply.Bulk) item).text()).toList());
        assertThat(journal.takeLines()).containsExactly("SREM s " + members);
        assertEffect("SPOP s 9", "DEL s");
    }

    @Test
    void aDatabaseIsNamedWhereItChanges() {
        effectsOf("SET a 1");
        assertThat(effectsOf("SELECT 3", "SET b 2", "SET c 3", "SELECT 0", "SET d 4", "MOVE d 5", "SWAPDB 1 2"))
                .containsExactly("SELECT 3", "SET b 2", "SET c 3", "SET d 4", "MOVE d 5", "SWAPDB 1 2");
    }

    @Test
    void aTransactionIsWholeAndOnlyWhatItChanged() {
        assertThat(effectsOf("MULTI", "SET a 1", "GET a", "SELECT 2", "EXPIRE a 10", "SET b 2 EX 10", "EXEC"))
                .containsExactly("MULTI", "SET a 1", "SELECT 2", "SET b 2 PXAT @", "EXEC");
        assertThat(effectsOf("MULTI", "GET a", "EXEC")).isEmpty();
        assertThat(effectsOf("MULTI", "SET a 1", "EXEC")).containsExactly("SET a 1");
    }

    @Test
    void aKeyWhoseTimeHasComeIsDeletedBeforeAnythingIsDoneWithIt() {
        call("CONFIG SET appendonly no");
        call("DEBUG SET-ACTIVE-EXPIRE 0");
        effectsOf("SET k v PX 100000", "SET other v PX 100000");
        nuthatch.letPass(Duration.ofSeconds(200));
        assertThat(effectsOf("APPEND k x")).containsExactly("MULTI", "DEL k", "APPEND k x", "EXEC");
        assertThat(effectsOf("GET other")).containsExactly("DEL other");
    }

    @Test
    void aKeyThatExpiresByItselfIsDeleted() {
        effectsOf("SELECT 4", "SET k v PX 100000");
        nuthatch.letPass(Duration.ofSeconds(200));
        assertThat(effectsOf()).containsExactly("DEL k");
    }

    @Test
    void anEvictedKeyIsDeleted() {
        for (int i = 0; i < 200; i++) {
            call("SET k" + i + " " + "v".repeat(1000));
        }
        journal.takeLines();
        config.set(Map.of("maxmemory-policy", "allkeys-random"));
        config.set(
                Map.of("maxmemory", String.valueOf(nuthatch.engine().keyspace().usedBytes() - 50_000)));
        List<String> effects = effectsOf("SET new v");
        assertThat(effects).contains("SET new v");
        List<String> deletions = new ArrayList<>(effects);
        deletions.remove("SET new v");
        assertThat(deletions).isNotEmpty().allMatch(effect -> effect.matches("DEL k\\d+"));
        long keys = ((Reply.Int) call("DBSIZE")).value();
        assertThat(keys).isEqualTo(201 - deletions.size() - journal.takeLines().size());
    }

    @Test
    void flushesAreWrittenEvenOfNothing() {
        assertEffect("FLUSHALL", "FLUSHALL");
        assertEffect("FLUSHDB ASYNC", "FLUSHDB");
        assertThat(effectsOf("MULTI", "SET a 1", "FLUSHALL", "SET b 1", "EXEC"))
                .containsExactly("MULTI", "SET a 1", "FLUSHALL", "SET b 1", "EXEC");
    }

    @Test
    void longValuesRunOverThePiecesOfTheJournal() {
        String value = "x".repeat(1_000_000);
        client.call("SET", "k", value);
        client.call("APPEND", "k", "y");
        assertThat(journal.takeLines()).containsExactly("SELECT 0", "SET k " + value, "APPEND k y");
        client.call("RPUSH", "l", "1", "2", "3", "4", "5", "6", "7", "8", "9", "10", "11", "12");
        Reply.Array popped = (Reply.Array) client.call("LMPOP", "1", "l", "LEFT", "COUNT", "11");
        assertThat(popped.items()).hasSize(2);
        assertThat(journal.takeLines()).containsExactly("RPUSH l 1 2 3 4 5 6 7 8 9 10 11 12", "LPOP l 11");
    }

    @Test
    void effectsOfManyWordsHaveTheirRightNumber() {
        var words = new ArrayList<>(List.of("SADD", "s"));
        for (int i = 0; i < 20_000; i++) {
            words.add("member:" + i);
        }
        client.call(words);
        journal.takeLines();
        Reply.Array popped = (Reply.Array) client.call("SPOP", "s", "15000");
        List<String> lines = journal.takeLines();
        assertThat(lines).hasSize(1);
        assertThat(lines.getFirst().split(" ")).hasSize(2 + popped.items().size());
    }
}
