package io.nuthatch.cache;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.HashSet;
import java.util.Set;

/// A row of the disk tier: a frame, and what the tier itself needs to know of it.
///
/// | offset | size | what |
/// |---|---|---|
/// | 0 | 8 | gone at, milliseconds since 1970 |
/// | 8 | 8 | the session that wrote it: a random number of each start |
/// | 16 | 8 | its mark in the timeline of that session |
/// | 24 | 2 | number of tags; each tag as a length of 2 bytes and its bytes, UTF-8 |
/// | .. | .. | the frame |
record DiskRow(long goneAtMs, long session, long mark, Set<String> tags, byte[] frame) {
    byte[] toBytes() {
        byte[][] tagBytes =
                tags.stream().map(tag -> tag.getBytes(StandardCharsets.UTF_8)).toArray(byte[][]::new);
        int size = 3 * Long.BYTES + Short.BYTES + frame.length;
        for (byte[] tag : tagBytes) {
            size += Short.BYTES + tag.length;
        }
        ByteBuffer out = ByteBuffer.allocate(size);
        out.putLong(goneAtMs).putLong(session).putLong(mark).putShort((short) tagBytes.length);
        for (byte[] tag : tagBytes) {
            out.putShort((short) tag.length).put(tag);
        }
        return out.put(frame).array();
    }

    static DiskRow parse(byte[] bytes) {
        ByteBuffer in = ByteBuffer.wrap(bytes);
        long goneAtMs = in.getLong();
        long session = in.getLong();
        long mark = in.getLong();
        Set<String> tags = new HashSet<>();
        for (int i = Short.toUnsignedInt(in.getShort()); i > 0; i--) {
            byte[] tag = new byte[Short.toUnsignedInt(in.getShort())];
            in.get(tag);
            tags.add(new String(tag, StandardCharsets.UTF_8));
        }
        byte[] frame = new byte[in.remaining()];
        in.get(frame);
        return new DiskRow(goneAtMs, session, mark, Set.copyOf(tags), frame);
    }
}
