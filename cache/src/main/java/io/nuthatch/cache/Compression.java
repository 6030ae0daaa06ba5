package io.nuthatch.cache;

import com.github.luben.zstd.Zstd;
import com.github.luben.zstd.ZstdDictCompress;
import com.github.luben.zstd.ZstdDictDecompress;
import com.github.luben.zstd.ZstdException;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;
import net.jpountz.lz4.LZ4Exception;
import net.jpountz.lz4.LZ4Factory;
import org.jspecify.annotations.Nullable;

/// How the values of the lower tiers are compressed. What does not become a tenth smaller stays as it is.
///
/// Whatever the choice, everything is read that any choice has written; only a dictionary has to be given.
public final class Compression {
    /// Below this nothing is tried: the gain is a few bytes at most.
    static final int SMALLEST_BYTES = 64;
    /// Automatic choice looks again at each so many values.
    static final int SAMPLE_EVERY = 64;

    private static final int ZSTD_LEVEL = 3;

    private final Choice choice;
    private final int level;
    private final @Nullable Dictionary dictionary;
    private final Map<Integer, Dictionary> known = new HashMap<>();

    private final AtomicLong seen = new AtomicLong();
    /// What automatic choice has come to; races between samples do no harm.
    private volatile int chosen = Packing.RAW;

    private enum Choice {
        NONE,
        LZ4,
        ZSTD,
        DICTIONARY,
        AUTO
    }

    /// Bytes and how they are packed: a number of [Packing].
    record Packed(int packing, byte[] bytes) {}

    private Compression(Choice choice, int level, @Nullable Dictionary dictionary, List<Dictionary> older) {
        this.choice = choice;
        this.level = level;
        this.dictionary = dictionary;
        older.forEach(old -> known.put(old.id(), old));
        if (dictionary != null) {
            known.put(dictionary.id(), dictionary);
        }
    }

    /// None at all.
    public static Compression none() {
        return new Compression(Choice.NONE, 0, null, List.of());
    }

    /// The fastest.
    public static Compression lz4() {
        return new Compression(Choice.LZ4, 0, null, List.of());
    }

    /// Smaller, and slower to write than to read.
    public static Compression zstd() {
        return zstd(ZSTD_LEVEL);
    }

    /// Smaller, at a level of 1 (fast) to 22 (small).
    public static Compression zstd(int level) {
        if (level < 1 || level > Zstd.maxCompressionLevel()) {
            throw new ConfigurationException(
                    "compression",
                    "zstd has levels 1 to " + Zstd.maxCompressionLevel() + ", not " + level,
                    "3 is usual");
        }
        return new Compression(Choice.ZSTD, level, null, List.of());
    }

    /// The smallest for values that are short and alike: they share a dictionary that was trained on some of them.
    ///
    /// @param dictionary the dictionary to write with; every process that reads must have it
    /// @param older dictionaries that were written with before
    public static Compression zstd(Dictionary dictionary, Dictionary... older) {
        return new Compression(Choice.DICTIONARY, ZSTD_LEVEL, dictionary, List.of(older));
    }

    /// What does best for some of the values: none, lz4, or zstd where it is a tenth smaller than lz4.
    public static Compression auto() {
        return new Compression(Choice.AUTO, ZSTD_LEVEL, null, List.of());
    }

    boolean isNone() {
        return choice == Choice.NONE;
    }

    Packed pack(byte[] raw) {
        if (raw.length < SMALLEST_BYTES) {
            return new Packed(Packing.RAW, raw);
        }
        return switch (choice) {
            case NONE -> new Packed(Packing.RAW, raw);
            case LZ4 -> ifSmaller(raw, packLz4(raw));
            case ZSTD -> ifSmaller(raw, packZstd(raw));
            case DICTIONARY -> ifSmaller(raw, packWithDictionary(raw));
            case AUTO -> packByChoice(raw);
        };
    }

    private Packed packByChoice(byte[] raw) {
        if (seen.getAndIncrement() % SAMPLE_EVERY == 0) {
            return packBest(raw);
        }
        return switch (chosen) {
            case Packing.LZ4 -> ifSmaller(raw, packLz4(raw));
            case Packing.ZSTD -> ifSmaller(raw, packZstd(raw));
            default -> new Packed(Packing.RAW, raw);
        };
    }

    private Packed packBest(byte[] raw) {
        Packed lz4 = ifSmaller(raw, packLz4(raw));
        Packed zstd = ifSmaller(lz4.bytes(), packZstd(raw));
        Packed best = zstd.packing() == Packing.ZSTD ? zstd : lz4;
        chosen = best.packing();
        return best;
    }

    /// The packed bytes if they are a tenth smaller than the others; else the others, raw.
    private static Packed ifSmaller(byte[] others, Packed packed) {
        return packed.bytes().length <= others.length - others.length / 10 ? packed : new Packed(Packing.RAW, others);
    }

