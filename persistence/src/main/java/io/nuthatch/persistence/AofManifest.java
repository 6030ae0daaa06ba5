package io.nuthatch.persistence;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/// Which files the append-only file is made of, as its manifest says:
///
/// ```
///   file appendonly.aof.2.base.rdb seq 2 type b         what there was at a moment: RDB, or commands
///   file appendonly.aof.1.incr.aof seq 1 type h         history: superseded, to be deleted
///   file appendonly.aof.3.incr.aof seq 3 type i         commands since that moment, in this order
/// ```
/// Ours say besides which increment goes on from a base (`next 3`): for [AofRestore], when the base is history. Redis
/// passes over what it does not know. A line that begins with `#` says nothing. A name with blanks or quotes stands in
/// double quotes, with C's escapes.
///
/// Source: the manifests that Redis 7 writes.
///
/// @param history oldest first
/// @param increments oldest first
record AofManifest(@Nullable Part base, List<Part> history, List<Part> increments) {
    /// What nobody has written anything to.
    static final AofManifest EMPTY = new AofManifest(null, List.of(), List.of());

    private static final String RDB = ".rdb";

    /// Manifests are a few lines long, unless history is kept for years.
    private static final long MOST_BYTES = 16 << 20;

    /// A file.
    ///
    /// @param next of a base, the number of the increment that goes on from it, or 0 if that is not known
    record Part(String name, long sequence, Kind kind, long next) {
        Part(String name, long sequence, Kind kind) {
            this(name, sequence, kind, 0);
        }

        /// Whether a base is RDB as its name says. What is read need not be: the file itself says what it is.
        boolean isRdb() {
            return name.endsWith(RDB);
        }

        Part as(Kind other) {
            return new Part(name, sequence, other, next);
        }

        Part before(Part increment) {
            return new Part(name, sequence, kind, increment.sequence());
        }
    }

    enum Kind {
        BASE('b'),
        HISTORY('h'),
        INCREMENT('i');

        private final char letter;

        Kind(char letter) {
            this.letter = letter;
        }
    }

    // ---- the next files -------------------------------------------------------------------------------------

    /// With another increment at the end.
    AofManifest with(Part increment) {
        return new AofManifest(base, history, append(increments, increment));
    }

    /// With a new base, in place of the old one and of all increments before another.
    ///
    /// @param first the increment that begins where the base ends
    AofManifest rebased(Part newBase, Part first) {
        List<Part> old = new ArrayList<>(history);
        if (base != null) {
            old.add(base.as(Kind.HISTORY));
        }
        List<Part> kept = new ArrayList<>();
        for (Part increment : increments) {
            if (increment.sequence() < first.sequence()) {
                old.add(increment.as(Kind.HISTORY));
            } else {
                kept.add(increment);
            }
        }
        return new AofManifest(newBase.before(first), old, kept);
    }

    AofManifest withoutHistory() {
        return new AofManifest(base, List.of(), increments);
    }

    private static List<Part> append(List<Part> parts, Part part) {
        return Stream.concat(parts.stream(), Stream.of(part)).toList();
    }

    Part nextBase(String fileName, boolean rdb) {
        long sequence = highest(Kind.BASE) + 1;
        return new Part(fileName + "." + sequence + ".base" + (rdb ? RDB : ".aof"), sequence, Kind.BASE);
    }

    Part nextIncrement(String fileName) {
        long sequence = highest(Kind.INCREMENT) + 1;
        return new Part(fileName + "." + sequence + ".incr.aof", sequence, Kind.INCREMENT);
    }

    /// The highest number that a kind of file has or had.
    private long highest(Kind kind) {
        return all().stream()
                .filter(part -> part.kind() == kind
                        || part.kind() == Kind.HISTORY && part.name().contains(kind == Kind.BASE ? ".base." : ".incr."))
                .mapToLong(Part::sequence)
                .max()
                .orElse(0);
    }

    /// The files that make up the data, in the order in which they are read.
    List<Part> parts() {
        return Stream.concat(Optional.ofNullable(base).stream(), increments.stream())
                .toList();
    }

    /// All bases that there are or were.
    List<Part> bases() {
        return all().stream()
                .filter(part -> part.kind() == Kind.BASE
                        || part.kind() == Kind.HISTORY && !part.name().contains(".incr."))
                .toList();
    }

    /// All increments that there are or were, oldest first.
    List<Part> allIncrements() {
        return all().stream()
                .filter(part -> part.kind() == Kind.INCREMENT
                        || part.kind() == Kind.HISTORY && part.name().contains(".incr."))
                .sorted(Comparator.comparingLong(Part::sequence))
                .toList();
    }

    private List<Part> all() {
        return Stream.concat(parts().stream(), history.stream()).toList();
    }

    // ---- text -----------------------------------------------------------------------------------------------

    String text() {
        StringBuilder text = new StringBuilder();
        if (base != null) {
            line(base, text);
        }
        history.forEach(part -> line(part, text));
        increments.forEach(part -> line(part, text));
        return text.toString();
    }

    private static void line(Part part, StringBuilder text) {
        text.append("file ").append(quoted(part.name()));
        text.append(" seq ").append(part.sequence());
        text.append(" type ").append(part.kind().letter);
        if (part.next() != 0) {
            text.append(" next ").append(part.next());
        }
        text.append('\n');
    }

