package io.nuthatch.server;

import io.nuthatch.engine.Config;
import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;

/// Where directives come from, each source overriding the one before: a file in redis.conf's form, then `NUTHATCH_*` of
/// the environment (`NUTHATCH_MAXMEMORY_POLICY=allkeys-lru`), then flags (`--maxmemory-policy allkeys-lru`).
///
/// Within a file the last line about a directive counts, and `include` reads another file on the spot. A directive that
/// is unknown or wrong ends it all, with the place, the line and the reason.
final class ConfigSources {
    private static final String PREFIX = "NUTHATCH_";

    /// The launcher's own variables.
    private static final List<String> NOT_DIRECTIVES = List.of("NUTHATCH_JAVA_HOME", "NUTHATCH_OPTS");

    /// Files that include files that include files: this deep, they go in a circle.
    private static final int MOST_INCLUDES = 16;

    private final Config config;

    private ConfigSources(Config config) {
        this.config = config;
    }

    /// @param files none or one
    /// @throws IllegalArgumentException if a directive is unknown or wrong, or a file cannot be read
    static void read(Config config, List<Path> files, Map<String, String> environment, List<String> flags) {
        ConfigSources sources = new ConfigSources(config);
        for (Path file : files) {
            sources.readFile(file, 0);
            config.file(file.toAbsolutePath());
        }
        new TreeMap<>(environment).forEach(sources::readVariable);
        sources.readFlags(flags);
    }

    // ---- files

    private void readFile(Path file, int depth) {
        List<String> lines = linesOf(file);
        for (int i = 0; i < lines.size(); i++) {
            String where = file + ", line " + (i + 1);
            try {
                List<String> words = ConfigLine.words(lines.get(i));
                if (words.isEmpty()) {
                    continue;
                }
                String directive = words.getFirst().toLowerCase(Locale.ROOT);
                if (directive.equals("include")) {
                    include(words, where, depth);
                } else {
                    config.set(directive, words.subList(1, words.size()));
                }
            } catch (Misplaced inner) {
                throw inner;
            } catch (IllegalArgumentException refused) {
                throw new Misplaced(where, refused);
            }
        }
    }

    private static List<String> linesOf(Path file) {
        try {
            return Files.readAllLines(file);
        } catch (NoSuchFileException missing) {
            throw new IllegalArgumentException("there is no file " + file, missing);
        } catch (CharacterCodingException wrong) {
            throw new IllegalArgumentException(file + " is not UTF-8", wrong);
        } catch (IOException fault) {
            throw new IllegalArgumentException("cannot read " + file + ": " + fault.getMessage(), fault);
        }
    }

    /// As in Redis, a pattern may fit no file, and a path is relative to the folder the server runs in.
    private void include(List<String> words, String where, int depth) {
        if (words.size() != 2) {
            throw new IllegalArgumentException("include: wrong number of arguments");
        }
        if (depth == MOST_INCLUDES) {
            throw new IllegalArgumentException("include: files include each other in a circle");
        }
        for (Path file : matching(config.dir.value().resolve(words.getLast()))) {
            try {
                readFile(file, depth + 1);
            } catch (Misplaced inner) {
                throw inner;
            } catch (IllegalArgumentException unreadable) {
                throw new Misplaced(where, unreadable);
            }
        }
    }

    private static List<Path> matching(Path pattern) {
        Path name = pattern.getFileName();
        Path folder = pattern.getParent();
        if (name == null || folder == null || !name.toString().matches(".*[*?\\[{].*") || !Files.isDirectory(folder)) {
            return List.of(pattern);
        }
        List<Path> files = new ArrayList<>();
        try (DirectoryStream<Path> matches = Files.newDirectoryStream(folder, name.toString())) {
            matches.forEach(files::add);
        } catch (IOException fault) {
            throw new IllegalArgumentException("cannot look into " + folder + ": " + fault.getMessage(), fault);
        }
        files.sort(null);
        return files;
    }

    // ---- environment and flags

    private void readVariable(String name, String value) {
        if (name.startsWith(PREFIX) && !NOT_DIRECTIVES.contains(name)) {
            set(directive(name), List.of(value), name);
        }
    }

    /// A few of Redis's directives have an underscore of their own.
    private String directive(String variable) {
        String name = variable.substring(PREFIX.length()).toLowerCase(Locale.ROOT);
        return config.named(name).isPresent() ? name : name.replace('_', '-');
    }

    private void readFlags(List<String> flags) {
        int at = 0;
        while (at < flags.size()) {
            String flag = flags.get(at++);
            if (!flag.startsWith("--")) {
                throw new IllegalArgumentException("not a directive: '" + flag + "' (they begin with --)");
            }
            List<String> values = new ArrayList<>();
            while (at < flags.size() && !flags.get(at).startsWith("--")) {
                values.add(flags.get(at++));
            }
            set(flag.substring(2).toLowerCase(Locale.ROOT), values, "command line");
        }
    }

    private void set(String directive, List<String> words, String where) {
        try {
            config.set(directive, words);
        } catch (IllegalArgumentException refused) {
            throw new Misplaced(where, refused);
        }
    }

    /// What is wrong, with where it stands.
    private static final class Misplaced extends IllegalArgumentException {
        private static final long serialVersionUID = 1L;

        Misplaced(String where, IllegalArgumentException what) {
            super(where + ": " + what.getMessage(), what);
        }
    }
}
