package io.nuthatch.cache;

import java.nio.ByteBuffer;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;

/// A change as it stands in a journal.
///
/// ```
///  0   length of the body in bytes     int
///  4   CRC-32C of length and body      int
///  8   number                          long
///  16  version                         long
///  24  1 put, 2 remove                 byte
///  25  length of the key in bytes      int
///  29  key, and the value of a put to the end
/// ```
///
/// @param number its place in the journal, from 1
/// @param version see [Batch.Numbered]
/// @param value null removes the key
record JournalRecord(long number, long version, byte[] key, byte @Nullable [] value) {
    private static final int HEAD_BYTES = 8;
    private static final int FIXED_BODY_BYTES = 21;
    private static final byte PUT = 1;
    private static final byte REMOVE = 2;

    int bytes() {
        return bytes(key, value);
    }

    static int bytes(byte[] key, byte @Nullable [] value) {
        return HEAD_BYTES + FIXED_BODY_BYTES + key.length + (value == null ? 0 : value.length);
    }

    void write(ByteBuffer out) {
        int start = out.position();
        out.putInt(bytes() - HEAD_BYTES).putInt(0).putLong(number).putLong(version);
        out.put(value == null ? REMOVE : PUT).putInt(key.length).put(key);
        if (value != null) {
            out.put(value);
        }
        out.putInt(start + Integer.BYTES, crc(out, start, out.position()));
    }

    /// The next record; null where there is none that is whole, and then the buffer stands where it stood.
    static @Nullable JournalRecord read(ByteBuffer in) {
        int start = in.position();
        if (in.remaining() < HEAD_BYTES + FIXED_BODY_BYTES) {
            return null;
        }
        int length = in.getInt(start);
        if (length < FIXED_BODY_BYTES || length > in.remaining() - HEAD_BYTES) {
            return null;
        }
        int end = start + HEAD_BYTES + length;
        if (in.getInt(start + Integer.BYTES) != crc(in, start, end)) {
            return null;
        }
        return body(in.position(start + HEAD_BYTES), end);
    }

    private static JournalRecord body(ByteBuffer in, int end) {
        long number = in.getLong();
        long version = in.getLong();
        byte kind = in.get();
        byte[] key = new byte[in.getInt()];
        in.get(key);
        byte[] value = null;
        if (kind == PUT) {
            value = new byte[end - in.position()];
            in.get(value);
        }
        return new JournalRecord(number, version, key, value);
    }

    private static int crc(ByteBuffer bytes, int start, int end) {
        CRC32C crc = new CRC32C();
        crc.update(bytes.slice(start, Integer.BYTES));
        crc.update(bytes.slice(start + HEAD_BYTES, end - start - HEAD_BYTES));
        return (int) crc.getValue();
    }
}
