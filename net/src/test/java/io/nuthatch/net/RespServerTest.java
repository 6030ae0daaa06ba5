package io.nuthatch.net;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.nuthatch.engine.Clock;
import io.nuthatch.engine.Config;
import io.nuthatch.engine.Engine;
import io.nuthatch.engine.Session;
import io.nuthatch.store.Keyspace;
import io.nuthatch.store.StoreSettings;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketAddress;
import java.net.SocketException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

/// Where a server listens, over both transports. It knows no commands, so its answer is that.
@ParameterizedClass
@EnumSource(Transport.class)
class RespServerTest {
    private static final String ANSWER = "-ERR unknown command 'PING', with args beginning with: \r\n";

    @Parameter
    private Transport transport;

    @TempDir
    private Path folder;

    private final Config config = new Config();
    private final List<RespServer> servers = new ArrayList<>();
    private Engine engine;

    private RespServer start(String... directives) throws IOException {
        for (int i = 0; i < directives.length; i += 2) {
            config.set(Map.of(directives[i], directives[i + 1]));
        }
        Keyspace keyspace = new Keyspace(1, 1, new StoreSettings());
        engine = new Engine(config, Clock.SYSTEM, keyspace, List.of(), List.of());
        RespServer server = new RespServer(engine, transport);
        servers.add(server);
        server.listen();
        return server;
    }

    @AfterEach
    void stop() {
        servers.forEach(RespServer::close);
    }

