import org.jspecify.annotations.NullMarked;

/// Nuthatch's module for configuration, assembly, start and stop.
@NullMarked
module io.nuthatch.server {
    requires static transitive org.jspecify;
    requires transitive io.nuthatch.commands;
    requires io.nuthatch.persistence;
    requires transitive io.nuthatch.net;
    requires ch.qos.logback.classic;
    requires ch.qos.logback.core;
    requires info.picocli;
    requires org.slf4j;
    requires jdk.unsupported;

    provides ch.qos.logback.classic.spi.Configurator with
            io.nuthatch.server.Logs;

    exports io.nuthatch.server;

    opens io.nuthatch.server to
            info.picocli;
}
