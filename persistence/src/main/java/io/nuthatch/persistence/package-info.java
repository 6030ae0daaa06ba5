/// Data as bytes, in the format of Redis's RDB files: what DUMP writes and RESTORE reads, and the files themselves.
///
/// ```
///   payload   type 1 | value | version 2, little-endian | checksum 8, little-endian
/// ```
///
/// Types are [RdbType]'s numbers. Inside a value, numbers and strings have these forms:
///
/// ```
///   length    00xxxxxx                          below 64
///             01xxxxxx b                        below 16384, the high bits first
///             10000000 b b b b                  below 2^32, big-endian
///             10000001 b b b b b b b b          any, big-endian
///
///   string    length, bytes
///             11000000 b                        an integer of 8 bits, signed
///             11000001 b b                      of 16 bits, little-endian
///             11000010 b b b b                  of 32 bits, little-endian
///             11000011 length length bytes      compressed by [Lzf]: the compressed length, the plain one
/// ```
///
/// | class | what it knows |
/// |---|---|
/// | [RdbOutput], [RdbInput] | lengths and strings |
/// | [RdbValue] | what a key holds, of each type |
/// | [Lzf], [Crc64] | compression and the checksum |
/// | [DumpCommands] | DUMP and RESTORE |
/// | [RdbFile] | what a file is made of |
/// | [RdbSave], [RdbKeys], [RdbFileWriter] | a snapshot on its way to a file |
/// | [RdbLoader], [RdbFileReader] | a file on its way to the store |
/// | [Snapshots], [SaveCommands] | when that happens |
/// | [AppendOnlyFile], [AppendLog], [AofCommands] | the log: when it is rewritten, how it gets to disk |
/// | [AofFolder], [AofManifest] | which files it is made of |
/// | [BaseOfCommands], [CommandWriter], [StreamForm] | a base that is not RDB |
/// | [AofLoader], [AofReplay], [AofReader] | a log on its way to the store |
/// | [AofCheck], [AofRestore], [AofScan] | tools |
/// | [Disk] | the file system, as far as data is written to it |
///
/// Source: Redis's `rdb.c` and `rdb.h`, for the format.
package io.nuthatch.persistence;
