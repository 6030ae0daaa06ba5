package io.nuthatch.memory;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;

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
    @EnabledOnOs(OS.LINUX)
    void onlyWhatIsWhollyInUseMayBeHuge() throws IOException {
        assumeThat(Files.readString(Path.of("/sys/kernel/mm/transparent_hugepage/enabled")))
                .contains("[madvise]");
        List<Integer> pages = new ArrayList<>();
        for (int i = 0; i < 300; i++) {
            pages.add(PagePool.take());
        }
        int within = pages.get(150);
        assertThat(flags(within)).contains("hg");
        // Those given back first stay idle, and keep their memory.
        pages.subList(0, 100).forEach(PagePool::give);
        PagePool.give(within);
        assertThat(flags(within)).contains("nh");
        pages.subList(0, 100).clear();
        pages.remove((Integer) within);
        List<Integer> again = new ArrayList<>();
        for (int i = 0; i < 101; i++) {
            again.add(PagePool.take());
        }
        assertThat(again).contains(within);
        assertThat(flags(within)).contains("hg").doesNotContain("nh");
        pages.forEach(PagePool::give);
        again.forEach(PagePool::give);
    }

    /// What the kernel notes of the mapping in which a page is.
    private static String flags(int page) throws IOException {
        long address = PagePool.address(page);
        boolean there = false;
        for (String line : Files.readAllLines(Path.of("/proc/self/smaps"))) {
            Matcher range = Pattern.compile("([0-9a-f]+)-([0-9a-f]+) .*").matcher(line);
            if (range.matches()) {
                there = Long.parseUnsignedLong(range.group(1), 16) <= address
                        && address < Long.parseUnsignedLong(range.group(2), 16);
            } else if (there && line.startsWith("VmFlags:")) {
                return line;
            }
        }
        throw new AssertionError("no mapping of the page: page=" + page);
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
