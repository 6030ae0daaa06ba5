package io.nuthatch.engine;

import static io.nuthatch.engine.Setting.Section.CLIENTS;
import static io.nuthatch.engine.Setting.Section.CLUSTER;
import static io.nuthatch.engine.Setting.Section.DATA_TYPES;
import static io.nuthatch.engine.Setting.Section.MEMORY;
import static io.nuthatch.engine.Setting.Section.NETWORK;
import static io.nuthatch.engine.Setting.Section.OBSERVATION;
import static io.nuthatch.engine.Setting.Section.PERSISTENCE;
import static io.nuthatch.engine.Setting.Section.PROCESS;
import static io.nuthatch.engine.Setting.Section.REPLICATION;
import static io.nuthatch.engine.Setting.Section.SCRIPTS;
import static io.nuthatch.engine.Setting.Section.SECURITY;
import static io.nuthatch.engine.Setting.Section.TLS;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/// The configuration: one row for each directive, with its name, its default, its bounds, and what it is. Whoever needs
/// a value reads the field; whoever must act on a change follows it ([Setting#follow]).
///
/// In this order: directives that act, each a field; then, section by section, those that are known and kept without
/// effect ([Setting.Effect]), so that a configuration of Redis's is understood whole; then how values change. A
/// directive that waits for a part of the server becomes a field when that part comes.
///
/// Names, bounds, defaults and error texts: Redis 7.0, `config.c`.
public final class Config {
    private static final String NO_REPLICATION = "there is no replication yet: no copy of the data would exist";
    private static final String NO_ACL =
            "there are no users and access lists yet: everyone would be allowed everything";
    private static final String NO_TLS = "there is no TLS yet: connections would not be encrypted";

    private static final long INT = Integer.MAX_VALUE;
    private static final long LONG = Long.MAX_VALUE;
    private static final long KB = 1L << 10;
    private static final long MB = 1L << 20;
    private static final long GB = 1L << 30;

    /// More event loops than this are of no use to anyone.
    private static final int MOST_THREADS = 128;

    private final Map<String, Setting> byName = new TreeMap<>();
    private final List<Setting> inOrder = new ArrayList<>();
    private volatile @Nullable Path file;

    // ---- network

    public final Setting.Shaped<List<String>> bind =
            row(NETWORK, "bind", "The addresses to listen at.").several(Shapes.addresses(), "127.0.0.1 -::1");

    public final Setting.Whole port =
            row(NETWORK, "port", "The TCP port; 0 for none.").whole(6379, 0, 65535);

    public final Setting.Switch protectedMode = row(
                    NETWORK,
                    "protected-mode",
                    "Without a password, serves clients of this machine only, whatever `bind` says.")
            .yes();

    public final Setting.Text unixsocket = row(NETWORK, "unixsocket", "The path of a unix socket to listen at as well.")
            .fixed()
            .text("");

    public final Setting.Whole unixsocketperm = row(
                    NETWORK, "unixsocketperm", "The permissions of the unix socket; 0 leaves them to the umask.")
            .fixed()
            .octal(0, 0777);

    public final Setting.Whole tcpBacklog = row(
                    NETWORK,
                    "tcp-backlog",
                    "How many connections may wait to be accepted, as far as the kernel agrees.")
            .fixed()
            .whole(511, 0, INT);

    public final Setting.Whole tcpKeepalive = row(
                    NETWORK,
                    "tcp-keepalive",
                    "Seconds of silence after which the kernel looks for a client; 0 for never.")
            .whole(300, 0, INT);

    public final Setting.Whole ioThreads = row(
                    NETWORK, "io-threads", "How many event loops read, run commands and write.")
            .fixed()
            .defaultInWords("the number of cores")
            .whole(Math.min(Runtime.getRuntime().availableProcessors(), MOST_THREADS), 1, MOST_THREADS);

    // ---- clients

    public final Setting.Whole maxclients = row(CLIENTS, "maxclients", "How many clients may be connected at a time.")
            .whole(10_000, 1, 0xFFFF_FFFFL);

    public final Setting.Whole timeout = row(
                    CLIENTS, "timeout", "Seconds of silence after which a client is dropped; 0 for never.")
            .whole(0, 0, INT);

    public final Setting.Whole protoMaxBulkLen = row(
                    CLIENTS, "proto-max-bulk-len", "The longest word of a request, and the longest string.")
            .bytes(512 * MB, MB, LONG);

    public final Setting.Whole clientQueryBufferLimit = row(
                    CLIENTS, "client-query-buffer-limit", "How much of a request may wait for the rest of it.")
            .bytes(GB, MB, LONG);

    public final Setting.Shaped<OutputLimits> clientOutputBufferLimit = row(
                    CLIENTS, "client-output-buffer-limit", "How many bytes of replies may wait for a client.")
            .several(new OutputLimits.Shape(), OutputLimits.DEFAULT);

