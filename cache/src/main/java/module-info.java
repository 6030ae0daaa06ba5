import org.jspecify.annotations.NullMarked;

/// Nuthatch's caching library: memory, a RESP server and disk behind one `Cache`.
///
/// It knows nothing of Nuthatch's server: any Redis 6 or later will do, or none.
@NullMarked
module io.nuthatch.cache {
    requires static jsr305;
    requires static transitive org.jspecify;
    requires transitive tools.jackson.core;
    requires com.github.benmanes.caffeine;
    requires com.github.luben.zstd_jni;
    requires com.h2database.mvstore;
    requires io.netty.common;
    requires lettuce.core;
    requires net.bytebuddy;
    requires org.lz4.java;
    requires org.slf4j;
    requires tools.jackson.databind;

    exports io.nuthatch.cache;
}
