package io.nuthatch.cache.jdbc;

import io.nuthatch.cache.Batch;
import io.nuthatch.cache.Batch.Numbered;
import io.nuthatch.cache.Change;
import io.nuthatch.cache.Codec;
import io.nuthatch.cache.jdbc.ColumnType.Kind;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;

/// The two tables that write-behind needs in the database, and makes when they are not there:
///
/// ```
///  nuthatch_marks         journal | applied              the last number that was applied or given up
///  nuthatch_dead_letters  journal | number | target | change_kind | change_key | change_value | version | reason
/// ```
///
/// Keys and values of dead letters are bytes, as the table that refused them may have refused their text.
record WriteBehindTables<K, V>(Dialect dialect, String schemaPrefix, String target, Codec<K> keys, Codec<V> values) {
    /// Reasons are cut: some databases quote the whole value.
    private static final int MAX_REASON = 1_000;

    private String marks() {
        return schemaPrefix + "nuthatch_marks";
    }

    private String deadLetters() {
        return schemaPrefix + "nuthatch_dead_letters";
    }

    /// Outside of a transaction: in some databases a probe that fails ends it.
    void createIfMissing(Connection connection) throws SQLException {
        String text = dialect.typeName(Kind.TEXT);
        String whole = dialect.typeName(Kind.WHOLE);
        String bytes = dialect.typeName(Kind.BYTES);
        createIfMissing(connection, marks(), "journal " + text + " PRIMARY KEY, applied " + whole + " NOT NULL");
        createIfMissing(
                connection,
                deadLetters(),
                "journal " + text + " NOT NULL, number " + whole + " NOT NULL, target " + text
                        + " NOT NULL, change_kind " + text + " NOT NULL, change_key " + bytes
                        + " NOT NULL, change_value " + bytes + ", version " + whole + " NOT NULL, reason " + text
                        + " NOT NULL, PRIMARY KEY (journal, number)");
    }

    private void createIfMissing(Connection connection, String table, String columns) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            try (ResultSet rows = statement.executeQuery("SELECT 1 FROM " + table + " WHERE 1 = 0")) {
                rows.next();
            } catch (SQLException missing) {
                try {
                    statement.executeUpdate("CREATE TABLE IF NOT EXISTS " + table + " (" + columns + ")");
                } catch (SQLException e) {
                    e.addSuppressed(missing);
                    throw e;
                }
            }
        }
    }

    long mark(Connection connection, String journal, String forUpdate) throws SQLException {
        String select = "SELECT applied FROM " + marks() + " WHERE journal = ?" + forUpdate;
        try (PreparedStatement statement = connection.prepareStatement(select)) {
            statement.setString(1, journal);
            try (ResultSet rows = statement.executeQuery()) {
                return rows.next() ? rows.getLong(1) : 0;
            }
        }
    }

    void mark(Connection connection, Batch<K, V> batch) throws SQLException {
        if (!mark(connection, batch, "UPDATE " + marks() + " SET applied = ? WHERE journal = ?")) {
            mark(connection, batch, "INSERT INTO " + marks() + " (applied, journal) VALUES (?, ?)");
        }
    }

    private boolean mark(Connection connection, Batch<K, V> batch, String sql) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(sql)) {
            statement.setLong(1, batch.last());
            statement.setString(2, batch.journal());
            return statement.executeUpdate() > 0;
        }
    }

    void keep(Connection connection, Batch<K, V> batch, String reason) throws SQLException {
        String insert = "INSERT INTO " + deadLetters()
                + " (journal, number, target, change_kind, change_key, change_value, version, reason)"
                + " VALUES (?, ?, ?, ?, ?, ?, ?, ?)";
        try (PreparedStatement statement = connection.prepareStatement(insert)) {
            for (Numbered<K, V> numbered : batch.changes()) {
                Change<K, V> change = numbered.change();
                statement.setString(1, batch.journal());
                statement.setLong(2, numbered.number());
                statement.setString(3, target);
                statement.setString(4, change instanceof Change.Put<K, V> ? "put" : "remove");
                statement.setBytes(5, keys.encode(change.key()));
                statement.setBytes(6, change instanceof Change.Put<K, V> put ? values.encode(put.value()) : null);
                statement.setLong(7, numbered.version());
                statement.setString(8, printable(reason));
                statement.addBatch();
            }
            statement.executeBatch();
        }
    }

    private static String printable(String reason) {
        String shortened = reason.length() > MAX_REASON ? reason.substring(0, MAX_REASON) : reason;
        return shortened.replaceAll("[^\\P{Cntrl}\\n]", "?").replaceAll("[\\uD800-\\uDFFF]", "?");
    }
}