    public final Setting.Whole maxmemoryClients = row(
                    CLIENTS,
                    "maxmemory-clients",
                    "How much memory all clients together may take before the largest are dropped; 0 for no limit.")
            .bytesOrPercent(0);

    public final Setting.Whole trackingTableMaxKeys = row(
                    CLIENTS,
                    "tracking-table-max-keys",
                    "How many keys are remembered of clients that cache them (CLIENT TRACKING); 0 for any number.")
            .whole(1_000_000, 0, LONG);

    // ---- keys and memory

    public final Setting.Whole databases = row(MEMORY, "databases", "How many numbered databases there are.")
            .fixed()
            .whole(16, 1, 1024);

    public final Setting.Switch disableThp = row(
                    MEMORY,
                    "disable-thp",
                    "Keeps data in memory pages of the usual size, not in transparent huge ones.")
            .fixed()
            .no();

    public final Setting.Whole maxmemory = row(
                    MEMORY, "maxmemory", "How much memory the data may take; 0 for no limit.")
            .bytes(0, 0, LONG);

    public final Setting.Choice maxmemoryPolicy = row(
                    MEMORY, "maxmemory-policy", "Which keys go when the data reaches `maxmemory`.")
            .choice(
                    "noeviction",
                    "volatile-lru",
                    "volatile-lfu",
                    "volatile-random",
                    "volatile-ttl",
                    "allkeys-lru",
                    "allkeys-lfu",
                    "allkeys-random",
                    "noeviction");

    public final Setting.Whole maxmemorySamples = row(
                    MEMORY, "maxmemory-samples", "How many keys are compared to find one to evict.")
            .whole(5, 1, INT);

    public final Setting.Whole maxmemoryEvictionTenacity = row(
                    MEMORY,
                    "maxmemory-eviction-tenacity",
                    "How long a command may go on evicting: 0 hardly, 100 for ever.")
            .whole(10, 0, 100);

    public final Setting.Whole lfuLogFactor = row(MEMORY, "lfu-log-factor", "How slowly the counter of uses grows.")
            .whole(10, 0, INT);

    public final Setting.Whole lfuDecayTime = row(
                    MEMORY, "lfu-decay-time", "Minutes after which the counter of uses loses one; 0 for never.")
            .whole(1, 0, INT);

    // ---- data types

    public final Setting.Whole hllSparseMaxBytes = row(
                    DATA_TYPES, "hll-sparse-max-bytes", "Up to which size a HyperLogLog is kept sparse.")
            .bytes(3000, 0, LONG);

    // ---- security

    public final Setting.Text requirepass = row(
                    SECURITY, "requirepass", "The password of the default user; empty for none.")
            .sensitive()
            .text("");

    public final Setting.Choice enableDebugCommand = row(
                    SECURITY,
                    "enable-debug-command",
                    "Who may call DEBUG: nobody, everyone, or clients of this machine.")
            .fixed()
            .choice("no", "no", "yes", "local");

    public final Setting.Choice enableProtectedConfigs = row(
                    SECURITY,
                    "enable-protected-configs",
                    "Who may change `dir` and `dbfilename` with CONFIG SET: nobody, everyone, or clients of this machine.")
            .fixed()
            .choice("no", "no", "yes", "local");

    // ---- snapshots

    public final Setting.Shaped<List<String>> save = row(
                    PERSISTENCE, "save", "After how many seconds and how many changes to save a snapshot.")
            .several(Shapes.savePoints(), "3600 1 300 100 60 10000");

    public final Setting.Shaped<String> dbfilename = row(
                    PERSISTENCE, "dbfilename", "The name of the snapshot, within `dir`.")
            .guarded()
            .one(Shapes.plainName("dbfilename", "filename"), "dump.rdb");

    public final Setting.Switch stopWritesOnBgsaveError = row(
                    PERSISTENCE,
                    "stop-writes-on-bgsave-error",
                    "Refuses writes after a snapshot has failed that was due, so that it does not go unseen.")
            .yes();

    public final Setting.Switch rdbcompression = row(
                    PERSISTENCE, "rdbcompression", "Compresses strings in snapshots and by DUMP.")
            .yes();

    public final Setting.Switch rdbchecksum = row(
                    PERSISTENCE, "rdbchecksum", "Ends snapshots with a checksum, and compares it when they are loaded.")
            .fixed()
            .yes();

    public final Setting.Switch rdbSaveIncrementalFsync = row(
                    PERSISTENCE,
                    "rdb-save-incremental-fsync",
                    "Forces a snapshot to disk as it grows, so that the end is not one long wait.")
            .yes();

    // ---- the append-only file

