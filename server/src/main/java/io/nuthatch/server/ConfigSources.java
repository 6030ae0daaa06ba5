package io.nuthatch.server;

import io.nuthatch.engine.Config;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/// Where directives come from, each source overriding the one before: a file, then `NUTHATCH_*` of the
/// environment (`NUTHATCH_MAXMEMORY_POLICY=allkeys-lru`), then flags (`--maxmemory-policy allkeys-lru`).
final class ConfigSources {
    private static final String PREFIX = "NUTHATCH_";

    /// The launcher's own variables.
    private static final List<String> NOT_DIRECTIVES = List.of("NUTHATCH_JAVA_HOME", "NUTHATCH_OPTS");

    private ConfigSources() {}

    /// @throws IllegalArgumentException if a directive is unknown or wrong, with where it stands and why
    static void read(Config config, List<Path> files, Map<String, String> environment, List<String> flags)
            throws IOException {
        for (Path file : files) {
            readFile(config, file);
        }
        environment.forEach((name, value) -> {
            if (name.startsWith(PREFIX) && !NOT_DIRECTIVES.contains(name)) {
                set(config, directive(name), value, name);
            }
        });
        readFlags(config, flags);
    }

    private static String directive(String variable) {
        return variable.substring(PREFIX.length()).toLowerCase(Locale.ROOT).replace('_', '-');
    }

    private static void readFile(Config config, Path file) throws IOException {
        List<String> lines = Files.readAllLines(file);
        for (int i = 0; i < lines.size(); i++) {
            String line = lines.get(i).trim();
            if (line.isEmpty() || line.startsWith("#")) {
                continue;
            }
            String[] words = line.split("\\s+", 2);
            set(
                    config,
                    words[0].toLowerCase(Locale.ROOT),
                    words.length == 1 ? "" : unquoted(words[1]),
                    file + ", line " + (i + 1));
        }
    }

    private static String unquoted(String value) {
        boolean quoted = value.length() >= 2 && value.startsWith("\"") && value.endsWith("\"");
        return quoted ? value.substring(1, value.length() - 1) : value;
    }

    private static void readFlags(Config config, List<String> flags) {
        int at = 0;
        while (at < flags.size()) {
            String flag = flags.get(at++);
            if (!flag.startsWith("--")) {
                throw new IllegalArgumentException("not a directive: '" + flag + "'");
            }
            List<String> values = new ArrayList<>();
            while (at < flags.size() && !flags.get(at).startsWith("--")) {
                values.add(flags.get(at++));
            }
            set(config, flag.substring(2).toLowerCase(Locale.ROOT), String.join(" ", values), flag);
        }
    }

    private static void set(Config config, String directive, String value, String where) {
        try {
            config.set(Map.of(directive, value));
        } catch (IllegalArgumentException refused) {
            throw new IllegalArgumentException(where + ": " + refused.getMessage(), refused);
        }
    }
}
