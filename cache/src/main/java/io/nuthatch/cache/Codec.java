package io.nuthatch.cache;

import java.nio.charset.StandardCharsets;
import tools.jackson.core.type.TypeReference;

/// Turns values into bytes for the lower tiers, and back.
///
/// `decode` throws on bytes it cannot read: that counts as a miss and is reported in the figures.
///
/// @param <V> the values
public interface Codec<V> {
    /// The bytes of a value.
    byte[] encode(V value);

    /// The value of bytes that `encode` made.
    V decode(byte[] bytes);

    /// Values as JSON: records, beans, numbers, strings, enums.
    static <V> Codec<V> json(Class<V> type) {
        return new JsonCodec<>(type);
    }

    /// Values as JSON whose type has parameters: `Codec.json(new TypeReference<List<User>>() {})`.
    static <V> Codec<V> json(TypeReference<V> type) {
        return new JsonCodec<>(type.getType());
    }

    /// Strings as UTF-8.
    static Codec<String> string() {
        return new Codec<>() {
            @Override
            public byte[] encode(String value) {
                return value.getBytes(StandardCharsets.UTF_8);
            }

            @Override
            public String decode(byte[] bytes) {
                return new String(bytes, StandardCharsets.UTF_8);
            }
        };
    }

    /// Bytes as they are. Neither side may change an array it gave or got.
    static Codec<byte[]> bytes() {
        return new Codec<>() {
            @Override
            public byte[] encode(byte[] value) {
                return value;
            }

            @Override
            public byte[] decode(byte[] bytes) {
                return bytes;
            }
        };
    }

    /// Integers as decimal text, as Redis counts.
    static Codec<Long> longs() {
        return new Codec<>() {
            @Override
            public byte[] encode(Long value) {
                return value.toString().getBytes(StandardCharsets.US_ASCII);
            }

            @Override
            public Long decode(byte[] bytes) {
                return Long.valueOf(new String(bytes, StandardCharsets.US_ASCII));
            }
        };
    }

    /// What fits a type: bytes and strings as they are, integers as text, all else as JSON.
    @SuppressWarnings("unchecked")
    static <V> Codec<V> of(Class<V> type) {
        if (type == String.class) {
            return (Codec<V>) string();
        }
        if (type == byte[].class) {
            return (Codec<V>) bytes();
        }
        if (type == Long.class) {
            return (Codec<V>) longs();
        }
        return json(type);
    }
}
