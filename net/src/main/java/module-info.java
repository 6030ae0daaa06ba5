import org.jspecify.annotations.NullMarked;

/// Nuthatch's module for sockets, TLS and flow control.
@NullMarked
module io.nuthatch.net {
    requires static transitive org.jspecify;
    requires transitive io.nuthatch.engine;


}
