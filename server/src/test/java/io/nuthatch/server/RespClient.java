package io.nuthatch.server;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;

/// A small blocking client for RESP2 and RESP3, with nothing between a test and the wire.
///
/// It understands every reply type, never sends anything by itself and keeps RESP3 pushes apart from replies. Not for
/// several threads at once.
final class RespClient implements AutoCloseable {
    /// Longer than any command of a test takes; a server that hangs fails the test instead of stopping the build.
    private static final int PATIENCE_MS = 10_000;

    private final Socket socket;
    private final BufferedInputStream in;
    private final ByteArrayOutputStream unsent = new ByteArrayOutputStream();
    private final Deque<Reply.Push> pushes = new ArrayDeque<>();

    private RespClient(Socket socket) throws IOException {
        this.socket = socket;
        this.in = new BufferedInputStream(socket.getInputStream(), 1 << 16);
    }

    static RespClient connect(int port) {
        return connect("127.0.0.1", port);
    }

    /// @param from the address that the client has
    static RespClient connect(String from, int port) {
        try {
            Socket socket = new Socket();
            socket.bind(new InetSocketAddress(from, 0));
            socket.setTcpNoDelay(true);
            socket.setSoTimeout(PATIENCE_MS);
            socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), PATIENCE_MS);
            return new RespClient(socket);
        } catch (IOException e) {
            throw new UncheckedIOException("cannot connect: port=" + port, e);
        }
    }

    /// Sends one command and reads its reply.
    Reply call(String... words) {
        return call(List.of(words));
    }

    Reply call(List<String> words) {
        queue(words);
        flush();
        return read();
    }

    /// Adds one command to the unsent bytes.
    void queue(List<String> words) {
        raw("*" + words.size() + "\r\n");
        for (String word : words) {
            raw("$" + word.length() + "\r\n" + word + "\r\n");
        }
    }

    /// Adds bytes that need not be a command.
    void raw(String bytes) {
        unsent.writeBytes(bytes.getBytes(ISO_8859_1));
    }

    void flush() {
        try {
            unsent.writeTo(socket.getOutputStream());
            unsent.reset();
        } catch (IOException e) {
            unsent.reset();
            throw new UncheckedIOException("cannot send", e);
        }
    }

    /// The next reply; pushes that come before it are kept for [#readAnything].
    Reply read() {
        while (true) {
            Reply reply = parse();
            if (!(reply instanceof Reply.Push push)) {
                return reply;
            }
            pushes.add(push);
        }
    }

    /// The next push or reply, whichever came first.
    Reply readAnything() {
        return pushes.isEmpty() ? parse() : pushes.remove();
    }

    /// Whether bytes have arrived that nobody has read.
    boolean hasUnread() {
        try {
            return !pushes.isEmpty() || in.available() > 0;
        } catch (IOException e) {
            return false;
        }
    }

    /// Sends what is unsent, as far as the server takes it before it hangs up.
    void sendWhatItTakes() {
        try {
            flush();
        } catch (UncheckedIOException e) {
            // The server has closed already, which the answer will tell.
        }
    }

    /// Reads `length` bytes, and those that come within a silence after them; fewer if the server hangs up. So
    /// asking for more than there are waits until it does.
    RawAnswer readRaw(int length, int silenceMs) {
        var bytes = new ByteArrayOutputStream();
        try {
            var piece = new byte[1 << 13];
            int read = 0;
            while (read >= 0) {
                bytes.write(piece, 0, read);
                boolean whole = bytes.size() >= length;
                socket.setSoTimeout(whole ? Math.max(silenceMs, 1) : PATIENCE_MS);
                read = in.read(piece);
            }
            return new RawAnswer(bytes.toString(ISO_8859_1), true);
        } catch (SocketTimeoutException e) {
            return new RawAnswer(bytes.toString(ISO_8859_1), false);
        } catch (IOException e) {
            // A reset: the server closed while bytes of ours were still under way.
            return new RawAnswer(bytes.toString(ISO_8859_1), true);
        }
    }

    /// What came back for raw bytes, and whether the server then closed the connection.
    record RawAnswer(String bytes, boolean closed) {}

    int localPort() {
        return socket.getLocalPort();
    }

    /// Sends no more, so that the server sees the end of our bytes.
    void finishSending() {
        try {
            flush();
            socket.shutdownOutput();
        } catch (IOException e) {
            throw new UncheckedIOException("cannot half-close", e);
        }
    }

    @Override
    public void close() {
        try {
            socket.close();
        } catch (IOException e) {
            throw new UncheckedIOException("cannot close", e);
        }
    }

    private Reply parse() {
        try {
            return parseOne();
        } catch (IOException e) {
            throw new UncheckedIOException("no reply", e);
        }
    }

    private Reply parseOne() throws IOException {
        int type = in.read();
        if (type < 0) {
            throw new EOFException("the server closed the connection");
        }
        String head = line();
        return switch (type) {
            case '+' -> new Reply.Simple(head);
            case '-' -> new Reply.Failure(head);
            case ':' -> new Reply.Int(Long.parseLong(head));
            case '$' -> head.equals("-1") ? new Reply.Nil("$-1") : new Reply.Bulk(bytes(head));
            case '*' -> head.equals("-1") ? new Reply.Nil("*-1") : new Reply.Array(items(head, 1));
            case '_' -> new Reply.Nil("_");
            case '%' -> new Reply.Pairs(items(head, 2));
            case '~' -> new Reply.Members(items(head, 1));
            case '>' -> new Reply.Push(items(head, 1));
            case ',' -> new Reply.Decimal(head);
            case '#' -> new Reply.Bool(head.equals("t"));
            case '(' -> new Reply.BigNumber(head);
            case '!' -> new Reply.Failure(bytes(head));
            case '=' -> verbatim(bytes(head));
            case '|' -> {
                items(head, 2);
                yield parseOne();
            }
            default -> throw new IOException("not a reply: type=" + (char) type + " line=" + head);
        };
    }

    private static Reply verbatim(String body) {
        return new Reply.Verbatim(body.substring(0, 3), body.substring(4));
    }

    private List<Reply> items(String head, int factor) throws IOException {
        int count = Integer.parseInt(head) * factor;
        var items = new ArrayList<Reply>(count);
        for (int i = 0; i < count; i++) {
            items.add(parseOne());
        }
        return List.copyOf(items);
    }

    private String bytes(String head) throws IOException {
        int length = Integer.parseInt(head);
        byte[] body = in.readNBytes(length);
        if (body.length < length || in.read() != '\r' || in.read() != '\n') {
            throw new EOFException("a bulk string ends early: length=" + length);
        }
        return new String(body, ISO_8859_1);
    }

    private String line() throws IOException {
        var line = new StringBuilder();
        for (int b = in.read(); b != '\r'; b = in.read()) {
            if (b < 0) {
                throw new EOFException("a line ends early: " + line);
            }
            line.append((char) b);
        }
        if (in.read() != '\n') {
            throw new IOException("a line ends in CR alone: " + line);
        }
        return line.toString();
    }
}
