package io.nuthatch.server;

import io.nuthatch.commands.BitmapCommands;
import io.nuthatch.commands.ClientCommands;
import io.nuthatch.commands.CommandCommands;
import io.nuthatch.commands.ConfigCommands;
import io.nuthatch.commands.ConnectionCommands;
import io.nuthatch.commands.DebugCommands;
import io.nuthatch.commands.FieldCommands;
import io.nuthatch.commands.GeoCommands;
import io.nuthatch.commands.HashCommands;
import io.nuthatch.commands.HyperLogLogCommands;
import io.nuthatch.commands.InfoCommands;
import io.nuthatch.commands.KeyCommands;
import io.nuthatch.commands.LatencyCommands;
import io.nuthatch.commands.ListCommands;
import io.nuthatch.commands.MemoryCommands;
import io.nuthatch.commands.PubSubCommands;
import io.nuthatch.commands.ServerCommands;
import io.nuthatch.commands.SetCommands;
import io.nuthatch.commands.SlowLogCommands;
import io.nuthatch.commands.SortCommands;
import io.nuthatch.commands.SortedSetCommands;
import io.nuthatch.commands.StreamCommands;
import io.nuthatch.commands.StringCommands;
import io.nuthatch.commands.TransactionCommands;
import io.nuthatch.engine.Clock;
import io.nuthatch.engine.Config;
import io.nuthatch.engine.Engine;
import io.nuthatch.engine.Family;
import io.nuthatch.memory.PagePool;
import io.nuthatch.net.RespServer;
import io.nuthatch.persistence.AofCommands;
import io.nuthatch.persistence.AppendOnlyFile;
import io.nuthatch.persistence.DumpCommands;
import io.nuthatch.persistence.SaveCommands;
import io.nuthatch.persistence.Snapshots;
import io.nuthatch.store.EvictionPolicy;
import io.nuthatch.store.Keyspace;
import io.nuthatch.store.StoreSettings;
import java.io.IOException;
import java.security.SecureRandom;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;

/// A server, whole: configuration, store, commands, network, put together in one place.
///
/// ```
///   Config -> StoreSettings -> Keyspace -> Engine (families, gates) -> RespServer
///                                 ^-- Heartbeat (expiry, freeing)
/// ```
public final class Server implements AutoCloseable {
    private final Engine engine;
    private final Snapshots snapshots;
    private final AppendOnlyFile log;
    private final RespServer network;
    private final Heartbeat heartbeat;
    private final CountDownLatch stop = new CountDownLatch(1);
    private final AtomicBoolean closed = new AtomicBoolean();

    private Server(Config config, Clock clock) {
        StoreSettings settings = new StoreSettings();
        follow(config, settings);
        if (config.disableThp.isOn()) {
            PagePool.refuseHugePages();
        }
        Keyspace keyspace =
                new Keyspace(Math.toIntExact(config.databases.value()), new SecureRandom().nextLong(), settings);
        engine = new Engine(config, clock, keyspace, families(config), List.of(new Gates(keyspace)));
        snapshots = Snapshots.of(engine);
        engine.persistence(snapshots);
        log = AppendOnlyFile.of(engine, snapshots);
        engine.aof(log);
        heartbeat = new Heartbeat(engine, log::tick);
        network = new RespServer(engine);
    }

    /// Starts a server: it listens, and loads its data. It serves when this returns.
    ///
    /// @throws IOException if it cannot listen where the configuration says, or not load what is there
    public static Server start(Config config, Clock clock) throws IOException {
        Server server = new Server(config, clock);
        server.engine.loading().begin(0);
        server.heartbeat.start();
        try {
            server.network.listen();
            server.snapshots.removeStaleFiles();
            if (!config.appendonly.isOn()) {
                server.snapshots.loadAtStart();
            }
            server.log.start();
        } catch (IOException | RuntimeException fault) {
            server.close();
            throw fault;
        } finally {
            server.engine.loading().end();
        }
        return server;
    }

