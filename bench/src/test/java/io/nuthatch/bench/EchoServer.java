package io.nuthatch.bench;

import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Function;

/// A server for tests of the load: it counts requests and answers each by a function of its words.
final class EchoServer implements AutoCloseable {
    final AtomicLong requests = new AtomicLong();
    final Set<String> keys = ConcurrentHashMap.newKeySet();

    private final ServerSocket listener = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
    private final ConcurrentLinkedQueue<Socket> sockets = new ConcurrentLinkedQueue<>();
    private final Function<String[], String> answer;

    EchoServer(Function<String[], String> answer) throws IOException {
        this.answer = answer;
        Thread.ofVirtual().start(this::accept);
    }

    int port() {
        return listener.getLocalPort();
    }

    private void accept() {
        try {
            while (true) {
                Socket socket = listener.accept();
                sockets.add(socket);
                Thread.ofVirtual().start(() -> serve(socket));
            }
        } catch (IOException closed) {
            // The test is over.
        }
    }

    private void serve(Socket socket) {
        try (socket) {
            InputStream in = new BufferedInputStream(socket.getInputStream());
            OutputStream out = new BufferedOutputStream(socket.getOutputStream());
            while (true) {
                String[] words = new String[Integer.parseInt(line(in).substring(1))];
                for (int i = 0; i < words.length; i++) {
                    int length = Integer.parseInt(line(in).substring(1));
                    words[i] = new String(in.readNBytes(length + 2), 0, length, StandardCharsets.ISO_8859_1);
                }
                requests.incrementAndGet();
                if (words.length > 1) {
                    keys.add(words[1]);
                }
                out.write(answer.apply(words).getBytes(StandardCharsets.ISO_8859_1));
                if (in.available() == 0) {
                    out.flush();
                }
            }
        } catch (IOException | StringIndexOutOfBoundsException closed) {
            // The load has ended.
        }
    }

    private static String line(InputStream in) throws IOException {
        StringBuilder line = new StringBuilder();
        for (int b = in.read(); b >= 0 && b != '\n'; b = in.read()) {
            line.append((char) b);
        }
        return line.toString().strip();
    }

    @Override
    public void close() throws IOException {
        listener.close();
        for (Socket socket : sockets) {
            socket.close();
        }
    }
}
