package io.nuthatch.cache.jdbc;

import java.sql.Connection;
import java.sql.DriverManager;
import java.util.UUID;

/// A database that has no dialect of its own: H2.
class H2StoreTest extends StoreContract {
    private final String url = "jdbc:h2:mem:" + UUID.randomUUID() + ";DB_CLOSE_DELAY=-1";

    @Override
    String url() {
        return url;
    }

    @Override
    Connection connect() throws Exception {
        return DriverManager.getConnection(url);
    }
}
