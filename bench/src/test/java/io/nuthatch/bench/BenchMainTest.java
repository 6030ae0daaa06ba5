package io.nuthatch.bench;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// The sub-commands from end to end, in small, with redis-server on both sides.
class BenchMainTest {
    private static final String REDIS = "redis-server --port {port} --bind 127.0.0.1 --save \"\" --appendonly no";

    @TempDir
    private Path folder;

    @Test
    void compareMeasuresBothServers() throws IOException {
        String json = json(
                "compare --keys 1000 --clients 3 --seconds 0.2 --warmup 0.1 --ramp 0 --rounds 2 --pipeline 1,8",
                "--workloads",
                "get,incr,LPUSH list:{r} x");
        assertThat(json).contains("\"workload\" : \"LPUSH list:{r} x\"", "\"p99Micros\"", "\"bytesPerKey\"");
        assertThat(json.split("\"opsPerSecond\"")).hasSize(1 + 3 * 2 * 2 * 2);
    }

    @Test
    void groupsOfWorkloadsAreSentWithoutAnError() throws IOException {
        String json = json("compare --keys 1000 --clients 5 --seconds 0.2 --warmup 0.1 --ramp 0 --rounds 1 --pipeline 4"
                + " --workloads collections,streams");
        Workload.GROUPS.get("collections").forEach(each -> assertThat(json).contains("\"workload\" : \"" + each));
        assertThat(json).contains("\"workload\" : \"queue\"");
    }

    @Test
    void placesAreFoundInEverLargerCollections() throws IOException {
        String json = json("ranks --elements 100,2000 --seconds 0.2 --warmup 0.1 --ramp 0 --rounds 1");
        assertThat(json.split("\"command\"")).hasSize(1 + 2 * 6);
    }

    @Test
    void memoryIsMeasuredForEachFill() throws IOException {
        assertThat(json("memory --keys 2000").split("\"usedBytesPerKey\"")).hasSize(1 + 4);
    }

    @Test
    void elementsAreHandedOver() throws IOException {
        String json = json("hand-over --pairs 1,3 --pipeline 1,4 --seconds 0.2 --warmup 0.1 --ramp 0 --rounds 2");
        assertThat(json.split("\"perSecond\"")).hasSize(1 + 2 * 2 * 2 * 2);
        assertThat(json).doesNotContain("\"perSecond\" : 0.0", "\"p50Micros\" : 0.0");
    }

    @Test
    void connectionsAreMeasuredIdleAndWaiting() throws IOException {
        String json = json("connections --connections 200 --seconds 0.2 --warmup 0.1 --rounds 2 --servers redis");
        assertThat(json.split("\"bytesEach\"")).hasSize(1 + 3);
        assertThat(json.split("\"p99Micros\"")).hasSize(1 + 3 * 2 * 2);
    }

    @Test
    void messagesArriveAtAllSubscribers() throws IOException {
        String json = json("publish --subscribers 1,5 --pipeline 1,4 --seconds 0.2 --warmup 0.1 --ramp 0 --rounds 2");
        assertThat(json.split("\"perSecond\"")).hasSize(1 + 2 * 2 * 2 * 2);
        assertThat(json).doesNotContain("\"perSecond\" : 0.0");
    }

    @Test
    void trackedReadsAreMeasuredBesideOthers() throws IOException {
        String json = json("tracking --keys 6400 --pipeline 1,4 --seconds 0.2 --warmup 0.1 --rounds 2");
        assertThat(json.split("\"opsPerSecond\"")).hasSize(1 + 2 * 2 * 2 * 2);
    }

    @Test
    void cachesAreReadEachInAProcessOfItsOwn() throws IOException {
        String json = json(
                "caches --rounds 2 --reads 4096 --batches 3",
                "--caches",
                "CAFFEINE,CAFFEINE_TTL,NUTHATCH,CACHE2K,EHCACHE,NUTHATCH_NEAR,JEDIS_GET");
        assertThat(json.split("\"cpuNs\"")).hasSize(1 + 7);
        assertThat(json).contains("\"NUTHATCH_NEAR\"", "\"JEDIS_GET\"");
    }

    @Test
    void growthReportsTheSlowestSet() throws IOException {
        assertThat(json("growth --keys 20000 --servers redis --slower-than 0")).doesNotContain("\"slowestMicros\" : 0");
    }

    @Test
    void expiryWaitsForEveryKey() throws IOException {
        String command = "expiry --keys 2000 --spread 1 --fill-seconds 1 --rate 1000 --clients 4 --servers redis ";
        assertThat(json(command + "--watch info")).contains("\"gone\" : 2000", "\"early\" : 0");
        assertThat(json(command + "--watch events")).contains("\"gone\" : 2000", "\"early\" : 0");
    }

    @Test
    void hitRatiosAreThoseOfTheTrace() throws IOException {
        Path trace = folder.resolve("twice.txt");
        Files.writeString(trace, "1\n2\n3\n1\n2\n3\n1\n2\n3\n4\n");
        String json = json("hit-ratio --servers redis --policies allkeys-lru --entries 1000 --traces " + trace);
        assertThat(json).contains("\"hitRatio\" : 0.6", "\"lruHitRatio\" : 0.6");
    }

    @Test
    void aServerThatDoesNotStartIsSaid() {
        assertThat(BenchMain.run("memory", "--redis", "sh -c 'echo no; exit 3' {port}"))
                .isEqualTo(1);
        assertThat(BenchMain.run("memory", "--redis", "redis-server")).isEqualTo(1);
        assertThat(BenchMain.run("compare", "--no-such-option")).isEqualTo(2);
    }

    private String json(String command, String... more) throws IOException {
        Path file = folder.resolve("result.json");
        String[] words = (command + " --nuthatch").split(" ");
        String[] all = new String[words.length + more.length + 3];
        System.arraycopy(words, 0, all, 0, words.length);
        all[words.length] = REDIS;
        all[words.length + 1] = "--json";
        all[words.length + 2] = file.toString();
        System.arraycopy(more, 0, all, words.length + 3, more.length);
        assertThat(BenchMain.run(all)).as(command).isZero();
        return Files.readString(file);
    }
}
