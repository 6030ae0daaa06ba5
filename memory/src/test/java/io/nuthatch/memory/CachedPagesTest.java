package io.nuthatch.memory;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.MappedByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileChannel.MapMode;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

class CachedPagesTest {
    private static final int BYTES = 4 * 1024 * 1024;

    @TempDir
    private Path folder;

    private byte[] write(Path file) throws IOException {
        byte[] content = new byte[BYTES];
        Arrays.fill(content, (byte) 7);
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
            channel.write(ByteBuffer.wrap(content));
            channel.force(false);
        }
        return content;
    }

    private static boolean isCached(Path file) throws IOException {
        try (FileChannel channel = FileChannel.open(file)) {
            MappedByteBuffer mapped = channel.map(MapMode.READ_ONLY, 0, channel.size());
            return mapped.isLoaded();
        }
    }

    @Test
    @EnabledOnOs(OS.LINUX)
    void whatIsDroppedIsNotInMemoryAndStillInTheFile() throws IOException {
        Path file = folder.resolve("dropped log");
        byte[] content = write(file);
        assertThat(isCached(file)).isTrue();
        try (CachedPages pages = CachedPages.of(file)) {
            pages.drop(0, BYTES);
        }
        boolean isAllInMemory = Files.getFileStore(file).type().equals("tmpfs");
        assertThat(isCached(file)).isEqualTo(isAllInMemory);
        assertThat(Files.readAllBytes(file)).isEqualTo(content);
    }

    @Test
    void aFileThatCannotBeOpenedIsLeftAlone() {
        try (CachedPages pages = CachedPages.of(folder.resolve("not there"))) {
            pages.drop(0, BYTES);
        }
        assertThat(folder.resolve("not there")).doesNotExist();
    }
}
