package io.nuthatch.cache;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;
import org.h2.mvstore.DataUtils;
import org.h2.mvstore.MVMap;
import org.h2.mvstore.MVStore;
import org.h2.mvstore.MVStoreException;
import org.h2.mvstore.type.ByteArrayDataType;
import org.h2.mvstore.type.LongDataType;
import org.h2.mvstore.type.StringDataType;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// A tier in a file: an H2 MVStore, which only appends, so that a crash costs the last commits and nothing else.
///
/// Three maps, changed together under one lock:
///
/// | map | key | value |
/// |---|---|---|
/// | `rows` | the key | a [DiskRow] |
/// | `deadlines` | when the row is gone, as 16 hex digits, and the key | the row's size in bytes |
/// | `tags` | a tag, a zero, the key | when the row is gone |
///
/// `deadlines` finds what is gone, and what makes room when the tier is full: that which would be gone first.
///
/// The work is done on two platform threads: a virtual thread that is interrupted would close the file under the
/// others.
final class DiskTier implements Tier {
    private static final Logger log = LoggerFactory.getLogger(DiskTier.class);

    private static final int THREADS = 2;
    /// Calls that wait for a thread; what is beyond fails, and the guard leaves the tier alone.
    private static final int MAX_WAITING = 10_000;
    /// Rows that are gone and leave with each write: more than one, so that they grow fewer.
    private static final int REAPED_AT_ONCE = 4;

    private static final int HEX_DIGITS = 16;
    private static final char TAG_END = '\0';

    private final Time time;
    private final long maxBytes;
    private final @Nullable Timeline followed;
    private final long session = new SecureRandom().nextLong();
    private final ThreadPoolExecutor threads;
    private final MVStore store;
    private final MVMap<String, byte[]> rows;
    private final MVMap<String, Long> deadlines;
    private final MVMap<String, Long> tags;
    private final ReentrantLock lock = new ReentrantLock();
    /// Changed under the lock.
    private final AtomicLong bytes = new AtomicLong();

    /// @param followed the timeline, when a server tells what happens to the keys: then only what this session has
    ///     kept is believed
    DiskTier(String cache, Disk disk, Time time, @Nullable Timeline followed) {
        this.time = time;
        this.maxBytes = disk.maxBytes();
        this.followed = followed;
        store = open(disk.directory().resolve(cache + ".mv"));
        rows = store.openMap("rows", map(ByteArrayDataType.INSTANCE));
        deadlines = store.openMap("deadlines", map(LongDataType.INSTANCE));
        tags = store.openMap("tags", map(LongDataType.INSTANCE));
        for (Long size : deadlines.values()) {
            bytes.addAndGet(size);
        }
        threads = new ThreadPoolExecutor(
                THREADS,
                THREADS,
                0,
                TimeUnit.SECONDS,
                new ArrayBlockingQueue<>(MAX_WAITING),
                Thread.ofPlatform()
                        .daemon()
                        .name("cache-" + cache + "-disk-", 0)
                        .factory());
    }

    private static <V> MVMap.Builder<String, V> map(org.h2.mvstore.type.DataType<V> values) {
        return new MVMap.Builder<String, V>().keyType(StringDataType.INSTANCE).valueType(values);
    }

    private static MVStore open(Path file) {
        try {
            Files.createDirectories(file.toAbsolutePath().getParent());
            return openOrBeginAnew(file);
        } catch (IOException e) {
            throw new ConfigurationException(
                    "disk", "cannot use " + file + ": " + e, "name a directory that can be written");
        }
    }

    private static MVStore openOrBeginAnew(Path file) throws IOException {
        try {
            return builder(file).open();
        } catch (MVStoreException e) {
            if (e.getErrorCode() == DataUtils.ERROR_FILE_LOCKED) {
                throw new ConfigurationException(
                        "disk", file + " is used by another process", "give each process a directory of its own");
            }
            Path aside = file.resolveSibling(file.getFileName() + ".damaged");
            log.warn("{} cannot be read and is put aside as {}", file, aside, e);
            Files.move(file, aside, StandardCopyOption.REPLACE_EXISTING);
            return builder(file).open();
        }
    }

    private static MVStore.Builder builder(Path file) {
        return new MVStore.Builder()
                .fileName(file.toString())
                .backgroundExceptionHandler((thread, e) -> log.warn("{} could not be written", file, e));
    }

    @Override
    public String name() {
        return Disk.NAME;
    }

