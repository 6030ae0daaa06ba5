package io.nuthatch.persistence;

import org.jspecify.annotations.Nullable;

/// What a value is in RDB, by the number in front of it. A type of the store may have several: older and newer forms,
/// packed and plain.
enum RdbType {
    STRING(0),
    LIST(1),
    SET(2),
    SORTED_SET_TEXT(3),
    HASH(4),
    SORTED_SET(5),
    HASH_ZIPMAP(9),
    LIST_ZIPLIST(10),
    SET_INTSET(11),
    SORTED_SET_ZIPLIST(12),
    HASH_ZIPLIST(13),
    LIST_QUICKLIST(14),
    STREAM(15),
    HASH_LISTPACK(16),
    SORTED_SET_LISTPACK(17),
    LIST_QUICKLIST_2(18),
    STREAM_2(19),
    SET_LISTPACK(20, 11),
    STREAM_3(21, 11),
    HASH_TIMED_CANDIDATE(22, 12),
    HASH_TIMED_LISTPACK_CANDIDATE(23, 12),
    HASH_TIMED(24, 12),
    HASH_TIMED_LISTPACK(25, 12);

    /// The version of Redis 7.0, which knows most of them.
    static final int USUAL_VERSION = 10;

    private static final int MOST_NUMBERS = 64;

    /// Where a number is none, null. Asked for every key that is loaded.
    private static final @Nullable RdbType[] NUMBERED = byNumber();

    private final int number;
    private final int version;

    RdbType(int number) {
        this(number, USUAL_VERSION);
    }

    RdbType(int number, int version) {
        this.number = number;
        this.version = version;
    }

    /// The version of the format that a file with such a value has at least.
    int version() {
        return version;
    }

    int number() {
        return number;
    }

    /// @throws RdbCorruption if there is none
    static RdbType numbered(int number) {
        RdbType type = number < NUMBERED.length ? NUMBERED[number] : null;
        if (type == null) {
            throw new RdbCorruption("no such type of value: number=" + number);
        }
        return type;
    }

    private static @Nullable RdbType[] byNumber() {
        @Nullable RdbType[] types = new RdbType[MOST_NUMBERS];
        for (RdbType type : values()) {
            types[type.number] = type;
        }
        return types;
    }
}
