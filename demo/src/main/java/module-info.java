import org.jspecify.annotations.NullMarked;

/// Nuthatch's module for showing and measuring the caching library: over a server and a database that it brings
/// itself.
@NullMarked
module io.nuthatch.demo {
    requires static transitive org.jspecify;
    requires io.nuthatch.cache;
    requires io.nuthatch.cache.jdbc;
    requires io.nuthatch.server;
    requires info.picocli;
    requires java.sql;
    requires tools.jackson.databind;

    opens io.nuthatch.demo to
            info.picocli,
            tools.jackson.databind;
}
