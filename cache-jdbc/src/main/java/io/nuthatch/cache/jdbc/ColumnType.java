package io.nuthatch.cache.jdbc;

import io.nuthatch.cache.Codec;
import java.lang.reflect.Type;
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLDataException;
import java.sql.SQLException;
import java.sql.Types;
import java.time.Instant;
import java.time.LocalDate;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.type.TypeReference;

/// How values of a Java type stand in a column.
///
/// @param kind what the database keeps
/// @param toColumn a value as a [PreparedStatement] takes it
/// @param fromColumn a value from what a [ResultSet] gives
/// @param <T> the Java type
record ColumnType<T>(Kind kind, ToColumn<T> toColumn, FromColumn<T> fromColumn) {
    /// What a database can keep. Each [Dialect] has its own names for these.
    enum Kind {
        WHOLE(Types.BIGINT),
        FRACTION(Types.DOUBLE),
        TRUTH(Types.BOOLEAN),
        TEXT(Types.VARCHAR),
        BYTES(Types.BINARY);

        final int sqlType;

        Kind(int sqlType) {
            this.sqlType = sqlType;
        }
    }

    @FunctionalInterface
    interface ToColumn<T> {
        Object of(T value);
    }

    @FunctionalInterface
    interface FromColumn<T> {
        T of(ResultSet row, int column) throws SQLException;
    }

    /// The type of a column for a Java type: numbers, truths, texts and bytes as such; enums, UUIDs, dates,
    /// moments and decimals as text; all else as JSON.
    @SuppressWarnings("unchecked")
    static <T> ColumnType<T> of(Type type) {
        return (ColumnType<T>) find(type);
    }

    private static ColumnType<?> find(Type type) {
        if (!(type instanceof Class<?> javaType)) {
            return json(type);
        }
        if (javaType.isEnum()) {
            return text(value -> ((Enum<?>) value).name(), text -> constant(javaType, text));
        }
        return switch (javaType.getName()) {
            case "long", "java.lang.Long" -> whole(number -> number);
            case "int", "java.lang.Integer" -> whole(Math::toIntExact);
            case "short", "java.lang.Short" -> whole(number -> (short) Math.toIntExact(number));
            case "double", "java.lang.Double" -> new ColumnType<>(Kind.FRACTION, value -> value, ResultSet::getDouble);
            case "float", "java.lang.Float" -> new ColumnType<>(Kind.FRACTION, value -> value, ResultSet::getFloat);
            case "boolean", "java.lang.Boolean" -> new ColumnType<>(Kind.TRUTH, value -> value, ResultSet::getBoolean);
            case "java.lang.String" -> text(value -> (String) value, text -> text);
            case "java.util.UUID" -> text(Object::toString, UUID::fromString);
            case "java.math.BigDecimal" -> text(value -> ((BigDecimal) value).toPlainString(), BigDecimal::new);
            case "java.time.Instant" -> text(Object::toString, Instant::parse);
            case "java.time.LocalDate" -> text(Object::toString, LocalDate::parse);
            case "[B" -> new ColumnType<>(Kind.BYTES, value -> value, ResultSet::getBytes);
            default -> json(type);
        };
    }

    private interface FromLong {
        Object of(long number);
    }

    private static ColumnType<Object> whole(FromLong from) {
        return new ColumnType<>(
                Kind.WHOLE, value -> ((Number) value).longValue(), (row, column) -> from.of(row.getLong(column)));
    }

    private interface ToText {
        String of(Object value);
    }

    private interface FromText {
        Object of(String text);
    }

    private static ColumnType<Object> text(ToText to, FromText from) {
        return new ColumnType<>(Kind.TEXT, to::of, (row, column) -> from.of(row.getString(column)));
    }

    private static Object constant(Class<?> type, String name) {
        for (Object constant : type.getEnumConstants()) {
            if (((Enum<?>) constant).name().equals(name)) {
                return constant;
            }
        }
        throw new IllegalArgumentException(type.getName() + " has no constant " + name);
    }

    private static ColumnType<Object> json(Type type) {
        Codec<Object> codec = Codec.json(new TypeReference<>() {
            @Override
            public Type getType() {
                return type;
            }
        });
        return text(
                value -> new String(codec.encode(value), StandardCharsets.UTF_8),
                text -> codec.decode(text.getBytes(StandardCharsets.UTF_8)));
    }

    /// Values as the bytes that a codec makes of them.
    static <T> ColumnType<T> of(Codec<T> codec) {
        return new ColumnType<>(Kind.BYTES, codec::encode, (row, column) -> codec.decode(row.getBytes(column)));
    }

    /// Sets a parameter. What cannot be turned into a column is the value's fault: SQLState 22000.
    void bind(PreparedStatement statement, int parameter, @Nullable T value) throws SQLException {
        if (value == null) {
            statement.setNull(parameter, kind.sqlType);
            return;
        }
        Object column;
        try {
            column = toColumn.of(value);
        } catch (RuntimeException e) {
            throw new SQLDataException("no column can be made of the value: " + e, "22000", e);
        }
        switch (kind) {
            case WHOLE -> statement.setLong(parameter, (Long) column);
            case FRACTION -> statement.setDouble(parameter, ((Number) column).doubleValue());
            case TRUTH -> statement.setBoolean(parameter, (Boolean) column);
            case TEXT -> statement.setString(parameter, (String) column);
            case BYTES -> statement.setBytes(parameter, (byte[]) column);
        }
    }

    @Nullable
    T read(ResultSet row, int column) throws SQLException {
        return row.getObject(column) == null ? null : fromColumn.of(row, column);
    }
}
