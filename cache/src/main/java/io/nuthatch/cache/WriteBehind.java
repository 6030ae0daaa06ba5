package io.nuthatch.cache;

import java.nio.file.Path;
import java.time.Duration;
import java.util.function.Consumer;

/// How changes wait for a [Store]: they are safe in a journal on disk when `put` returns, and reach the store in
/// batches.
///
/// @param directory where the journal lies, made if need be; one cache at a time may use it
/// @param batch how many changes the store is given at most in one transaction
/// @param batchBytes how many bytes of keys and values at most
/// @param delay how long a change waits for others, if the batch is not full before
/// @param maxChanges how many changes may wait; beyond that `put` waits
/// @param maxBytes how many bytes of keys and values may wait; beyond that `put` waits
/// @param maxJournalBytes how large the journal may be; beyond that `put` waits
/// @param segmentBytes how large a file of the journal gets before the next is begun
/// @param patience how long `put` waits for room before it fails
/// @param firstPause how long a store that failed is left alone; it doubles with each failure
/// @param longestPause how long at most
/// @param drain how long `flush` and `close` wait for what is on its way; what is not there by then stays in the
///     journal
public record WriteBehind(
        Path directory,
        int batch,
        int batchBytes,
        Duration delay,
        int maxChanges,
        long maxBytes,
        long maxJournalBytes,
        long segmentBytes,
        Duration patience,
        Duration firstPause,
        Duration longestPause,
        Duration drain) {
    private static final int MIN_SEGMENT_BYTES = 1 << 12;

    /// Refuses what makes no sense.
    public WriteBehind {
        atLeast("batch", batch, 1, "write .batch(1_000)");
        atLeast("batchBytes", batchBytes, 1, "write .batchBytes(1 << 20)");
        atLeast("segmentBytes", segmentBytes, MIN_SEGMENT_BYTES, "write .segmentBytes(16 << 20)");
        if (delay.isNegative()) {
            throw new ConfigurationException(
                    "delay", "must not be negative, was " + delay, "write .delay(Duration.ZERO)");
        }
        atLeast("patience", patience.toMillis(), 1, "write .patience(Duration.ofSeconds(5))");
        atLeast("pauses", firstPause.toMillis(), 1, "begin with a millisecond or more");
        atLeast(
                "pauses",
                longestPause.toMillis(),
                firstPause.toMillis(),
                "let the longest be no shorter than the first");
        atLeast("drain", drain.toMillis(), 1, "write .drain(Duration.ofSeconds(30))");
    }

    /// These options, if they agree with each other.
    WriteBehind consistent() {
        atLeast("maxChanges", maxChanges, batch, "let as many changes wait as make a batch");
        atLeast("maxBytes", maxBytes, batchBytes, "let as many bytes wait as make a batch");
        atLeast("maxJournalBytes", maxJournalBytes, 2 * segmentBytes, "let the journal have two files or more");
        return this;
    }

    private static void atLeast(String option, long value, long least, String remedy) {
        if (value < least) {
            throw new ConfigurationException(option, "must be " + least + " or more, was " + value, remedy);
        }
    }

    /// With a journal in a directory: batches of up to 1000 changes or a megabyte, 50 ms for a change to wait for
    /// others, room for 100 000 changes or 64 MiB and a journal of a gigabyte.
    public static WriteBehind in(Path directory) {
        return new WriteBehind(
                directory,
                1_000,
                1 << 20,
                Duration.ofMillis(50),
                100_000,
                64L << 20,
                1L << 30,
                16L << 20,
                Duration.ofSeconds(5),
                Duration.ofMillis(100),
                Duration.ofSeconds(30),
                Duration.ofSeconds(30));
    }

    /// The same with batches of up to so many changes.
    public WriteBehind batch(int changes) {
        return with(draft -> draft.batch = changes);
    }

    /// The same with batches of up to so many bytes.
    public WriteBehind batchBytes(int bytes) {
        return with(draft -> draft.batchBytes = bytes);
    }

    /// The same with another time for a change to wait for others.
    public WriteBehind delay(Duration delay) {
        return with(draft -> draft.delay = delay);
    }

    /// The same with room for so many changes.
    public WriteBehind maxChanges(int changes) {
        return with(draft -> draft.maxChanges = changes);
    }

    /// The same with room for so many bytes.
    public WriteBehind maxBytes(long bytes) {
        return with(draft -> draft.maxBytes = bytes);
    }

    /// The same with a journal of at most so many bytes.
    public WriteBehind maxJournalBytes(long bytes) {
        return with(draft -> draft.maxJournalBytes = bytes);
    }

    /// The same with files of about so many bytes.
    public WriteBehind segmentBytes(long bytes) {
        return with(draft -> draft.segmentBytes = bytes);
    }

    /// The same with another time to wait for room.
    public WriteBehind patience(Duration patience) {
        return with(draft -> draft.patience = patience);
    }

    /// The same with other pauses after failures.
    public WriteBehind pauses(Duration first, Duration longest) {
        return with(draft -> {
            draft.firstPause = first;
            draft.longestPause = longest;
        });
    }

    /// The same with another time for `flush` and `close`.
    public WriteBehind drain(Duration drain) {
        return with(draft -> draft.drain = drain);
    }

    private WriteBehind with(Consumer<Draft> change) {
        Draft draft = new Draft(this);
        change.accept(draft);
        return draft.done();
    }

    /// All of it, about to be changed in one thing.
    private static final class Draft {
        Path directory;
        int batch;
        int batchBytes;
        Duration delay;
        int maxChanges;
        long maxBytes;
        long maxJournalBytes;
        long segmentBytes;
        Duration patience;
        Duration firstPause;
        Duration longestPause;
        Duration drain;

        Draft(WriteBehind from) {
            directory = from.directory;
            batch = from.batch;
            batchBytes = from.batchBytes;
            delay = from.delay;
            maxChanges = from.maxChanges;
            maxBytes = from.maxBytes;
            maxJournalBytes = from.maxJournalBytes;
            segmentBytes = from.segmentBytes;
            patience = from.patience;
            firstPause = from.firstPause;
            longestPause = from.longestPause;
            drain = from.drain;
        }

        WriteBehind done() {
            return new WriteBehind(
                    directory,
                    batch,
                    batchBytes,
                    delay,
                    maxChanges,
                    maxBytes,
                    maxJournalBytes,
                    segmentBytes,
                    patience,
                    firstPause,
                    longestPause,
                    drain);
        }
    }
}
