package io.nuthatch.bench;

import com.github.luben.zstd.ZstdInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;

/// A recorded sequence of accesses: key numbers, in order. The format is known by the file's name; `.zst` behind it
/// says that it is compressed.
///
/// | name ends with | record | key |
/// |---|---|---|
/// | `.lis` | text: `start count ignored number` | `count` of them, from `start` upwards |
/// | `.be32`, `.be64` | big-endian integer | the integer |
/// | `request.txt` | text: `time key size` | the second word |
/// | `.txt` | text: one number; other lines are marks | the number |
/// | `.oracleGeneral` | 24 bytes, little-endian: time (4), key (8), size (4), next access (8) | bytes 4 to 11 |
final class Trace {
    private static final String COMPRESSED = ".zst";
    private static final int ORACLE_RECORD_BYTES = 24;

    private final String name;
    private final long[] keys;

    private Trace(String name, long[] keys) {
        this.name = name;
        this.keys = keys;
    }

    /// The file's name, less `.zst`.
    String name() {
        return name;
    }

    /// The accesses. Not to be changed.
    long[] keys() {
        return keys;
    }

    static Trace read(Path file) {
        String name = file.getFileName().toString();
        try (InputStream in = Files.newInputStream(file)) {
            return name.endsWith(COMPRESSED)
                    ? parse(
                            name.substring(0, name.length() - COMPRESSED.length()),
                            new ZstdInputStream(in).readAllBytes())
                    : parse(name, in.readAllBytes());
        } catch (IOException fault) {
            throw new BenchFailure("cannot read the trace " + file, fault);
        }
    }

    /// @param name with the ending that tells the format
    static Trace parse(String name, byte[] content) throws IOException {
        Keys keys = new Keys();
        if (name.endsWith(".be32")) {
            ByteBuffer in = ByteBuffer.wrap(content);
            while (in.remaining() >= Integer.BYTES) {
                keys.add(in.getInt());
            }
        } else if (name.endsWith(".be64")) {
            ByteBuffer in = ByteBuffer.wrap(content);
            while (in.remaining() >= Long.BYTES) {
                keys.add(in.getLong());
            }
        } else if (name.endsWith(".oracleGeneral")) {
            ByteBuffer in = ByteBuffer.wrap(content).order(ByteOrder.LITTLE_ENDIAN);
            for (int at = 0; at + ORACLE_RECORD_BYTES <= content.length; at += ORACLE_RECORD_BYTES) {
                keys.add(in.getLong(at + Integer.BYTES));
            }
        } else if (name.endsWith(".lis") || name.endsWith(".txt")) {
            new String(content, StandardCharsets.US_ASCII).lines().forEach(line -> keys.addLine(name, line.trim()));
        } else {
            throw new BenchFailure("no trace format is known by the name " + name);
        }
        return new Trace(name, keys.toArray());
    }

    /// The share of accesses, 0 to 1, that an exact LRU cache of that many keys would have answered.
    double lruHitRatio(int capacity) {
        Map<Long, Boolean> cache = new LinkedHashMap<>(capacity * 2, 0.75f, true) {
            @Override
            protected boolean removeEldestEntry(Map.Entry<Long, Boolean> eldest) {
                return size() > capacity;
            }
        };
        long hits = 0;
        for (long key : keys) {
            if (cache.get(key) != null) {
                hits++;
            } else {
                cache.put(key, true);
            }
        }
        return (double) hits / keys.length;
    }

    /// The keys of a trace while it is read.
    private static final class Keys {
        private long[] keys = new long[1 << 16];
        private int count;

        void add(long key) {
            if (count == keys.length) {
                keys = Arrays.copyOf(keys, 2 * count);
            }
            keys[count++] = key;
        }

        void addLine(String name, String line) {
            if (line.isEmpty() || !Character.isDigit(line.charAt(0))) {
                return;
            }
            String[] words = line.split("\\s+");
            if (name.endsWith(".lis")) {
                long start = Long.parseLong(words[0]);
                long end = start + Long.parseLong(words[1]);
                for (long key = start; key < end; key++) {
                    add(key);
                }
            } else {
                add(Long.parseLong(name.endsWith("request.txt") ? words[1] : words[0]));
            }
        }

        long[] toArray() {
            return Arrays.copyOf(keys, count);
        }
    }
}
