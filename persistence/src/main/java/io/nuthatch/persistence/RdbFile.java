package io.nuthatch.persistence;

/// The numbers that an RDB file is made of.
///
/// ```
///   file      "REDIS" version 4 digits | aux ... | database ... | 255 | checksum 8, little-endian
///
///   aux       250 | string: name | string: value         redis-ver, redis-bits, ctime, used-mem, aof-base
///   database  254 | length: number | [251 | length: keys | length: keys with a deadline] | key ...
///   key       [252 | milliseconds since 1970, 8, little-endian]
///             [248 | length: seconds since it was used   or   249 | count of uses, 1]
///             type 1 | string: key | value
/// ```
///
/// A database may come several times: ours come in pieces, for keys are written as the shards are walked, and one that
/// is changed meanwhile is written before its turn. The sizes (251) stand once for each, at the beginning.
///
/// What others write besides, and we read:
///
/// | opcode | what | here |
/// |---|---|---|
/// | 253 | a deadline in seconds, 4, little-endian | read |
/// | 247 | data of a module | refused, with the module's name |
/// | 246 | functions, before Redis 7.0 was released | refused, as Redis does |
/// | 245 | string: a library of functions | stepped over, with a warning |
/// | 244 | of a slot: its number, keys, keys with a deadline; all lengths | stepped over |
///
/// The checksum is [Crc64] over all that stands before it; 0 stands for none. Files before version 5 have none.
///
/// We write version 10, which Redis 7.0 reads, or the oldest that has all the types that are in the file
/// ([RdbType#version]).
final class RdbFile {
    static final String MAGIC = "REDIS";
    static final int VERSION_DIGITS = 4;
    static final int HEADER_BYTES = 9;
    static final int FOOTER_BYTES = 1 + Long.BYTES;

    /// The newest version that is read: Redis 7.4's.
    static final int NEWEST_VERSION = 12;

    /// The first version with a checksum.
    static final int CHECKED_VERSION = 5;

    static final int SLOT_INFO = 244;
    static final int FUNCTION = 245;
    static final int FUNCTION_BEFORE_RELEASE = 246;
    static final int MODULE = 247;
    static final int IDLE = 248;
    static final int FREQUENCY = 249;
    static final int AUX = 250;
    static final int SIZES = 251;
    static final int DEADLINE_MS = 252;
    static final int DEADLINE_SECONDS = 253;
    static final int DATABASE = 254;
    static final int END = 255;

    private RdbFile() {}
}
