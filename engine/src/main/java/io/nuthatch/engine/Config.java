package io.nuthatch.engine;

import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/// The configuration: one row for each directive, with Redis's name, its default and its bounds. Whoever needs a
/// value reads the field; whoever must act on a change follows it ([Setting#follow]).
public final class Config {
    private final Map<String, Setting> settings = new TreeMap<>();

    // network
    public final Setting.Whole port = fixed("port", 6379, 0, 65535);
    public final Setting.Text bind = text("bind", "127.0.0.1 -::1");
    public final Setting.Whole maxclients = whole("maxclients", 10000, 1, Integer.MAX_VALUE);
    public final Setting.Whole timeout = whole("timeout", 0, 0, Integer.MAX_VALUE);
    public final Setting.Whole tcpKeepalive = whole("tcp-keepalive", 300, 0, Integer.MAX_VALUE);
    public final Setting.Whole protoMaxBulkLen = bytes("proto-max-bulk-len", "512mb", 1 << 20, Integer.MAX_VALUE);
    public final Setting.Whole clientQueryBufferLimit =
            bytes("client-query-buffer-limit", "1gb", 1 << 20, Long.MAX_VALUE);
    public final Setting.OutputLimits clientOutputBufferLimit = add(new Setting.OutputLimits(
            "client-output-buffer-limit", "normal 0 0 0 slave 268435456 67108864 60 pubsub 33554432 8388608 60"));
    public final Setting.Text requirepass = text("requirepass", "");

    // keys and memory
    public final Setting.Whole databases = fixed("databases", 16, 1, 1024);
    public final Setting.Whole maxmemory = bytes("maxmemory", "0", 0, Long.MAX_VALUE);
    public final Setting.Choice maxmemoryPolicy = choice(
            "maxmemory-policy",
            "noeviction",
            "volatile-lru",
            "volatile-lfu",
            "volatile-random",
            "volatile-ttl",
            "allkeys-lru",
            "allkeys-lfu",
            "allkeys-random",
            "noeviction");
    public final Setting.Whole maxmemorySamples = whole("maxmemory-samples", 5, 1, 64);
    public final Setting.Whole maxmemoryEvictionTenacity = whole("maxmemory-eviction-tenacity", 10, 0, 100);
    public final Setting.Whole lfuLogFactor = whole("lfu-log-factor", 10, 0, Integer.MAX_VALUE);
    public final Setting.Whole lfuDecayTime = whole("lfu-decay-time", 1, 0, Integer.MAX_VALUE);

    // observation
    public final Setting.Choice loglevel =
            choice("loglevel", "notice", "debug", "verbose", "notice", "warning", "nothing");
    public final Setting.Choice logFormat = choice("log-format", "text", "text", "json");
    public final Setting.Whole slowlogLogSlowerThan = whole("slowlog-log-slower-than", 10000, -1, Long.MAX_VALUE);
    public final Setting.Whole slowlogMaxLen = whole("slowlog-max-len", 128, 0, Long.MAX_VALUE);
    public final Setting.Whole latencyMonitorThreshold = whole("latency-monitor-threshold", 0, 0, Long.MAX_VALUE);

    /// Whether a client must say who it is.
    public boolean requiresPassword() {
        return !requirepass.value().isEmpty();
    }

    /// All directives, by name.
    public Collection<Setting> all() {
        return settings.values();
    }

    public Optional<Setting> named(String name) {
        return Optional.ofNullable(settings.get(name));
    }

    /// Changes directives together: all of them or, if one is refused, none.
    ///
    /// @throws IllegalArgumentException with the directive's name and the reason
    public synchronized void set(Map<String, String> changes) {
        Map<String, String> before = new TreeMap<>();
        for (Map.Entry<String, String> change : changes.entrySet()) {
            Setting setting = settings.get(change.getKey());
            if (setting == null) {
                throw new IllegalArgumentException("unknown directive '" + change.getKey() + "'");
            }
            try {
                before.put(setting.name(), setting.text());
                setting.parse(change.getValue());
            } catch (IllegalArgumentException refused) {
                before.forEach((name, text) -> named(name).orElseThrow().parse(text));
                throw new IllegalArgumentException(change.getKey() + ": " + refused.getMessage(), refused);
            }
        }
        changes.keySet().forEach(name -> named(name).orElseThrow().changed());
    }

    private <T extends Setting> T add(T setting) {
        settings.put(setting.name(), setting);
        return setting;
    }

    private Setting.Whole whole(String name, long value, long least, long most) {
        return add(new Setting.Whole(name, Long.toString(value), true, least, most, false));
    }

    private Setting.Whole fixed(String name, long value, long least, long most) {
        return add(new Setting.Whole(name, Long.toString(value), false, least, most, false));
    }

    private Setting.Whole bytes(String name, String value, long least, long most) {
        return add(new Setting.Whole(name, value, true, least, most, true));
    }

    private Setting.Text text(String name, String value) {
        return add(new Setting.Text(name, value, true));
    }

    private Setting.Choice choice(String name, String value, String... choices) {
        return add(new Setting.Choice(name, value, true, List.of(choices)));
    }
}