    public final Setting.Switch appendonly = row(
                    PERSISTENCE, "appendonly", "Logs every change to disk, and runs the log again at the next start.")
            .no();

    public final Setting.Shaped<String> appendfilename = row(
                    PERSISTENCE, "appendfilename", "The first part of the names of the log's files.")
            .fixed()
            .one(Shapes.plainName("appendfilename", "filename"), "appendonly.aof");

    public final Setting.Shaped<String> appenddirname = row(
                    PERSISTENCE, "appenddirname", "The folder of the log's files, within `dir`.")
            .fixed()
            .one(Shapes.plainName("appenddirname", "dirname"), "appendonlydir");

    public final Setting.Choice appendfsync = row(
                    PERSISTENCE,
                    "appendfsync",
                    "When a change must be on disk: before it is answered, within a second, or when the system likes.")
            .choice("everysec", "everysec", "always", "no");

    public final Setting.Switch noAppendfsyncOnRewrite = row(
                    PERSISTENCE, "no-appendfsync-on-rewrite", "Does not force the log to disk while it is rewritten.")
            .no();

    public final Setting.Whole autoAofRewritePercentage = row(
                    PERSISTENCE,
                    "auto-aof-rewrite-percentage",
                    "By how much the log grows before it is rewritten by itself; 0: never.")
            .whole(100, 0, INT);

    public final Setting.Whole autoAofRewriteMinSize = row(
                    PERSISTENCE, "auto-aof-rewrite-min-size", "The log is not rewritten by itself while it is smaller.")
            .bytes(64 * MB, 0, LONG);

    public final Setting.Switch aofUseRdbPreamble = row(
                    PERSISTENCE,
                    "aof-use-rdb-preamble",
                    "A rewritten log begins with RDB, which is smaller and loads faster, rather than with commands.")
            .yes();

    public final Setting.Switch aofLoadTruncated = row(
                    PERSISTENCE,
                    "aof-load-truncated",
                    "Starts with a log whose last command is cut off, without that; else such a log is refused.")
            .yes();

    public final Setting.Switch aofTimestampEnabled = row(
                    PERSISTENCE,
                    "aof-timestamp-enabled",
                    "Notes in the log when changes were made, so that a moment can be restored.")
            .no();

    public final Setting.Switch aofRewriteIncrementalFsync = row(
                    PERSISTENCE,
                    "aof-rewrite-incremental-fsync",
                    "Forces a rewritten log to disk as it grows, so that the end is not one long wait.")
            .yes();

    public final Setting.Switch aofDisableAutoGc = row(
                    PERSISTENCE,
                    "aof-disable-auto-gc",
                    "Keeps the files that a rewritten log has superseded, for `restore`.")
            .no();

    // ---- the process and its log

    public final Setting.Shaped<List<String>> shutdownOnSigterm = row(
                    PROCESS, "shutdown-on-sigterm", "Whether to save at SIGTERM, and what to do if that fails.")
            .several(Shapes.shutdownOptions(), "default");

    public final Setting.Shaped<List<String>> shutdownOnSigint =
            row(PROCESS, "shutdown-on-sigint", "The same at SIGINT.").several(Shapes.shutdownOptions(), "default");

    public final Setting.Shaped<Path> dir = row(
                    PROCESS, "dir", "The folder that relative paths of other directives begin at.")
            .guarded()
            .defaultInWords("the folder it is started in")
            .one(Shapes.folder(), "");

    public final Setting.Text pidfile = row(PROCESS, "pidfile", "A file to write the number of the process to.")
            .fixed()
            .text("");

    public final Setting.Choice loglevel =
            row(PROCESS, "loglevel", "How much is logged.").choice("notice", "debug", "verbose", "notice", "warning");

    public final Setting.Choice logFormat = row(
                    PROCESS, "log-format", "How the log is written: lines for people, or JSON. (Nuthatch's own.)")
            .choice("text", "text", "json");

    public final Setting.Text logfile = row(PROCESS, "logfile", "A file to log to; empty for standard error.")
            .fixed()
            .text("");

    // ---- data types

    public final Setting.Whole listMaxListpackSize = row(
                    DATA_TYPES,
                    "list-max-listpack-size",
                    "How large one piece of a list is: entries, or -1 to -5 for 4 to 64 KB.")
            .alias("list-max-ziplist-size")
            .whole(-2, Integer.MIN_VALUE, INT);

    public final Setting.Whole setMaxIntsetEntries = row(
                    DATA_TYPES, "set-max-intset-entries", "Up to how many numbers a set is kept packed.")
            .whole(512, 0, LONG);

    public final Setting.Whole setMaxListpackEntries = row(
                    DATA_TYPES, "set-max-listpack-entries", "Up to how many members a set is kept packed.")
            .whole(128, 0, LONG);

