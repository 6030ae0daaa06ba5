package io.nuthatch.cache.spring;

import io.nuthatch.cache.CacheBuilder;
import io.nuthatch.cache.Compression;
import io.nuthatch.cache.Disk;
import io.nuthatch.cache.Policy;
import io.nuthatch.cache.Redis;
import java.nio.file.Path;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/// The options of a cache as properties; what is null is as the library has it.
///
/// @param memory how many entries are kept in this process
/// @param redis the address of a RESP server, for a tier in it: `redis://localhost:6379`
/// @param tracking whether memory follows what others change in the server
/// @param format what the values look like in the server
/// @param lease for how long one process may load a key while the others wait
/// @param disk the directory for a tier on disk
/// @param values the type of the values, needed by `@Cacheable` with a tier below memory: `com.example.User`,
///     `java.util.List<com.example.User>`
/// @param compression how values are compressed below memory
/// @param maxValueBytes values above this size stay in memory only
/// @param ttl how long a value is fresh
/// @param idle how long an entry stays in memory without being read
/// @param jitter which part of the ttl may be cut off by chance, 0 to 1
/// @param negativeTtl how long it is remembered that there is no value
/// @param refreshAhead after which part of the ttl a read reloads in the background, 0 to 1
/// @param staleFor how long after its ttl a value may still be served when its source fails
/// @param softTimeout how long a read waits for a load when there is something stale to serve
/// @param hardTimeout how long a read waits for a load at most
public record CacheOptions(
        @Nullable Long memory,
        @Nullable String redis,
        Redis.@Nullable Tracking tracking,
        Redis.@Nullable Format format,
        @Nullable Duration lease,
        @Nullable Path disk,
        @Nullable String values,
        @Nullable Packing compression,
        @Nullable Integer maxValueBytes,
        @Nullable Duration ttl,
        @Nullable Duration idle,
        @Nullable Double jitter,
        @Nullable Duration negativeTtl,
        @Nullable Double refreshAhead,
        @Nullable Duration staleFor,
        @Nullable Duration softTimeout,
        @Nullable Duration hardTimeout) {
    private static final Duration DEFAULT_TTL = Duration.ofMinutes(5);

    /// Nothing said.
    static final CacheOptions NONE = new CacheOptions(
            null, null, null, null, null, null, null, null, null, null, null, null, null, null, null, null, null);

    /// How values are compressed.
    public enum Packing {
        /// Not at all.
        NONE,
        /// Quickly.
        LZ4,
        /// Closely.
        ZSTD,
        /// As a sample of the values shows it to be worth it.
        AUTO
    }

    /// These, and where they say nothing, others.
    CacheOptions or(CacheOptions others) {
        return new CacheOptions(
                either(memory, others.memory),
                either(redis, others.redis),
                either(tracking, others.tracking),
                either(format, others.format),
                either(lease, others.lease),
                either(disk, others.disk),
                either(values, others.values),
                either(compression, others.compression),
                either(maxValueBytes, others.maxValueBytes),
                either(ttl, others.ttl),
                either(idle, others.idle),
                either(jitter, others.jitter),
                either(negativeTtl, others.negativeTtl),
                either(refreshAhead, others.refreshAhead),
                either(staleFor, others.staleFor),
                either(softTimeout, others.softTimeout),
                either(hardTimeout, others.hardTimeout));
    }

    private static <T> @Nullable T either(@Nullable T mine, @Nullable T other) {
        return mine == null ? other : mine;
    }

    boolean hasLowerTier() {
        return redis != null || disk != null;
    }

    /// Tells a builder, all but the type of the values.
    void apply(CacheBuilder<?, ?> builder) {
        if (memory != null) {
            builder.memory(memory);
        }
        if (redis != null) {
            builder.redis(server(redis));
        }
        if (disk != null) {
            builder.disk(Disk.in(disk));
        }
        if (compression != null) {
            builder.compression(compression(compression));
        }
        if (maxValueBytes != null) {
            builder.maxValueBytes(maxValueBytes);
        }
        builder.policy(policy());
    }

    private Redis server(String uri) {
        Redis server = Redis.at(uri);
        if (tracking != null) {
            server = server.tracking(tracking);
        }
        if (format != null) {
            server = server.format(format);
        }
        return lease == null ? server : server.lease(lease);
    }

    private static Compression compression(Packing packing) {
        return switch (packing) {
            case NONE -> Compression.none();
            case LZ4 -> Compression.lz4();
            case ZSTD -> Compression.zstd();
            case AUTO -> Compression.auto();
        };
    }

    private Policy policy() {
        Policy policy = Policy.ofTtl(ttl == null ? DEFAULT_TTL : ttl);
        if (idle != null) {
            policy = policy.idle(idle);
        }
        if (jitter != null) {
            policy = policy.jitter(jitter);
        }
        if (negativeTtl != null) {
            policy = policy.negativeTtl(negativeTtl);
        }
        if (refreshAhead != null) {
            policy = policy.refreshAhead(refreshAhead);
        }
        if (staleFor != null) {
            policy = policy.staleFor(staleFor);
        }
        if (softTimeout != null) {
            policy = policy.softTimeout(softTimeout);
        }
        return hardTimeout == null ? policy : policy.hardTimeout(hardTimeout);
    }
}
