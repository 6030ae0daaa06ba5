package io.nuthatch.server;

import io.nuthatch.engine.Config;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// `pidfile`: a file that holds the number of the process while it runs.
///
/// @param files none or one
record PidFile(List<Path> files) implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(PidFile.class);

    /// As in Redis, a file that cannot be written is no reason not to start.
    static PidFile write(Config config) {
        if (config.pidfile.value().isEmpty()) {
            return new PidFile(List.of());
        }
        Path file = config.dir.value().resolve(config.pidfile.value());
        try {
            Files.writeString(file, ProcessHandle.current().pid() + "\n");
            return new PidFile(List.of(file));
        } catch (IOException fault) {
            LOG.warn("cannot write the pid file: {}", fault.toString());
            return new PidFile(List.of());
        }
    }

    @Override
    public void close() {
        for (Path file : files) {
            try {
                Files.deleteIfExists(file);
            } catch (IOException fault) {
                LOG.warn("cannot remove the pid file: {}", fault.toString());
            }
        }
    }
}