    private static int freePort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        }
    }

    private String portText() {
        return config.port.text();
    }

    private static String ask(SocketAddress address) throws IOException {
        StandardProtocolFamily family =
                address instanceof UnixDomainSocketAddress ? StandardProtocolFamily.UNIX : StandardProtocolFamily.INET;
        SocketChannel channel = SocketChannel.open(family);
        try (channel) {
            channel.connect(address);
            channel.write(ByteBuffer.wrap("PING\r\n".getBytes(StandardCharsets.US_ASCII)));
            ByteBuffer answer = ByteBuffer.allocate(ANSWER.length());
            while (answer.hasRemaining() && channel.read(answer) >= 0) {
                assertThat(answer.position()).isPositive();
            }
            return new String(answer.array(), 0, answer.position(), StandardCharsets.US_ASCII);
        }
    }

    private static String ask(String host, long port) throws IOException {
        return ask(new InetSocketAddress(host, (int) port));
    }

    /// Asks where a listener has just been closed and opened again: NIO closes it when its loop next wakes, and turns
    /// away who has come in between.
    private static String askOnceMore(String host, long port) throws IOException {
        try {
            return ask(host, port);
        } catch (SocketException turnedAway) {
            return ask(host, port);
        }
    }

    private static void assertNobodyListens(String host, long port) {
        assertThatThrownBy(() -> ask(host, port)).isInstanceOf(IOException.class);
    }

    @Test
    void itListensAtEveryAddressOfBindAndAtNoOther() throws IOException {
        start("port", "" + freePort(), "bind", "127.0.0.1 127.0.0.3");
        assertThat(ask("127.0.0.1", config.port.value())).isEqualTo(ANSWER);
        assertThat(ask("127.0.0.3", config.port.value())).isEqualTo(ANSWER);
        assertNobodyListens("127.0.0.2", config.port.value());
    }

    @Test
    void aStarIsAllOfIpv4() throws IOException {
        start("port", "" + freePort(), "bind", "* -::*");
        assertThat(ask("127.0.0.2", config.port.value())).isEqualTo(ANSWER);
    }

    @Test
    void anAddressWithADashNeedNotExist() throws IOException {
        start("port", "" + freePort(), "bind", "127.0.0.1 -203.0.113.77 -no.such.host.invalid");
        assertThat(ask("127.0.0.1", config.port.value())).isEqualTo(ANSWER);
    }

    @Test
    void anAddressWithoutADashMustExist() throws IOException {
        String port = "" + freePort();
        assertThatThrownBy(() -> start("port", port, "bind", "127.0.0.1 203.0.113.77"))
                .hasMessage("cannot listen at 203.0.113.77, port " + port + ": Cannot assign requested address");
    }

    @Test
    void aPortThatIsTakenIsRefusedEvenWithADash() throws IOException {
        start("port", "" + freePort(), "bind", "127.0.0.1");
        assertThatThrownBy(() -> start("bind", "-127.0.0.1"))
                .hasMessage("cannot listen at 127.0.0.1, port " + portText() + ": Address already in use");
    }

    @Test
    void withNowhereToListenItDoesNotStart() {
        assertThatThrownBy(() -> start("port", "0")).hasMessageContaining("nowhere to listen");
    }

    @Test
    void theBacklogIsAsConfigured() throws IOException {
        RespServer server = start("port", "" + freePort(), "bind", "127.0.0.1", "tcp-backlog", "7");
        assertThat(server.listeners().backlogs()).containsExactly(7);
    }

    @Test
    void thereAreAsManyEventLoopsAsIoThreads() throws IOException {
        start("port", "" + freePort(), "bind", "127.0.0.1", "io-threads", "3");
        assertThat(engine.workers()).hasSize(3);
    }

    @Test
    void aNewPortTakesThePlaceOfTheOld() throws IOException {
        start("port", "" + freePort(), "bind", "127.0.0.1");
        long before = config.port.value();
        config.set(Map.of("port", "" + freePort()));
        assertThat(ask("127.0.0.1", config.port.value())).isEqualTo(ANSWER);
        assertNobodyListens("127.0.0.1", before);
    }

    @Test
    void aNewPortThatIsTakenLeavesTheOld() throws IOException {
        start("port", "" + freePort(), "bind", "127.0.0.1");
        try (ServerSocket other = new ServerSocket(0, 1, InetAddress.getByName("127.0.0.1"))) {
            assertThatThrownBy(() -> config.set(Map.of("port", "" + other.getLocalPort())))
                    .hasMessage("port: Unable to listen on this port. Check server logs.");
        }
        assertThat(ask("127.0.0.1", config.port.value())).isEqualTo(ANSWER);
    }

    @Test
    void newAddressesTakeThePlaceOfTheOld() throws IOException {
        start("port", "" + freePort(), "bind", "127.0.0.1 127.0.0.3");
        config.set(Map.of("bind", "127.0.0.3 127.0.0.4"));
        assertThat(ask("127.0.0.3", config.port.value())).isEqualTo(ANSWER);
        assertThat(ask("127.0.0.4", config.port.value())).isEqualTo(ANSWER);
        assertNobodyListens("127.0.0.1", config.port.value());
        assertThatThrownBy(() -> config.set(Map.of("bind", "203.0.113.77")))
                .hasMessage("bind: Failed to bind to specified addresses.");
        assertThat(askOnceMore("127.0.0.4", config.port.value())).isEqualTo(ANSWER);
    }

    @Test
    void aUnixSocketServesWithoutTcpAndGoesAtTheEnd() throws IOException {
        Path socket = folder.resolve("n.sock");
        RespServer server = start("port", "0", "unixsocket", socket.toString(), "unixsocketperm", "640");
        assertThat(ask(UnixDomainSocketAddress.of(socket))).isEqualTo(ANSWER);
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(socket)))
                .isEqualTo("rw-r-----");
        server.close();
        assertThat(socket).doesNotExist();
    }

    @Test
    void aUnixSocketThatWasLeftBehindIsReplaced() throws IOException {
        Path socket = folder.resolve("n.sock");
        java.nio.channels.ServerSocketChannel left =
                java.nio.channels.ServerSocketChannel.open(StandardProtocolFamily.UNIX);
        left.bind(UnixDomainSocketAddress.of(socket));
        left.close();
        assertThat(socket).exists();
        start("port", "0", "dir", folder.toString(), "unixsocket", "n.sock");
        assertThat(ask(UnixDomainSocketAddress.of(socket))).isEqualTo(ANSWER);
    }

    @Test
    void aFileInTheWayOfAUnixSocketStays() throws IOException {
        Path file = Files.writeString(folder.resolve("n.sock"), "precious");
        assertThatThrownBy(() -> start("port", "0", "unixsocket", file.toString()))
                .hasMessage("cannot listen at " + file + ": it is a file, and no socket");
        assertThat(file).hasContent("precious");
    }

    @Test
    void aClientOfAUnixSocketIsLocalAndShowsThePath() throws IOException {
        Path socket = folder.resolve("n.sock");
        start("port", "0", "unixsocket", socket.toString());
        try (SocketChannel channel = SocketChannel.open(UnixDomainSocketAddress.of(socket))) {
            Session session = awaitOneClient();
            assertThat(session.peer().isLocal()).isTrue();
            assertThat(session.peer().address()).isEqualTo(socket + ":0");
            assertThat(session.peer().localAddress()).isEqualTo(socket + ":0");
            assertThat(channel.isConnected()).isTrue();
        }
    }

    private Session awaitOneClient() {
        while (engine.clients().count() == 0) {
            Thread.onSpinWait();
        }
        return engine.clients().all().iterator().next();
    }

    @Test
    void repliesThatAreUnderWayArriveBeforeTheEnd() throws Exception {
        RespServer server = start("port", "" + freePort(), "bind", "127.0.0.1");
        try (Socket socket = new Socket("127.0.0.1", (int) config.port.value())) {
            int count = 20_000;
            socket.getOutputStream().write("PING\r\n".repeat(count).getBytes(StandardCharsets.US_ASCII));
            Session session = awaitOneClient();
            while (session.worker().inputBytes() < 6L * count) {
                Thread.onSpinWait();
            }
            Thread closing = new Thread(server::close);
            closing.start();
            byte[] answers = socket.getInputStream().readAllBytes();
            closing.join();
            assertThat(answers).hasSize(count * ANSWER.length());
        }
    }
}
