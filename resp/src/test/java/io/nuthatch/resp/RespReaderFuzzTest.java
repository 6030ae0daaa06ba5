package io.nuthatch.resp;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import io.nuthatch.memory.Bytes;
import io.nuthatch.memory.Memory;
import io.nuthatch.memory.testing.GuardedMemory;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/// Whatever bytes come, and however they are cut on their way, the reader makes the same of them: requests, a
/// [ProtocolError], or more to wait for. It never looks past the limit and never writes outside of its buffer.
///
/// A failure names its seed; `-Dnuthatch.seed=<seed>` plays the same bytes again.
@ExtendWith(GuardedMemory.class)
class RespReaderFuzzTest {
    private static final int ROUNDS = 20_000;
    private static final int LONG_FACTOR = 50;
    private static final int MOST_WOUNDS = 4;
    private static final long MAX_BULK_BYTES = 1 << 20;

    /// What means something to the reader, and some bytes that do not.
    private static final String LETTERS = "**$$\r\n\r\n0123456789-+ \t\"'\\xa:%\u0000\u0001\u00ff";

    private final long seed = Long.getLong("nuthatch.seed", System.nanoTime());
    private final Random random = new Random(seed);

    /// What the reader has made of some bytes.
    ///
    /// @param end the error's message, or `waits`
    record Outcome(List<List<String>> requests, String end) {}

    @Test
    void aCutAtAnyByteChangesNothing() {
        for (int round = 0; round < 200; round++) {
            String sent = requests();
            Outcome whole = new Feed(sent, "").read(sent.length());
            assertThat(whole.end()).as("seed=%d", seed).isEqualTo("waits");
            for (int cut = 1; cut < sent.length(); cut++) {
                Outcome cutOnce = new Feed(sent, "").read(cut, sent.length());
                assertThat(cutOnce).as("seed=%d cut=%d", seed, cut).isEqualTo(whole);
            }
        }
    }

    @Test
    void bytesOneByOneChangeNothing() {
        for (int round = 0; round < 500; round++) {
            String sent = wounded(requests());
            int[] limits = new int[sent.length()];
            for (int i = 0; i < limits.length; i++) {
                limits[i] = i + 1;
            }
            assertThat(new Feed(sent, "").read(limits))
                    .as("seed=%d sent=%s", seed, sent)
                    .isEqualTo(new Feed(sent, "").read(sent.length()));
        }
    }

    @Test
    void woundedBytesMakeTheSameInPiecesOfAnySize() {
        int rounds = Boolean.getBoolean("nuthatch.long") ? ROUNDS * LONG_FACTOR : ROUNDS;
        for (int round = 0; round < rounds; round++) {
            String sent = wounded(requests());
            Outcome whole = new Feed(sent, "").read(sent.length());
            // Behind the limit stands what would tempt a reader that looks too far.
            Outcome inPieces = new Feed(sent, lure()).read(pieces(sent.length()));
            assertThat(inPieces).as("seed=%d sent=%s", seed, sent).isEqualTo(whole);
        }
    }

    @Test
    void randomBytesMakeTheSameInPiecesOfAnySize() {
        for (int round = 0; round < ROUNDS; round++) {
            var sent = new StringBuilder();
            for (int i = random.nextInt(1, 80); i > 0; i--) {
                sent.append(letter());
            }
            Outcome whole = new Feed(sent.toString(), "").read(sent.length());
            Outcome inPieces = new Feed(sent.toString(), lure()).read(pieces(sent.length()));
            assertThat(inPieces).as("seed=%d sent=%s", seed, sent).isEqualTo(whole);
        }
    }

    private String lure() {
        return random.nextBoolean() ? "\r\n$1\r\na\r\n" : "1\r\nPING\r\n";
    }

    /// Where pieces end, the last of them at the end of all.
    private int[] pieces(int length) {
        return java.util.stream.IntStream.concat(
                        random.ints(random.nextInt(6), 0, length + 1).sorted(), java.util.stream.IntStream.of(length))
                .toArray();
    }

    private String requests() {
        var bytes = new StringBuilder();
        for (int i = random.nextInt(1, 5); i > 0; i--) {
            bytes.append(random.nextInt(4) == 0 ? inline() : multiBulk());
        }
        return bytes.toString();
    }

