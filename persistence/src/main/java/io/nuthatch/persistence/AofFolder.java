package io.nuthatch.persistence;

import io.nuthatch.engine.Config;
import io.nuthatch.memory.Scratch;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/// The folder in which a log's files are, and their manifest:
///
/// ```
///   dir/appendonlydir/appendonly.aof.manifest
///   dir/appendonlydir/appendonly.aof.1.base.rdb
///   dir/appendonlydir/appendonly.aof.1.incr.aof
/// ```
///
/// @param outer `dir`, where the one file is that Redis had before version 7
/// @param fileName `appendfilename`
record AofFolder(Disk disk, Path outer, Path folder, String fileName) {
    static final String MANIFEST_SUFFIX = ".manifest";

    static AofFolder of(Disk disk, Config config) {
        Path dir = config.dir.value();
        return new AofFolder(disk, dir, dir.resolve(config.appenddirname.value()), config.appendfilename.value());
    }

    Path manifestPath() {
        return folder.resolve(fileName + MANIFEST_SUFFIX);
    }

    Path path(AofManifest.Part part) {
        return folder.resolve(part.name());
    }

    boolean hasManifest() {
        return Files.exists(manifestPath());
    }

    AofManifest read() throws IOException {
        return AofManifest.read(manifestPath());
    }

    /// Puts a manifest in the place of the one before, in one step.
    void write(AofManifest manifest) throws IOException {
        Path temporary = folder.resolve("temp-" + fileName + MANIFEST_SUFFIX);
        try (Scratch text = Scratch.of(manifest.text());
                Disk.File file = disk.create(temporary)) {
            file.append(text.bytes());
            file.force();
        }
        disk.rename(temporary, manifestPath());
        disk.force(folder);
    }

    /// The one file that Redis had before version 7.
    Path oldFile() {
        return outer.resolve(fileName);
    }

    /// Makes the folder if it is not there.
    void create() throws IOException {
        if (Files.isDirectory(folder)) {
            return;
        }
        if (Files.exists(folder)) {
            throw AofException.of(folder, "is no folder", "move it away, or name another with 'appenddirname'");
        }
        try {
            Files.createDirectory(folder);
            disk.force(outer);
        } catch (IOException fault) {
            throw AofException.of(
                    folder,
                    "cannot be made (" + AofException.why(fault) + ")",
                    "name a folder with 'dir' that is there and that this user may write to");
        }
    }

    /// The length of a file, 0 if it is not there.
    long bytes(AofManifest.Part part) throws IOException {
        Path path = path(part);
        return Files.exists(path) ? Files.size(path) : 0;
    }

    long bytes(Iterable<AofManifest.Part> parts) throws IOException {
        long sum = 0;
        for (AofManifest.Part part : parts) {
            sum += bytes(part);
        }
        return sum;
    }
}
