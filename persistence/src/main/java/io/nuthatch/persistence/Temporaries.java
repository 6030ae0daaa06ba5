package io.nuthatch.persistence;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Files that have a name of their own until they are whole, and what becomes of them if their process is killed.
///
/// ```
///   temp-<pid>-<number>.rdb            a snapshot
///   temp-<pid>-<number>.rdb.spill      its second file
///   temp-rewriteaof-bg-<pid>.aof|.rdb  the base of a log, and again .rdb.spill
/// ```
/// The next server that starts there removes them, unless somebody may still write to them. That is so if a process has
/// the number, other than this one; or if somebody has the file locked, as everybody does who writes to one: a number
/// says nothing where two servers share a folder and neither sees the other's processes (two containers, each with a
/// process 1). Other names are left alone: a redis-server's `temp-<pid>.rdb` has one number.
final class Temporaries {
    private static final Logger LOG = LoggerFactory.getLogger(Temporaries.class);

    /// A number that is too long to be read is nobody's.
    private static final Pattern NAME = Pattern.compile(
            "temp-(?:(\\d{1,18})-\\d+\\.rdb(?:\\.spill)?|rewriteaof-bg-(\\d{1,18})\\.(?:aof|rdb|rdb\\.spill))");

    private Temporaries() {}

    /// The name of a snapshot that is to be saved under another.
    static Path ofSnapshot(Path target, long number) {
        return target.resolveSibling("temp-" + ProcessHandle.current().pid() + "-" + number + ".rdb");
    }

    /// The name of a base of a log.
    static Path ofBase(Path folder, String suffix) {
        return folder.resolve("temp-rewriteaof-bg-" + ProcessHandle.current().pid() + suffix);
    }

    /// Locks a file as long as it is open, if it is one of these.
    static void claim(Path path, FileChannel channel) {
        if (NAME.matcher(String.valueOf(path.getFileName())).matches()) {
            try {
                FileLock lock = channel.tryLock();
                if (lock == null) {
                    LOG.warn("another process has a temporary file of this one: file={}", path);
                }
            } catch (IOException | OverlappingFileLockException fault) {
                LOG.debug("no lock of a temporary file, so its process's number must do: file={}", path, fault);
            }
        }
    }

    /// Removes what processes that are gone have left in a folder. What cannot be removed is logged: it harms nobody.
    static void removeStale(Path folder) {
        if (!Files.isDirectory(folder)) {
            return;
        }
        try (DirectoryStream<Path> files = Files.newDirectoryStream(folder, "temp-*")) {
            for (Path file : files) {
                Matcher name = NAME.matcher(String.valueOf(file.getFileName()));
                if (name.matches() && Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS)) {
                    String pid = name.group(1) == null ? name.group(2) : name.group(1);
                    removeIfStale(file, Long.parseLong(pid));
                }
            }
        } catch (IOException fault) {
            LOG.warn("cannot look for temporary files: folder={}", folder, fault);
        }
    }

    private static void removeIfStale(Path file, long pid) {
        if (pid != ProcessHandle.current().pid() && ProcessHandle.of(pid).isPresent()) {
            return;
        }
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE);
                FileLock lock = channel.tryLock()) {
            if (lock != null) {
                Files.deleteIfExists(file);
                LOG.info("removed what a killed process has left: file={}", file);
            }
        } catch (OverlappingFileLockException ofThisProcess) {
            LOG.debug("a temporary file is in use: file={}", file);
        } catch (IOException fault) {
            LOG.warn("cannot remove a temporary file: file={}", file, fault);
        }
    }
}