    public final Setting.Whole setMaxListpackValue = row(
                    DATA_TYPES, "set-max-listpack-value", "Up to which size of its members a set is kept packed.")
            .whole(64, 0, LONG);

    public final Setting.Whole hashMaxListpackEntries = row(
                    DATA_TYPES, "hash-max-listpack-entries", "Up to how many fields a hash is kept packed.")
            .alias("hash-max-ziplist-entries")
            .whole(512, 0, LONG);

    public final Setting.Whole hashMaxListpackValue = row(
                    DATA_TYPES,
                    "hash-max-listpack-value",
                    "Up to which size of its fields and values a hash is kept packed.")
            .alias("hash-max-ziplist-value")
            .bytes(64, 0, LONG);

    public final Setting.Whole zsetMaxListpackEntries = row(
                    DATA_TYPES, "zset-max-listpack-entries", "Up to how many entries sorted sets are kept packed.")
            .alias("zset-max-ziplist-entries")
            .whole(128, 0, LONG);

    public final Setting.Whole zsetMaxListpackValue = row(
                    DATA_TYPES,
                    "zset-max-listpack-value",
                    "Up to which size of their entries sorted sets are kept packed.")
            .alias("zset-max-ziplist-value")
            .bytes(64, 0, LONG);

    public final Setting.Whole streamNodeMaxBytes = row(
                    DATA_TYPES, "stream-node-max-bytes", "How large one piece of a stream is; 0 for any size.")
            .bytes(4 * KB, 0, LONG);

    public final Setting.Whole streamNodeMaxEntries = row(
                    DATA_TYPES,
                    "stream-node-max-entries",
                    "How many entries one piece of a stream has; 0 for any number.")
            .whole(100, 0, LONG);

    public final Setting.Whole streamIdmpDuration = row(
                    DATA_TYPES,
                    "stream-idmp-duration",
                    "For how many seconds a stream knows an entry by the name that XADD IDMP gave it.")
            .whole(100, 1, 86_400);

    public final Setting.Whole streamIdmpMaxsize = row(
                    DATA_TYPES, "stream-idmp-maxsize", "How many of these names a stream keeps for each producer.")
            .whole(100, 1, 10_000);

    // ---- observation

    public final Setting.Whole slowlogLogSlowerThan = row(
                    OBSERVATION,
                    "slowlog-log-slower-than",
                    "Microseconds from which a command counts as slow; 0 logs all, -1 none.")
            .whole(10_000, -1, LONG);

    public final Setting.Whole slowlogMaxLen = row(
                    OBSERVATION, "slowlog-max-len", "How many slow commands are remembered.")
            .whole(128, 0, LONG);

    public final Setting.Whole latencyMonitorThreshold = row(
                    OBSERVATION,
                    "latency-monitor-threshold",
                    "Milliseconds from which LATENCY remembers an event; 0 for none.")
            .whole(0, 0, LONG);

    public final Setting.Switch latencyTracking = row(
                    OBSERVATION, "latency-tracking", "Keeps a histogram of durations for each command.")
            .yes();

    public final Setting.Shaped<String> notifyKeyspaceEvents = row(
                    OBSERVATION, "notify-keyspace-events", "Which changes of keys are published.")
            .one(Shapes.eventClasses(), "");

    public final Setting.Shaped<List<Double>> latencyTrackingInfoPercentiles = row(
                    OBSERVATION, "latency-tracking-info-percentiles", "The percentiles that INFO latencystats shows.")
            .several(Shapes.percentiles(), "50 99 99.9");

    // ---- known, and kept without effect

    /// Makes a configuration of nothing but defaults.
    public Config() {
        network();
        memory();
        security();
        process();
        persistence();
        replication();
        cluster();
        tls();
        dataTypes();
        scripts();
    }

    private void network() {
        row(NETWORK, "bind-source-addr", "The address that connections to others come from.")
                .waitsFor("replication")
                .text("");
        row(NETWORK, "socket-mark-id", "The mark of the packets of all sockets.")
                .fixed()
                .refuses("packets cannot be marked: rules of a firewall would not see them")
                .whole(0, 0, 0xFFFF_FFFFL);
        row(NETWORK, "io-threads-do-reads", "Lets the I/O threads read, too.")
                .fixed()
                .needless("event loops always read")
                .no();
    }