    private static Packed packLz4(byte[] raw) {
        var compressor = LZ4Factory.fastestInstance().fastCompressor();
        byte[] out = new byte[Integer.BYTES + compressor.maxCompressedLength(raw.length)];
        ByteBuffer.wrap(out).putInt(raw.length);
        int size = compressor.compress(raw, 0, raw.length, out, Integer.BYTES);
        return new Packed(Packing.LZ4, Arrays.copyOf(out, Integer.BYTES + size));
    }

    private Packed packZstd(byte[] raw) {
        return new Packed(Packing.ZSTD, Zstd.compress(raw, level));
    }

    private Packed packWithDictionary(byte[] raw) {
        Dictionary with = dictionary;
        if (with == null) {
            throw new IllegalStateException("compression with a dictionary, and there is none");
        }
        byte[] packed = Zstd.compress(raw, with.compress);
        byte[] out = ByteBuffer.allocate(Integer.BYTES + packed.length)
                .putInt(with.id())
                .put(packed)
                .array();
        return new Packed(Packing.ZSTD_DICTIONARY, out);
    }

    /// The bytes that were packed, if they are no more than the bound.
    byte[] unpack(int packing, byte[] packed, int maxBytes) {
        try {
            return switch (packing) {
                case Packing.RAW -> packed;
                case Packing.LZ4 -> unpackLz4(packed, maxBytes);
                case Packing.ZSTD -> Zstd.decompress(packed, zstdSize(packed, maxBytes));
                case Packing.ZSTD_DICTIONARY -> unpackWithDictionary(packed, maxBytes);
                default -> throw new BadFrameException("packed in an unknown way: " + packing);
            };
        } catch (LZ4Exception | ZstdException | IndexOutOfBoundsException e) {
            throw new BadFrameException("cannot be unpacked: " + e, e);
        }
    }

    private static byte[] unpackLz4(byte[] packed, int maxBytes) {
        int size = bounded(ByteBuffer.wrap(packed).getInt(0), maxBytes);
        byte[] raw = new byte[size];
        LZ4Factory.fastestInstance()
                .safeDecompressor()
                .decompress(packed, Integer.BYTES, packed.length - Integer.BYTES, raw, 0);
        return raw;
    }

    private byte[] unpackWithDictionary(byte[] packed, int maxBytes) {
        int id = ByteBuffer.wrap(packed).getInt(0);
        Dictionary with = known.get(id);
        if (with == null) {
            throw new BadFrameException("packed with a dictionary that was not given: " + Integer.toHexString(id));
        }
        byte[] body = Arrays.copyOfRange(packed, Integer.BYTES, packed.length);
        return Zstd.decompress(body, with.decompress, zstdSize(body, maxBytes));
    }

    private static int zstdSize(byte[] packed, int maxBytes) {
        return bounded(Zstd.getFrameContentSize(packed), maxBytes);
    }

    private static int bounded(long size, int maxBytes) {
        if (size < 0 || size > maxBytes) {
            throw new BadFrameException("unpacks to " + size + " bytes, " + maxBytes + " is the most");
        }
        return (int) size;
    }

    /// What short values that are alike have in common, learned from some of them.
    public static final class Dictionary {
        private static final int DEFAULT_BYTES = 64 << 10;

        private final byte[] bytes;
        private final ZstdDictCompress compress;
        private final ZstdDictDecompress decompress;

        private Dictionary(byte[] bytes) {
            this.bytes = bytes;
            compress = new ZstdDictCompress(bytes, ZSTD_LEVEL);
            decompress = new ZstdDictDecompress(bytes);
        }

        /// A dictionary that was trained and kept before.
        public static Dictionary of(byte[] bytes) {
            return new Dictionary(bytes.clone());
        }

        /// Learns from values, as their codec writes them. A hundred times as many bytes as the dictionary will
        /// have is good; a thousand values are enough for most.
        public static <V> Dictionary train(Codec<V> codec, List<V> values) {
            byte[][] samples = values.stream().map(codec::encode).toArray(byte[][]::new);
            byte[] room = new byte[DEFAULT_BYTES];
            long size = train(samples, room);
            if (size <= 0 || Zstd.isError(size)) {
                throw new ConfigurationException(
                        "compression",
                        "no dictionary can be learned from " + samples.length + " values",
                        "give it a thousand values or more, that have something in common");
            }
            return new Dictionary(Arrays.copyOf(room, (int) size));
        }

        /// Returns the size of the dictionary, or an error's number; some errors the library throws, which is zero
        /// here.
        private static long train(byte[][] samples, byte[] room) {
            try {
                return Zstd.trainFromBuffer(samples, room);
            } catch (ZstdException e) {
                return 0;
            }
        }

        /// The bytes, to be kept and given to the other processes.
        public byte[] bytes() {
            return bytes.clone();
        }

        int id() {
            return Arrays.hashCode(bytes);
        }
    }
}
