package io.nuthatch.persistence;

import io.nuthatch.engine.Version;
import io.nuthatch.memory.Bytes;
import io.nuthatch.memory.Scratch;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;

/// An RDB file being written. It has a name of its own until it is whole and on disk; only then does it take the place
/// of the one before. Whatever happens, there is a whole file under the name at any time.
///
/// ```
///   create: temp-<pid>-<number>.rdb -> append ... -> finish: force, rename, force the folder
/// ```
///
/// Thread: one at a time.
final class RdbFileWriter implements AutoCloseable {
    /// How much may be written and not forced, with [RdbFormat#forcedOnTheWay].
    private static final long FORCED_EACH_BYTES = 4 << 20;

    private final Disk disk;
    private final Path target;
    private final Path temporary;
    private final RdbFormat format;
    private final Disk.File file;
    private int version = RdbType.USUAL_VERSION;
    private long checksum;
    private long bytes = RdbFile.HEADER_BYTES;
    private long forcedBytes;
    private boolean finished;

    private RdbFileWriter(Disk disk, Path target, Path temporary, RdbFormat format) throws IOException {
        this.disk = disk;
        this.target = target;
        this.temporary = temporary;
        this.format = format;
        this.file = disk.create(temporary);
    }

    /// Begins a file.
    ///
    /// @param temporary its name while it is not whole, in the same folder
    /// @param usedBytes what the data takes in memory, which the file tells
    static RdbFileWriter create(Disk disk, Path target, Path temporary, RdbFormat format, long nowMs, long usedBytes)
            throws IOException {
        RdbFileWriter writer = new RdbFileWriter(disk, target, temporary, format);
        try {
            writer.writeHeader();
            writer.writeAux(nowMs, usedBytes);
            return writer;
        } catch (IOException | RuntimeException fault) {
            writer.close();
            throw fault;
        }
    }

    private void writeHeader() throws IOException {
        try (Scratch header = header()) {
            file.append(header.bytes());
        }
    }

    private Scratch header() {
        return Scratch.of(RdbFile.MAGIC + String.format(Locale.ROOT, "%0" + RdbFile.VERSION_DIGITS + "d", version));
    }

    private void writeAux(long nowMs, long usedBytes) throws IOException {
        Map<String, String> aux = new TreeMap<>();
        aux.put("redis-ver", Version.REDIS);
        aux.put("redis-bits", String.valueOf(Long.SIZE));
        aux.put("ctime", String.valueOf(nowMs / 1000));
        aux.put("used-mem", String.valueOf(usedBytes));
        aux.put("aof-base", format.purpose() == RdbFormat.Purpose.BASE_OF_LOG ? "1" : "0");
        try (RdbOutput output = new RdbOutput()) {
            aux.forEach((name, value) -> {
                output.oneByte(RdbFile.AUX);
                string(output, name);
                string(output, value);
            });
            append(output.bytes());
        }
    }

    private static void string(RdbOutput output, String text) {
        try (Scratch bytes = Scratch.of(text)) {
            output.string(bytes.bytes());
        }
    }

    /// Tells how many keys a database has, before the first of them.
    void sizes(int db, long keys, long keysWithDeadline) throws IOException {
        try (RdbOutput output = new RdbOutput()) {
            output.oneByte(RdbFile.DATABASE);
            output.length(db);
            output.oneByte(RdbFile.SIZES);
            output.length(keys);
            output.length(keysWithDeadline);
            append(output.bytes());
        }
    }

    /// Adds a piece.
    ///
    /// @param needs the oldest version of the format that has all of it
    void append(Bytes piece, int needs) throws IOException {
        version = Math.max(version, needs);
        append(piece);
    }

    private void append(Bytes piece) throws IOException {
        file.append(piece);
        if (format.checked()) {
            checksum = Crc64.of(checksum, piece.address(), piece.length());
        }
        bytes += piece.length();
        if (format.forcedOnTheWay() && bytes - forcedBytes >= FORCED_EACH_BYTES) {
            file.force();
            forcedBytes = bytes;
        }
    }

    /// How long the file is so far.
    long bytes() {
        return bytes;
    }

    /// Ends the file and puts it in its place.
    void finish() throws IOException {
        writeEnd();
        file.force();
        file.close();
        disk.rename(temporary, target);
        finished = true;
        disk.force(Objects.requireNonNull(target.toAbsolutePath().getParent(), "a file is in a folder"));
    }

    private void writeEnd() throws IOException {
        try (RdbOutput end = new RdbOutput();
                Scratch header = header()) {
            end.oneByte(RdbFile.END);
            if (version != RdbType.USUAL_VERSION) {
                file.overwrite(0, header.bytes());
            }
            append(end.bytes());
            end.clear();
            end.fixedLong(format.checked() ? checksumWith(header.bytes()) : 0);
            file.append(end.bytes());
            bytes += end.length();
        }
    }

    /// The version stands at the beginning and is known at the end, so the checksum begins behind it.
    private long checksumWith(Bytes header) {
        long first = Crc64.of(0, header.address(), header.length());
        return Crc64.joined(first, checksum, bytes - RdbFile.HEADER_BYTES);
    }

    /// Removes the file unless it is finished.
    @Override
    public void close() throws IOException {
        if (!finished) {
            try {
                file.close();
            } finally {
                disk.delete(temporary);
            }
        }
    }
}
