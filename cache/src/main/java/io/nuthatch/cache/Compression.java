package io.nuthatch.cache;

/// How the values of the lower tiers are compressed.
public abstract sealed class Compression permits Compression.None {
    /// The number in a frame for bytes that are not compressed.
    static final int RAW = Packing.RAW;

    Compression() {}

    /// Bytes and how they are packed.
    record Packed(int packing, byte[] bytes) {}

    /// Packs the bytes of a value, if that makes them smaller enough.
    abstract Packed pack(byte[] raw);

    /// Unpacks what this or any other compression packed.
    byte[] unpack(int packing, byte[] packed, int maxBytes) {
        if (packing == RAW) {
            return packed;
        }
        throw new BadFrameException("packed in an unknown way: " + packing);
    }

    /// None at all.
    public static Compression none() {
        return new None();
    }

    static final class None extends Compression {
        @Override
        Packed pack(byte[] raw) {
            return new Packed(RAW, raw);
        }
    }
}
