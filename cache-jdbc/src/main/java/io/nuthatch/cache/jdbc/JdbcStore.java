package io.nuthatch.cache.jdbc;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import com.zaxxer.hikari.pool.HikariPool;
import io.nuthatch.cache.Batch;
import io.nuthatch.cache.Batch.Numbered;
import io.nuthatch.cache.Change;
import io.nuthatch.cache.Codec;
import io.nuthatch.cache.ConfigurationException;
import io.nuthatch.cache.Store;
import io.nuthatch.cache.jdbc.Table.Newness;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.ResultSetMetaData;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.locks.ReentrantLock;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// A table of a database as the [Store] behind a cache, over a pool of connections.
///
/// A database that cannot be reached is no reason not to start: the table is looked at as soon as it can be. What
/// is wrong with it, or with the configuration, is refused by `build()` if the database is there, and by each call
/// after that otherwise.
///
/// SQLite runs with its log ahead of the file (WAL) and `synchronous` FULL: what is committed survives a power
/// cut.
///
/// @param <K> the keys
/// @param <V> the values
public final class JdbcStore<K, V> implements Store<K, V> {
    private static final Logger log = LoggerFactory.getLogger(JdbcStore.class);

    /// PostgreSQL cuts longer names without a word.
    private static final int MAX_IDENTIFIER_BYTES = 63;

    private final DataSource connections;
    private final @Nullable HikariDataSource pool;
    private final Dialect dialect;
    private final Table<K, V> table;
    private final WriteBehindTables<K, V> own;
    private final boolean createsTable;
    private final String described;

    /// One writer at a time, where the database has it so.
    private final ReentrantLock writing = new ReentrantLock(true);
    private final ReentrantLock checking = new ReentrantLock();
    /// Whether the table was looked at and is as it must be. Written under `checking`.
    private volatile boolean checked;
    /// Whether the tables for write-behind are there. Written under `checking`.
    private volatile boolean readyForJournals;

    private JdbcStore(Builder<K, V> builder) {
        String prefix = builder.schema == null ? "" : Table.quoted(builder.schema) + ".";
        String url = builder.url;
        dialect = Dialect.of(url);
        described = builder.table + " in " + withoutSecrets(url);
        Columns<V> columns = builder.asRecord
                ? new Columns.OfRecord<>(builder.valueType, builder.keyColumn)
                : new Columns.One<>(builder.valueColumn, builder.typeOfValue());
        String version = builder.versionColumn == null ? null : Table.quoted(builder.versionColumn);
        table = new Table<>(
                dialect,
                prefix + Table.quoted(builder.table),
                Table.quoted(builder.keyColumn),
                ColumnType.of(builder.keyType),
                columns,
                version);
        Codec<V> values = builder.codec == null ? Codec.of(builder.valueType) : builder.codec;
        own = new WriteBehindTables<>(dialect, prefix, builder.table, Codec.of(builder.keyType), values);
        createsTable = builder.createsTable;
        pool = builder.dataSource == null ? pool(builder) : null;
        connections = pool == null ? Objects.requireNonNull(builder.dataSource) : pool;
    }

    /// Begins to describe a store.
    ///
    /// @param url of the database: `jdbc:sqlite:users.db`, `jdbc:postgresql://host/database`
    /// @param keyType a number, a string, an enum, a UUID; what else there is becomes JSON
    /// @param valueType the same; records can be columns too: [Builder#columns()]
    public static <K, V> Builder<K, V> at(String url, Class<K> keyType, Class<V> valueType) {
        return new Builder<>(url, keyType, valueType);
    }

    private static String withoutSecrets(String url) {
        return url.replaceAll("[?;].*", "").replaceAll("//[^/@]*@", "//");
    }

    private HikariDataSource pool(Builder<K, V> builder) {
        HikariConfig config = new HikariConfig();
        config.setPoolName("nuthatch-" + builder.table);
        config.setMaximumPoolSize(builder.poolSize == 0 ? dialect.poolSize() : builder.poolSize);
        config.setMinimumIdle(1);
        config.setConnectionTimeout(builder.timeout.toMillis());
        config.setUsername(builder.user);
        config.setPassword(builder.password);
        dialect.configure(config, builder.url, builder.timeout);
        try {
            config.setJdbcUrl(builder.url);
            return connected(config);
        } catch (RuntimeException e) {
            if (e instanceof ConfigurationException mistake) {
                throw mistake;
            }
            throw new ConfigurationException(
                    "url",
                    "no driver takes " + withoutSecrets(builder.url) + ": " + e.getMessage(),
                    "add the driver's jar, or mend the URL");
        }
    }

