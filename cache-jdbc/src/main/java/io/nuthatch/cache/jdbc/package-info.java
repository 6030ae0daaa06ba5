/// A database table as the store behind a [io.nuthatch.cache.Cache]. Read first: [JdbcStore], then `Table`, which
/// makes the statements, and `Dialect`, which knows in what databases differ.
package io.nuthatch.cache.jdbc;
