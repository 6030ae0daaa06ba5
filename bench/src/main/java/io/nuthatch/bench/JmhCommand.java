package io.nuthatch.bench;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/// Runs the microbenchmarks. JMH starts a JVM of its own for each with the class path it was started with itself,
/// and knows nothing of modules; so it is started here with all modules of this program as a class path.
@Command(name = "jmh", description = "Microbenchmarks of the store and the RESP reader; JMH's own options follow.")
final class JmhCommand implements Runnable {
    @Parameters(paramLabel = "ARGUMENT", description = "A regular expression that names benchmarks, and JMH's options")
    private List<String> arguments = List.of();

    @Override
    public void run() {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "--enable-native-access=ALL-UNNAMED",
                "-cp",
                classPath(),
                "org.openjdk.jmh.Main",
                "-jvmArgsAppend",
                "--enable-native-access=ALL-UNNAMED"));
        command.addAll(arguments);
        try {
            int exit = new ProcessBuilder(command).inheritIO().start().waitFor();
            if (exit != 0) {
                throw new BenchFailure("JMH ended with exit code " + exit);
            }
        } catch (IOException fault) {
            throw new BenchFailure("cannot start JMH", fault);
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    /// The module path, folders of jars opened up, and the class path.
    static String classPath() {
        String both = System.getProperty("jdk.module.path", "")
                + File.pathSeparator
                + System.getProperty("java.class.path", "");
        return Stream.of(both.split(File.pathSeparator))
                .filter(entry -> !entry.isEmpty())
                .flatMap(entry -> jars(Path.of(entry)))
                .map(Path::toString)
                .collect(Collectors.joining(File.pathSeparator));
    }

    private static Stream<Path> jars(Path entry) {
        if (!Files.isDirectory(entry) || Files.exists(entry.resolve("module-info.class"))) {
            return Stream.of(entry);
        }
        try (Stream<Path> files = Files.list(entry)) {
            List<Path> jars = files.filter(file -> file.toString().endsWith(".jar"))
                    .sorted()
                    .toList();
            return Stream.concat(Stream.of(entry), jars.stream());
        } catch (IOException fault) {
            throw new BenchFailure("cannot list " + entry, fault);
        }
    }
}
