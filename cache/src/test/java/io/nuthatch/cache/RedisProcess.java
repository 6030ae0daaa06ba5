package io.nuthatch.cache;

import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.awaitility.Awaitility;
import org.jspecify.annotations.Nullable;

/// A redis-server of our own on a free port, that can be stopped, started again on the same port, and held still;
/// and a plain connection to it, as a program in another language would have.
///
/// With `REDIS_SERVER='/path/to/nuthatch server'` in the environment it is that server instead; with the property
/// `nuthatch.test.server` a main class on the class path of the tests, and its arguments.
final class RedisProcess implements AutoCloseable {
    /// A JVM on a busy machine takes a while.
    private static final Duration LONGEST_START = Duration.ofMinutes(1);

    private static final List<String> SERVER = server();

    private final Path folder;
    private final int port;
    private Process process;
    private @Nullable Socket socket;

    private RedisProcess(Path folder, int port) throws IOException {
        this.folder = folder;
        this.port = port;
        this.process = launch();
    }

    private static List<String> server() {
        String main = System.getProperty("nuthatch.test.server");
        if (main == null) {
            return List.of(
                    System.getenv().getOrDefault("REDIS_SERVER", "redis-server").split(" "));
        }
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(List.of("--enable-native-access=ALL-UNNAMED", "-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC"));
        command.addAll(List.of("-cp", System.getProperty("java.class.path")));
        command.addAll(List.of(main.split(" ")));
        return command;
    }

    static RedisProcess start() {
        try {
            return new RedisProcess(Files.createTempDirectory("cache-redis"), freePort());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    static int freePort() {
        try (ServerSocket free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return free.getLocalPort();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private Process launch() throws IOException {
        List<String> command = new ArrayList<>(SERVER);
        command.addAll(List.of("--port", "" + port, "--bind", "127.0.0.1"));
        command.addAll(List.of("--dir", folder.toString(), "--save", "", "--logfile", "redis.log"));
        // What it says goes nowhere: a pipe that nobody reads would hold it up.
        Process launched = new ProcessBuilder(command)
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .redirectError(ProcessBuilder.Redirect.DISCARD)
                .start();
        Runtime.getRuntime().addShutdownHook(new Thread(launched::destroyForcibly));
        Awaitility.await()
                .atMost(LONGEST_START)
                .ignoreExceptions()
                .until(() -> call("PING").equals("PONG"));
        return launched;
    }

    String uri() {
        return "redis://127.0.0.1:" + port;
    }

    /// Sends a command and returns the reply: texts as they are, lists in brackets, `(nil)`.
    synchronized String call(String... words) {
        try {
            return attempt(words);
        } catch (IOException first) {
            // The server has been started anew since the last call.
            disconnect();
            try {
                return attempt(words);
            } catch (IOException second) {
                disconnect();
                throw new UncheckedIOException(second);
            }
        }
    }

    private String attempt(String... words) throws IOException {
        Socket open = socket;
        if (open == null) {
            open = new Socket(InetAddress.getLoopbackAddress(), port);
            open.setSoTimeout(10_000);
            socket = open;
        }
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        out.write(("*" + words.length + "\r\n").getBytes(StandardCharsets.UTF_8));
        for (String word : words) {
            byte[] bytes = word.getBytes(StandardCharsets.UTF_8);
            out.write(("$" + bytes.length + "\r\n").getBytes(StandardCharsets.UTF_8));
            out.write(bytes);
            out.write("\r\n".getBytes(StandardCharsets.UTF_8));
        }
        open.getOutputStream().write(out.toByteArray());
        return read(new BufferedInputStream(open.getInputStream(), 1));
    }

    private String read(InputStream in) throws IOException {
        String line = line(in);
        String rest = line.substring(1);
        return switch (line.charAt(0)) {
            case '+', ':' -> rest;
            case '-' -> throw new IllegalStateException(rest);
            case '$' -> rest.equals("-1") ? "(nil)" : text(in, Integer.parseInt(rest));
            case '*' -> {
                List<String> items = new ArrayList<>();
                for (int i = Integer.parseInt(rest); i > 0; i--) {
                    items.add(read(in));
                }
                yield items.toString();
            }
            default -> throw new IOException("not understood: " + line);
        };
    }

    private static String text(InputStream in, int length) throws IOException {
        byte[] bytes = in.readNBytes(length);
        in.readNBytes(2);
        return new String(bytes, StandardCharsets.ISO_8859_1);
    }

    private static String line(InputStream in) throws IOException {
        StringBuilder line = new StringBuilder();
        for (int c = in.read(); c != '\r'; c = in.read()) {
            if (c < 0) {
                throw new EOFException();
            }
            line.append((char) c);
        }
        in.read();
        return line.toString();
    }

    private void disconnect() {
        Socket open = socket;
        socket = null;
        if (open != null) {
            try {
                open.close();
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }

    /// Cuts every other connection.
    void cutConnections() {
        call("CLIENT", "KILL", "TYPE", "normal", "SKIPME", "yes");
    }

    void stop() {
        disconnect();
        process.destroyForcibly();
        Awaitility.await().until(() -> !process.isAlive());
    }

    void startAgain() {
        try {
            process = launch();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /// Stops the process without ending it: connections stay open, and nothing is answered.
    void holdStill() {
        signal("STOP");
    }

    void goOn() {
        signal("CONT");
    }

    private void signal(String name) {
        try {
            int exit = new ProcessBuilder("kill", "-" + name.toUpperCase(Locale.ROOT), "" + process.pid())
                    .start()
                    .waitFor();
            if (exit != 0) {
                throw new IllegalStateException("kill -" + name + " ended with " + exit);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }

    @Override
    public void close() {
        disconnect();
        process.destroyForcibly();
        try (var files = Files.walk(folder)) {
            files.sorted(java.util.Comparator.reverseOrder())
                    .forEach(file -> file.toFile().delete());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
