package io.nuthatch.persistence;

import io.nuthatch.engine.Engine;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.SplittableRandom;
import java.util.function.LongConsumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Loads a log: its base, then its increments.
///
/// ```
///   manifest -> base (RDB, or commands, or RDB and then commands) -> increment -> increment ...
/// ```
/// Only the last file may end within a command, which was being written when the server ended: that is cut off.
/// Anything else that is not as it should be stops the start.
///
/// Thread: one that may wait.
final class AofLoader {
    private static final Logger LOG = LoggerFactory.getLogger(AofLoader.class);

    private final Engine engine;
    private final AofFolder folder;

    AofLoader(Engine engine, AofFolder folder) {
        this.engine = engine;
        this.folder = folder;
    }

    /// Loads what there is.
    ///
    /// @return the manifest of it, empty if there was nothing
    /// @throws IOException with one sentence, if it cannot be loaded as a whole
    AofManifest load() throws IOException {
        upgrade();
        if (!folder.hasManifest()) {
            refuseLostManifest();
            return AofManifest.EMPTY;
        }
        AofManifest manifest = folder.read();
        long began = engine.clock().nanos();
        AofReplay replay = new AofReplay(engine, new SplittableRandom());
        long done = 0;
        engine.loading().begin(folder.bytes(manifest.parts()));
        try {
            List<AofManifest.Part> parts = manifest.parts();
            for (int i = 0; i < parts.size(); i++) {
                long before = done;
                load(
                        parts.get(i),
                        i == parts.size() - 1,
                        replay,
                        bytes -> engine.loading().reached(before + bytes));
                done += folder.bytes(parts.get(i));
            }
        } finally {
            replay.close();
        }
        LOG.info(
                "log loaded: files={}, bytes={}, commands={}, seconds={}",
                manifest.parts().size(),
                done,
                replay.commands(),
                (engine.clock().nanos() - began) / 1e9);
        return manifest;
    }

    /// Files without a manifest are somebody's data: an empty start would write over them in time.
    private void refuseLostManifest() throws IOException {
        if (!Files.isDirectory(folder.folder())) {
            return;
        }
        try (var files = Files.list(folder.folder())) {
            List<Path> logs = files.filter(file -> file.getFileName().toString().startsWith(folder.fileName() + "."))
                    .toList();
            if (!logs.isEmpty()) {
                throw AofException.of(
                        folder.manifestPath(),
                        "is missing, and there are files of a log ("
                                + logs.getFirst().getFileName() + ")",
                        "restore it from a copy, or move the folder away to start without data");
            }
        }
    }

    /// Takes over the one file that Redis had before version 7, as the base: as Redis 7 does.
    private void upgrade() throws IOException {
        Path old = folder.oldFile();
        if (!Files.isRegularFile(old)) {
            return;
        }
        AofManifest.Part base = new AofManifest.Part(folder.fileName(), 1, AofManifest.Kind.BASE);
        if (folder.hasManifest()) {
            AofManifest manifest = folder.read();
            if (!base.equals(manifest.base()) || Files.exists(folder.path(base))) {
                return;
            }
        } else {
            folder.create();
            folder.write(new AofManifest(base, List.of(), List.of()));
        }
        folder.disk().rename(old, folder.path(base));
        folder.disk().force(folder.folder());
        folder.disk().force(folder.outer());
        LOG.info("log of an older version taken over: from={}, to={}", old, folder.path(base));
    }

    private void load(AofManifest.Part part, boolean isLast, AofReplay replay, LongConsumer progress)
            throws IOException {
        Path path = folder.path(part);
        checkReadable(path);
        refuseEmptyRdb(part, path);
        if (Files.size(path) == 0) {
            return;
        }
        long commandsFrom = beginsWithRdb(path) ? loadRdb(path, progress) : 0;
        AofReplay.Ending ending = replay.run(path, commandsFrom, progress);
        if (ending.isTorn()) {
            cut(path, ending, isLast);
        }
    }

    /// A file of commands may be empty, for there may have been none; RDB has at least its header.
    static void refuseEmptyRdb(AofManifest.Part part, Path path) throws IOException {
        if (part.kind() == AofManifest.Kind.BASE && part.isRdb() && Files.exists(path) && Files.size(path) == 0) {
            throw AofException.of(path, "is empty, and was not when it was written", "restore it from a copy");
        }
    }

    static void checkReadable(Path path) throws IOException {
        if (!Files.exists(path)) {
            throw AofException.of(path, "is missing, and the manifest names it", "restore it from a copy");
        }
        checkFile(path);
    }

    /// Refuses what is no file, or not for us.
    static void checkFile(Path path) throws IOException {
        if (Files.isDirectory(path)) {
            throw AofException.of(path, "is a directory", "move it away, and restore the file from a copy");
        }
        if (!Files.isRegularFile(path)) {
            throw AofException.of(path, "is no file that could be read", "move it away, and restore it from a copy");
        }
        if (!Files.isReadable(path)) {
            throw AofException.of(
                    path,
                    "may not be read by this user",
                    "give it to the user that runs the server, or start the server as its owner");
        }
    }

    static boolean beginsWithRdb(Path path) throws IOException {
        ByteBuffer head = ByteBuffer.allocate(RdbFile.MAGIC.length());
        try (FileChannel file = FileChannel.open(path, StandardOpenOption.READ)) {
            while (head.hasRemaining() && file.read(head) >= 0) {
                // Goes on until there is enough, or no more.
            }
        }
        return new String(head.array(), StandardCharsets.ISO_8859_1).equals(RdbFile.MAGIC);
    }

    private long loadRdb(Path path, LongConsumer progress) throws IOException {
        var options = new RdbLoader.Options(
                engine.clock().wallMs(),
                true,
                false,
                engine.config().rdbchecksum.isOn());
        return new RdbLoader(engine.keyspace()).load(path, options, progress).bytes();
    }

    private void cut(Path path, AofReplay.Ending ending, boolean isLast) throws IOException {
        String what = "ends within a command or a transaction that begins at byte " + ending.wholeBytes() + " of "
                + ending.bytes();
        if (!isLast) {
            throw AofException.of(path, what + ", and is not the last file of the log", "restore it from a copy");
        }
        if (!engine.config().aofLoadTruncated.isOn()) {
            throw AofException.of(
                    path,
                    what,
                    "make a copy of the folder, then './nuthatch check-aof --fix' of its manifest cuts it off, or set"
                            + " 'aof-load-truncated' to yes");
        }
        LOG.warn("{} {}: it is cut off there, the rest was never answered for", path, what);
        try (Disk.File file = folder.disk().open(path)) {
            file.truncate(ending.wholeBytes());
            file.force();
        }
    }
}
