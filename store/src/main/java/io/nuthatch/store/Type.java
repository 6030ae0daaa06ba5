package io.nuthatch.store;

import io.nuthatch.memory.Bytes;
import java.util.Arrays;
import java.util.Optional;

/// What a key holds. The order is stored in records: do not change it.
public enum Type {
    STRING("string"),
    LIST("list"),
    SET("set"),
    SORTED_SET("zset"),
    HASH("hash"),
    STREAM("stream");

    private static final Type[] ALL = values();

    private final String redisName;

    Type(String redisName) {
        this.redisName = redisName;
    }

    static Type of(int ordinal) {
        return ALL[ordinal];
    }

    /// The type of a name, whatever its case.
    public static Optional<Type> named(Bytes name) {
        return Arrays.stream(ALL).filter(type -> name.is(type.redisName)).findFirst();
    }

    /// The name that TYPE answers.
    public String redisName() {
        return redisName;
    }
}
