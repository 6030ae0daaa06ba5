package io.nuthatch.persistence;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;

/// Looks whether the files of a log are whole, and cuts off the last one's end where that helps.
public final class AofCheck {
    /// What is to be done besides looking.
    public enum Action {
        NOTHING,
        /// Cut off what is damaged or torn at the end of the last file, and what is behind it.
        FIX,
        /// Cut off what was done after a second.
        TRUNCATE
    }

    /// What was found.
    ///
    /// @param lines for people
    public record Outcome(List<String> lines, boolean whole) {}

    private final Path file;
    private final Action action;
    private final long second;
    private final List<String> lines = new ArrayList<>();
    private boolean whole = true;

    private AofCheck(Path file, Action action, long second) {
        this.file = file;
        this.action = action;
        this.second = second;
    }

    /// Looks at a log.
    ///
    /// @param file its manifest, or a file of commands by itself
    /// @param second since 1970, for [Action#TRUNCATE]
    /// @throws IOException with one sentence, if it cannot be read or written
    public static Outcome of(Path file, Action action, long second) throws IOException {
        AofCheck check = new AofCheck(file, action, second);
        check.run();
        return new Outcome(check.lines, check.whole);
    }

    private void run() throws IOException {
        String name = Objects.requireNonNull(file.getFileName()).toString();
        if (!name.endsWith(AofFolder.MANIFEST_SUFFIX)) {
            AofLoader.checkReadable(file);
            check(file, true);
            return;
        }
        AofLoader.checkReadable(file);
        AofManifest manifest = AofManifest.read(file);
        List<AofManifest.Part> parts = manifest.parts();
        for (int i = 0; i < parts.size() && whole; i++) {
            Path path = file.resolveSibling(parts.get(i).name());
            AofLoader.refuseEmptyRdb(parts.get(i), path);
            check(path, i == parts.size() - 1);
        }
        if (whole) {
            lines.add("the log is whole: files=" + parts.size());
        }
    }

    private void check(Path part, boolean isLast) throws IOException {
        AofScan scan = AofScan.of(part, action == Action.TRUNCATE ? second : Long.MAX_VALUE);
        lines.add(part + ": bytes=" + scan.bytes() + ", of them RDB=" + scan.rdbBytes() + ", commands="
                + scan.commands() + ", whole up to byte " + scan.wholeBytes());
        if (scan.laterBytes() != AofScan.NONE) {
            truncateToSecond(scan, isLast);
        } else if (!scan.isWhole()) {
            mend(scan, isLast);
        }
    }

    private void truncateToSecond(AofScan scan, boolean isLast) throws IOException {
        if (!isLast) {
            whole = false;
            lines.add("that second is before the last file: './nuthatch restore' makes a log that ends there");
            return;
        }
        truncate(scan, scan.laterBytes());
    }

    private void mend(AofScan scan, boolean isLast) throws IOException {
        lines.add(
                scan.damage().isEmpty()
                        ? "it ends within a command or a transaction that begins at byte " + scan.wholeBytes()
                        : "it is damaged at byte " + scan.wholeBytes() + ": " + scan.damage());
        if (action != Action.FIX) {
            whole = false;
            lines.add("--fix cuts off the " + (scan.bytes() - scan.wholeBytes()) + " bytes from there on");
        } else if (!isLast) {
            whole = false;
            lines.add("it is not the last file, so what follows would not fit any more: restore it from a copy");
        } else {
            truncate(scan, scan.wholeBytes());
        }
    }

    private void truncate(AofScan scan, long bytes) throws IOException {
        try (Disk.File open = Disk.REAL.open(scan.path())) {
            open.truncate(bytes);
            open.force();
        }
        lines.add("cut off: bytes=" + (scan.bytes() - bytes) + ", left=" + Files.size(scan.path()));
    }
}
