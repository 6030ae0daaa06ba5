package io.nuthatch.cache.jdbc;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.ProcessBuilder.Redirect;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.UserPrincipal;
import java.sql.Connection;
import java.sql.DriverManager;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.awaitility.Awaitility;

/// A PostgreSQL of our own on a free port, from Debian's package, that can be killed and started again. It refuses
/// to be run by root; then `nobody` runs it.
public final class PostgresServer implements AutoCloseable {
    private static final String USER = "nuthatch";
    private static final long PATIENCE_S = 60;

    private final Path folder;
    private final int port;
    private Process process;

    private PostgresServer() throws IOException {
        folder = Files.createTempDirectory("nuthatch-postgres");
        port = freePort();
        if (isRoot()) {
            UserPrincipal nobody =
                    folder.getFileSystem().getUserPrincipalLookupService().lookupPrincipalByName("nobody");
            Files.setOwner(folder, nobody);
        }
        run("initdb", "-D", data(), "-U", USER, "-A", "trust", "-E", "UTF8", "--locale=C", "--no-sync");
        process = launch();
    }

    public static PostgresServer start() {
        try {
            return new PostgresServer();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static int freePort() throws IOException {
        try (ServerSocket free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return free.getLocalPort();
        }
    }

    private static boolean isRoot() {
        return System.getProperty("user.name").equals("root");
    }

    private String data() {
        return folder.resolve("data").toString();
    }

    private static Path program(String name) throws IOException {
        try (Stream<Path> versions = Files.list(Path.of("/usr/lib/postgresql"))) {
            return versions.map(version -> version.resolve("bin").resolve(name))
                    .filter(Files::isExecutable)
                    .max(Comparator.naturalOrder())
                    .orElseThrow(() -> new IOException("no " + name + " below /usr/lib/postgresql; see ./verify"));
        }
    }

    private Process begin(String program, String... arguments) throws IOException {
        List<String> command = new ArrayList<>();
        if (isRoot()) {
            command.addAll(List.of("setpriv", "--reuid=nobody", "--regid=nogroup", "--clear-groups"));
        }
        command.add(program(program).toString());
        command.addAll(List.of(arguments));
        return new ProcessBuilder(command)
                .directory(folder.toFile())
                .redirectErrorStream(true)
                .redirectOutput(
                        Redirect.appendTo(folder.resolve(program + ".log").toFile()))
                .start();
    }

    private void run(String program, String... arguments) throws IOException {
        Process running = begin(program, arguments);
        try {
            if (!running.waitFor(PATIENCE_S, TimeUnit.SECONDS) || running.exitValue() != 0) {
                throw new IOException(program + " failed: " + running);
            }
        } catch (InterruptedException e) {
            throw new IOException(e);
        }
    }

    private Process launch() throws IOException {
        Process launched = begin(
                "postgres",
                "-D",
                data(),
                "-p",
                "" + port,
                "-k",
                "",
                "-c",
                "listen_addresses=127.0.0.1",
                "-c",
                "max_connections=50");
        Runtime.getRuntime().addShutdownHook(new Thread(launched::destroyForcibly));
        Awaitility.await()
                .atMost(PATIENCE_S, TimeUnit.SECONDS)
                .ignoreExceptions()
                .until(() -> {
                    connect().close();
                    return true;
                });
        return launched;
    }

    public String url() {
        return "jdbc:postgresql://127.0.0.1:" + port + "/postgres?user=" + USER;
    }

    public Connection connect() throws Exception {
        return DriverManager.getConnection(url());
    }

    /// As a power cut would.
    public void kill() throws InterruptedException {
        process.destroyForcibly().waitFor();
    }

    public void startAgain() throws IOException {
        process = launch();
    }

    @Override
    public void close() {
        try {
            // SIGINT: connections are cut and the children end first.
            new ProcessBuilder("kill", "-INT", "" + process.pid()).start().waitFor();
            process.waitFor(PATIENCE_S, TimeUnit.SECONDS);
            process.destroyForcibly();
            deleteFolder();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void deleteFolder() throws IOException {
        try (Stream<Path> all = Files.walk(folder)) {
            for (Path path : all.sorted(Comparator.reverseOrder()).toList()) {
                Files.deleteIfExists(path);
            }
        }
    }
}
