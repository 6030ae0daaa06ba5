package io.nuthatch.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.github.luben.zstd.Zstd;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TraceTest {
    @Test
    void textFormatsAreRead() throws IOException {
        assertThat(keys("arc-X.lis", "5 3 0 1\n9 1 0 2\n")).containsExactly(5, 6, 7, 9);
        assertThat(keys("lirs-x.txt", "1\n*\n 2 \n\n3\n")).containsExactly(1, 2, 3);
        assertThat(keys("adaptsize-request.txt", "0 17 100\n1 18 20\n")).containsExactly(17, 18);
    }

    @Test
    void binaryFormatsAreRead() throws IOException {
        ByteBuffer ints = ByteBuffer.allocate(8).putInt(7).putInt(-1);
        assertThat(Trace.parse("x.be32", ints.array()).keys()).containsExactly(7, -1);
        ByteBuffer longs = ByteBuffer.allocate(16).putLong(1L << 40).putLong(2);
        assertThat(Trace.parse("x.be64", longs.array()).keys()).containsExactly(1L << 40, 2);
        ByteBuffer oracle = ByteBuffer.allocate(48).order(ByteOrder.LITTLE_ENDIAN);
        oracle.putInt(1).putLong(11).putInt(4096).putLong(-1);
        oracle.putInt(2).putLong(12).putInt(4096).putLong(-1);
        assertThat(Trace.parse("x.oracleGeneral", oracle.array()).keys()).containsExactly(11, 12);
    }

    @Test
    void compressedFilesAreRead(@TempDir Path folder) throws IOException {
        Path file = folder.resolve("t.txt.zst");
        Files.write(file, Zstd.compress("3\n4\n".getBytes(StandardCharsets.US_ASCII)));
        assertThat(Trace.read(file).keys()).containsExactly(3, 4);
        assertThat(Trace.read(file).name()).isEqualTo("t.txt");
    }

    @Test
    void anUnknownFormatIsSaid() {
        assertThatThrownBy(() -> Trace.parse("x.csv", new byte[0])).isInstanceOf(BenchFailure.class);
    }

    @Test
    void theExactLruHitsWhatIsStillThere() throws IOException {
        Trace trace = Trace.parse("x.txt", "1\n2\n1\n3\n1\n2\n".getBytes(StandardCharsets.US_ASCII));
        assertThat(trace.lruHitRatio(2)).isEqualTo(2 / 6.0);
        assertThat(trace.lruHitRatio(3)).isEqualTo(3 / 6.0);
    }

    private static long[] keys(String name, String content) throws IOException {
        return Trace.parse(name, content.getBytes(StandardCharsets.US_ASCII)).keys();
    }
}
