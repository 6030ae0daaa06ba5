package io.nuthatch.cache;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;

/// A counter that loses nothing, whoever counts.
class TallyTest {
    private static final int EACH = 20_000;

    private final Tally tally = new Tally();

    private void count() {
        for (int i = 0; i < EACH; i++) {
            tally.increment();
        }
    }

    private void together(Thread.Builder threads, int number) throws InterruptedException {
        CountDownLatch start = new CountDownLatch(1);
        List<Thread> all = new ArrayList<>();
        for (int i = 0; i < number; i++) {
            all.add(threads.start(() -> {
                try {
                    start.await();
                } catch (InterruptedException e) {
                    throw new IllegalStateException(e);
                }
                count();
            }));
        }
        start.countDown();
        for (Thread one : all) {
            one.join();
        }
    }

    @Test
    void oneThreadCounts() {
        count();
        assertThat(tally.sum()).isEqualTo(EACH);
    }

    @Test
    void moreThreadsThanCellsLoseNothing() throws InterruptedException {
        together(Thread.ofPlatform(), 150);
        assertThat(tally.sum()).isEqualTo(150L * EACH);
    }

    @Test
    void virtualThreadsLoseNothing() throws InterruptedException {
        together(Thread.ofVirtual(), 150);
        assertThat(tally.sum()).isEqualTo(150L * EACH);
    }

    @Test
    void theCellsOfThreadsThatHaveEndedGoOnCounting() throws InterruptedException {
        for (int i = 0; i < 200; i++) {
            Thread one = Thread.ofPlatform().start(this::count);
            one.join();
        }
        assertThat(tally.sum()).isEqualTo(200L * EACH);
    }
}
