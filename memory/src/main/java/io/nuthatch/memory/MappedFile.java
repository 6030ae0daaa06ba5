package io.nuthatch.memory;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.channels.FileChannel;
import java.nio.channels.FileChannel.MapMode;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/// A file's content as memory, to be read, for as long as this is open. It is as long as the file was when it was
/// opened.
///
/// Errors: if somebody makes the file shorter meanwhile, reading what is gone throws an `InternalError`.
///
/// Threads: any.
public final class MappedFile implements AutoCloseable {
    private final Arena arena = Arena.ofShared();
    private final MemorySegment content;

    private MappedFile(Path path) throws IOException {
        try (FileChannel channel = FileChannel.open(path, StandardOpenOption.READ)) {
            content = channel.map(MapMode.READ_ONLY, 0, channel.size(), arena);
        } catch (IOException | RuntimeException fault) {
            arena.close();
            throw fault;
        }
    }

    /// @throws IOException if the file cannot be read
    public static MappedFile open(Path path) throws IOException {
        return new MappedFile(path);
    }

    /// Where the first byte is.
    public long address() {
        return content.address();
    }

    public long bytes() {
        return content.byteSize();
    }

    @Override
    public void close() {
        arena.close();
    }
}
