package io.nuthatch.memory;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;

class PagePoolTest {
    @Test
    void anyNumberMayBeAskedAbout() {
        int page = PagePool.take();
        long address = PagePool.address(page);
        assertThat(PagePool.contains(address)).isTrue();
        assertThat(PagePool.contains(address + PagePool.PAGE_BYTES - 1)).isTrue();
        assertThat(PagePool.pageOf(address + PagePool.PAGE_BYTES - 1)).isEqualTo(page);
        for (long wild : new long[] {0, 8, -1, Long.MIN_VALUE, Long.MAX_VALUE, address + (1L << 43), -address}) {
            assertThat(PagePool.contains(wild)).isFalse();
        }
        PagePool.give(page);
    }

    @Test
    void pagesGivenBackStayReadableAndFewStayIdle() {
        long inUse = PagePool.inUseBytes();
        List<Integer> pages = new ArrayList<>();
        for (int i = 0; i < 500; i++) {
            int page = PagePool.take();
            pages.add(page);
            assertThat(PagePool.address(page) % PagePool.PAGE_BYTES).isZero();
            Memory.fill(PagePool.address(page), PagePool.PAGE_BYTES, i);
        }
        assertThat(PagePool.inUseBytes()).isEqualTo(inUse + 500L * PagePool.PAGE_BYTES);
        pages.forEach(PagePool::give);
        assertThat(PagePool.inUseBytes()).isEqualTo(inUse);
        assertThat(PagePool.idleBytes()).isLessThanOrEqualTo(2 << 20);
        int last = pages.getLast();
        assertThat(PagePool.contains(PagePool.address(last))).isTrue();
        assertThat(Memory.getLong(PagePool.address(last))).isZero();
    }

    @Test
    void noPageIsHandedToTwoThreads() throws Exception {
        try (ExecutorService threads = Executors.newFixedThreadPool(4)) {
            Callable<List<Integer>> worker = () -> {
                List<Integer> mine = new ArrayList<>();
                for (int i = 0; i < 3_000; i++) {
                    mine.add(PagePool.take());
                    if (i % 3 == 0) {
                        PagePool.give(mine.removeFirst());
                    }
                }
                return mine;
            };
            Set<Integer> all = new HashSet<>();
            for (Future<List<Integer>> result : threads.invokeAll(List.of(worker, worker, worker, worker))) {
                assertThat(result.get()).allMatch(all::add);
            }
            all.forEach(PagePool::give);
        }
    }
}
