package io.nuthatch.cache;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/// A tier in a RESP server: Redis 6 or later, Valkey, Nuthatch. Its name is `redis`.
///
/// Entries are kept under `<cache>:<key>`, with the time to live of the server; the keys of a tag in a sorted set
/// under `<cache>#tag:<tag>`.
///
/// @param uri as Lettuce reads it: `redis://user:password@host:6379/0`, `rediss://` for TLS
/// @param guard how much patience the cache has with it
/// @param tracking whether memory follows what others change
/// @param format what the values look like in the server
/// @param heartbeat how often the server is asked for a sign of life: a connection that is cut without a word is
///     noticed this much and a timeout later, and memory is believed as long
/// @param lease for how long one process may load a key while the others wait for its value; null lets each load
///     for itself
public record Redis(
        String uri,
        Guard guard,
        Tracking tracking,
        Format format,
        Duration heartbeat,
        @Nullable Duration lease) {
    /// The name of the tier.
    public static final String NAME = "redis";

    /// Whether memory follows what others change, by the server's CLIENT TRACKING.
    public enum Tracking {
        /// It does not: memory is as old as its ttl allows.
        OFF,
        /// The server remembers which keys this cache has read, and tells when one of them changes. A value that
        /// was put is read back once, so that the server remembers it too.
        SELECTIVE,
        /// The server tells every change of every key of the cache. It remembers nothing, and sends more.
        BROADCAST
    }

    /// What the values look like in the server.
    public enum Format {
        /// A frame around the value: its age, its tags, that there is none.
        FRAMED,
        /// The bare value, as other programs write it. Stale values and known absences are not kept.
        RAW
    }

    /// Refuses what makes no sense.
    public Redis {
        if (!uri.startsWith("redis")) {
            throw new ConfigurationException(
                    "redis", "is not the address of a server: " + uri, "write .redis(\"redis://localhost:6379\")");
        }
        if (heartbeat.toMillis() < 1) {
            throw new ConfigurationException(
                    "heartbeat", "must be a millisecond or more, was " + heartbeat, "write Duration.ofSeconds(2)");
        }
        if (lease != null && lease.toMillis() < 1) {
            throw new ConfigurationException(
                    "lease",
                    "must be a millisecond or more, was " + lease,
                    "write a little more than a load takes: Duration.ofSeconds(5)");
        }
    }

    /// A server by its address: memory follows the keys it has read, values are framed.
    public static Redis at(String uri) {
        return new Redis(uri, Guard.DEFAULT, Tracking.SELECTIVE, Format.FRAMED, Duration.ofSeconds(2), null);
    }

    /// The same with another guard.
    public Redis guard(Guard guard) {
        return new Redis(uri, guard, tracking, format, heartbeat, lease);
    }

    /// The same, followed in another way.
    public Redis tracking(Tracking tracking) {
        return new Redis(uri, guard, tracking, format, heartbeat, lease);
    }

    /// The same with values in another format.
    public Redis format(Format format) {
        return new Redis(uri, guard, tracking, format, heartbeat, lease);
    }

    /// The same with another heartbeat.
    public Redis heartbeat(Duration heartbeat) {
        return new Redis(uri, guard, tracking, format, heartbeat, lease);
    }

    /// The same, where one process at a time loads a key, for at most so long: a courtesy between processes, not a
    /// lock.
    public Redis lease(Duration lease) {
        return new Redis(uri, guard, tracking, format, heartbeat, lease);
    }
}
