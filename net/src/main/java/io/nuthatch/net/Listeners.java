package io.nuthatch.net;

import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFactory;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelOption;
import io.netty.channel.ServerChannel;
import io.netty.channel.socket.SocketProtocolFamily;
import io.netty.channel.unix.Errors.NativeIoException;
import io.nuthatch.engine.Config;
import java.io.IOException;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.UnknownHostException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.PosixFilePermission;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The sockets that a server listens at: those of `bind` and `port`, and that of `unixsocket`.
///
/// Locks: its own monitor. It may be called from an event loop, because it waits only for the thread that accepts, and
/// that waits for nobody.
final class Listeners {
    private static final Logger LOG = LoggerFactory.getLogger(Listeners.class);

    private static final String ALL_IPV4 = "*";
    private static final String ALL_IPV6 = "::*";

    /// What the system says when it has no such address, or no such family: `<errno.h>` of Linux.
    private static final int EAFNOSUPPORT = -97;

    private static final int EADDRNOTAVAIL = -99;
    private static final List<String> NO_SUCH_ADDRESS = List.of(
            "Cannot assign requested address",
            "Can't assign requested address",
            "Address family not supported",
            "Protocol family");

    private final Transport transport;
    private final ServerBootstrap bootstrap;
    private final Config config;
    private final Map<Place, Channel> open = new LinkedHashMap<>();
    private final Map<Path, Channel> unixSockets = new LinkedHashMap<>();

    /// Where one socket listens.
    ///
    /// @param host as in `bind`, without the `-`
    private record Place(String host, int port) {
        SocketAddress at(InetAddress address) {
            return new InetSocketAddress(address, port);
        }
    }

    /// @param bootstrap all but the kind of channel and the address
    Listeners(Transport transport, ServerBootstrap bootstrap, Config config) {
        this.transport = transport;
        this.bootstrap = bootstrap.option(ChannelOption.SO_BACKLOG, Math.toIntExact(config.tcpBacklog.value()));
        this.config = config;
    }

    /// Has the TCP sockets be those that the configuration names: opens what is missing, closes the others.
    ///
    /// @throws IOException if a place cannot be had; as far as possible those that were open stay
    synchronized void listen() throws IOException {
        int port = Math.toIntExact(config.port.value());
        List<String> hosts = port == 0 ? List.of() : hosts(config.bind.value());
        Set<Place> wanted = new HashSet<>();
        hosts.forEach(host -> wanted.add(new Place(withoutDash(host), port)));
        try {
            openMissing(hosts, port);
        } catch (IOException fault) {
            boolean mayBeInTheWay =
                    open.keySet().stream().anyMatch(place -> place.port() == port && !wanted.contains(place));
            if (!mayBeInTheWay || isAbsent(fault)) {
                throw fault;
            }
            // As all addresses may be, where now one of them is wanted.
            closeAllBut(wanted);
            openMissing(hosts, port);
        }
        closeAllBut(wanted);
    }

    /// Opens all, or none.
    private void openMissing(List<String> hosts, int port) throws IOException {
        Set<Place> before = Set.copyOf(open.keySet());
        try {
            for (String host : hosts) {
                Place place = new Place(withoutDash(host), port);
                if (!open.containsKey(place)) {
                    open(place, host.startsWith("-"));
                }
            }
        } catch (IOException fault) {
            closeAllBut(before);
            throw fault;
        }
    }

    private void closeAllBut(Set<Place> kept) {
        open.forEach((place, channel) -> {
            if (!kept.contains(place)) {
                close(channel);
            }
        });
        open.keySet().retainAll(kept);
    }

    /// Java's sockets for all of IPv6 listen at all of IPv4 as well, so both together are one socket there, and the one
    /// without the other would be more than was asked for.
    private List<String> hosts(List<String> bind) throws IOException {
        List<String> hosts = new ArrayList<>(bind);
        boolean all = bind.stream().map(Listeners::withoutDash).anyMatch(ALL_IPV6::equals);
        if (!all || transport.canBeIpv6Only()) {
            return hosts;
        }
        boolean both = hosts.removeIf(host -> withoutDash(host).equals(ALL_IPV4));
        if (!both && hosts.contains(ALL_IPV6)) {
            throw new IOException("::* would listen on IPv4 as well without epoll: write * ::* if that is meant");
        }
        if (!both) {
            hosts.remove("-" + ALL_IPV6);
        }
        return hosts;
    }

    private static String withoutDash(String host) {
        return host.startsWith("-") ? host.substring(1) : host;
    }