    private List<Family> families(Config config) {
        return List.of(
                StringCommands.family(),
                ListCommands.family(),
                SetCommands.family(),
                HashCommands.family(),
                FieldCommands.family(),
                BitmapCommands.family(),
                HyperLogLogCommands.family(),
                SortedSetCommands.family(),
                GeoCommands.family(),
                StreamCommands.family(),
                KeyCommands.family(),
                DumpCommands.family(config),
                AofCommands.family(() -> log),
                AofCommands.waiting(),
                TransactionCommands.family(),
                SortCommands.family(),
                PubSubCommands.family(),
                ConnectionCommands.family(),
                ClientCommands.family(),
                ServerCommands.family(this::shutdown),
                SaveCommands.family(this::snapshots),
                CommandCommands.family(),
                ConfigCommands.family(ConfigRewrite::rewrite),
                DebugCommands.family(),
                InfoCommands.family(),
                LatencyCommands.family(),
                MemoryCommands.family(),
                SlowLogCommands.family());
    }

    private static void follow(Config config, StoreSettings settings) {
        config.maxmemory.follow(() -> settings.maxMemoryBytes = config.maxmemory.value());
        config.maxmemoryPolicy.follow(() -> settings.policy =
                EvictionPolicy.named(config.maxmemoryPolicy.value()).orElseThrow());
        config.maxmemorySamples.follow(() -> settings.samples = (int) config.maxmemorySamples.value());
        config.maxmemoryEvictionTenacity.follow(
                () -> settings.tenacity = (int) config.maxmemoryEvictionTenacity.value());
        config.lfuLogFactor.follow(() -> settings.lfuLogFactor = (int) config.lfuLogFactor.value());
        config.lfuDecayTime.follow(() -> settings.lfuDecayMinutes = (int) config.lfuDecayTime.value());
        followCollections(config, settings);
    }

    private static void followCollections(Config config, StoreSettings settings) {
        config.listMaxListpackSize.follow(
                () -> settings.listMaxListpackSize = (int) config.listMaxListpackSize.value());
        config.setMaxIntsetEntries.follow(() -> settings.setMaxIntsetEntries = config.setMaxIntsetEntries.value());
        config.setMaxListpackEntries.follow(
                () -> settings.setMaxListpackEntries = config.setMaxListpackEntries.value());
        config.setMaxListpackValue.follow(() -> settings.setMaxListpackValue = config.setMaxListpackValue.value());
        config.hashMaxListpackEntries.follow(
                () -> settings.hashMaxListpackEntries = config.hashMaxListpackEntries.value());
        config.hashMaxListpackValue.follow(() -> settings.hashMaxListpackValue = config.hashMaxListpackValue.value());
        config.zsetMaxListpackEntries.follow(
                () -> settings.sortedSetMaxListpackEntries = config.zsetMaxListpackEntries.value());
        config.zsetMaxListpackValue.follow(
                () -> settings.sortedSetMaxListpackValue = config.zsetMaxListpackValue.value());
        config.streamNodeMaxBytes.follow(() -> settings.streamNodeMaxBytes = config.streamNodeMaxBytes.value());
        config.streamNodeMaxEntries.follow(() -> settings.streamNodeMaxEntries = config.streamNodeMaxEntries.value());
        config.streamIdmpDuration.follow(() -> settings.streamIdmpDuration = config.streamIdmpDuration.value());
        config.streamIdmpMaxsize.follow(() -> settings.streamIdmpMaxsize = config.streamIdmpMaxsize.value());
    }

    public Engine engine() {
        return engine;
    }

    private Snapshots snapshots() {
        return snapshots;
    }

    /// The TCP port it listens on, 0 for none.
    public int port() {
        return Math.toIntExact(engine.config().port.value());
    }

    /// Asks the server to stop: SHUTDOWN.
    public void shutdown() {
        stop.countDown();
    }

    /// Waits until someone asks it to stop.
    void awaitShutdown() throws InterruptedException {
        stop.await();
    }

    /// Whether someone has begun to close it.
    boolean isClosed() {
        return closed.get();
    }

    /// Ends it: what has been answered is sent, and all connections are closed. A second time does nothing.
    @Override
    public void close() {
        if (closed.compareAndSet(false, true)) {
            network.close();
            heartbeat.close();
            log.close();
            snapshots.close();
            stop.countDown();
        }
    }
}
