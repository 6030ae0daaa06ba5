package io.nuthatch.cache.jdbc;

import io.nuthatch.cache.Batch.Numbered;
import io.nuthatch.cache.Change;
import io.nuthatch.cache.jdbc.ColumnType.Kind;
import io.nuthatch.cache.jdbc.Columns.Column;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/// A table of keys and values, and the statements that read and change it.
///
/// ```
///  key | columns of the value ... | version
/// ```
///
/// A change that is made at once ([Newness#NOW]) is newer than what is there; one that comes out of a journal
/// ([Newness#BY_VERSION]) may be older, and then leaves the row as it is.
///
/// @param name quoted, with the schema
/// @param key the column of the key, quoted
/// @param version the column of the version, quoted; null when rows have none, and the last write wins
/// @param <K> the keys
/// @param <V> the values
record Table<K, V>(
        Dialect dialect,
        String name,
        String key,
        ColumnType<K> keyType,
        Columns<V> columns,
        @Nullable String version) {
    /// Keys asked for in one statement: few sizes, so that a database prepares few statements. The last is far
    /// below what databases take as parameters.
    private static final int[] KEYS_AT_ONCE = {1, 8, 64, 512};

    /// How old a change may be.
    enum Newness {
        NOW,
        BY_VERSION
    }

    /// An identifier as SQL, whatever stands in it.
    static String quoted(String identifier) {
        return '"' + identifier.replace("\"", "\"\"") + '"';
    }

    // Reading

    Map<K, V> find(Connection connection, List<K> keys) throws SQLException {
        Map<K, V> found = HashMap.newHashMap(keys.size());
        int from = 0;
        while (from < keys.size()) {
            int size = sizeFor(keys.size() - from);
            try (PreparedStatement select = connection.prepareStatement(select(size))) {
                for (int i = 0; i < size; i++) {
                    // Those that are too many ask for the last key again.
                    keyType.bind(select, i + 1, keys.get(Math.min(from + i, keys.size() - 1)));
                }
                read(select, found);
            }
            from += size;
        }
        return found;
    }

    private static int sizeFor(int keys) {
        for (int size : KEYS_AT_ONCE) {
            if (size >= keys) {
                return size;
            }
        }
        return KEYS_AT_ONCE[KEYS_AT_ONCE.length - 1];
    }

    private void read(PreparedStatement select, Map<K, V> found) throws SQLException {
        try (ResultSet rows = select.executeQuery()) {
            while (rows.next()) {
                K rowKey = keyType.read(rows, 1);
                V value = columns.read(rows, 2);
                if (rowKey != null && value != null) {
                    found.put(rowKey, value);
                }
            }
        }
    }

    private String select(int keys) {
        return "SELECT " + String.join(", ", withKey(valueColumns())) + " FROM " + name + " WHERE " + key + " IN (?"
                + ", ?".repeat(keys - 1) + ")";
    }

    private List<String> valueColumns() {
        return columns.columns().stream().map(column -> quoted(column.name())).collect(Collectors.toList());
    }

    private List<String> withKey(List<String> others) {
        List<String> all = new ArrayList<>(others);
        all.addFirst(key);
        return all;
    }

    private List<String> written() {
        List<String> written = valueColumns();
        if (version != null) {
            written.add(version);
        }
        return written;
    }

    // Changing

    /// Makes changes, at most one of each key, so that their order does not matter.
    void change(Connection connection, List<Numbered<K, V>> changes, Newness newness) throws SQLException {
        List<Numbered<K, V>> removals = new ArrayList<>();
        List<Numbered<K, V>> puts = new ArrayList<>();
        changes.forEach(it -> (it.change() instanceof Change.Put<K, V> ? puts : removals).add(it));
        if (!removals.isEmpty()) {
            remove(connection, removals, newness);
        }
        if (!puts.isEmpty() && dialect.knowsOnConflict()) {
            upsert(connection, puts, newness);
        } else {
            for (Numbered<K, V> put : puts) {
                updateOrInsert(connection, put, newness);
            }
        }
    }

    private void remove(Connection connection, List<Numbered<K, V>> removals, Newness newness) throws SQLException {
        String delete = "DELETE FROM " + name + " WHERE " + key + " = ?" + onlyOlder(newness);
        try (PreparedStatement statement = connection.prepareStatement(delete)) {
            for (Numbered<K, V> removal : removals) {
                keyType.bind(statement, 1, removal.change().key());
                if (isCompared(newness)) {
                    statement.setLong(2, removal.version());
                }
                statement.addBatch();
            }
            statement.executeBatch();
        }
    }

    private boolean isCompared(Newness newness) {
        return version != null && newness == Newness.BY_VERSION;
    }

    private String onlyOlder(Newness newness) {
        return isCompared(newness) ? " AND coalesce(" + version + ", 0) < ?" : "";
    }

    private void upsert(Connection connection, List<Numbered<K, V>> puts, Newness newness) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(upsert(newness))) {
            for (Numbered<K, V> put : puts) {
                keyType.bind(statement, 1, put.change().key());
                bindWritten(statement, 2, put);
                statement.addBatch();
            }
            statement.executeBatch();
        }
    }

    /// Returns the number of the parameter after the last.
    private int bindWritten(PreparedStatement statement, int first, Numbered<K, V> put) throws SQLException {
        columns.bind(statement, first, valueOf(put));
        int next = first + columns.columns().size();
        if (version != null) {
            statement.setLong(next++, put.version());
        }
        return next;
    }

    private static <K, V> V valueOf(Numbered<K, V> put) {
        return ((Change.Put<K, V>) put.change()).value();
    }

    private String upsert(Newness newness) {
        return insert() + " ON CONFLICT (" + key + ") DO UPDATE SET "
                + written().stream().map(column -> assignment(column, newness)).collect(Collectors.joining(", "))
                + (isCompared(newness) ? " WHERE coalesce(" + there() + ", 0) < excluded." + version : "");
    }

    private String assignment(String column, Newness newness) {
        String given = "excluded." + column;
        boolean isRaised = column.equals(version) && newness == Newness.NOW;
        return column + " = " + (isRaised ? dialect.greater(given, "coalesce(" + there() + ", 0) + 1") : given);
    }

    /// The version of the row that is there.
    private String there() {
        return name + "." + version;
    }

    private String insert() {
        List<String> all = withKey(written());
        return "INSERT INTO " + name + " (" + String.join(", ", all) + ") VALUES (?" + ", ?".repeat(all.size() - 1)
                + ")";
    }

    private void updateOrInsert(Connection connection, Numbered<K, V> put, Newness newness) throws SQLException {
        if (!update(connection, put, newness) && !(isCompared(newness) && isThere(connection, put))) {
            try (PreparedStatement statement = connection.prepareStatement(insert())) {
                keyType.bind(statement, 1, put.change().key());
                bindWritten(statement, 2, put);
                statement.executeUpdate();
            }
        }
    }

    private boolean update(Connection connection, Numbered<K, V> put, Newness newness) throws SQLException {
        String raised = dialect.greater("CAST(? AS BIGINT)", "coalesce(" + version + ", 0) + 1");
        boolean isRaised = version != null && newness == Newness.NOW;
        String assignments = written().stream()
                .map(column -> column + " = " + (isRaised && column.equals(version) ? raised : "?"))
                .collect(Collectors.joining(", "));
        String update = "UPDATE " + name + " SET " + assignments + " WHERE " + key + " = ?" + onlyOlder(newness);
        try (PreparedStatement statement = connection.prepareStatement(update)) {
            int next = bindWritten(statement, 1, put);
            // The greater of two names its parameter twice.
            if (isRaised) {
                statement.setLong(next++, put.version());
            }
            keyType.bind(statement, next++, put.change().key());
            if (isCompared(newness)) {
                statement.setLong(next, put.version());
            }
            return statement.executeUpdate() > 0;
        }
    }

    private boolean isThere(Connection connection, Numbered<K, V> put) throws SQLException {
        String select = "SELECT 1 FROM " + name + " WHERE " + key + " = ?";
        try (PreparedStatement statement = connection.prepareStatement(select)) {
            keyType.bind(statement, 1, put.change().key());
            try (ResultSet rows = statement.executeQuery()) {
                return rows.next();
            }
        }
    }

    // The table itself

    String create() {
        StringBuilder columnsSql = new StringBuilder(key + " " + dialect.typeName(keyType.kind()) + " PRIMARY KEY");
        for (Column column : columns.columns()) {
            columnsSql.append(", ").append(quoted(column.name())).append(' ');
            columnsSql.append(dialect.typeName(column.type().kind()));
        }
        if (version != null) {
            columnsSql.append(", ").append(version).append(' ').append(dialect.typeName(Kind.WHOLE));
            columnsSql.append(" DEFAULT 0 NOT NULL");
        }
        return "CREATE TABLE IF NOT EXISTS " + name + " (" + columnsSql + ")";
    }

    /// Selects nothing, and fails where there is no such table.
    String probe() {
        return "SELECT * FROM " + name + " WHERE 1 = 0";
    }

    /// Inserts nothing, and fails where the key is not unique, or may not be inserted.
    String probeOfKey() {
        return "INSERT INTO " + name + " (" + key + ") SELECT " + key + " FROM " + name + " WHERE 1 = 0"
                + (dialect.knowsOnConflict() ? " ON CONFLICT (" + key + ") DO NOTHING" : "");
    }

    /// The names of all columns that it must have, as they were given.
    List<String> needed() {
        return withKey(written()).stream()
                .map(quoted -> quoted.substring(1, quoted.length() - 1).replace("\"\"", "\""))
                .toList();
    }
}
