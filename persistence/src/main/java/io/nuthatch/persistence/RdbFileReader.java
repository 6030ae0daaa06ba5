package io.nuthatch.persistence;

import io.nuthatch.memory.Bytes;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;

/// Goes through an RDB file and tells what it finds, stepping over values: whoever wants one reads it from its offset.
///
/// Errors: an [RdbFileException] that names the byte. The checksum is the visitor's to compare: the reader tells where
/// it stands.
///
/// Thread: the one that made it.
final class RdbFileReader {
    static final long NO_DEADLINE = -1;
    static final long NOT_SAID = -1;

    /// What [#checksum] says of a file that has none.
    static final long UNCHECKED = 0;

    private static final long MAX_SECONDS = 0xFF_FFFFL;

    private static final int OLD_MODULE_TYPE = 6;
    private static final int MODULE_TYPE = 7;
    private static final int MODULE_NAME_LENGTH = 9;
    private static final int MODULE_NAME_BITS = 6;
    private static final String MODULE_NAME_LETTERS =
            "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

    private final Path path;
    private final RdbInput input;
    private final Bytes magic = new Bytes();
    private int version;
    private long checksum = UNCHECKED;

    RdbFileReader(Path path, RdbInput input) {
        this.path = path;
        this.input = input;
    }

    /// Is told what is in a file, in order.
    interface Visitor {
        /// What the file says of itself.
        void aux(String name, String value);

        /// How many keys will follow in a database, about.
        void sizes(int db, long keys, long keysWithDeadline);

        /// A key, whose type, name and value begin at an offset.
        ///
        /// @param deadlineMs in milliseconds since 1970, or [#NO_DEADLINE]
        /// @param idleSeconds since it was used, or [#NOT_SAID]
        /// @param frequency the count of its uses, or [#NOT_SAID]
        void key(int db, long offset, long deadlineMs, long idleSeconds, long frequency) throws RdbFileException;

        /// A library of functions, which is not kept.
        void function(Bytes code);
    }

    /// What stands between a database's number and the key it is about.
    private static final class Prelude {
        private int db;
        private long deadlineMs = NO_DEADLINE;
        private long idleSeconds = NOT_SAID;
        private long frequency = NOT_SAID;

        void clear() {
            deadlineMs = NO_DEADLINE;
            idleSeconds = NOT_SAID;
            frequency = NOT_SAID;
        }
    }

    /// The version of the format.
    int version() {
        return version;
    }

    /// The checksum that the file tells, or [#UNCHECKED]. It is that of all bytes before it.
    long checksum() {
        return checksum;
    }

    /// How many bytes have been read.
    long offset() {
        return input.offset();
    }

    /// Reads all of the file. What may follow its end is left alone.
    void read(Visitor visitor) throws RdbFileException {
        readHeader();
        long at = input.offset();
        Prelude prelude = new Prelude();
        try {
            int opcode = input.oneByte();
            while (opcode != RdbFile.END) {
                visit(opcode, at, prelude, visitor);
                at = input.offset();
                opcode = input.oneByte();
            }
            if (version >= RdbFile.CHECKED_VERSION) {
                checksum = input.fixedLong();
            }
        } catch (RdbCorruption corruption) {
            throw damaged(corruption, at);
        }
    }

    private void readHeader() throws RdbFileException {
        String digits;
        try {
            String name = text(input.plain(RdbFile.MAGIC.length(), magic));
            digits = text(input.plain(RdbFile.VERSION_DIGITS, magic));
            if (!name.equals(RdbFile.MAGIC) || !digits.matches("[0-9]+")) {
                throw RdbFileException.of(
                        path,
                        "is not an RDB file",
                        "it was written by another program; move it away, or name another file with 'dbfilename'");
            }
        } catch (RdbCorruption tooShort) {
            throw RdbFileException.of(
                    path,
                    "is too short to be an RDB file",
                    "restore it from a copy, or move it away to start without data");
        }
        version = Integer.parseInt(digits);
        if (version < 1 || version > RdbFile.NEWEST_VERSION) {
            throw RdbFileException.of(
                    path,
                    "has version " + version + " of the RDB format, and " + RdbFile.NEWEST_VERSION
                            + " is the newest that can be read",
                    "have the program that wrote it write an older one, or replicate from it");
        }
    }

    private static String text(Bytes bytes) {
        return new String(bytes.toArray(), StandardCharsets.ISO_8859_1);
    }

