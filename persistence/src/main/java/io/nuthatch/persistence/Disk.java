package io.nuthatch.persistence;

import io.nuthatch.memory.Bytes;
import io.nuthatch.memory.CachedPages;
import io.nuthatch.memory.Memory;
import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import org.jspecify.annotations.Nullable;

/// The file system, as far as data is written to it. What is on disk only once it is forced there is said so.
///
/// All faults of a disk come through here: a test puts one in between that is full, or read-only, or lies.
///
/// Threads: any; a file belongs to whoever created it.
interface Disk {
    /// The system's own.
    Disk REAL = new Real();

    /// Makes an empty file, in place of one that may be there.
    File create(Path path) throws IOException;

    /// Opens a file that is there, to add to it.
    File open(Path path) throws IOException;

    /// Gives a file another name in the same folder, in one step, in place of one that may have that.
    void rename(Path from, Path to) throws IOException;

    /// Forces to disk which files a folder has, under which names.
    void force(Path folder) throws IOException;

    /// Removes a file if it is there.
    void delete(Path path) throws IOException;

    /// A file under way.
    interface File extends AutoCloseable {
        /// Adds all of the bytes at the end.
        void append(Bytes bytes) throws IOException;

        /// Fills a window with the bytes from an offset on, which must be there.
        void read(long offset, Bytes into) throws IOException;

        /// How many bytes it has.
        long size() throws IOException;

        /// Takes away what is after so many bytes.
        void truncate(long bytes) throws IOException;

        /// Replaces all of the bytes from an offset on, which must be there.
        void overwrite(long offset, Bytes bytes) throws IOException;

        /// Forces what has been written to disk.
        void force() throws IOException;

        /// Says that a range will not be read soon. The system begins to bring it to disk, while nobody
        /// waits for it, and needs no memory for what is there already.
        void forget(long from, long until);

        @Override
        void close() throws IOException;
    }

    /// The system's own.
    final class Real implements Disk {
        private Real() {}

        @Override
        public File create(Path path) throws IOException {
            FileChannel channel = FileChannel.open(
                    path,
                    StandardOpenOption.CREATE,
                    StandardOpenOption.TRUNCATE_EXISTING,
                    StandardOpenOption.READ,
                    StandardOpenOption.WRITE);
            Temporaries.claim(path, channel);
            return new RealFile(path, channel);
        }

        @Override
        public File open(Path path) throws IOException {
            FileChannel channel = FileChannel.open(path, StandardOpenOption.WRITE);
            channel.position(channel.size());
            return new RealFile(path, channel);
        }

        @Override
        public void rename(Path from, Path to) throws IOException {
            Files.move(from, to, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        }

        @Override
        public void force(Path folder) throws IOException {
            try (FileChannel channel = FileChannel.open(folder, StandardOpenOption.READ)) {
                channel.force(true);
            }
        }

        @Override
        public void delete(Path path) throws IOException {
            Files.deleteIfExists(path);
        }
    }

    /// A file of the system's.
    final class RealFile implements File {
        private final Path path;
        private final FileChannel channel;
        private @Nullable CachedPages cached;

        private RealFile(Path path, FileChannel channel) {
            this.path = path;
            this.channel = channel;
        }

        @Override
        public void append(Bytes bytes) throws IOException {
            ByteBuffer left = Memory.buffer(bytes.address(), bytes.length());
            while (left.hasRemaining()) {
                channel.write(left);
            }
        }

        @Override
        public void read(long offset, Bytes into) throws IOException {
            ByteBuffer left = Memory.buffer(into.address(), into.length());
            while (left.hasRemaining()) {
                if (channel.read(left, offset + left.position()) < 0) {
                    throw new EOFException("ends early: offset=" + (offset + left.position()));
                }
            }
        }

        @Override
        public long size() throws IOException {
            return channel.size();
        }

        @Override
        public void truncate(long bytes) throws IOException {
            channel.truncate(bytes);
            channel.position(bytes);
        }

        @Override
        public void overwrite(long offset, Bytes bytes) throws IOException {
            ByteBuffer left = Memory.buffer(bytes.address(), bytes.length());
            while (left.hasRemaining()) {
                channel.write(left, offset + left.position());
            }
        }

        @Override
        public void force() throws IOException {
            channel.force(false);
        }

        @Override
        public void forget(long from, long until) {
            CachedPages pages = cached;
            if (pages == null) {
                pages = CachedPages.of(path);
                cached = pages;
            }
            pages.drop(from, until);
        }

        @Override
        public void close() throws IOException {
            if (cached != null) {
                cached.close();
            }
            channel.close();
        }
    }
}