    private String multiBulk() {
        int words = random.nextInt(6);
        var request = new StringBuilder("*" + words + "\r\n");
        for (int i = 0; i < words; i++) {
            String word = word(random.nextInt(10) == 0 ? 150 : 12);
            request.append("$" + word.length() + "\r\n" + word + "\r\n");
        }
        return request.toString();
    }

    private String inline() {
        return switch (random.nextInt(4)) {
            case 0 -> "SET a \"x \\x41\\n\\\"\" 'b \\' c'\r\n";
            case 1 -> "GET a\n";
            case 2 -> "\r\n";
            default -> "  ECHO\t" + "y".repeat(random.nextInt(20)) + "  \r\n";
        };
    }

    private String word(int longest) {
        var word = new StringBuilder();
        for (int i = random.nextInt(longest); i > 0; i--) {
            word.append(random.nextInt(3) == 0 ? letter() : (char) random.nextInt(256));
        }
        return word.toString();
    }

    private String wounded(String requests) {
        var bytes = new StringBuilder(requests);
        for (int i = random.nextInt(MOST_WOUNDS + 1); i > 0 && !bytes.isEmpty(); i--) {
            int at = random.nextInt(bytes.length());
            switch (random.nextInt(5)) {
                case 0 -> bytes.deleteCharAt(at);
                case 1 -> bytes.insert(at, letter());
                case 2 -> bytes.setCharAt(at, letter());
                case 3 -> bytes.setLength(at);
                default -> bytes.append(bytes, at, bytes.length());
            }
        }
        return bytes.append(letter()).toString();
    }

    private char letter() {
        return LETTERS.charAt(random.nextInt(LETTERS.length()));
    }

    /// Hands bytes to a reader as a connection does: what it has not taken is kept and moves to another place, where
    /// more is behind it.
    private static final class Feed {
        private final RespReader reader = new RespReader(MAX_BULK_BYTES);
        private final Request request = new Request();
        private final List<List<String>> requests = new ArrayList<>();
        private final String sent;
        private final String lure;
        /// Bytes in front that the reader has done with.
        private int done;

        /// @param lure what stands behind the limit
        private Feed(String sent, String lure) {
            this.sent = sent;
            this.lure = lure;
        }

        private Outcome read(int... limits) {
            byte[] left = new byte[0];
            for (int limit : limits) {
                byte[] piece = sent.substring(done + left.length, limit).getBytes(ISO_8859_1);
                byte[] bytes = java.util.Arrays.copyOf(left, left.length + piece.length);
                System.arraycopy(piece, 0, bytes, left.length, piece.length);
                try {
                    left = readOnce(bytes);
                } catch (ProtocolError error) {
                    return new Outcome(requests, String.valueOf(error.getMessage()));
                }
            }
            return new Outcome(requests, "waits");
        }

        /// @return what is left, as the reader may have changed it
        private byte[] readOnce(byte[] bytes) {
            byte[] behind = lure.getBytes(ISO_8859_1);
            int blockBytes = bytes.length + behind.length + 1;
            long block = Memory.allocate(blockBytes);
            try {
                Memory.copy(bytes, 0, block, bytes.length);
                Memory.copy(behind, 0, block + bytes.length, behind.length);
                long limit = block + bytes.length;
                if (reader.isInside()) {
                    reader.open(block, limit, request);
                } else {
                    reader.open(block, limit);
                }
                while (reader.read(request)) {
                    requests.add(words(block, limit));
                }
                int taken = (int) (reader.position() - block);
                done += taken;
                byte[] left = new byte[bytes.length - taken];
                Memory.copy(block + taken, left, 0, left.length);
                return left;
            } finally {
                Memory.free(block, blockBytes);
            }
        }

        private List<String> words(long from, long limit) {
            var words = new ArrayList<String>();
            for (int i = 0; i < request.count(); i++) {
                long address = request.word(i).address();
                assertThat(address).isBetween(from, limit);
                assertThat(address + request.word(i).length()).isBetween(from, limit);
                words.add(new String(request.word(i).toArray(), ISO_8859_1));
            }
            var asSent = new Bytes();
            if (request.asSent(asSent)) {
                assertThat(new String(asSent.toArray(), ISO_8859_1)).isEqualTo(encoded(words));
            }
            return words;
        }

        private static String encoded(List<String> words) {
            var request = new StringBuilder("*" + words.size() + "\r\n");
            words.forEach(word -> request.append("$" + word.length() + "\r\n" + word + "\r\n"));
            return request.toString();
        }
    }
}
