package io.nuthatch.bench;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/// A server that this run has started, in a folder of its own that goes away with it.
///
/// The process that serves may be a child of the one that was started (a launcher script), so its number is the one
/// that the server tells in `INFO`, and it must belong to the process started here.
///
/// [#close] ends it: by `SHUTDOWN`, then by a signal, then by force. So does the end of this program.
final class ServerProcess implements AutoCloseable {
    private static final int START_SECONDS_MAX = 300;
    private static final int POLL_MS = 20;
    private static final int STOP_SECONDS_MAX = 20;
    private static final int SETTLE_MS = 200;
    private static final int SETTLE_ROUNDS_MAX = 150;
    private static final int LOG_LINES_SHOWN = 20;

    private final String name;
    private final Process process;
    private final int port;
    private final long pid;
    private final Path folder;
    private final RespClient client;
    private final Thread atExit;

    private ServerProcess(String name, Process process, int port, long pid, Path folder, RespClient client) {
        this.name = name;
        this.process = process;
        this.port = port;
        this.pid = pid;
        this.folder = folder;
        this.client = client;
        atExit = new Thread(() -> end(process, folder), "stop " + name);
        Runtime.getRuntime().addShutdownHook(atExit);
    }

    /// Sends a command and waits for its reply.
    RespClient.Reply call(String... words) {
        return client.call(words);
    }

    /// Starts a server and waits until it serves.
    ///
    /// @param command as one would type it, `{port}` standing for a free port; it runs in an empty folder of its own
    /// @param environment variables added to this program's own
    static ServerProcess start(String name, String command, Map<String, String> environment) {
        if (!command.contains("{port}")) {
            throw new BenchFailure("the command that starts " + name + " has no {port} in it: " + command);
        }
        try {
            int port = freePort();
            Path folder = Files.createTempDirectory("nuthatch-bench-" + name + "-");
            String filled = command.replace("{port}", Integer.toString(port));
            ProcessBuilder builder = new ProcessBuilder("sh", "-c", "exec " + filled)
                    .directory(folder.toFile())
                    .redirectErrorStream(true)
                    .redirectOutput(folder.resolve("server.log").toFile());
            builder.environment().putAll(environment);
            Process process = builder.start();
            return serving(name, process, port, folder);
        } catch (IOException fault) {
            throw new BenchFailure("cannot start " + name, fault);
        }
    }

    private static ServerProcess serving(String name, Process process, int port, Path folder) {
        try {
            RespClient client = awaitPong(name, process, port, folder);
            long pid = Long.parseLong(info(client, "server").getOrDefault("process_id", "0"));
            if (process.pid() != pid && process.descendants().noneMatch(child -> child.pid() == pid)) {
                throw new BenchFailure("port " + port + " is served by process " + pid + ", which is not ours");
            }
            return new ServerProcess(name, process, port, pid, folder, client);
        } catch (RuntimeException failure) {
            end(process, folder);
            throw failure;
        }
    }

    private static RespClient awaitPong(String name, Process process, int port, Path folder) {
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(START_SECONDS_MAX);
        while (System.nanoTime() < deadline && process.isAlive()) {
            try {
                RespClient client = RespClient.connect(port);
                if (client.tryCall("PING") instanceof RespClient.Reply.Text(String pong) && pong.equals("PONG")) {
                    return client;
                }
                client.close();
            } catch (IOException | BenchFailure notYet) {
                // Asked again below.
            }
            pause(POLL_MS);
        }
        throw new BenchFailure(name + " does not serve on port " + port + "; it said:\n" + lastLines(folder));
    }

    private static String lastLines(Path folder) {
        try {
            List<String> lines = Files.readAllLines(folder.resolve("server.log"));
            return String.join("\n", lines.subList(Math.max(0, lines.size() - LOG_LINES_SHOWN), lines.size()));
        } catch (IOException unreadable) {
            return "(its log cannot be read)";
        }
    }

    private static int freePort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        }
    }

    String name() {
        return name;
    }

    int port() {
        return port;
    }

    long pid() {
        return pid;
    }

    /// The connection for all that is not measured.
    RespClient client() {
        return client;
    }

    /// A connection beside it, which is closed with the server.
    RespClient anotherClient() {
        try {
            return RespClient.connect(port);
        } catch (IOException refused) {
            throw new BenchFailure("cannot connect to " + name, refused);
        }
    }

    /// The fields of one section of `INFO`.
    Map<String, String> info(String section) {
        return info(client, section);
    }

    private static Map<String, String> info(RespClient client, String section) {
        Map<String, String> fields = new HashMap<>();
        for (String line : client.call("INFO", section).text().split("\r\n")) {
            int colon = line.indexOf(':');
            if (colon > 0) {
                fields.put(line.substring(0, colon), line.substring(colon + 1));
            }
        }
        return fields;
    }

    /// A numeric field of `INFO`.
    long infoNumber(String section, String field) {
        String value = info(section).get(field);
        if (value == null) {
            throw new BenchFailure(name + " has no " + field + " in INFO " + section);
        }
        return Long.parseLong(value);
    }

    /// How many keys its first database holds.
    long keyCount() {
        return client.call("DBSIZE").number();
    }

    /// What the server calls itself, as in `redis 7.0.15`.
    String version() {
        Map<String, String> fields = info("server");
        String own = fields.get("nuthatch_version");
        return own != null ? "nuthatch " + own : "redis " + fields.get("redis_version");
    }

    /// `used_memory` once it has come to rest: after a fill the server still has buffers to free and tables to
    /// move.
    long usedMemorySettled() {
        long before = infoNumber("memory", "used_memory");
        for (int i = 0; i < SETTLE_ROUNDS_MAX; i++) {
            pause(SETTLE_MS);
            long now = infoNumber("memory", "used_memory");
            if (now == before) {
                return now;
            }
            before = now;
        }
        return before;
    }

    long residentBytes() {
        return ProcessFigures.residentBytes(pid);
    }

    static void pause(long ms) {
        try {
            Thread.sleep(ms);
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            throw new BenchFailure("interrupted");
        }
    }

    @Override
    public void close() {
        try {
            client.send("SHUTDOWN", "NOSAVE");
            client.flush();
            process.waitFor(STOP_SECONDS_MAX, TimeUnit.SECONDS);
        } catch (BenchFailure alreadyGone) {
            // What is left of it is ended below.
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
        }
        client.close();
        end(process, folder);
        try {
            Runtime.getRuntime().removeShutdownHook(atExit);
        } catch (IllegalStateException exiting) {
            // The hook is already doing the same.
        }
    }

    private static void end(Process process, Path folder) {
        List<ProcessHandle> all = Stream.concat(process.descendants(), Stream.of(process.toHandle()))
                .toList();
        all.forEach(ProcessHandle::destroy);
        try {
            process.waitFor(STOP_SECONDS_MAX, TimeUnit.SECONDS);
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
        }
        all.stream().filter(ProcessHandle::isAlive).forEach(ProcessHandle::destroyForcibly);
        delete(folder);
    }

    private static void delete(Path folder) {
        try (Stream<Path> files = Files.walk(folder)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.deleteIfExists(file);
            }
        } catch (IOException | UncheckedIOException gone) {
            // The hook at exit may be deleting the same folder.
        }
    }
}