    private void memory() {
        row(MEMORY, "replica-ignore-maxmemory", "A replica evicts what its primary evicts, and nothing else.")
                .alias("slave-ignore-maxmemory")
                .waitsFor("replication")
                .yes();
        row(MEMORY, "active-expire-effort", "How hard to look for expired keys.")
                .needless("a timing wheel finds them all")
                .whole(1, 1, 10);
        for (String what : List.of("eviction", "expire", "server-del", "user-del", "user-flush")) {
            row(MEMORY, "lazyfree-lazy-" + what, "Frees large values in the background.")
                    .needless("large values are always freed in the background")
                    .no();
        }
        row(MEMORY, "activerehashing", "Spends time on rehashing.")
                .needless("the index grows a segment at a time")
                .yes();
        row(MEMORY, "activedefrag", "Moves values together.")
                .needless("pages are of one size class")
                .no();
        row(MEMORY, "active-defrag-ignore-bytes", "Waste below which nothing is moved.")
                .needless("nothing is moved")
                .bytes(100 * MB, 1, LONG);
        row(MEMORY, "active-defrag-threshold-lower", "Per cent of waste from which values are moved.")
                .needless("nothing is moved")
                .whole(10, 0, 1000);
        row(MEMORY, "active-defrag-threshold-upper", "Per cent of waste from which values are moved at full speed.")
                .needless("nothing is moved")
                .whole(100, 0, 1000);
        row(MEMORY, "active-defrag-cycle-min", "Least per cent of the processor for moving.")
                .needless("nothing is moved")
                .whole(1, 1, 99);
        row(MEMORY, "active-defrag-cycle-max", "Most per cent of the processor for moving.")
                .needless("nothing is moved")
                .whole(25, 1, 99);
        row(MEMORY, "active-defrag-max-scan-fields", "Fields to move in one go.")
                .needless("nothing is moved")
                .whole(1000, 1, LONG);
        row(MEMORY, "jemalloc-bg-thread", "Has jemalloc give memory back in the background.")
                .needless("there is no jemalloc")
                .yes();
    }

    private void security() {
        row(SECURITY, "aclfile", "A file of users and what they may do.")
                .fixed()
                .refuses(NO_ACL)
                .text("");
        row(SECURITY, "user", "A user and what they may do.")
                .hidden()
                .refuses(NO_ACL)
                .several(Shapes.anyWords(), "");
        row(SECURITY, "rename-command", "Another name for a command, or none.")
                .hidden()
                .refuses("commands cannot be renamed yet: it would be there for everyone under its own name")
                .several(Shapes.anyWords(), "");
        row(SECURITY, "acllog-max-len", "How many refusals ACL LOG remembers.")
                .waitsFor("access lists")
                .whole(128, 0, LONG);
        row(SECURITY, "acl-pubsub-default", "Whether new users may use all channels.")
                .waitsFor("access lists")
                .choice("resetchannels", "allchannels", "resetchannels");
    }

    private void process() {
        row(PROCESS, "daemonize", "Leaves the terminal.")
                .fixed()
                .needless("it runs in the foreground, and its supervisor sees it end")
                .no();
        row(PROCESS, "supervised", "How to tell the supervisor that it is ready.")
                .fixed()
                .needless("it runs in the foreground, and its supervisor sees it end")
                .choice("no", "upstart", "systemd", "auto", "no");
        row(PROCESS, "syslog-enabled", "Logs to syslog.")
                .fixed()
                .needless("it logs to standard error or to `logfile`")
                .no();
        row(PROCESS, "syslog-ident", "Its name in syslog.")
                .fixed()
                .needless("it logs to standard error or to `logfile`")
                .text("redis");
        row(PROCESS, "syslog-facility", "Its facility in syslog.")
                .fixed()
                .needless("it logs to standard error or to `logfile`")
                .choice(
                        "local0", "user", "local0", "local1", "local2", "local3", "local4", "local5", "local6",
                        "local7");
        row(PROCESS, "crash-log-enabled", "Logs the stack after a crash.")
                .needless("the JVM writes hs_err files")
                .yes();
        row(PROCESS, "crash-memcheck-enabled", "Tests the memory after a crash.")
                .needless("the JVM writes hs_err files")
                .yes();
        row(PROCESS, "always-show-logo", "Shows a logo in the log.")
                .fixed()
                .needless("there is no logo")
                .no();
        row(PROCESS, "set-proc-title", "Changes the name of the process.")
                .fixed()
                .needless("a JVM cannot change it")
                .yes();
        row(PROCESS, "proc-title-template", "What the name of the process shows.")
                .needless("a JVM cannot change it")
                .text("{title} {listen-addr} {server-mode}");
        row(PROCESS, "hz", "How often background work is done in a second.")
                .needless("the heartbeat is fixed to the timing wheel")
                .whole(10, 0, INT);
        row(PROCESS, "dynamic-hz", "Does background work more often for many clients.")
                .needless("the heartbeat is fixed to the timing wheel")
                .yes();
        row(PROCESS, "oom-score-adj", "Has the kernel end this process sooner or later than others.")
                .needless("it is the supervisor's to set")
                .choice("no", "no", "yes", "relative", "absolute");
        row(PROCESS, "oom-score-adj-values", "The scores for `oom-score-adj`.")
                .needless("it is the supervisor's to set")
                .several(Shapes.oomScores(), "0 200 800");
        for (String which : List.of("server", "bio", "aof_rewrite", "bgsave")) {
            row(PROCESS, which + "_cpulist", "The cores for a kind of thread.")
                    .fixed()
                    .needless("it is for taskset to say")
                    .text("");
        }
        row(PROCESS, "ignore-warnings", "Warnings not to stop for.")
                .needless("none of them exist here")
                .text("");
        row(PROCESS, "shutdown-timeout", "Seconds to wait for replicas at the end.")
                .waitsFor("replication")
                .whole(10, 0, INT);
    }

