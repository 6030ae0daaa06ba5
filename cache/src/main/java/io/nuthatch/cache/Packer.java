package io.nuthatch.cache;

import io.nuthatch.cache.Entry.Life;
import io.nuthatch.cache.Frame.Kind;
import java.util.concurrent.atomic.LongAdder;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Makes frames of entries and entries of frames.
///
/// A value that cannot be encoded, is too large, or cannot be decoded is no reason for a call to fail: it is
/// counted, logged, and not kept below, or read as absent.
final class Packer<V> {
    private static final Logger log = LoggerFactory.getLogger(Packer.class);

    final LongAdder undecodable = new LongAdder();
    final LongAdder unencodable = new LongAdder();
    final LongAdder oversized = new LongAdder();
    final LongAdder rawBytes = new LongAdder();
    final LongAdder packedBytes = new LongAdder();

    private final String cache;
    private final Codec<V> codec;
    private final Compression compression;
    private final int maxValueBytes;

    Packer(String cache, Codec<V> codec, Compression compression, int maxValueBytes) {
        this.cache = cache;
        this.codec = codec;
        this.compression = compression;
        this.maxValueBytes = maxValueBytes;
    }

    /// Null when the entry cannot be kept below memory.
    @Nullable
    Frame frame(Entry<V> entry) {
        if (entry.value == null) {
            return new Frame(Kind.NEGATIVE, entry.life(), entry.tags(), entry.validator(), Packing.RAW, new byte[0]);
        }
        byte[] raw = encode(entry.value);
        if (raw == null) {
            return null;
        }
        if (raw.length > maxValueBytes) {
            oversized.increment();
            log.warn(
                    "cache {}: a value of {} bytes stays in memory only, maxValueBytes is {}",
                    cache,
                    raw.length,
                    maxValueBytes);
            return null;
        }
        Compression.Packed packed = compression.pack(raw);
        rawBytes.add(raw.length);
        packedBytes.add(packed.bytes().length);
        return new Frame(Kind.VALUE, entry.life(), entry.tags(), entry.validator(), packed.packing(), packed.bytes());
    }

    private byte @Nullable [] encode(V value) {
        try {
            return codec.encode(value);
        } catch (RuntimeException e) {
            unencodable.increment();
            log.warn("cache {}: a value stays in memory only, the codec refused it", cache, e);
            return null;
        }
    }

    /// Null when the bytes are no entry.
    @Nullable
    Entry<V> entry(byte[] bytes, String tier, Policy policy, int slot, long mark) {
        try {
            return entry(Frame.parse(bytes), policy, slot, mark);
        } catch (RuntimeException e) {
            undecodable.increment();
            log.warn("cache {}: tier {} holds something that cannot be read: {}", cache, tier, e.toString());
            return null;
        }
    }

    private Entry<V> entry(Frame frame, Policy policy, int slot, long mark) {
        Life life = frame.life();
        V value = frame.kind() == Kind.NEGATIVE
                ? null
                : codec.decode(compression.unpack(frame.packing(), frame.payload(), maxValueBytes));
        return new Entry<>(value, life, frame.tags(), frame.validator(), policy, slot, mark);
    }
}
