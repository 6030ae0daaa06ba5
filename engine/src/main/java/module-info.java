import org.jspecify.annotations.NullMarked;

/// Nuthatch's module for what a command is and how one runs.
@NullMarked
module io.nuthatch.engine {
    requires static transitive org.jspecify;
    requires transitive io.nuthatch.resp;
    requires transitive io.nuthatch.store;
    requires org.slf4j;

    exports io.nuthatch.engine;
}
