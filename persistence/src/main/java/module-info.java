import org.jspecify.annotations.NullMarked;

/// Nuthatch's module for values as bytes: RDB.
@NullMarked
module io.nuthatch.persistence {
    requires static transitive org.jspecify;
    requires transitive io.nuthatch.engine;
    requires java.management;
    requires org.slf4j;

    exports io.nuthatch.persistence;
}