    private static String quoted(String name) {
        if (!name.isEmpty() && name.chars().allMatch(c -> c > ' ' && c < 0x7f && c != '"' && c != '\'' && c != '\\')) {
            return name;
        }
        StringBuilder quoted = new StringBuilder("\"");
        for (byte b : name.getBytes(StandardCharsets.UTF_8)) {
            if (b == '"' || b == '\\') {
                quoted.append('\\').append((char) b);
            } else if (b >= ' ' && b < 0x7f) {
                quoted.append((char) b);
            } else {
                quoted.append(String.format(Locale.ROOT, "\\x%02x", b & 0xff));
            }
        }
        return quoted.append('"').toString();
    }

    /// Reads a manifest.
    ///
    /// @throws AofException if it is not what it should be
    static AofManifest read(Path path) throws IOException {
        AofLoader.checkFile(path);
        if (Files.size(path) > MOST_BYTES) {
            throw damaged(path, 1, "it is longer than any manifest");
        }
        String text = new String(Files.readAllBytes(path), StandardCharsets.ISO_8859_1);
        if (text.isEmpty()) {
            throw AofException.of(path, "is empty", "restore it from a copy, or name the files in it again");
        }
        return parse(path, text);
    }

    private static AofManifest parse(Path path, String text) throws AofException {
        List<Part> bases = new ArrayList<>();
        List<Part> history = new ArrayList<>();
        List<Part> increments = new ArrayList<>();
        String[] lines = text.split("\n", -1);
        for (int i = 0; i < lines.length; i++) {
            String line = lines[i].strip();
            if (!line.startsWith("#") && (!line.isEmpty() || i < lines.length - 1)) {
                Part part = part(path, i + 1, line);
                switch (part.kind()) {
                    case BASE -> bases.add(part);
                    case HISTORY -> history.add(part);
                    case INCREMENT -> increments.add(part);
                }
            }
        }
        if (bases.size() > 1) {
            throw damaged(path, 1, "it names two base files");
        }
        for (int i = 1; i < increments.size(); i++) {
            if (increments.get(i).sequence() <= increments.get(i - 1).sequence()) {
                throw damaged(path, 1, "its increments are out of order");
            }
        }
        history.sort(Comparator.comparingLong(Part::sequence));
        Part base = bases.isEmpty() ? null : bases.getFirst();
        long next = base == null ? 0 : base.next();
        if (next != 0 && (increments.isEmpty() || increments.getFirst().sequence() != next)) {
            throw damaged(path, lines.length, "the base goes on with increment " + next + ", and it is not named");
        }
        return new AofManifest(base, history, increments);
    }

    private static Part part(Path path, int number, String line) throws AofException {
        List<String> words = words(path, number, line);
        String name = "";
        long sequence = 0;
        long next = 0;
        Kind kind = null;
        if (words.size() < 6 || words.size() % 2 != 0) {
            throw damaged(path, number, "it is no list of names and values");
        }
        for (int i = 0; i < words.size(); i += 2) {
            String value = words.get(i + 1);
            switch (words.get(i).toLowerCase(Locale.ROOT)) {
                case "file" -> name = value;
                case "seq" -> sequence = sequence(path, number, value);
                case "type" -> kind = kind(path, number, value);
                case "next" -> next = sequence(path, number, value);
                default -> {
                    // Later versions say more.
                }
            }
        }
        if (name.isEmpty() || name.contains("/") || name.equals(".") || name.equals("..")) {
            throw damaged(path, number, "a file must be named, without a folder");
        }
        if (sequence == 0 || kind == null) {
            throw damaged(path, number, "it does not tell the file's number and type");
        }
        return new Part(name, sequence, kind, next);
    }

    private static long sequence(Path path, int number, String value) throws AofException {
        if (!value.matches("[0-9]{1,18}")) {
            throw damaged(path, number, "the number of the file is none");
        }
        return Long.parseLong(value);
    }

    private static Kind kind(Path path, int number, String value) throws AofException {
        for (Kind kind : Kind.values()) {
            if (value.equals(String.valueOf(kind.letter))) {
                return kind;
            }
        }
        throw damaged(path, number, "there is no such type of file");
    }

    private static List<String> words(Path path, int number, String line) throws AofException {
        List<String> words = new ArrayList<>();
        int at = 0;
        while (at < line.length()) {
            if (line.charAt(at) == ' ') {
                at++;
            } else if (line.charAt(at) == '"') {
                int end = closingQuote(path, number, line, at + 1);
                words.add(unquoted(line.substring(at + 1, end)));
                at = end + 1;
            } else {
                int blank = line.indexOf(' ', at);
                int end = blank < 0 ? line.length() : blank;
                words.add(line.substring(at, end));
                at = end;
            }
        }
        return words;
    }

    private static int closingQuote(Path path, int number, String line, int from) throws AofException {
        for (int i = from; i < line.length(); i++) {
            if (line.charAt(i) == '\\') {
                i++;
            } else if (line.charAt(i) == '"') {
                return i;
            }
        }
        throw damaged(path, number, "a quote is not closed");
    }

    private static String unquoted(String text) {
        StringBuilder bytes = new StringBuilder();
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c != '\\' || i + 1 == text.length()) {
                bytes.append(c);
            } else if (text.startsWith("x", i + 1) && text.substring(i + 2).matches("[0-9a-fA-F]{2}.*")) {
                bytes.append((char) Integer.parseInt(text.substring(i + 2, i + 4), 16));
                i += 3;
            } else {
                bytes.append(text.charAt(++i));
            }
        }
        return new String(bytes.toString().getBytes(StandardCharsets.ISO_8859_1), StandardCharsets.UTF_8);
    }

    private static AofException damaged(Path path, int line, String why) {
        return AofException.of(
                path, "is not a manifest that can be read (line " + line + ": " + why + ")", "restore it from a copy");
    }
}