    private void persistence() {
        row(PERSISTENCE, "rdb-del-sync-files", "Deletes the files of a full resync.")
                .waitsFor("replication")
                .no();
        row(PERSISTENCE, "sanitize-dump-payload", "How closely what RESTORE is given is looked at.")
                .needless("it is always looked at closely, to the last byte")
                .choice("no", "no", "yes", "clients");
    }

    private void replication() {
        row(REPLICATION, "replicaof", "The primary that this server follows.")
                .alias("slaveof")
                .fixed()
                .refuses(NO_REPLICATION)
                .several(Shapes.primary(), "");
        row(REPLICATION, "masterauth", "The password for the primary.")
                .sensitive()
                .waitsFor("replication")
                .text("");
        row(REPLICATION, "masteruser", "The user at the primary.")
                .sensitive()
                .waitsFor("replication")
                .text("");
        row(REPLICATION, "min-replicas-to-write", "Writes are refused when fewer replicas keep up.")
                .alias("min-slaves-to-write")
                .refuses(NO_REPLICATION)
                .whole(0, 0, INT);
        row(REPLICATION, "min-replicas-max-lag", "Seconds within which a replica must have answered.")
                .alias("min-slaves-max-lag")
                .waitsFor("replication")
                .whole(10, 0, INT);
        row(REPLICATION, "replica-serve-stale-data", "Serves reads while the primary is away.")
                .alias("slave-serve-stale-data")
                .waitsFor("replication")
                .yes();
        row(REPLICATION, "replica-read-only", "Refuses writes on a replica.")
                .alias("slave-read-only")
                .waitsFor("replication")
                .yes();
        row(REPLICATION, "replica-lazy-flush", "Drops the old data of a replica in the background.")
                .alias("slave-lazy-flush")
                .waitsFor("replication")
                .no();
        row(REPLICATION, "replica-priority", "Which replica Sentinel prefers.")
                .alias("slave-priority")
                .waitsFor("replication")
                .whole(100, 0, INT);
        row(REPLICATION, "replica-announced", "Whether Sentinel shows this replica.")
                .waitsFor("replication")
                .yes();
        row(REPLICATION, "replica-announce-ip", "The address by which others reach this replica.")
                .alias("slave-announce-ip")
                .waitsFor("replication")
                .text("");
        row(REPLICATION, "replica-announce-port", "The port by which others reach this replica.")
                .alias("slave-announce-port")
                .waitsFor("replication")
                .whole(0, 0, 65535);
        row(REPLICATION, "replica-ignore-disk-write-errors", "Goes on when the disk of a replica fails.")
                .waitsFor("replication")
                .no();
        row(REPLICATION, "repl-diskless-sync", "Sends a full copy without a file.")
                .waitsFor("replication")
                .yes();
        row(REPLICATION, "repl-diskless-sync-delay", "Seconds to wait for more replicas.")
                .waitsFor("replication")
                .whole(5, 0, INT);
        row(REPLICATION, "repl-diskless-sync-max-replicas", "How many replicas are enough not to wait.")
                .waitsFor("replication")
                .whole(0, 0, INT);
        row(REPLICATION, "repl-diskless-load", "How a replica reads a full copy.")
                .waitsFor("replication")
                .choice("disabled", "disabled", "on-empty-db", "swapdb");
        row(REPLICATION, "repl-ping-replica-period", "Seconds between pings.")
                .alias("repl-ping-slave-period")
                .waitsFor("replication")
                .whole(10, 1, INT);
        row(REPLICATION, "repl-timeout", "Seconds of silence after which a link is given up.")
                .waitsFor("replication")
                .whole(60, 1, INT);
        row(REPLICATION, "repl-disable-tcp-nodelay", "Sends fewer, larger packets to replicas.")
                .waitsFor("replication")
                .no();
        row(REPLICATION, "repl-backlog-size", "How much of the stream is kept for a replica that returns.")
                .waitsFor("replication")
                .bytes(MB, 1, LONG);
        row(REPLICATION, "repl-backlog-ttl", "Seconds without replicas after which that is dropped.")
                .waitsFor("replication")
                .whole(3600, 0, LONG);
        row(REPLICATION, "propagation-error-behavior", "What to do when a replicated command fails.")
                .waitsFor("replication")
                .choice("ignore", "ignore", "panic", "panic-on-replicas");
    }

