package io.nuthatch.persistence;

import io.nuthatch.memory.Bytes;
import io.nuthatch.memory.MappedFile;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;

/// Reads an RDB file to its end, each value of it, without storing any.
public final class RdbCheck implements RdbFileReader.Visitor {
    private final RdbInput input;
    private final RdbFileReader reader;
    private final Map<Integer, Long> keysOfDatabases = new TreeMap<>();
    private final Map<String, Long> keysOfTypes = new TreeMap<>();
    private final List<String> aux = new ArrayList<>();
    private long keys;
    private long keysWithDeadline;
    private long empty;
    private long functions;

    private RdbCheck(Path file, RdbInput input) {
        this.input = input;
        this.reader = new RdbFileReader(file, input.from(0));
    }

    /// What a file has, in lines for people.
    ///
    /// @throws IOException with one sentence, if it is not whole
    public static List<String> of(Path file) throws IOException {
        RdbLoader.checkReadable(file);
        try (MappedFile content = MappedFile.open(file)) {
            return new RdbCheck(file, new RdbInput(content.address(), content.bytes())).run(content.bytes());
        }
    }

    private List<String> run(long bytes) throws IOException {
        reader.read(this);
        long end = reader.offset();
        boolean checked = reader.checksum() != RdbFileReader.UNCHECKED;
        if (checked) {
            reader.compare(input.checksum(0, end - Long.BYTES));
        }
        List<String> lines = new ArrayList<>(aux);
        lines.add("version " + reader.version() + " of the format");
        keysOfDatabases.forEach((db, count) -> lines.add("database " + db + ": keys=" + count));
        keysOfTypes.forEach((type, count) -> lines.add(type + ": keys=" + count));
        lines.add("keys=" + keys + ", with a deadline=" + keysWithDeadline + ", empty=" + empty + ", functions="
                + functions);
        lines.add(checked ? "the checksum is right" : "there is no checksum");
        lines.add("the file is whole: bytes=" + end + (end < bytes ? ", and others behind it=" + (bytes - end) : ""));
        return lines;
    }

    @Override
    public void aux(String name, String value) {
        aux.add(name + " = " + value);
    }

    @Override
    public void sizes(int db, long count, long countWithDeadline) {
        // They are a hint, and need not be true.
    }

    @Override
    @SuppressWarnings("try") // What is read and checked is let go at once.
    public void key(int db, long offset, long deadlineMs, long idleSeconds, long frequency) throws RdbFileException {
        RdbInput at = input.from(offset);
        RdbType type = at.type();
        try (RdbString ignored = at.string();
                RdbValue value = RdbValue.read(type, at)) {
            keys++;
            keysWithDeadline += deadlineMs == RdbFileReader.NO_DEADLINE ? 0 : 1;
            keysOfDatabases.merge(db, 1L, Long::sum);
            keysOfTypes.merge(type.name().toLowerCase(Locale.ROOT).replace('_', ' '), 1L, Long::sum);
        } catch (RdbCorruption corruption) {
            if (!corruption.isEmpty()) {
                throw reader.damaged(corruption, offset);
            }
            empty++;
        }
    }

    @Override
    public void function(Bytes code) {
        functions++;
    }
}
