package io.nuthatch.server;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;

/// Starts a server, lets it do a little of everything and stops it. The build runs this once while the JVM
/// records the classes that were loaded and the methods that were busy (JEP 483, 514, 515), so that a start finds
/// both ready.
///
/// The server is started as a user would start it, and spoken to over a socket. Whatever it answers is fine: this
/// is no test, and it must not fail because a command does.
@Command(name = "rehearse", hidden = true, description = "Part of the build: a short life of a server, to be recorded.")
final class RehearseCommand implements Callable<Integer> {
    private static final int CONNECT_TRIES = 400;
    private static final int CONNECT_PAUSE_MS = 25;

    /// Enough for the JVM to see which methods are busy, in about a second.
    private static final int ROUNDS = 2_000;

    /// No such file is there, so that nobody's data is loaded.
    private static final String NO_DATA = "rehearsal-without-data.rdb";

    private static final String[] ONCE = {
        "HELLO 3",
        "HELLO 2",
        "CLIENT SETNAME rehearsal",
        "CLIENT LIST",
        "COMMAND COUNT",
        "COMMAND DOCS get",
        "CONFIG GET *",
        "INFO everything",
        "SELECT 1",
        "SELECT 0",
        "SCAN 0",
        "KEYS *",
        "DBSIZE",
        "NO SUCH COMMAND",
        "GET",
    };

    private static final String[] OFTEN = {
        "PING",
        "SET key:{n} value:{n}",
        "SET key:{n} value:{n} EX 100",
        "GET key:{n}",
        "INCR counter:{n}",
        "MSET a:{n} 1 b:{n} 2",
        "MGET a:{n} b:{n} none",
        "APPEND key:{n} more",
        "EXPIRE key:{n} 100",
        "TTL key:{n}",
        "EXISTS key:{n}",
        "DEL a:{n} b:{n}",
    };

    @Override
    public Integer call() throws IOException, InterruptedException {
        int port = freePort();
        Thread server = new Thread(
                () -> Main.execute(
                        "server",
                        "--port",
                        Integer.toString(port),
                        "--bind",
                        "127.0.0.1",
                        "--save",
                        "",
                        "--dbfilename",
                        NO_DATA),
                "rehearsal");
        server.setDaemon(true);
        server.start();
        try (Socket socket = connect(port, server)) {
            socket.setTcpNoDelay(true);
            play(socket);
        }
        server.join();
        return 0;
    }

    private static void play(Socket socket) throws IOException {
        OutputStream out = socket.getOutputStream();
        InputStream in = new BufferedInputStream(socket.getInputStream());
        for (String line : ONCE) {
            send(out, line + "\r\n" + mark());
            skipToMark(in);
        }
        for (int round = 0; round < ROUNDS; round++) {
            StringBuilder batch = new StringBuilder();
            for (String line : OFTEN) {
                batch.append(request(line.replace("{n}", Integer.toString(round))));
            }
            send(out, batch + mark());
            skipToMark(in);
        }
        send(out, "SHUTDOWN NOSAVE\r\n");
        in.skip(Long.MAX_VALUE);
    }

    /// A command whose reply ends with words that no other reply has.
    private static String mark() {
        return request("ECHO " + MARK);
    }

    private static final String MARK = "the-end-of-a-batch";

    private static String request(String line) {
        String[] words = line.split(" ", -1);
        StringBuilder request = new StringBuilder("*" + words.length + "\r\n");
        for (String word : words) {
            request.append('$')
                    .append(word.length())
                    .append("\r\n")
                    .append(word)
                    .append("\r\n");
        }
        return request.toString();
    }

    private static void send(OutputStream out, String text) throws IOException {
        out.write(text.getBytes(StandardCharsets.US_ASCII));
    }

    private static void skipToMark(InputStream in) throws IOException {
        int matched = 0;
        while (matched < MARK.length()) {
            int b = in.read();
            if (b < 0) {
                throw new IOException("the server hung up in the middle of the rehearsal");
            }
            if (b == MARK.charAt(matched)) {
                matched++;
            } else {
                matched = b == MARK.charAt(0) ? 1 : 0;
            }
        }
    }

    private static Socket connect(int port, Thread server) throws IOException, InterruptedException {
        for (int i = 0; i < CONNECT_TRIES && server.isAlive(); i++) {
            try {
                return new Socket(InetAddress.getLoopbackAddress(), port);
            } catch (IOException notYet) {
                Thread.sleep(CONNECT_PAUSE_MS);
            }
        }
        throw new IOException("no server came up on port " + port);
    }

    private static int freePort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        }
    }
}