    /// A pool that has tried to connect: a mistake is found at once, a database that is away will be tried when it
    /// is asked for.
    private HikariDataSource connected(HikariConfig config) {
        try {
            config.setInitializationFailTimeout(1);
            return new HikariDataSource(config);
        } catch (HikariPool.PoolInitializationException e) {
            refuseMistakes(e);
            log.warn("{} cannot be reached; it will be tried when it is asked for", described, e);
            config.setInitializationFailTimeout(-1);
            return new HikariDataSource(config);
        }
    }

    private void refuseMistakes(Exception failure) {
        for (SQLException error : errorsOf(failure)) {
            if (dialect.isMistake(error)) {
                throw new ConfigurationException(
                        "url",
                        "the database refuses, " + described + ": " + error.getMessage(),
                        "mend the URL, .user() and .password()");
            }
        }
    }

    private static List<SQLException> errorsOf(Exception failure) {
        List<SQLException> errors = new ArrayList<>();
        for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
            for (Throwable e = cause; e instanceof SQLException error; e = error.getNextException()) {
                errors.add(error);
            }
        }
        return errors;
    }

    // Reading

    @Override
    public @Nullable V find(K key) throws SQLException {
        return findAll(Set.of(key)).get(key);
    }

    @Override
    public Map<K, V> findAll(Set<K> keys) throws SQLException {
        try (Connection connection = ready()) {
            return table.find(connection, List.copyOf(keys));
        }
    }

    // Writing

    @Override
    public void write(List<Change<K, V>> changes) throws SQLException {
        long version = System.currentTimeMillis() * 1_000;
        Map<K, Numbered<K, V>> lastOfKey = new LinkedHashMap<>();
        changes.forEach(change -> lastOfKey.put(change.key(), new Numbered<>(0, version, change)));
        List<Numbered<K, V>> each = List.copyOf(lastOfKey.values());
        inTransaction(connection -> table.change(connection, each, Newness.NOW));
    }

    @Override
    public void apply(Batch<K, V> batch) throws SQLException {
        once(batch, connection -> table.change(connection, batch.changes(), Newness.BY_VERSION));
    }

    @Override
    public void giveUp(Batch<K, V> batch, String reason) throws SQLException {
        once(batch, connection -> own.keep(connection, batch, reason));
    }

    private void once(Batch<K, V> batch, Work work) throws SQLException {
        readyForJournals();
        inTransaction(connection -> {
            if (own.mark(connection, batch.journal(), dialect.forUpdate()) < batch.last()) {
                work.with(connection);
                own.mark(connection, batch);
            }
        });
    }

    @Override
    public long mark(String journal) throws SQLException {
        readyForJournals();
        try (Connection connection = ready()) {
            return own.mark(connection, journal, "");
        }
    }

    @Override
    public boolean refuses(Exception failure) {
        return errorsOf(failure).stream().anyMatch(dialect::refuses);
    }

    @FunctionalInterface
    private interface Work {
        void with(Connection connection) throws SQLException;
    }

    /// Without ON CONFLICT, somebody else may insert a row between our UPDATE and our INSERT: once more then.
    private void inTransaction(Work work) throws SQLException {
        try {
            transact(work);
        } catch (SQLException e) {
            if (dialect.knowsOnConflict() || !refuses(e)) {
                throw e;
            }
            transact(work);
        }
    }

    private void transact(Work work) throws SQLException {
        if (dialect.writesOneByOne()) {
            writing.lock();
        }
        try (Connection connection = ready()) {
            connection.setAutoCommit(false);
            try {
                work.with(connection);
                connection.commit();
            } catch (SQLException | RuntimeException e) {
                rollBack(connection, e);
                throw e;
            }
        } finally {
            if (dialect.writesOneByOne()) {
                writing.unlock();
            }
        }
    }

    private static void rollBack(Connection connection, Exception reason) {
        try {
            connection.rollback();
        } catch (SQLException e) {
            reason.addSuppressed(e);
        }
    }

    // Looking at the table

    /// A connection as the store uses them: for tests.
    Connection connection() throws SQLException {
        return ready();
    }

    /// A connection to a database whose table is as it must be.
    private Connection ready() throws SQLException {
        Connection connection = connections.getConnection();
        try {
            connection.setAutoCommit(true);
            check(connection);
            return connection;
        } catch (SQLException | RuntimeException e) {
            try (connection) {
                throw e;
            }
        }
    }

    private void check(Connection connection) throws SQLException {
        if (checked) {
            return;
        }
        checking.lock();
        try {
            if (!checked) {
                checkTable(connection);
                checked = true;
            }
        } finally {
            checking.unlock();
        }
    }

    private void checkTable(Connection connection) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            Set<String> there = columnsOf(statement);
            List<String> missing = new ArrayList<>(table.needed());
            missing.removeAll(there);
            if (!missing.isEmpty()) {
                throw new ConfigurationException(
                        "columns",
                        "table " + described + " has no " + String.join(", ", missing) + ", only "
                                + String.join(", ", there),
                        "name its columns with .keyColumn(), .valueColumn(), .versionColumn() or .unversioned()");
            }
            statement.executeUpdate(table.probeOfKey());
        } catch (SQLException e) {
            throw mistake(e, "keyColumn", "the key cannot be written", "make the column a primary key");
        }
    }

    private Set<String> columnsOf(Statement statement) throws SQLException {
        try {
            return named(statement);
        } catch (SQLException e) {
            if (!createsTable || !dialect.isMistake(e)) {
                throw mistake(e, "table", "it cannot be read", "mend its name, or write .createTable()");
            }
            log.info("creating table {}", described);
            statement.executeUpdate(table.create());
            return named(statement);
        }
    }

    private Set<String> named(Statement statement) throws SQLException {
        try (ResultSet rows = statement.executeQuery(table.probe())) {
            ResultSetMetaData columns = rows.getMetaData();
            Set<String> names = new HashSet<>();
            for (int i = 1; i <= columns.getColumnCount(); i++) {
                names.add(columns.getColumnName(i));
            }
            return names;
        }
    }

    /// What a failure of the check is: a mistake in the configuration, or the database's state.
    private SQLException mistake(SQLException e, String option, String problem, String remedy) throws SQLException {
        if (!dialect.isMistake(e)) {
            return e;
        }
        throw new ConfigurationException(option, problem + ", table " + described + ": " + e.getMessage(), remedy);
    }

    private void readyForJournals() throws SQLException {
        if (readyForJournals) {
            return;
        }
        checking.lock();
        try (Connection connection = connections.getConnection()) {
            if (!readyForJournals) {
                own.createIfMissing(connection);
                readyForJournals = true;
            }
        } finally {
            checking.unlock();
        }
    }

    /// Refuses a table that is not as it must be, if the database can be asked.
    private void lookNow() {
        if (pool != null && pool.getHikariPoolMXBean().getTotalConnections() == 0) {
            return;
        }
        try (Connection connection = connections.getConnection()) {
            check(connection);
        } catch (SQLException e) {
            refuseMistakes(e);
            log.warn("{} cannot be looked at; it will be when it is asked for", described, e);
        }
    }

    @Override
    public void close() {
        if (pool != null) {
            pool.close();
        }
    }

    @Override
    public String toString() {
        return "JdbcStore[" + described + "]";
    }

    /// Describes a [JdbcStore]. Names of tables and columns are taken as they are written, whatever stands in
    /// them.
    ///
    /// @param <K> the keys
    /// @param <V> the values
    public static final class Builder<K, V> {
        private static final Duration DEFAULT_TIMEOUT = Duration.ofSeconds(5);
        private static final Duration SHORTEST_TIMEOUT = Duration.ofMillis(250);

        private final String url;
        private final Class<K> keyType;
        private final Class<V> valueType;
        private @Nullable String schema;
        private String table = "cache";
        private String keyColumn = "id";
        private String valueColumn = "value";
        private @Nullable String versionColumn = "version";
        private boolean asRecord;
        private boolean createsTable;
        private @Nullable Codec<V> codec;
        private @Nullable String user;
        private @Nullable String password;
        private int poolSize;
        private Duration timeout = DEFAULT_TIMEOUT;
        private @Nullable DataSource dataSource;

        private Builder(String url, Class<K> keyType, Class<V> valueType) {
            this.url = url;
            this.keyType = keyType;
            this.valueType = valueType;
        }

        /// The table. `cache` unless said.
        public Builder<K, V> table(String table) {
            this.table = table;
            return this;
        }

        /// The schema of the table and of those for write-behind. What the database takes by itself unless said.
        public Builder<K, V> schema(String schema) {
            this.schema = schema;
            return this;
        }

        /// The column of the key, which is unique. `id` unless said.
        public Builder<K, V> keyColumn(String keyColumn) {
            this.keyColumn = keyColumn;
            return this;
        }

        /// The column that holds the whole value. `value` unless said.
        public Builder<K, V> valueColumn(String valueColumn) {
            this.valueColumn = valueColumn;
            return this;
        }

        /// A column for each component of the record that values are, under the component's name. The component
        /// that is named as the column of the key is the key.
        public Builder<K, V> columns() {
            asRecord = true;
            return this;
        }

        /// The column of the version, a whole number that grows with each write. `version` unless said.
        public Builder<K, V> versionColumn(String versionColumn) {
            this.versionColumn = versionColumn;
            return this;
        }

        /// Rows have no version: of two processes that write behind, the one that comes last wins.
        public Builder<K, V> unversioned() {
            versionColumn = null;
            return this;
        }

        /// How the value becomes bytes, in the one column that holds it.
        public Builder<K, V> values(Codec<V> codec) {
            this.codec = codec;
            return this;
        }

        /// Creates the table if it is not there.
        public Builder<K, V> createTable() {
            createsTable = true;
            return this;
        }

        /// Who asks the database.
        public Builder<K, V> user(String user, String password) {
            this.user = user;
            this.password = password;
            return this;
        }

        /// How many connections are held at most: 8 unless said, with SQLite 4.
        public Builder<K, V> pool(int connections) {
            if (connections < 1) {
                throw new ConfigurationException("pool", "must be 1 or more, was " + connections, "write .pool(8)");
            }
            poolSize = connections;
            return this;
        }

        /// How long a call waits for a connection, and where the driver can be told, for the database's answer.
        /// Five seconds unless said.
        public Builder<K, V> timeout(Duration timeout) {
            if (timeout.compareTo(SHORTEST_TIMEOUT) < 0) {
                throw new ConfigurationException(
                        "timeout",
                        "must be " + SHORTEST_TIMEOUT + " or more, was " + timeout,
                        "write .timeout(Duration.ofSeconds(5))");
            }
            this.timeout = timeout;
            return this;
        }

        /// Where connections come from, instead of a pool of the store's own. The URL then only says which kind of
        /// database it is. Whoever made it closes it.
        public Builder<K, V> dataSource(DataSource dataSource) {
            this.dataSource = dataSource;
            return this;
        }

        private ColumnType<V> typeOfValue() {
            return codec == null ? ColumnType.of(valueType) : ColumnType.of(codec);
        }

        /// Builds the store, and looks at the table if the database can be reached.
        public JdbcStore<K, V> build() {
            checkIdentifier("table", table);
            checkIdentifier("keyColumn", keyColumn);
            checkIdentifier("valueColumn", valueColumn);
            if (schema != null) {
                checkIdentifier("schema", schema);
            }
            if (versionColumn != null) {
                checkIdentifier("versionColumn", versionColumn);
            }
            checkUrl();
            JdbcStore<K, V> store = new JdbcStore<>(this);
            try {
                store.lookNow();
            } catch (RuntimeException e) {
                store.close();
                throw e;
            }
            return store;
        }

        private static void checkIdentifier(String option, String name) {
            int bytes = name.getBytes(StandardCharsets.UTF_8).length;
            if (name.isBlank() || name.indexOf('\0') >= 0 || bytes > MAX_IDENTIFIER_BYTES) {
                throw new ConfigurationException(
                        option,
                        "must be 1 to " + MAX_IDENTIFIER_BYTES + " bytes without a zero, was \"" + name + "\"",
                        "write ." + option + "(\"name\")");
            }
        }

        private void checkUrl() {
            if (!url.startsWith("jdbc:")) {
                throw new ConfigurationException(
                        "url", "must begin with jdbc:, was " + withoutSecrets(url), "write jdbc:sqlite:users.db");
            }
            if (url.equals("jdbc:sqlite:") || url.startsWith("jdbc:sqlite::memory:")) {
                throw new ConfigurationException(
                        "url",
                        "each connection of the pool would have a database of its own",
                        "name a file: jdbc:sqlite:users.db");
            }
            if (asRecord && codec != null) {
                throw new ConfigurationException(
                        "values", "a codec makes one column of a value", "leave .values() out, or .columns()");
            }
        }
    }
}
