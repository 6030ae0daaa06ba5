package io.nuthatch.bench;

import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.StandardSocketOptions;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/// A plain blocking connection for what is not measured: filling in, asking, configuring. It speaks RESP2.
///
/// Requests can be sent ahead ([#send]) and their replies read later, in the same order.
///
/// Thread: one at a time.
final class RespClient implements AutoCloseable {
    private static final int BUFFER_BYTES = 1 << 16;
    private static final int TIMEOUT_MS = 120_000;

    private final Socket socket;
    private final BufferedInputStream in;
    private final BufferedOutputStream out;

    /// A reply. Text is one `char` for each byte.
    sealed interface Reply {
        record Text(String text) implements Reply {}

        record Whole(long value) implements Reply {}

        record Items(List<Reply> items) implements Reply {}

        record Failure(String message) implements Reply {}

        record Nil() implements Reply {}

        /// The text of a string reply, the digits of a number; anything else is not what was asked for.
        default String text() {
            return switch (this) {
                case Text(String text) -> text;
                case Whole(long value) -> Long.toString(value);
                case Failure(String message) -> throw new BenchFailure("the server replied: " + message);
                case Items _, Nil _ -> throw new BenchFailure("expected a string, got " + this);
            };
        }

        default long number() {
            return Long.parseLong(text());
        }

        default List<Reply> items() {
            return switch (this) {
                case Items(List<Reply> items) -> items;
                case Text _, Whole _, Nil _, Failure _ -> throw new BenchFailure("expected an array, got " + this);
            };
        }
    }

    private RespClient(Socket socket) throws IOException {
        this.socket = socket;
        in = new BufferedInputStream(socket.getInputStream(), BUFFER_BYTES);
        out = new BufferedOutputStream(socket.getOutputStream(), BUFFER_BYTES);
    }

    /// @throws IOException if nobody listens on that port of this machine
    static RespClient connect(int port) throws IOException {
        Socket socket = new Socket();
        try {
            socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), TIMEOUT_MS);
            socket.setSoTimeout(TIMEOUT_MS);
            socket.setOption(StandardSocketOptions.TCP_NODELAY, true);
            return new RespClient(socket);
        } catch (IOException refused) {
            socket.close();
            throw refused;
        }
    }

    /// Sends a request and waits for its reply; a blank in `words` is part of the word.
    ///
    /// @throws BenchFailure on an error reply
    Reply call(String... words) {
        Reply reply = tryCall(words);
        if (reply instanceof Reply.Failure(String message)) {
            throw new BenchFailure("the server replied to " + String.join(" ", words) + ": " + message);
        }
        return reply;
    }

    /// The same, but an error is a reply like others.
    Reply tryCall(String... words) {
        send(words);
        flush();
        return receive();
    }

    void send(String... words) {
        try {
            header('*', words.length);
            for (String word : words) {
                byte[] bytes = word.getBytes(StandardCharsets.ISO_8859_1);
                header('$', bytes.length);
                out.write(bytes);
                out.write('\r');
                out.write('\n');
            }
        } catch (IOException lost) {
            throw new BenchFailure("connection lost", lost);
        }
    }

    void flush() {
        try {
            out.flush();
        } catch (IOException lost) {
            throw new BenchFailure("connection lost", lost);
        }
    }

    Reply receive() {
        try {
            return read();
        } catch (IOException lost) {
            throw new BenchFailure("connection lost", lost);
        }
    }

    private void header(char type, int count) throws IOException {
        out.write(type);
        out.write(Integer.toString(count).getBytes(StandardCharsets.US_ASCII));
        out.write('\r');
        out.write('\n');
    }

    private Reply read() throws IOException {
        String line = readLine();
        String rest = line.substring(1);
        return switch (line.charAt(0)) {
            case '+' -> new Reply.Text(rest);
            case '-' -> new Reply.Failure(rest);
            case ':' -> new Reply.Whole(Long.parseLong(rest));
            case '$' -> readBulk(Integer.parseInt(rest));
            case '*' -> readItems(Integer.parseInt(rest));
            default -> throw new IOException("not RESP2: " + line);
        };
    }

    private Reply readBulk(int length) throws IOException {
        if (length < 0) {
            return new Reply.Nil();
        }
        byte[] bytes = in.readNBytes(length + 2);
        if (bytes.length < length + 2) {
            throw new EOFException("closed by the server");
        }
        return new Reply.Text(new String(bytes, 0, length, StandardCharsets.ISO_8859_1));
    }

    private Reply readItems(int count) throws IOException {
        if (count < 0) {
            return new Reply.Nil();
        }
        List<Reply> items = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            items.add(read());
        }
        return new Reply.Items(items);
    }

    private String readLine() throws IOException {
        StringBuilder line = new StringBuilder();
        while (true) {
            int b = in.read();
            if (b < 0) {
                throw new EOFException("closed by the server");
            }
            if (b == '\n') {
                line.setLength(line.length() - 1);
                return line.toString();
            }
            line.append((char) b);
        }
    }

    @Override
    public void close() {
        try {
            socket.close();
        } catch (IOException alreadyGone) {
            // Nothing is left to be done with it.
        }
    }
}
