package io.nuthatch.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import picocli.CommandLine.Option;
import tools.jackson.databind.SerializationFeature;
import tools.jackson.databind.json.JsonMapper;

/// Where results go: tables to standard output, progress to standard error, and everything as JSON into a file.
final class Output {
    private static final JsonMapper JSON =
            JsonMapper.builder().enable(SerializationFeature.INDENT_OUTPUT).build();

    @Option(
            names = "--json",
            paramLabel = "FILE",
            description = "Where the result goes as JSON. Default: target/bench/<command>.json")
    private String file = "";

    void progress(String format, Object... values) {
        System.err.printf(Locale.ROOT, format + "%n", values);
    }

    void print(Object text) {
        System.out.println(text);
    }

    /// @param command the sub-command, after which the file is named if the user named none
    /// @param report a record, written with its fields' names
    void write(String command, Object report) {
        Path path = Path.of(file.isEmpty() ? "target/bench/" + command + ".json" : file)
                .toAbsolutePath();
        try {
            Files.createDirectories(path.resolveSibling("."));
            Files.writeString(path, JSON.writeValueAsString(report) + "\n");
        } catch (IOException fault) {
            throw new BenchFailure("cannot write " + path, fault);
        }
        progress("The figures as JSON: %s", path);
    }
}
