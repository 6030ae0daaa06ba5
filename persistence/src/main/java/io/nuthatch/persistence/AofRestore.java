package io.nuthatch.persistence;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;

/// Makes a log of how the data was at an earlier second, from the files that `aof-disable-auto-gc yes` has kept and the
/// moments that `aof-timestamp-enabled yes` has noted in them.
///
/// ```
///   base 1 | incr 1 | incr 2      base 2 | incr 3
///   `-------------------- T       the newest base that is not later than T, and the increments since, up to T
/// ```
/// What is there stays as it is: the log is written to a folder of its own.
public final class AofRestore {
    private final AofFolder from;
    private final long second;

    private AofRestore(AofFolder from, long second) {
        this.from = from;
        this.second = second;
    }

    /// Writes the log.
    ///
    /// @param folder the log's files, with their manifest
    /// @param second since 1970: changes made in it are kept
    /// @param to where the files go; it must not be there, or be empty
    /// @return what has been done, in lines for people
    /// @throws IOException with one sentence, if it cannot be done
    public static List<String> restore(Path folder, String fileName, long second, Path to) throws IOException {
        AofFolder from = new AofFolder(Disk.REAL, parent(folder), folder, fileName);
        if (!from.hasManifest()) {
            throw AofException.of(
                    from.manifestPath(), "is missing", "name the folder that has 'appendonlydir' with --dir");
        }
        return new AofRestore(from, second).run(to);
    }

    private static Path parent(Path path) {
        return Objects.requireNonNull(path.toAbsolutePath().getParent(), "a log is in a folder");
    }

    private List<String> run(Path to) throws IOException {
        refuseUsed(to);
        AofManifest manifest = from.read();
        AofManifest.Part base = newestBase(manifest);
        List<AofManifest.Part> increments = incrementsSince(manifest, base);
        Files.createDirectories(to);
        List<String> lines = new ArrayList<>();
        Files.copy(from.path(base), to.resolve(base.name()));
        lines.add("begins with " + base.name());
        List<AofManifest.Part> kept = new ArrayList<>();
        boolean more = true;
        for (int i = 0; i < increments.size() && more; i++) {
            AofScan scan = AofScan.of(from.path(increments.get(i)), second);
            more = scan.laterBytes() == AofScan.NONE;
            refuseDamage(scan, i == increments.size() - 1);
            long bytes = more ? scan.wholeBytes() : scan.laterBytes();
            kept.add(increments.get(i).as(AofManifest.Kind.INCREMENT));
            copy(increments.get(i), to, bytes);
            lines.add("goes on with " + increments.get(i).name() + ", up to byte " + bytes + " of " + scan.bytes());
        }
        AofFolder made = new AofFolder(Disk.REAL, parent(to), to, from.fileName());
        AofManifest.Part alone = new AofManifest.Part(base.name(), base.sequence(), AofManifest.Kind.BASE);
        made.write(new AofManifest(kept.isEmpty() ? alone : alone.before(kept.getFirst()), List.of(), kept));
        if (more) {
            lines.add("no change after that second was found: this is all there is");
        }
        return lines;
    }

    private static void refuseUsed(Path to) throws IOException {
        if (Files.isDirectory(to)) {
            try (Stream<Path> files = Files.list(to)) {
                if (files.findAny().isPresent()) {
                    throw AofException.of(to, "is not empty", "name another folder with --into");
                }
            }
        } else if (Files.exists(to)) {
            throw AofException.of(to, "is a file", "name another folder with --into");
        }
    }

    /// The newest base that was written by then.
    private AofManifest.Part newestBase(AofManifest manifest) throws IOException {
        List<AofManifest.Part> bases = new ArrayList<>();
        for (AofManifest.Part part : manifest.bases()) {
            if (Files.exists(from.path(part)) && bornSecond(part) <= second) {
                bases.add(part);
            }
        }
        return bases.stream()
                .max(Comparator.comparingLong(AofManifest.Part::sequence))
                .orElseThrow(() -> AofException.of(
                        from.folder(),
                        "has nothing that is as old as that",
                        "name a later time, or the folder of an older copy; 'aof-disable-auto-gc yes' keeps older"
                                + " files from now on"));
    }

    private long bornSecond(AofManifest.Part base) throws IOException {
        return AofScan.of(from.path(base), Long.MAX_VALUE).bornSeconds();
    }

    /// The increments that go on from a base. Its manifest says which is the first; one of Redis's does not, and
    /// then it is the first that began after the base was written.
    private List<AofManifest.Part> incrementsSince(AofManifest manifest, AofManifest.Part base) throws IOException {
        long first = base.next();
        long born = first == 0 ? bornSecond(base) : 0;
        List<AofManifest.Part> since = new ArrayList<>();
        for (AofManifest.Part part : manifest.allIncrements()) {
            if (first == 0 ? bornSecond(part) >= born : part.sequence() >= first) {
                since.add(part);
            }
        }
        return since;
    }

    private static void refuseDamage(AofScan scan, boolean mayBeTorn) throws AofException {
        boolean cutBefore = scan.laterBytes() != AofScan.NONE && scan.laterBytes() <= scan.wholeBytes();
        boolean torn = scan.damage().isEmpty() && mayBeTorn;
        if (!scan.isWhole() && !cutBefore && !torn) {
            throw AofException.of(
                    scan.path(),
                    "is damaged at byte " + scan.wholeBytes(),
                    "restore it from a copy, or an earlier time");
        }
    }

    private void copy(AofManifest.Part part, Path to, long bytes) throws IOException {
        Path copy = to.resolve(part.name());
        Files.copy(from.path(part), copy);
        try (Disk.File file = Disk.REAL.open(copy)) {
            file.truncate(bytes);
            file.force();
        }
    }
}
