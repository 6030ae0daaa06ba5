import org.jspecify.annotations.NullMarked;

/// A database table as the store behind a [io.nuthatch.cache.Cache]: SQLite, PostgreSQL, or what else speaks JDBC.
@NullMarked
module io.nuthatch.cache.jdbc {
    requires static transitive org.jspecify;
    requires transitive io.nuthatch.cache;
    requires transitive java.sql;
    requires com.zaxxer.hikari;
    requires org.slf4j;

    exports io.nuthatch.cache.jdbc;
}
