package io.nuthatch.cache;

import io.lettuce.core.ClientOptions;
import io.lettuce.core.RedisChannelHandler;
import io.lettuce.core.RedisClient;
import io.lettuce.core.RedisConnectionStateListener;
import io.lettuce.core.RedisURI;
import io.lettuce.core.SocketOptions;
import io.lettuce.core.api.StatefulRedisConnection;
import io.lettuce.core.api.push.PushListener;
import io.lettuce.core.codec.ByteArrayCodec;
import io.lettuce.core.output.CommandOutput;
import io.lettuce.core.output.StatusOutput;
import io.lettuce.core.protocol.AsyncCommand;
import io.lettuce.core.protocol.Command;
import io.lettuce.core.protocol.CommandArgs;
import io.lettuce.core.protocol.CommandType;
import io.lettuce.core.protocol.ProtocolKeyword;
import io.lettuce.core.protocol.ProtocolVersion;
import io.lettuce.core.resource.ClientResources;
import io.lettuce.core.resource.DefaultClientResources;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Function;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The one connection of a RESP tier: made, armed, watched, and made again when it is lost.
///
/// Lettuce's own reconnecting is off: a connection that came back by itself would be taken for one whose
/// invalidations were never interrupted. Here a connection is used from the moment it is armed until it is lost,
/// and never again.
///
/// Replies and pushes come off a connection in the order in which the server sent them, on one thread. What is
/// done with a reply is registered before the command is sent ([#send]), so that it happens on that thread, in
/// that order, too.
final class RespLink implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(RespLink.class);

    /// How long a new cache waits for its first connection before it begins without.
    private static final Duration FIRST_WAIT = Duration.ofSeconds(1);

    private static final Duration SHORTEST_PAUSE = Duration.ofMillis(50);
    private static final Duration LONGEST_PAUSE = Duration.ofSeconds(5);
    private static final int IO_THREADS = 2;

    private final Redis redis;
    private final Time time;
    private final @Nullable Tracker tracker;
    private final ClientResources resources;
    private final RedisClient client;
    private final RedisURI uri;
    private final CompletableFuture<Boolean> firstUp = new CompletableFuture<>();

    private volatile @Nullable StatefulRedisConnection<byte[], byte[]> up;
    private volatile Duration pause = SHORTEST_PAUSE;
    private volatile String detail = "not connected yet";
    private volatile Runnable whenBack = () -> {};
    private volatile boolean closed;

    /// Who wants to know what others change.
    ///
    /// @param arguments what CLIENT TRACKING ON is told besides
    /// @param listener gets every push, on the thread of the replies
    /// @param armed runs when the server has begun to tell, on the thread of the replies
    /// @param lost runs when it tells no more
    record Tracker(
            UnaryOperator<CommandArgs<byte[], byte[]>> arguments,
            PushListener listener,
            Runnable armed,
            Runnable lost) {}

    RespLink(Redis redis, Time time, @Nullable Tracker tracker) {
        this.redis = redis;
        this.time = time;
        this.tracker = tracker;
        uri = parse(redis.uri());
        resources = DefaultClientResources.builder()
                .ioThreadPoolSize(IO_THREADS)
                .computationThreadPoolSize(IO_THREADS)
                .build();
        client = RedisClient.create(resources);
        client.setOptions(ClientOptions.builder()
                .autoReconnect(false)
                .disconnectedBehavior(ClientOptions.DisconnectedBehavior.REJECT_COMMANDS)
                .protocolVersion(tracker == null ? ProtocolVersion.RESP2 : ProtocolVersion.RESP3)
                .socketOptions(SocketOptions.builder()
                        .connectTimeout(redis.guard().timeout())
                        .build())
                .build());
    }

    private static RedisURI parse(String uri) {
        try {
            return RedisURI.create(uri);
        } catch (IllegalArgumentException e) {
            throw new ConfigurationException(
                    "redis", "cannot read the address " + uri + ": " + e.getMessage(), "write redis://host:port");
        }
    }

    /// Connects, and waits a moment for it.
    void start() {
        connect();
        try {
            firstUp.get(FIRST_WAIT.toMillis(), TimeUnit.MILLISECONDS);
        } catch (TimeoutException e) {
            log.warn("{} does not answer; the cache begins without it", uri);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (ExecutionException e) {
            throw new IllegalStateException(e);
        }
    }

    void whenBack(Runnable action) {
        whenBack = action;
    }

    String detail() {
        return detail;
    }

    boolean isUp() {
        return up != null;
    }

    private void connect() {
        if (closed) {
            return;
        }
        client.connectAsync(ByteArrayCodec.INSTANCE, uri).whenComplete((connection, failure) -> {
            if (failure != null) {
                connectLater("cannot connect: " + failure);
            } else {
                arm(connection);
            }
        });
    }

    private void connectLater(String why) {
        detail = why;
        if (!closed) {
            log.debug("{}: {}; next attempt in {}", uri, why, pause);
            time.after(pause, this::connect);
            Duration longer = pause.multipliedBy(2);
            pause = longer.compareTo(LONGEST_PAUSE) > 0 ? LONGEST_PAUSE : longer;
        }
    }

    private void arm(StatefulRedisConnection<byte[], byte[]> connection) {
        connection.addListener(new RedisConnectionStateListener() {
            @Override
            public void onRedisDisconnected(RedisChannelHandler<?, ?> gone) {
                lose(connection, "the connection was lost");
            }
        });
        Tracker wanted = tracker;
        if (wanted == null) {
            use(connection, "");
            return;
        }
        connection.addListener(wanted.listener());
        CommandArgs<byte[], byte[]> arguments = wanted.arguments()
                .apply(new CommandArgs<>(ByteArrayCodec.INSTANCE)
                        .add("TRACKING")
                        .add("ON")
                        .add("NOLOOP"));
        send(connection, CommandType.CLIENT, new StatusOutput<>(ByteArrayCodec.INSTANCE), arguments, status -> {
                    wanted.armed().run();
                    use(connection, "");
                    return status;
                })
                .whenComplete((status, failure) -> {
                    if (failure != null) {
                        goWithout(connection, failure);
                    }
                });
    }

    /// The server does not tell what others change: the tier serves, memory is not believed.
    private void goWithout(StatefulRedisConnection<byte[], byte[]> connection, Throwable failure) {
        if (connection.isOpen()) {
            log.warn("{} does not tell what others change, memory is not believed: {}", uri, failure.getMessage());
            use(connection, "tracking was refused: " + failure.getMessage());
        } else {
            connectLater("the connection was lost at once");
        }
    }

    private void use(StatefulRedisConnection<byte[], byte[]> connection, String state) {
        up = connection;
        detail = state;
        pause = SHORTEST_PAUSE;
        if (closed || !connection.isOpen()) {
            lose(connection, "the connection was lost at once");
            return;
        }
        firstUp.complete(true);
        whenBack.run();
        beatLater(connection);
    }

    /// Gives a connection up; once, whoever notices first.
    private void lose(StatefulRedisConnection<byte[], byte[]> connection, String why) {
        synchronized (this) {
            if (up != connection) {
                return;
            }
            up = null;
            if (tracker != null) {
                tracker.lost().run();
            }
        }
        connection.closeAsync();
        connectLater(why);
    }

    private void beatLater(StatefulRedisConnection<byte[], byte[]> connection) {
        time.after(redis.heartbeat(), () -> beat(connection));
    }

    private void beat(StatefulRedisConnection<byte[], byte[]> connection) {
        if (up != connection) {
            return;
        }
        Time.Timer patience = time.after(redis.guard().timeout(), () -> lose(connection, "no sign of life"));
        send(connection, CommandType.PING, new StatusOutput<>(ByteArrayCodec.INSTANCE), null, Function.identity())
                .whenComplete((pong, failure) -> {
                    patience.cancel();
                    if (failure == null) {
                        beatLater(connection);
                    } else {
                        lose(connection, "no sign of life: " + failure);
                    }
                });
    }

    /// Sends a command. What is done with the reply is done on the thread that reads, before it reads on.
    <T, R> CompletionStage<R> send(
            ProtocolKeyword type,
            CommandOutput<byte[], byte[], T> output,
            CommandArgs<byte[], byte[]> arguments,
            Function<T, R> onReply) {
        StatefulRedisConnection<byte[], byte[]> connection = up;
        if (connection == null) {
            return CompletableFuture.failedFuture(new IllegalStateException(detail));
        }
        return send(connection, type, output, arguments, onReply);
    }

    private <T, R> CompletionStage<R> send(
            StatefulRedisConnection<byte[], byte[]> connection,
            ProtocolKeyword type,
            CommandOutput<byte[], byte[], T> output,
            @Nullable CommandArgs<byte[], byte[]> arguments,
            Function<T, R> onReply) {
        AsyncCommand<byte[], byte[], T> command = new AsyncCommand<>(new Command<>(type, output, arguments));
        CompletionStage<R> replied = command.thenApply(onReply);
        connection.dispatch(command);
        return replied;
    }

    @Override
    public void close() {
        closed = true;
        StatefulRedisConnection<byte[], byte[]> connection = up;
        if (connection != null) {
            lose(connection, "closed");
        }
        client.shutdownAsync(0, 1, TimeUnit.SECONDS).join();
        resources.shutdown(0, 1, TimeUnit.SECONDS).awaitUninterruptibly();
    }
}