    private void open(Place place, boolean optional) throws IOException {
        try {
            open.put(place, bind(place));
            LOG.info("listening: address={}, port={}, transport={}", place.host(), place.port(), transport);
        } catch (IOException fault) {
            if (!optional || !isAbsent(fault)) {
                throw new IOException(
                        "cannot listen at " + place.host() + ", port " + place.port() + ": " + reason(fault), fault);
            }
            LOG.info("not listening, for there is no such address here: address={}", place.host());
        }
    }

    private Channel bind(Place place) throws IOException {
        InetAddress address = address(place.host());
        boolean six = address instanceof Inet6Address;
        ChannelFactory<ServerChannel> kind = () -> {
            ServerChannel channel = transport.tcp(six ? SocketProtocolFamily.INET6 : SocketProtocolFamily.INET);
            if (six && transport.canBeIpv6Only()) {
                transport.ipv6Only(channel);
            }
            return channel;
        };
        return bind(bootstrap.clone().option(ChannelOption.SO_REUSEADDR, true), kind, place.at(address));
    }

    private static Channel bind(ServerBootstrap bootstrap, ChannelFactory<ServerChannel> kind, SocketAddress address)
            throws IOException {
        ChannelFuture bound = bootstrap.channelFactory(kind).bind(address).awaitUninterruptibly();
        if (!bound.isSuccess()) {
            throw bound.cause() instanceof IOException fault ? fault : new IOException(bound.cause());
        }
        return bound.channel();
    }

    private static InetAddress address(String host) throws UnknownHostException {
        return switch (host) {
            case ALL_IPV4 -> InetAddress.getByName("0.0.0.0");
            case ALL_IPV6 -> InetAddress.getByName("::");
            default -> InetAddress.getByName(host);
        };
    }

    private static boolean isAbsent(Throwable fault) {
        boolean absent = fault instanceof NativeIoException error
                ? error.expectedErr() == EADDRNOTAVAIL || error.expectedErr() == EAFNOSUPPORT
                : fault instanceof UnknownHostException
                        || NO_SUCH_ADDRESS.stream().anyMatch(String.valueOf(fault.getMessage())::contains);
        return absent || fault.getCause() != null && isAbsent(fault.getCause());
    }

    /// What the system said, without what Netty says before it.
    private static String reason(IOException fault) {
        if (fault instanceof UnknownHostException) {
            return "unknown host";
        }
        String message = String.valueOf(fault.getMessage());
        return message.substring(message.lastIndexOf(": ") + 1).trim();
    }

    // ---- unix socket

    /// Listens at a path. A socket that an earlier server has left there goes; anything else stays, and is in the way.
    synchronized void listen(Path path) throws IOException {
        if (Files.exists(path, LinkOption.NOFOLLOW_LINKS)) {
            // Netty would delete whatever is there.
            if (!Files.readAttributes(path, BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS)
                    .isOther()) {
                throw new IOException("cannot listen at " + path + ": it is a file, and no socket");
            }
            Files.delete(path);
        }
        try {
            SocketAddress address = transport.unixAddress(path.toString());
            Channel channel = bind(bootstrap.clone(), transport::unix, address);
            unixSockets.put(path, channel);
            permit(path, (int) config.unixsocketperm.value());
        } catch (IOException fault) {
            throw new IOException("cannot listen at " + path + ": " + reason(fault), fault);
        }
        LOG.info("listening: path={}, transport={}", path, transport);
    }

    /// @param mode the nine bits of `rwxrwxrwx`; none leaves the file as it is
    private static void permit(Path path, int mode) throws IOException {
        if (mode == 0) {
            return;
        }
        PosixFilePermission[] all = PosixFilePermission.values();
        Set<PosixFilePermission> permissions = EnumSet.noneOf(PosixFilePermission.class);
        for (int i = 0; i < all.length; i++) {
            if ((mode & 0400 >> i) != 0) {
                permissions.add(all[i]);
            }
        }
        Files.setPosixFilePermissions(path, permissions);
    }

    // ---- the end

    /// How many connections may wait at each TCP socket.
    synchronized List<Integer> backlogs() {
        return open.values().stream()
                .map(channel -> channel.config().getOption(ChannelOption.SO_BACKLOG))
                .toList();
    }

    synchronized boolean isEmpty() {
        return open.isEmpty() && unixSockets.isEmpty();
    }

    /// Accepts nobody any more, and takes the file of the unix socket away.
    synchronized void close() {
        open.values().forEach(Listeners::close);
        open.clear();
        unixSockets.forEach((path, channel) -> {
            close(channel);
            try {
                Files.deleteIfExists(path);
            } catch (IOException fault) {
                LOG.warn("cannot remove the unix socket: path={}", path, fault);
            }
        });
        unixSockets.clear();
    }

    private static void close(Channel channel) {
        channel.close().awaitUninterruptibly();
    }
}
