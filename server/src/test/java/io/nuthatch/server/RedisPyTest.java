package io.nuthatch.server;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// redis-py, Python's client, works with Nuthatch: each script in `src/test/python` is told the port, and says
/// `done` when all was as it should be.
///
/// Without redis-py there is nothing to test; `verify` installs it where it may.
@Timeout(value = 2, unit = TimeUnit.MINUTES)
class RedisPyTest {
    private static final Path SCRIPTS = Path.of("src/test/python");

    /// Pythons that may have it: the one on the path, and the system's.
    private static final List<String> PYTHONS = List.of("python3", "/usr/bin/python3");

    private static String pythonWithRedisPy() {
        Optional<String> python =
                PYTHONS.stream().filter(RedisPyTest::hasRedisPy).findFirst();
        assumeTrue(python.isPresent(), "redis-py is not installed (Debian, Ubuntu: apt-get install python3-redis)");
        return python.orElseThrow();
    }

    private static boolean hasRedisPy(String candidate) {
        try {
            return output(List.of(candidate, "-c", "import redis")).isEmpty();
        } catch (UncheckedIOException noSuchProgram) {
            return false;
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"blocking.py", "messages.py", "streams.py"})
    void worksAsTheScriptSays(String script) {
        String python = pythonWithRedisPy();
        try (InProcessNuthatch nuthatch = InProcessNuthatch.start()) {
            String path = SCRIPTS.resolve(script).toString();
            assertThat(output(List.of(python, "-B", path, String.valueOf(nuthatch.port()))))
                    .isEqualTo("done\n");
        }
    }

    private static String output(List<String> command) {
        try {
            Process process =
                    new ProcessBuilder(command).redirectErrorStream(true).start();
            try {
                process.getOutputStream().close();
                return new String(process.getInputStream().readAllBytes(), UTF_8);
            } finally {
                process.destroyForcibly();
            }
        } catch (IOException fault) {
            throw new UncheckedIOException("cannot run: command=" + command, fault);
        }
    }
}
