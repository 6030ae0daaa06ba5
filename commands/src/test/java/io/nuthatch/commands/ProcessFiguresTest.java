package io.nuthatch.commands;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;

@EnabledOnOs(OS.LINUX)
class ProcessFiguresTest {
    @Test
    void theProcessHasMemoryAndTheSystemMore() {
        assertThat(ProcessFigures.residentBytes()).isGreaterThan(10 << 20);
        assertThat(ProcessFigures.systemMemoryBytes()).isGreaterThan(ProcessFigures.residentBytes());
    }

    @Test
    void theTimeOfAThreadIsPartOfTheTimeOfAll() throws InterruptedException {
        CountDownLatch worked = new CountDownLatch(1);
        CountDownLatch asked = new CountDownLatch(1);
        Thread busy = new Thread(
                () -> {
                    long until = System.nanoTime() + 300_000_000;
                    while (System.nanoTime() < until) {
                        Thread.onSpinWait();
                    }
                    worked.countDown();
                    try {
                        asked.await();
                    } catch (InterruptedException interrupted) {
                        Thread.currentThread().interrupt();
                    }
                },
                "busy-thread-with-a-long-name");
        busy.start();
        worked.await();
        ProcessFigures.Cpu thread = ProcessFigures.cpuOfThreads("busy-thread-with-a-long-name");
        ProcessFigures.Cpu process = ProcessFigures.cpu();
        asked.countDown();
        busy.join();
        double seconds = thread.userSeconds() + thread.systemSeconds();
        assertThat(seconds).isGreaterThan(0.02);
        assertThat(process.userSeconds() + process.systemSeconds()).isGreaterThanOrEqualTo(seconds);
        assertThat(ProcessFigures.cpuOfThreads("there is no such thread")).isEqualTo(ProcessFigures.Cpu.NONE);
        assertThat(Files.exists(Path.of("/proc/self/stat"))).isTrue();
    }
}
