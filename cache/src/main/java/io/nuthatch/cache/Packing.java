package io.nuthatch.cache;

/// The numbers in a frame that say how its payload is packed. They are part of the format: never give one another
/// meaning.
final class Packing {
    static final int RAW = 0;
    static final int LZ4 = 1;
    static final int ZSTD = 2;
    static final int ZSTD_DICTIONARY = 3;

    private Packing() {}
}