    private void visit(int opcode, long at, Prelude prelude, Visitor visitor) throws RdbFileException {
        switch (opcode) {
            case RdbFile.DATABASE -> prelude.db = input.length();
            case RdbFile.SIZES -> visitor.sizes(prelude.db, input.number(), input.number());
            case RdbFile.DEADLINE_MS -> prelude.deadlineMs = input.fixedLong();
            case RdbFile.DEADLINE_SECONDS -> prelude.deadlineMs = input.fixedInt() * 1000L;
            case RdbFile.IDLE -> prelude.idleSeconds = idleSeconds();
            case RdbFile.FREQUENCY -> prelude.frequency = input.oneByte();
            case RdbFile.AUX -> visitAux(visitor);
            case RdbFile.FUNCTION -> visitFunction(visitor);
            case RdbFile.SLOT_INFO -> skipNumbers(3);
            case RdbFile.MODULE -> throw module(at, moduleName(input.number()));
            case RdbFile.FUNCTION_BEFORE_RELEASE ->
                throw RdbFileException.of(
                        path,
                        "has functions in the format of a release candidate of Redis 7.0 at byte " + at,
                        "load it with that release, and save it with the final one");
            default -> visitKey(opcode, at, prelude, visitor);
        }
    }

    private long idleSeconds() {
        long seconds = input.number();
        return Math.clamp(seconds, 0, MAX_SECONDS);
    }

    private void skipNumbers(int count) {
        for (int i = 0; i < count; i++) {
            input.number();
        }
    }

    private void visitAux(Visitor visitor) {
        try (RdbString name = input.string();
                RdbString value = input.string()) {
            visitor.aux(text(name.bytes()), text(value.bytes()));
        }
    }

    private void visitFunction(Visitor visitor) {
        try (RdbString code = input.string()) {
            visitor.function(code.bytes());
        }
    }

    private void visitKey(int opcode, long at, Prelude prelude, Visitor visitor) throws RdbFileException {
        if (isModule(opcode)) {
            input.skipString();
            throw module(at, opcode == OLD_MODULE_TYPE ? "of an old kind" : moduleName(input.number()));
        }
        RdbType type = RdbType.numbered(opcode);
        input.skipString();
        skipValue(type);
        visitor.key(prelude.db, at, prelude.deadlineMs, prelude.idleSeconds, prelude.frequency);
        prelude.clear();
    }

    // ---- values

    private void skipValue(RdbType type) {
        switch (type) {
            case STRING,
                    SET_INTSET,
                    SET_LISTPACK,
                    HASH_LISTPACK,
                    SORTED_SET_LISTPACK,
                    HASH_ZIPMAP,
                    LIST_ZIPLIST,
                    SORTED_SET_ZIPLIST,
                    HASH_ZIPLIST,
                    HASH_TIMED_LISTPACK_CANDIDATE -> input.skipString();
            case HASH_TIMED_LISTPACK -> {
                input.fixedLong();
                input.skipString();
            }
            case LIST, SET, LIST_QUICKLIST -> skipStrings(1);
            case HASH -> skipStrings(2);
            case SORTED_SET -> {
                for (int left = input.length(); left > 0; left--) {
                    input.skipString();
                    input.skip(Double.BYTES);
                }
            }
            case LIST_QUICKLIST_2 -> {
                for (int left = input.length(); left > 0; left--) {
                    input.length();
                    input.skipString();
                }
            }
            default -> RdbValue.read(type, input).close();
        }
    }

    private void skipStrings(int each) {
        for (long left = (long) each * input.length(); left > 0; left--) {
            input.skipString();
        }
    }

    // ---- modules

    private static boolean isModule(int type) {
        return type == OLD_MODULE_TYPE || type == MODULE_TYPE;
    }

    /// A module's number: nine letters of six bits, and ten bits for its version.
    private static String moduleName(long number) {
        StringBuilder name = new StringBuilder();
        for (int i = 0; i < MODULE_NAME_LENGTH; i++) {
            int shift = Long.SIZE - MODULE_NAME_BITS * (i + 1);
            name.append(MODULE_NAME_LETTERS.charAt((int) (number >>> shift) & (1 << MODULE_NAME_BITS) - 1));
        }
        return "'" + name + "'";
    }

    private RdbFileException module(long at, String name) {
        return RdbFileException.of(
                path,
                "has data of the module " + name + " at byte " + at,
                "there are no modules here; delete its keys where it runs, unload it there, and save again");
    }

    RdbFileException damaged(RdbCorruption corruption, long at) {
        String what = String.valueOf(corruption.getMessage());
        return RdbFileException.of(
                path,
                "is damaged at byte " + at + " (" + what + ")",
                "restore it from a copy; './nuthatch check-rdb' tells how far it can be read");
    }

    /// Compares the checksum that the file tells with the one that it has.
    void compare(long actual) throws RdbFileException {
        if (actual != checksum) {
            throw damaged(
                    "its checksum is " + Long.toHexString(actual) + ", and it says " + Long.toHexString(checksum));
        }
    }

    /// A fault that concerns the whole file.
    RdbFileException damaged(String how) {
        return RdbFileException.of(path, "is damaged (" + how + ")", "restore it from a copy");
    }
}