    private void cluster() {
        row(CLUSTER, "cluster-enabled", "Makes this server a node of a cluster.")
                .fixed()
                .refuses("there is no cluster yet: this node would serve all slots by itself")
                .no();
        row(CLUSTER, "cluster-config-file", "What the node remembers of the cluster.")
                .fixed()
                .waitsFor("cluster")
                .text("nodes.conf");
        row(CLUSTER, "cluster-node-timeout", "Milliseconds of silence after which a node counts as failed.")
                .waitsFor("cluster")
                .whole(15_000, 0, LONG);
        row(CLUSTER, "cluster-port", "The port of the bus; 0 for 10000 above `port`.")
                .fixed()
                .waitsFor("cluster")
                .whole(0, 0, 65535);
        row(CLUSTER, "cluster-replica-validity-factor", "How old the data of a replica may be that takes over.")
                .alias("cluster-slave-validity-factor")
                .waitsFor("cluster")
                .whole(10, 0, INT);
        row(CLUSTER, "cluster-migration-barrier", "How many replicas a primary keeps.")
                .waitsFor("cluster")
                .whole(1, 0, INT);
        row(CLUSTER, "cluster-replica-no-failover", "Never takes over.")
                .alias("cluster-slave-no-failover")
                .waitsFor("cluster")
                .no();
        for (String always : List.of(
                "cluster-require-full-coverage",
                "cluster-allow-replica-migration",
                "cluster-allow-pubsubshard-when-down")) {
            row(CLUSTER, always, "How the cluster behaves when nodes are missing.")
                    .waitsFor("cluster")
                    .yes();
        }
        row(CLUSTER, "cluster-allow-reads-when-down", "Serves reads while the cluster is down.")
                .waitsFor("cluster")
                .no();
        row(CLUSTER, "cluster-link-sendbuf-limit", "How much may wait for a node of the bus.")
                .waitsFor("cluster")
                .bytes(0, 0, LONG);
        row(CLUSTER, "cluster-announce-ip", "The address by which others reach this node.")
                .waitsFor("cluster")
                .text("");
        row(CLUSTER, "cluster-announce-hostname", "The name by which others reach this node.")
                .waitsFor("cluster")
                .text("");
        for (String which : List.of("port", "tls-port", "bus-port")) {
            row(CLUSTER, "cluster-announce-" + which, "A port by which others reach this node.")
                    .waitsFor("cluster")
                    .whole(0, 0, 65535);
        }
        row(CLUSTER, "cluster-preferred-endpoint-type", "What clients are shown of a node.")
                .waitsFor("cluster")
                .choice("ip", "ip", "hostname", "unknown-endpoint");
    }

    private void tls() {
        row(TLS, "tls-port", "The port for TLS; 0 for none.").refuses(NO_TLS).whole(0, 0, 65535);
        row(TLS, "tls-replication", "Uses TLS towards the primary.")
                .refuses(NO_TLS)
                .no();
        row(TLS, "tls-cluster", "Uses TLS on the bus.").refuses(NO_TLS).no();
        row(TLS, "tls-auth-clients", "Whether clients must show a certificate.")
                .waitsFor("TLS")
                .choice("yes", "no", "yes", "optional");
        for (String which : List.of("cert", "key", "client-cert", "client-key", "dh-params", "ca-cert")) {
            row(TLS, "tls-" + which + "-file", "A file that TLS needs.")
                    .waitsFor("TLS")
                    .text("");
        }
        row(TLS, "tls-ca-cert-dir", "A folder of certificates to trust.")
                .waitsFor("TLS")
                .text("");
        for (String which : List.of("key", "client-key")) {
            row(TLS, "tls-" + which + "-file-pass", "The password of a key.")
                    .sensitive()
                    .waitsFor("TLS")
                    .text("");
        }
        for (String which : List.of("protocols", "ciphers", "ciphersuites")) {
            row(TLS, "tls-" + which, "What TLS may use.").waitsFor("TLS").text("");
        }
        row(TLS, "tls-prefer-server-ciphers", "The server chooses the cipher.")
                .waitsFor("TLS")
                .no();
        row(TLS, "tls-session-caching", "Lets clients resume sessions.")
                .waitsFor("TLS")
                .yes();
        row(TLS, "tls-session-cache-size", "How many sessions are kept.")
                .waitsFor("TLS")
                .whole(20 * KB, 0, INT);
        row(TLS, "tls-session-cache-timeout", "Seconds for which a session is kept.")
                .waitsFor("TLS")
                .whole(300, 0, INT);
    }

