import org.jspecify.annotations.NullMarked;

/// Nuthatch's module for the wire format, RESP2 and RESP3.
@NullMarked
module io.nuthatch.resp {
    requires static transitive org.jspecify;
    requires transitive io.nuthatch.memory;

    exports io.nuthatch.resp;
}
