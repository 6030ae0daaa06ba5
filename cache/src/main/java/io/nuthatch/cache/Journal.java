package io.nuthatch.cache;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Locale;
import java.util.UUID;
import java.util.stream.Stream;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Changes on disk, in files that are only appended to and go when all in them is done.
///
/// ```
///  00000000000000000001.journal     named by the number of its first record; full, synced, never touched again
///  00000000000000004242.journal     the last one grows
///  lock                             held by the process that uses the journal
/// ```
///
/// A file begins with a head, then [JournalRecord]s follow:
///
/// ```
///  0   "NHWB"                       int
///  4   version of the format, 1     int
///  8   the journal's identity       16 bytes, the same in all its files
///  24  number of the first record   long
///  32  where the file before ends   long; what lies beyond was never acknowledged; 0 when there was none
///  40  CRC-32C of the above         int
/// ```
///
/// A process begins a file of its own. The last file stays, so that numbers never begin anew: the store's mark is
/// a number.
///
/// **What is found at the start.** In the last file the first record that is not whole ends the journal: it is
/// what a crash left of a write that nobody was told of. In the others, each of which was on the disk before the
/// next was begun, such a record is damage, and the journal is not used.
///
/// **What fails.** When a write or a sync fails, nobody knows what the file holds: another is begun, and its head
/// says how far the old one counts.
///
/// One thread appends, any one may ask and trim.
final class Journal implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(Journal.class);

    private static final int MAGIC = 0x4E485742;
    private static final int FORMAT = 1;
    private static final int HEAD_BYTES = 44;
    private static final String SUFFIX = ".journal";
    /// Records are gathered up to this size before they are written.
    private static final int BUFFER_BYTES = 1 << 20;

    private final Path directory;
    private final long segmentBytes;
    private final Step.Listener steps;
    private final FileChannel lockFile;
    private final UUID identity;
    private final List<JournalRecord> found = new ArrayList<>();

    /// Files that are full, oldest first. Under this object's lock, as is what follows.
    private final Deque<Segment> full = new ArrayDeque<>();
    private long fullBytes;
    private @Nullable Segment current;
    private @Nullable FileChannel channel;
    /// Up to where the current file counts; written by the thread that appends.
    private long end;
    private long next = 1;

    private ByteBuffer buffer = ByteBuffer.allocateDirect(BUFFER_BYTES);

    /// A file.
    ///
    /// @param first the number of its first record
    /// @param bytes how long it is, as far as it counts
    private record Segment(Path file, long first, long bytes) {}

    private record Head(UUID identity, long first, long previousEnd) {}

    Journal(Path directory, long segmentBytes, Step.Listener steps) {
        this.directory = directory;
        this.segmentBytes = segmentBytes;
        this.steps = steps;
        FileChannel locked = lock(directory);
        try {
            identity = recover();
        } catch (IOException e) {
            release(locked);
            throw new ConfigurationException(
                    "writeBehind", "the journal in " + directory + " cannot be read: " + e, "see to the directory");
        } catch (RuntimeException e) {
            release(locked);
            throw e;
        }
        lockFile = locked;
    }

    private static FileChannel lock(Path directory) {
        try {
            Files.createDirectories(directory);
            FileChannel file =
                    FileChannel.open(directory.resolve("lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
            if (tryLock(file) == null) {
                release(file);
                throw new ConfigurationException(
                        "writeBehind",
                        "the journal in " + directory + " is in use",
                        "give each cache and each process a directory of its own");
            }
            return file;
        } catch (IOException e) {
            throw new ConfigurationException(
                    "writeBehind", "cannot use " + directory + ": " + e, "name a directory that can be written");
        }
    }

    private static @Nullable FileLock tryLock(FileChannel file) throws IOException {
        try {
            return file.tryLock();
        } catch (OverlappingFileLockException e) {
            return null;
        }
    }

    private static void release(FileChannel file) {
        try {
            file.close();
        } catch (IOException e) {
            log.warn("the lock of a journal could not be released", e);
        }
    }

    // What is found at the start

    private UUID recover() throws IOException {
        List<Path> files = files();
        UUID known = null;
        for (int i = 0; i < files.size(); i++) {
            ByteBuffer bytes = ByteBuffer.wrap(Files.readAllBytes(files.get(i)));
            Head head = head(bytes);
            boolean last = i == files.size() - 1;
            if (head == null && last) {
                // A crash came before its head was on the disk: nothing was acknowledged from it.
                Files.delete(files.get(i));
                break;
            }
            if (head == null || known != null && !known.equals(head.identity())) {
                throw damaged(files.get(i), 0);
            }
            known = head.identity();
            next = Math.max(next, head.first());
            long counts = last ? -1 : endOf(files.get(i + 1), bytes.limit());
            recover(files.get(i), head, bytes, counts);
        }
        return known == null ? UUID.randomUUID() : known;
    }

    private List<Path> files() throws IOException {
        try (Stream<Path> all = Files.list(directory)) {
            return all.filter(file -> file.getFileName().toString().endsWith(SUFFIX))
                    .sorted()
                    .toList();
        }
    }

    /// Where the file before a given one ends; all of it when the given one has no head, and so was never used.
    private static long endOf(Path following, long length) throws IOException {
        Head head = head(ByteBuffer.wrap(Files.readAllBytes(following)));
        return head == null ? -1 : Math.min(length, head.previousEnd());
    }

    /// @param counts up to where the file must be whole; -1 for up to the first record that is not
    private void recover(Path file, Head head, ByteBuffer bytes, long counts) {
        bytes.position(HEAD_BYTES);
        while (counts < 0 || bytes.position() < counts) {
            JournalRecord item = JournalRecord.read(bytes);
            if (item == null) {
                break;
            }
            found.add(item);
            next = item.number() + 1;
        }
        if (bytes.position() < counts) {
            throw damaged(file, bytes.position());
        }
        if (counts < 0 && bytes.hasRemaining()) {
            log.warn("{} ends with {} bytes of a write that was cut off", file, bytes.remaining());
        }
        full.add(new Segment(file, head.first(), bytes.position()));
        fullBytes += bytes.position();
    }

    private static ConfigurationException damaged(Path file, long at) {
        return new ConfigurationException(
                "writeBehind",
                file + " is damaged at byte " + at,
                "restore it, or move it away: changes in it that the database does not have are lost then");
    }

    private static @Nullable Head head(ByteBuffer bytes) {
        if (bytes.limit() < HEAD_BYTES || bytes.getInt(40) != crc(bytes) || bytes.getInt(0) != MAGIC) {
            return null;
        }
        if (bytes.getInt(4) != FORMAT) {
            throw new ConfigurationException(
                    "writeBehind",
                    "the journal has format " + bytes.getInt(4) + ", and this library knows " + FORMAT,
                    "use the version that wrote it until it is empty");
        }
        return new Head(new UUID(bytes.getLong(8), bytes.getLong(16)), bytes.getLong(24), bytes.getLong(32));
    }

    private static int crc(ByteBuffer head) {
        CRC32C crc = new CRC32C();
        crc.update(head.slice(0, 40));
        return (int) crc.getValue();
    }

    /// The journal's name in the store.
    String identity() {
        return identity.toString();
    }

    /// What it held when it was opened. The caller may keep the list; the journal does not.
    List<JournalRecord> takeFound() {
        List<JournalRecord> taken = List.copyOf(found);
        found.clear();
        return taken;
    }

    /// The number of the next record.
    synchronized long next() {
        return next;
    }

    /// How much disk it takes.
    synchronized long bytes() {
        return fullBytes + end;
    }

    // Appending

    /// Appends records and returns when they are on the disk. Their numbers go on where the journal stands.
    void append(List<JournalRecord> records) throws IOException {
        try {
            steps.at(Step.WRITING);
            FileChannel file = open(records.getFirst().number());
            long written = end + write(file, records);
            steps.at(Step.WRITTEN);
            file.force(false);
            steps.at(Step.SYNCED);
            synchronized (this) {
                end = written;
                next = records.getLast().number() + 1;
            }
        } catch (IOException e) {
            leave();
            throw e;
        }
    }

    private long write(FileChannel file, List<JournalRecord> records) throws IOException {
        long at = end;
        buffer.clear();
        for (JournalRecord item : records) {
            if (item.bytes() > buffer.remaining()) {
                at += drain(file, at);
            }
            if (item.bytes() > buffer.capacity()) {
                ByteBuffer large = ByteBuffer.allocate(item.bytes());
                item.write(large);
                at += drain(file, at, large.flip());
            } else {
                item.write(buffer);
            }
        }
        at += drain(file, at);
        return at - end;
    }

    private long drain(FileChannel file, long at) throws IOException {
        long drained = drain(file, at, buffer.flip());
        buffer.clear();
        return drained;
    }

    private static long drain(FileChannel file, long at, ByteBuffer bytes) throws IOException {
        long from = at;
        while (bytes.hasRemaining()) {
            from += file.write(bytes, from);
        }
        return from - at;
    }

    private FileChannel open(long first) throws IOException {
        FileChannel file = channel;
        if (file != null && end < segmentBytes) {
            return file;
        }
        leave();
        return begin(first);
    }

    /// Lets go of the current file, which counts as far as it was synced.
    private synchronized void leave() {
        Segment left = current;
        FileChannel file = channel;
        if (left == null || file == null) {
            return;
        }
        full.add(new Segment(left.file(), left.first(), end));
        fullBytes += end;
        current = null;
        channel = null;
        end = 0;
        try {
            file.close();
        } catch (IOException e) {
            log.warn("{} could not be closed", left.file(), e);
        }
    }

    private FileChannel begin(long first) throws IOException {
        Path path = directory.resolve(String.format(Locale.ROOT, "%020d", first) + SUFFIX);
        Segment last = lastBut(path);
        // One may be there that was begun and never got a whole record.
        Files.deleteIfExists(path);
        FileChannel file = FileChannel.open(path, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
        try {
            drain(file, 0, head(first, last == null ? 0 : last.bytes()));
            file.force(true);
            syncDirectory();
        } catch (IOException e) {
            release(file);
            throw e;
        }
        synchronized (this) {
            current = new Segment(path, first, 0);
            channel = file;
            end = HEAD_BYTES;
        }
        steps.at(Step.ROTATED);
        return file;
    }

    /// The last of the full files, after the one at a path is forgotten.
    private synchronized @Nullable Segment lastBut(Path path) {
        Segment last = full.peekLast();
        if (last != null && last.file().equals(path)) {
            full.removeLast();
            fullBytes -= last.bytes();
        }
        return full.peekLast();
    }

    private ByteBuffer head(long first, long previousEnd) {
        ByteBuffer head = ByteBuffer.allocate(HEAD_BYTES);
        head.putInt(MAGIC).putInt(FORMAT);
        head.putLong(identity.getMostSignificantBits()).putLong(identity.getLeastSignificantBits());
        head.putLong(first).putLong(previousEnd);
        return head.putInt(crc(head)).flip();
    }

    /// So that the names of new files are on the disk too. Not every system can do it; those that cannot need not.
    private void syncDirectory() {
        try (FileChannel names = FileChannel.open(directory, StandardOpenOption.READ)) {
            names.force(true);
        } catch (IOException e) {
            log.debug("{} cannot be synced", directory, e);
        }
    }

    // Trimming

    /// Deletes the files that hold nothing beyond a number. The last one stays.
    void trim(long done) {
        for (Segment oldest = nextToGo(done); oldest != null; oldest = nextToGo(done)) {
            steps.at(Step.TRIMMING);
            try {
                Files.deleteIfExists(oldest.file());
            } catch (IOException e) {
                log.warn("{} is done with and cannot be deleted", oldest.file(), e);
            }
            steps.at(Step.TRIMMED);
        }
    }

    private synchronized @Nullable Segment nextToGo(long done) {
        Segment oldest = full.peekFirst();
        if (oldest == null) {
            return null;
        }
        Segment following = full.stream().skip(1).findFirst().orElse(current);
        if (following == null || following.first() > done + 1) {
            return null;
        }
        full.removeFirst();
        fullBytes -= oldest.bytes();
        return oldest;
    }

    @Override
    public void close() {
        leave();
        release(lockFile);
    }
}
