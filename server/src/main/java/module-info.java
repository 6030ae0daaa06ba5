import org.jspecify.annotations.NullMarked;

/// Nuthatch's module for configuration, assembly, start and stop.
@NullMarked
module io.nuthatch.server {
    requires static transitive org.jspecify;
    requires transitive io.nuthatch.commands;
    requires transitive io.nuthatch.net;
    requires ch.qos.logback.classic;
    requires ch.qos.logback.core;
    requires info.picocli;
    requires org.slf4j;

    opens io.nuthatch.server to
            info.picocli;
}
