package io.nuthatch.commands;

import io.nuthatch.engine.AofFigures;
import io.nuthatch.engine.Clients;
import io.nuthatch.engine.Command;
import io.nuthatch.engine.CommandStats;
import io.nuthatch.engine.Config;
import io.nuthatch.engine.Durations;
import io.nuthatch.engine.Engine;
import io.nuthatch.engine.Loading;
import io.nuthatch.engine.MemoryWatch;
import io.nuthatch.engine.PubSub;
import io.nuthatch.engine.Rates;
import io.nuthatch.engine.Session;
import io.nuthatch.engine.Version;
import io.nuthatch.engine.Worker;
import io.nuthatch.store.Keyspace;
import io.nuthatch.store.Tx;
import java.math.BigDecimal;
import java.util.Collection;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.function.ToLongFunction;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/// The sections of INFO, in the order in which they come, with Redis's fields in Redis's order.
///
/// Every figure is measured, or it is what Redis says of a server that does not have the thing at all: no save, no
/// replica, no script. Fields of our own begin with `nuthatch_` or `jvm_`.
enum InfoSection {
    SERVER {
        @Override
        void write(Session session, InfoText text) {
            Engine engine = session.engine();
            Config config = engine.config();
            long nowMicros = engine.clock().wallMicros();
            long seconds = Math.max(0, nowMicros / 1000 - engine.bornMs()) / 1000;
            text.field("redis_version", Version.REDIS)
                    .field("redis_git_sha1", "00000000")
                    .field("redis_git_dirty", 0)
                    .field("redis_build_id", 0)
                    .field("redis_mode", "standalone")
                    .field("nuthatch_version", Version.NUTHATCH)
                    .field("server_name", "nuthatch")
                    .field("os", property("os.name") + " " + property("os.version") + " " + property("os.arch"))
                    .field("arch_bits", 64)
                    .field("jvm_version", property("java.vm.version"))
                    .field("monotonic_clock", "System.nanoTime")
                    .field("multiplexing_api", session.peer().transport())
                    .field("process_id", ProcessHandle.current().pid())
                    .field("process_supervised", "no")
                    .field("run_id", engine.runId())
                    .field("tcp_port", config.port.value())
                    .field("server_time_usec", nowMicros)
                    .field("uptime_in_seconds", seconds)
                    .field("uptime_in_days", seconds / 86_400)
                    .field("hz", hz(config))
                    .field("configured_hz", hz(config))
                    .field("lru_clock", nowMicros / 1_000_000 & 0xFFFFFF)
                    .field(
                            "executable",
                            ProcessHandle.current().info().command().orElse(""))
                    .field("config_file", config.file().map(Object::toString).orElse(""))
                    .field("io_threads_active", engine.workers().size() > 1 ? 1 : 0)
                    .field("nuthatch_io_threads", engine.workers().size());
        }
    },
    CLIENTS {
        @Override
        void write(Session session, InfoText text) {
            Clients clients = session.engine().clients();
            Collection<Session> all = clients.all();
            text.field("connected_clients", clients.count())
                    .field("cluster_connections", 0)
                    .field("maxclients", session.engine().config().maxclients.value())
                    .field(
                            "client_recent_max_input_buffer",
                            most(
                                    all,
                                    each -> each.peer().inputBytes()
                                            + each.peer().inputRoomBytes()))
                    .field(
                            "client_recent_max_output_buffer",
                            most(all, each -> each.peer().outputBytes()))
                    .field("blocked_clients", session.engine().waits().count())
                    .field("tracking_clients", session.engine().tracking().trackers())
                    .field("pubsub_clients", session.engine().pubSub().clients())
                    .field(
                            "watching_clients",
                            all.stream().filter(each -> each.watchedKeys() > 0).count())
                    .field("clients_in_timeout_table", session.engine().waits().limited())
                    .field(
                            "total_watched_keys",
                            all.stream().mapToLong(Session::watchedKeys).sum())
                    .field("total_blocking_keys", session.engine().waits().keys())
                    .field(
                            "total_blocking_keys_on_nokey",
                            session.engine().waits().mindedKeys());
        }
    },
    MEMORY {
        @Override
        void write(Session session, InfoText text) {
            MemoryFigures memory = MemoryFigures.of(session);
            Config config = session.engine().config();
            Keyspace.Counts counts = session.engine().keyspace().counts();
            long maxBytes = config.maxmemory.value();
            long systemBytes = ProcessFigures.systemMemoryBytes();
            text.bytes("used_memory", memory.usedBytes())
                    .bytes("used_memory_rss", memory.residentBytes())
                    .bytes("used_memory_peak", memory.peakBytes())
                    .field("used_memory_peak_time", memory.peakMs() / 1000)
                    .percent("used_memory_peak_perc", memory.peakPercent())
                    .field("used_memory_overhead", memory.overheadBytes())
                    .field("used_memory_startup", memory.startupBytes())
                    .field("used_memory_dataset", memory.datasetBytes())
                    .percent("used_memory_dataset_perc", memory.datasetPercent())
                    .field("allocator_allocated", memory.usedBytes())
                    .field("allocator_active", memory.activeBytes())
                    .field("allocator_resident", memory.heldBytes())
                    .field("allocator_muzzy", 0)
                    .bytes("total_system_memory", systemBytes)
                    .field("used_memory_lua", 0)
                    .field("used_memory_vm_eval", 0)
                    .field("used_memory_lua_human", InfoText.human(0))
                    .field("used_memory_scripts_eval", 0)
                    .field("number_of_cached_scripts", 0)
                    .field("number_of_functions", 0)
                    .field("number_of_libraries", 0)
                    .field("used_memory_vm_functions", 0)
                    .bytes("used_memory_vm_total", 0)
                    .field("used_memory_functions", 0)
                    .bytes("used_memory_scripts", 0)
                    .bytes("maxmemory", maxBytes)
                    .field("maxmemory_policy", config.maxmemoryPolicy.value())
                    .ratio("allocator_frag_ratio", memory.activeBytes(), memory.usedBytes())
                    .field("allocator_frag_bytes", memory.activeBytes() - memory.usedBytes())
                    .ratio("allocator_rss_ratio", memory.heldBytes(), memory.activeBytes())
                    .field("allocator_rss_bytes", memory.heldBytes() - memory.activeBytes())
                    .ratio("rss_overhead_ratio", memory.residentBytes(), memory.heldBytes())
                    .field("rss_overhead_bytes", memory.residentBytes() - memory.heldBytes())
                    .ratio("mem_fragmentation_ratio", memory.residentBytes(), memory.usedBytes())
                    .field("mem_fragmentation_bytes", memory.residentBytes() - memory.usedBytes())
                    .field("mem_not_counted_for_evict", 0)
                    .field("mem_replication_backlog", 0)
                    .field("mem_total_replication_buffers", 0)
                    .field("mem_clients_slaves", 0)
                    .field("mem_clients_normal", memory.clientsBytes())
                    .field("mem_cluster_links", 0)
                    .field("mem_aof_buffer", 0)
                    .field("mem_allocator", "nuthatch-slab")
                    .field("mem_overhead_db_hashtable_rehashing", 0)
                    .field("active_defrag_running", 0)
                    .field("lazyfree_pending_objects", counts.pendingFrees())
                    .field("lazyfreed_objects", counts.frees())
                    .field("jvm_heap_used", memory.heapUsedBytes())
                    .field("jvm_heap_committed", memory.heapCommittedBytes());
        }
    },
    PERSISTENCE {
        @Override
        void write(Session session, InfoText text) {
            Engine engine = session.engine();
            AofFigures aof = engine.aof().figures();
            text.field("loading", engine.loading().isOn() ? 1 : 0).field("async_loading", 0);
            engine.persistence().figures().forEach((name, value) -> text.field(name, String.valueOf(value)));
            text.field("aof_enabled", aof.enabled() ? 1 : 0)
                    .field("aof_rewrite_in_progress", aof.rewriting() ? 1 : 0)
                    .field("aof_rewrite_scheduled", aof.scheduled() ? 1 : 0)
                    .field("aof_last_rewrite_time_sec", aof.lastRewriteSeconds())
                    .field("aof_current_rewrite_time_sec", aof.currentRewriteSeconds())
                    .field("aof_last_bgrewrite_status", aof.rewriteOk() ? "ok" : "err")
                    .field("aof_rewrites", aof.rewrites())
                    .field("aof_rewrites_consecutive_failures", aof.failures())
                    .field("aof_last_write_status", aof.writeOk() ? "ok" : "err")
                    .field("aof_last_cow_size", 0)
                    .field("module_fork_in_progress", 0)
                    .field("module_fork_last_cow_size", 0);
            if (aof.enabled()) {
                text.field("aof_current_size", aof.currentBytes())
                        .field("aof_base_size", aof.baseBytes())
                        .field("aof_pending_rewrite", 0)
                        .field("aof_buffer_length", aof.bufferedBytes())
                        .field("aof_pending_bio_fsync", aof.unforcedBytes() > 0 ? 1 : 0)
                        .field("aof_delayed_fsync", 0);
            }
            if (engine.loading().isOn()) {
                writeLoading(engine, text);
            }
        }

        private void writeLoading(Engine engine, InfoText text) {
            Loading loading = engine.loading();
            long total = Math.max(1, loading.totalBytes());
            text.field("loading_start_time", loading.beganSeconds())
                    .field("loading_total_bytes", loading.totalBytes())
                    .field("loading_rdb_used_mem", 0)
                    .field("loading_loaded_bytes", loading.doneBytes())
                    .decimals("loading_loaded_perc", 100.0 * loading.doneBytes() / total)
                    .field("loading_eta_seconds", Math.max(1, loading.leftSeconds()));
        }
    },
    STATS {
        @Override
        void write(Session session, InfoText text) {
            Engine engine = session.engine();
            Keyspace.Counts counts = engine.keyspace().counts();
            Rates rates = engine.rates();
            MemoryWatch memory = engine.memoryWatch();
            long nowMs = engine.clock().wallMs();
            long reads = engine.sum(Worker::reads);
            long writes = engine.sum(Worker::writes);
            boolean threaded = engine.workers().size() > 1;
            long cycleMicros = engine.sum(Worker::cycleNanos) / 1000;
            double cycles = rates.perSecond(Rates.Counter.CYCLES);
            text.field("total_connections_received", engine.clients().accepted())
                    .field("total_commands_processed", engine.sum(Worker::commands))
                    .field("instantaneous_ops_per_sec", Math.round(rates.perSecond(Rates.Counter.COMMANDS)))
                    .field("total_net_input_bytes", engine.sum(Worker::inputBytes))
                    .field("total_net_output_bytes", engine.sum(Worker::outputBytes))
                    .field("total_net_repl_input_bytes", 0)
                    .field("total_net_repl_output_bytes", 0)
                    .decimals("instantaneous_input_kbps", rates.perSecond(Rates.Counter.INPUT_BYTES) / 1024)
                    .decimals("instantaneous_output_kbps", rates.perSecond(Rates.Counter.OUTPUT_BYTES) / 1024)
                    .field("instantaneous_input_repl_kbps", "0.00")
                    .field("instantaneous_output_repl_kbps", "0.00")
                    .field("rejected_connections", engine.clients().refused())
                    .field("sync_full", 0)
                    .field("sync_partial_ok", 0)
                    .field("sync_partial_err", 0)
                    .field("expired_subkeys", counts.expiredFields())
                    .field("expired_keys", counts.expired())
                    .field("expired_stale_perc", "0.00")
                    .field("expired_time_cap_reached_count", 0)
                    .field("expire_cycle_cpu_milliseconds", engine.expiryNanos() / 1_000_000)
                    .field("evicted_keys", counts.evicted())
                    .field("evicted_clients", engine.clients().evicted())
                    .field("evicted_scripts", 0)
                    .field("total_eviction_exceeded_time", memory.exceededMs(nowMs))
                    .field("current_eviction_exceeded_time", memory.exceedingMs(nowMs))
                    .field("keyspace_hits", counts.hits())
                    .field("keyspace_misses", counts.misses())
                    .field("pubsub_channels", engine.pubSub().count(PubSub.Kind.CHANNEL))
                    .field("pubsub_patterns", engine.pubSub().count(PubSub.Kind.PATTERN))
                    .field("pubsubshard_channels", engine.pubSub().count(PubSub.Kind.SHARD_CHANNEL))
                    .field("latest_fork_usec", 0)
                    .field("total_forks", 0)
                    .field("migrate_cached_sockets", 0)
                    .field("slave_expires_tracked_keys", 0)
                    .field("active_defrag_hits", 0)
                    .field("active_defrag_misses", 0)
                    .field("active_defrag_key_hits", 0)
                    .field("active_defrag_key_misses", 0)
                    .field("total_active_defrag_time", 0)
                    .field("current_active_defrag_time", 0)
                    .field("tracking_total_keys", engine.tracking().keys())
                    .field("tracking_total_items", engine.tracking().items())
                    .field("tracking_total_prefixes", engine.tracking().prefixes())
                    .field("unexpected_error_replies", 0)
                    .field("total_error_replies", engine.errorReplies())
                    .field("dump_payload_sanitizations", 0)
                    .field("total_reads_processed", reads)
                    .field("total_writes_processed", writes)
                    .field("io_threaded_reads_processed", threaded ? reads : 0)
                    .field("io_threaded_writes_processed", threaded ? writes : 0)
                    .field(
                            "client_query_buffer_limit_disconnections",
                            engine.clients().inputLimited())
                    .field(
                            "client_output_buffer_limit_disconnections",
                            engine.clients().outputLimited())
                    .field("reply_buffer_shrinks", 0)
                    .field("reply_buffer_expands", 0)
                    .field("eventloop_cycles", reads)
                    .field("eventloop_duration_sum", cycleMicros)
                    .field("eventloop_duration_cmd_sum", cycleMicros)
                    .field("instantaneous_eventloop_cycles_per_sec", Math.round(cycles))
                    .field(
                            "instantaneous_eventloop_duration_usec",
                            cycles == 0 ? 0 : Math.round(rates.perSecond(Rates.Counter.CYCLE_MICROS) / cycles));
        }
    },
    REPLICATION {
        @Override
        void write(Session session, InfoText text) {
            text.field("role", "master")
                    .field("connected_slaves", 0)
                    .field("master_failover_state", "no-failover")
                    .field("master_replid", session.engine().replicationId())
                    .field("master_replid2", "0".repeat(40))
                    .field("master_repl_offset", 0)
                    .field("second_repl_offset", -1)
                    .field("repl_backlog_active", 0)
                    .field("repl_backlog_size", 1 << 20)
                    .field("repl_backlog_first_byte_offset", 0)
                    .field("repl_backlog_histlen", 0);
        }
    },
    /// The event loops stand for Redis's main thread: they run the commands.
    CPU {
        @Override
        void write(Session session, InfoText text) {
            ProcessFigures.Cpu process = ProcessFigures.cpu();
            ProcessFigures.Cpu loops = ProcessFigures.cpuOfThreads("nuthatch-io");
            text.seconds("used_cpu_sys", process.systemSeconds())
                    .seconds("used_cpu_user", process.userSeconds())
                    .seconds("used_cpu_sys_children", process.childrenSystemSeconds())
                    .seconds("used_cpu_user_children", process.childrenUserSeconds())
                    .seconds("used_cpu_sys_main_thread", loops.systemSeconds())
                    .seconds("used_cpu_user_main_thread", loops.userSeconds());
        }
    },
    MODULES {
        @Override
        void write(Session session, InfoText text) {
            // There are none.
        }
    },
    COMMANDSTATS {
        @Override
        void write(Session session, InfoText text) {
            for (Command command : session.engine().commands().all()) {
                CommandStats stats = session.engine().stats(command);
                if (!stats.isEmpty()) {
                    double each = stats.calls() == 0 ? 0 : stats.nanos() / 1000.0 / stats.calls();
                    text.field(
                            "cmdstat_" + command.fullName(),
                            String.format(
                                    Locale.ROOT,
                                    "calls=%d,usec=%d,usec_per_call=%.2f,rejected_calls=%d,failed_calls=%d",
                                    stats.calls(),
                                    stats.nanos() / 1000,
                                    each,
                                    stats.rejected(),
                                    stats.failed()));
                }
            }
        }
    },
    ERRORSTATS {
        @Override
        void write(Session session, InfoText text) {
            session.engine().errors().forEach((code, count) -> text.field("errorstat_" + code, "count=" + count));
        }
    },
    LATENCYSTATS {
        @Override
        void write(Session session, InfoText text) {
            List<Double> percents =
                    session.engine().config().latencyTrackingInfoPercentiles.value();
            for (Command command : session.engine().commands().all()) {
                Durations durations = session.engine().stats(command).durations();
                if (durations != null) {
                    text.field(
                            "latency_percentiles_usec_" + command.fullName(),
                            percents.stream()
                                    .map(percent -> percentile(durations, percent))
                                    .collect(Collectors.joining(",")));
                }
            }
        }
    },
    CLUSTER {
        @Override
        void write(Session session, InfoText text) {
            text.field("cluster_enabled", 0);
        }
    },
    KEYSPACE {
        @Override
        void write(Session session, InfoText text) {
            Tx tx = session.tx();
            for (int db = 0; db < session.engine().keyspace().databases(); db++) {
                long keys = tx.size(db);
                if (keys > 0) {
                    text.field(
                            "db" + db,
                            "keys=" + keys + ",expires=" + tx.sizeWithDeadline(db) + ",avg_ttl=" + tx.averageTtlMs(db)
                                    + ",subexpiry=" + tx.sizeWithFields(db));
                }
            }
        }
    };

    /// What INFO tells unless asked otherwise.
    static final Set<InfoSection> USUAL = EnumSet.complementOf(EnumSet.of(COMMANDSTATS, LATENCYSTATS));

    abstract void write(Session session, InfoText text);

    /// @param name in capitals
    static Optional<InfoSection> named(String name) {
        return Stream.of(values()).filter(each -> each.name().equals(name)).findFirst();
    }

    /// A title and a line for each field.
    String text(Session session) {
        InfoText text = new InfoText(
                this == CPU ? "CPU" : name().charAt(0) + name().substring(1).toLowerCase(Locale.ROOT));
        write(session, text);
        return text.toString();
    }

    private static String hz(Config config) {
        return config.named("hz").orElseThrow().text();
    }

    private static String property(String name) {
        return System.getProperty(name, "");
    }

    private static long most(Collection<Session> clients, ToLongFunction<Session> figure) {
        return clients.stream().mapToLong(figure).max().orElse(0);
    }

    private static String percentile(Durations durations, double percent) {
        String shown = BigDecimal.valueOf(percent).stripTrailingZeros().toPlainString();
        return String.format(Locale.ROOT, "p%s=%.3f", shown, durations.percentileNanos(percent) / 1000.0);
    }
}