    private void dataTypes() {
        row(DATA_TYPES, "list-compress-depth", "How many pieces at the ends of a list are not compressed; 0 for all.")
                .needless("lists are not compressed")
                .whole(0, 0, INT);
        for (String gone : List.of("list-max-ziplist-entries", "list-max-ziplist-value")) {
            row(DATA_TYPES, gone, "Nothing: Redis has retired it.")
                    .hidden()
                    .needless("Redis has retired it")
                    .text("");
        }
    }

    private void scripts() {
        row(SCRIPTS, "busy-reply-threshold", "Milliseconds after which a script counts as stuck.")
                .alias("lua-time-limit")
                .waitsFor("scripts")
                .whole(5000, 0, LONG);
        row(SCRIPTS, "lua-replicate-commands", "Nothing: Redis has retired it.")
                .hidden()
                .needless("Redis has retired it")
                .text("");
        row(SCRIPTS, "loadmodule", "A module to load.")
                .hidden()
                .refuses("modules of Redis cannot be loaded: their commands would be missing")
                .several(Shapes.anyWords(), "");
        row(SCRIPTS, "enable-module-command", "Who may call MODULE: nobody, everyone, or clients of this machine.")
                .fixed()
                .needless("modules of Redis cannot be loaded")
                .choice("no", "no", "yes", "local");
    }

    // ---- how values change

    /// Whether a client must say who it is.
    public boolean requiresPassword() {
        return !requirepass.value().isEmpty();
    }

    /// All directives, in the order of their rows.
    public Collection<Setting> all() {
        return Collections.unmodifiableList(inOrder);
    }

    /// All directives that CONFIG GET knows, by their names; those that have older names by these, too.
    public Map<String, Setting> byName() {
        Map<String, Setting> shown = new TreeMap<>(byName);
        shown.values().removeIf(Setting::isHidden);
        return shown;
    }

    /// @param name in lower case
    public Optional<Setting> named(String name) {
        return Optional.ofNullable(byName.get(name));
    }

    /// The file that the configuration came from, if there is one.
    public Optional<Path> file() {
        return Optional.ofNullable(file);
    }

    /// Says which file the configuration came from.
    public void file(Path path) {
        file = path;
    }

    /// Gives one directive the words that stand behind it in a file or a command line.
    ///
    /// @throws Setting.Refused if there is no such directive, or it may not be that
    public void set(String name, List<String> words) {
        Setting setting = named(name).orElseThrow(() -> new Setting.Refused(name, "unknown directive"));
        if (!setting.isList() && words.size() != 1) {
            throw new Setting.Refused(name, "wrong number of arguments");
        }
        set(Map.of(name, String.join(" ", words)));
    }

    /// Changes directives together: all of them or, if one is refused, none.
    ///
    /// @throws Setting.Refused if there is no such directive, or it may not be that
    public synchronized void set(Map<String, String> changes) {
        Map<Setting, String> before = new LinkedHashMap<>();
        List<Setting> told = new ArrayList<>();
        String name = "";
        try {
            for (Map.Entry<String, String> change : changes.entrySet()) {
                name = change.getKey();
                Setting setting = Objects.requireNonNullElseGet(byName.get(name), Config::unknown);
                before.put(setting, setting.text());
                setting.assign(change.getValue());
            }
            for (String changed : changes.keySet()) {
                name = changed;
                Setting setting = named(name).orElseThrow();
                told.add(setting);
                setting.changed();
            }
        } catch (IllegalArgumentException refused) {
            Setting.Refused refusal = new Setting.Refused(name, String.valueOf(refused.getMessage()));
            before.forEach(Setting::parse);
            told.forEach(setting -> tellOfReturn(setting, refusal));
            throw refusal;
        }
    }

    /// A follower that cannot go back either is one more thing to report, and no reason to leave out the others.
    private static void tellOfReturn(Setting setting, Setting.Refused refusal) {
        try {
            setting.changed();
        } catch (IllegalArgumentException stuck) {
            refusal.addSuppressed(stuck);
        }
    }

    private static Setting unknown() {
        throw new IllegalArgumentException("unknown directive");
    }

    <T extends Setting> T add(T setting) {
        inOrder.add(setting);
        put(setting.name(), setting);
        setting.aliases().forEach(alias -> put(alias, setting));
        return setting;
    }

    private void put(String name, Setting setting) {
        if (byName.put(name, setting) != null) {
            throw new IllegalStateException("two directives of one name: name=" + name);
        }
    }

    /// Begins a directive's row; its last word is what kind of value it has.
    private Setting.Row row(Setting.Section section, String name, String brief) {
        return new Setting.Row(this, section, name, brief);
    }
}
