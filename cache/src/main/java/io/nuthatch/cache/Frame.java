package io.nuthatch.cache;

import io.nuthatch.cache.Entry.Life;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.HashSet;
import java.util.Set;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;

/// An entry as the lower tiers keep it. Integers are big-endian, times are milliseconds since 1970.
///
/// | offset | size | what |
/// |---|---|---|
/// | 0 | 1 | 0xCA |
/// | 1 | 1 | version, 1 |
/// | 2 | 1 | kind: 0 value, 1 the source has none |
/// | 3 | 1 | how the payload is packed, a number of [Packing] |
/// | 4 | 8 | created at |
/// | 12 | 8 | fresh until |
/// | 20 | 8 | gone at |
/// | 28 | 2 | length of the validator in bytes; 0xFFFF for none |
/// | 30 | 2 | number of tags |
/// | 32 | .. | the validator; each tag as a length of 2 bytes and its bytes, UTF-8 |
/// | .. | .. | the payload |
/// | end - 4 | 4 | CRC-32C of all before it |
///
/// @param packing how the payload is packed
/// @param payload the value's bytes; empty for other kinds
record Frame(
        Kind kind, Life life, Set<String> tags, @Nullable String validator, int packing, byte[] payload) {
    static final byte MAGIC = (byte) 0xCA;
    static final byte VERSION = 1;

    private static final int FIXED_BYTES = 32;
    private static final int CRC_BYTES = 4;
    private static final int NO_VALIDATOR = 0xFFFF;

    /// What an entry says.
    enum Kind {
        VALUE,
        NEGATIVE
    }

    private static final Kind[] KINDS = Kind.values();

    Frame life(Life life) {
        return new Frame(kind, life, tags, validator, packing, payload);
    }

    byte[] toBytes() {
        byte[] validatorBytes = validator == null ? new byte[0] : utf8(validator);
        byte[][] tagBytes = tags.stream().map(Frame::utf8).toArray(byte[][]::new);
        int size = FIXED_BYTES + validatorBytes.length + payload.length + CRC_BYTES;
        for (byte[] tag : tagBytes) {
            size += Short.BYTES + tag.length;
        }
        ByteBuffer out = ByteBuffer.allocate(size);
        out.put(MAGIC).put(VERSION).put((byte) kind.ordinal()).put((byte) packing);
        out.putLong(life.createdMs()).putLong(life.freshUntilMs()).putLong(life.goneAtMs());
        out.putShort((short) (validator == null ? NO_VALIDATOR : validatorBytes.length));
        out.putShort((short) tagBytes.length).put(validatorBytes);
        for (byte[] tag : tagBytes) {
            out.putShort((short) tag.length).put(tag);
        }
        out.put(payload);
        return out.putInt(crc(out.array(), out.position())).array();
    }

    /// Reads what [#toBytes()] made; refuses anything else.
    static Frame parse(byte[] bytes) {
        if (bytes.length < FIXED_BYTES + CRC_BYTES || bytes[0] != MAGIC) {
            throw new BadFrameException("not an entry of a cache: " + bytes.length + " bytes");
        }
        if (bytes[1] != VERSION) {
            throw new BadFrameException("an entry of version " + bytes[1] + ", this is version " + VERSION);
        }
        int end = bytes.length - CRC_BYTES;
        ByteBuffer in = ByteBuffer.wrap(bytes);
        if (in.getInt(end) != crc(bytes, end)) {
            throw new BadFrameException("a damaged entry of " + bytes.length + " bytes");
        }
        try {
            return parseBody(in.limit(end).position(2));
        } catch (BufferUnderflowException | NegativeArraySizeException | IndexOutOfBoundsException e) {
            throw new BadFrameException("a malformed entry of " + bytes.length + " bytes", e);
        }
    }

    private static Frame parseBody(ByteBuffer in) {
        Kind kind = KINDS[in.get()];
        int packing = in.get();
        Life life = new Life(in.getLong(), in.getLong(), in.getLong());
        int validatorSize = Short.toUnsignedInt(in.getShort());
        int tagCount = Short.toUnsignedInt(in.getShort());
        String validator = validatorSize == NO_VALIDATOR ? null : text(in, validatorSize);
        Set<String> tags = tagCount == 0 ? Set.of() : new HashSet<>();
        for (int i = 0; i < tagCount; i++) {
            tags.add(text(in, Short.toUnsignedInt(in.getShort())));
        }
        byte[] payload = new byte[in.remaining()];
        in.get(payload);
        return new Frame(kind, life, Set.copyOf(tags), validator, packing, payload);
    }

    private static String text(ByteBuffer in, int size) {
        byte[] bytes = new byte[size];
        in.get(bytes);
        return new String(bytes, StandardCharsets.UTF_8);
    }

    private static byte[] utf8(String text) {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        if (bytes.length >= NO_VALIDATOR) {
            throw new IllegalArgumentException("a tag or validator of " + bytes.length + " bytes; 65534 is the most");
        }
        return bytes;
    }

    private static int crc(byte[] bytes, int length) {
        CRC32C crc = new CRC32C();
        crc.update(bytes, 0, length);
        return (int) crc.getValue();
    }
}
