package io.nuthatch.cache.jdbc;

import com.zaxxer.hikari.HikariConfig;
import io.nuthatch.cache.jdbc.ColumnType.Kind;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Set;

/// In what databases differ.
sealed interface Dialect {
    /// The dialect of a database.
    static Dialect of(String url) {
        if (url.startsWith("jdbc:sqlite:")) {
            return new Sqlite();
        }
        return url.startsWith("jdbc:postgresql:") ? new Postgres() : new Standard();
    }

    /// What the database calls a kind of column.
    String typeName(Kind kind);

    /// Whether it knows INSERT ... ON CONFLICT DO UPDATE.
    boolean knowsOnConflict();

    /// The greater of two numbers, as an expression.
    String greater(String one, String other);

    /// Sets what makes the database safe and a failure short, where the URL says nothing of it.
    void configure(HikariConfig pool, String url, Duration timeout);

    /// How many connections are of use.
    int poolSize();

    /// Whether two write transactions at once are only in each other's way.
    default boolean writesOneByOne() {
        return false;
    }

    /// What follows the SELECT of a mark, so that nobody else changes it.
    default String forUpdate() {
        return "";
    }

    /// Whether an error is the fault of the values.
    default boolean refuses(SQLException error) {
        String state = error.getSQLState();
        return state != null && state.length() == 5 && REFUSALS.contains(state.substring(0, 2));
    }

    /// Whether an error is a mistake in the configuration that waiting does not mend.
    default boolean isMistake(SQLException error) {
        String state = error.getSQLState();
        return state != null && state.length() == 5 && MISTAKES.contains(state.substring(0, 2));
    }

    /// Classes of SQLState: data, integrity, a trigger's own error, a view's check.
    Set<String> REFUSALS = Set.of("22", "23", "P0", "44");

    /// Classes of SQLState: who may come in, which database there is, syntax and names.
    Set<String> MISTAKES = Set.of("28", "3D", "3F", "42");

    /// SQLite: one writer at a time, the log ahead of the file, and each commit on the disk before it is answered.
    record Sqlite() implements Dialect {
        private static final int CANNOT_OPEN = 14;
        private static final int TOO_BIG = 18;
        private static final int CONSTRAINT = 19;
        private static final int MISMATCH = 20;
        private static final int NOT_A_DATABASE = 26;
        private static final int ERROR = 1;

        @Override
        public String typeName(Kind kind) {
            return switch (kind) {
                case WHOLE, TRUTH -> "INTEGER";
                case FRACTION -> "REAL";
                case TEXT -> "TEXT";
                case BYTES -> "BLOB";
            };
        }

        @Override
        public boolean knowsOnConflict() {
            return true;
        }

        @Override
        public String greater(String one, String other) {
            return "max(" + one + ", " + other + ")";
        }

        @Override
        public void configure(HikariConfig pool, String url, Duration timeout) {
            pool.addDataSourceProperty("journal_mode", "WAL");
            pool.addDataSourceProperty("synchronous", "FULL");
            pool.addDataSourceProperty("busy_timeout", Long.toString(timeout.toMillis()));
            // A transaction that reads the mark first would find the way to writing barred.
            pool.addDataSourceProperty("transaction_mode", "IMMEDIATE");
        }

        @Override
        public int poolSize() {
            return 4;
        }

        /// SQLite makes writers poll for their turn; a lock of ours wakes the next at once.
        @Override
        public boolean writesOneByOne() {
            return true;
        }

        @Override
        public boolean refuses(SQLException error) {
            return Dialect.super.refuses(error)
                    || Set.of(TOO_BIG, CONSTRAINT, MISMATCH).contains(error.getErrorCode());
        }

        @Override
        public boolean isMistake(SQLException error) {
            return Dialect.super.isMistake(error)
                    || Set.of(ERROR, CANNOT_OPEN, NOT_A_DATABASE).contains(error.getErrorCode());
        }
    }

    /// PostgreSQL, from 9.5 on.
    record Postgres() implements Dialect {
        @Override
        public String typeName(Kind kind) {
            return switch (kind) {
                case WHOLE -> "bigint";
                case FRACTION -> "double precision";
                case TRUTH -> "boolean";
                case TEXT -> "text";
                case BYTES -> "bytea";
            };
        }

        @Override
        public boolean knowsOnConflict() {
            return true;
        }

        @Override
        public String greater(String one, String other) {
            return "greatest(" + one + ", " + other + ")";
        }

        @Override
        public void configure(HikariConfig pool, String url, Duration timeout) {
            String seconds = Long.toString(Math.max(1, timeout.toSeconds()));
            setUnlessSaid(pool, url, "connectTimeout", seconds);
            setUnlessSaid(pool, url, "socketTimeout", seconds);
            setUnlessSaid(pool, url, "tcpKeepAlive", "true");
            setUnlessSaid(pool, url, "reWriteBatchedInserts", "true");
        }

        private static void setUnlessSaid(HikariConfig pool, String url, String name, String value) {
            if (!url.contains("?" + name + "=") && !url.contains("&" + name + "=")) {
                pool.addDataSourceProperty(name, value);
            }
        }

        @Override
        public int poolSize() {
            return 8;
        }

        @Override
        public String forUpdate() {
            return " FOR UPDATE";
        }
    }

    /// Any other database: UPDATE, and INSERT when that has met no row.
    record Standard() implements Dialect {
        @Override
        public String typeName(Kind kind) {
            return switch (kind) {
                case WHOLE -> "BIGINT";
                case FRACTION -> "DOUBLE PRECISION";
                case TRUTH -> "BOOLEAN";
                // A CLOB could be no key.
                case TEXT -> "VARCHAR(8000)";
                case BYTES -> "BLOB";
            };
        }

        @Override
        public boolean knowsOnConflict() {
            return false;
        }

        @Override
        public String greater(String one, String other) {
            return "CASE WHEN " + one + " > " + other + " THEN " + one + " ELSE " + other + " END";
        }

        @Override
        public void configure(HikariConfig pool, String url, Duration timeout) {}

        @Override
        public int poolSize() {
            return 8;
        }

        @Override
        public String forUpdate() {
            return " FOR UPDATE";
        }
    }
}