    @Override
    public long entries() {
        return rows.sizeAsLong();
    }

    @Override
    public long bytes() {
        return bytes.get();
    }

    private <T> CompletionStage<T> run(Supplier<T> work) {
        try {
            return CompletableFuture.supplyAsync(work, threads);
        } catch (RejectedExecutionException e) {
            return CompletableFuture.failedFuture(e);
        }
    }

    /// Changes the maps. What is taken away is committed before the call ends.
    private CompletionStage<@Nullable Void> takeAway(Runnable work) {
        CompletionStage<Boolean> done = run(() -> {
            lock.lock();
            try {
                work.run();
                store.commit();
            } finally {
                lock.unlock();
            }
            return true;
        });
        return done.<@Nullable Void>thenApply(yes -> null);
    }

    @Override
    public CompletionStage<Map<String, Held>> read(Collection<String> keys) {
        List<String> asked = List.copyOf(keys);
        return run(() -> {
            Map<String, Held> found = new HashMap<>();
            for (String key : asked) {
                byte[] row = rows.get(key);
                if (row != null) {
                    put(found, key, DiskRow.parse(row));
                }
            }
            return found;
        });
    }

    private void put(Map<String, Held> found, String key, DiskRow row) {
        if (row.goneAtMs() > time.nowMs()) {
            long mark = row.session() == session ? row.mark() : 0;
            found.put(key, new Held(row.frame(), followed == null ? Held.UNMARKED : mark));
        }
    }

    @Override
    public CompletionStage<Held> write(Write write) {
        return run(() -> {
            lock.lock();
            try {
                long nowMs = time.nowMs();
                drop(write.key());
                keep(
                        write.key(),
                        new DiskRow(nowMs + write.ttlMs(), session, write.mark(), write.tags(), write.bytes()));
                makeRoom(nowMs);
            } finally {
                lock.unlock();
            }
            return new Held(write.bytes(), write.mark());
        });
    }

    private void keep(String key, DiskRow row) {
        byte[] rowBytes = row.toBytes();
        rows.put(key, rowBytes);
        deadlines.put(deadline(row.goneAtMs(), key), (long) rowBytes.length);
        row.tags().forEach(tag -> tags.put(tag + TAG_END + key, row.goneAtMs()));
        bytes.addAndGet(rowBytes.length);
    }

    private void drop(String key) {
        byte[] old = rows.remove(key);
        if (old != null) {
            DiskRow row = DiskRow.parse(old);
            deadlines.remove(deadline(row.goneAtMs(), key));
            row.tags().forEach(tag -> tags.remove(tag + TAG_END + key));
            bytes.addAndGet(-old.length);
        }
    }

    private static String deadline(long atMs, String key) {
        String hex = Long.toHexString(atMs);
        return "0".repeat(HEX_DIGITS - hex.length()) + hex + key;
    }

    private void makeRoom(long nowMs) {
        String now = deadline(nowMs, "");
        int reaped = 0;
        for (String first = deadlines.firstKey(); first != null; first = deadlines.firstKey()) {
            boolean gone = first.compareTo(now) < 0 && reaped < REAPED_AT_ONCE;
            if (!gone && bytes.get() <= maxBytes) {
                return;
            }
            drop(first.substring(HEX_DIGITS));
            reaped++;
        }
    }

    @Override
    public CompletionStage<@Nullable Void> remove(Collection<String> keys) {
        List<String> asked = List.copyOf(keys);
        return takeAway(() -> asked.forEach(this::drop));
    }

    @Override
    public CompletionStage<@Nullable Void> invalidateTag(String tag) {
        return takeAway(() -> {
            String start = tag + TAG_END;
            List<String> tagged = new ArrayList<>();
            Iterator<String> keys = tags.keyIterator(start);
            while (keys.hasNext()) {
                String next = keys.next();
                if (!next.startsWith(start)) {
                    break;
                }
                tagged.add(next.substring(start.length()));
            }
            tagged.forEach(this::drop);
        });
    }

    @Override
    public CompletionStage<@Nullable Void> clear() {
        return takeAway(() -> {
            Set.of(rows, deadlines, tags).forEach(MVMap::clear);
            bytes.set(0);
        });
    }

    @Override
    public void close() {
        threads.shutdown();
        try {
            if (!threads.awaitTermination(1, TimeUnit.MINUTES)) {
                throw new UncheckedIOException(new IOException("the disk tier is still writing"));
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            store.close();
        }
    }
}
