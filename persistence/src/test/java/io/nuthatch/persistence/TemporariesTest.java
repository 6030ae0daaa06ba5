package io.nuthatch.persistence;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TemporariesTest {
    private static final long OWN = ProcessHandle.current().pid();

    /// A process that locks a file and has it until it ends.
    private static final String LOCKER = """
            void main(String[] words) throws Exception {
                try (var file = new java.io.RandomAccessFile(words[0], "rw")) {
                    file.getChannel().lock();
                    System.out.println("locked");
                    System.in.read();
                }
            }
            """;

    @TempDir
    private Path folder;

    /// A process that has ended.
    private static long gone() throws IOException, InterruptedException {
        Process process = new ProcessBuilder("true").start();
        process.waitFor();
        return process.pid();
    }

    private void make(String... names) throws IOException {
        for (String name : names) {
            Files.writeString(folder.resolve(name), name);
        }
    }

    private List<String> names() throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            return files.map(file -> String.valueOf(file.getFileName()))
                    .sorted()
                    .toList();
        }
    }

    @Test
    void whatAProcessThatIsGoneHasLeftIsRemoved() throws IOException, InterruptedException {
        long pid = gone();
        make(
                "temp-" + pid + "-3.rdb",
                "temp-" + pid + "-3.rdb.spill",
                "temp-rewriteaof-bg-" + pid + ".aof",
                "temp-rewriteaof-bg-" + pid + ".rdb",
                "temp-rewriteaof-bg-" + pid + ".rdb.spill");
        // In a container the number is the same after each start.
        make("temp-" + OWN + "-1.rdb");
        Temporaries.removeStale(folder);
        assertThat(names()).isEmpty();
    }

    @Test
    void whatIsNotOursOrOfALivingProcessStays() throws IOException, InterruptedException {
        long pid = gone();
        long living = ProcessHandle.current().parent().orElseThrow().pid();
        List<String> others = List.of(
                "dump.rdb",
                "temp-" + living + "-1.rdb",
                "temp-" + pid + "-1.rdb.backup",
                "temp-" + pid + ".rdb",
                "temp-12345678901234567890-1.rdb",
                "temp-appendonly.aof.manifest",
                "temp-rewriteaof-bg-" + living + ".aof");
        make(others.toArray(String[]::new));
        Path folderOfThatName = Files.createDirectory(folder.resolve("temp-" + pid + "-2.rdb"));
        Path link = Files.createSymbolicLink(folder.resolve("temp-" + pid + "-4.rdb"), folder.resolve("dump.rdb"));
        Temporaries.removeStale(folder);
        assertThat(folderOfThatName).isDirectory();
        assertThat(link).isSymbolicLink();
        assertThat(names()).containsAll(others);
    }

    /// Here the other server is this process: a lock is a lock whoever asks.
    @Test
    void whatSomebodyWritesToStaysWhateverItsNumber() throws IOException, InterruptedException {
        String name = "temp-" + gone() + "-1.rdb";
        try (Disk.File file = Disk.REAL.create(folder.resolve(name))) {
            assertThat(file.size()).isZero();
            Temporaries.removeStale(folder);
            assertThat(names()).containsExactly(name);
        }
        Temporaries.removeStale(folder);
        assertThat(names()).isEmpty();
    }

    /// A lock of another process, that has ended by the time that its file is removed.
    @Test
    void aLockGoesWithItsProcess() throws IOException, InterruptedException {
        String name = "temp-" + gone() + "-7.rdb";
        make(name);
        Path source = Files.writeString(folder.resolve("Locker.java"), LOCKER);
        String java = Path.of(System.getProperty("java.home"), "bin", "java").toString();
        Process locker =
                new ProcessBuilder(java, source.toString(), folder.resolve(name).toString()).start();
        try {
            assertThat(locker.inputReader().readLine()).isEqualTo("locked");
            Temporaries.removeStale(folder);
            assertThat(names()).containsExactly("Locker.java", name);
        } finally {
            locker.destroyForcibly().waitFor();
        }
        Temporaries.removeStale(folder);
        assertThat(names()).containsExactly("Locker.java");
    }

    @Test
    void aFolderThatIsNotThereHasNone() {
        Temporaries.removeStale(folder.resolve("missing"));
        assertThat(folder.resolve("missing")).doesNotExist();
    }
}
