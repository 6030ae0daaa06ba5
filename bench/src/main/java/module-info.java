import org.jspecify.annotations.NullMarked;

/// Nuthatch's module for benchmarks side by side with redis.
///
/// It knows both servers from outside only: it starts them as processes, talks RESP to them and reads what the
/// system tells about their processes. Only the microbenchmarks look inside Nuthatch.
@NullMarked
module io.nuthatch.bench {
    requires static transitive org.jspecify;
    requires transitive io.nuthatch.server;
    requires HdrHistogram;
    requires com.github.benmanes.caffeine;
    requires com.github.luben.zstd_jni;
    requires ehcache;
    requires info.picocli;
    requires io.nuthatch.cache;
    requires jdk.management;
    requires jmh.core;
    requires static jsr305;
    requires org.cache2k.api;
    requires redis.clients.jedis;
    requires tools.jackson.databind;

    opens io.nuthatch.bench to
            info.picocli,
            tools.jackson.databind;
}
