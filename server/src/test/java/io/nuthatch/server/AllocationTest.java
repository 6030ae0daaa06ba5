package io.nuthatch.server;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.util.ResourceLeakDetector;
import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.LongStream;
import javax.management.JMException;
import javax.management.ObjectName;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// GET, SET and INCR make no garbage once they are warm: the event loops allocate nothing on the Java heap.
class AllocationTest {
    private static final int OPERATIONS = 10_000;

    /// So often it is measured until nothing was allocated. Before the compiler has done with the path, some is.
    private static final int MOST_WINDOWS = 60;

    @ParameterizedTest(name = "{0} at a time")
    @ValueSource(ints = {1, 16, 64})
    void nothingIsAllocatedForAnOperation(int pipeline) {
        // Netty remembers where every hundredth buffer came from, unless it is told not to, as a real server's is.
        ResourceLeakDetector.Level level = ResourceLeakDetector.getLevel();
        ResourceLeakDetector.setLevel(ResourceLeakDetector.Level.DISABLED);
        try (InProcessNuthatch nuthatch = InProcessNuthatch.start();
                RespClient client = RespClient.connect(nuthatch.port())) {
            client.call("SET", "key:1", "x".repeat(64));
            var windows = new ArrayList<Long>();
            do {
                long before = allocatedBytes();
                run(client, pipeline);
                windows.add(allocatedBytes() - before);
            } while (windows.getLast() > 0 && windows.size() < MOST_WINDOWS);
            assertThat(windows)
                    .as("bytes allocated for %d operations each", OPERATIONS)
                    .endsWith(0L);
        } finally {
            ResourceLeakDetector.setLevel(level);
        }
    }

    private static void run(RespClient client, int pipeline) {
        List<List<String>> commands = List.of(
                List.of("GET", "key:1"),
                List.of("SET", "key:2", "y".repeat(64)),
                List.of("INCR", "count"),
                List.of("GET", "missing"));
        for (int done = 0; done < OPERATIONS; done += pipeline) {
            for (int i = 0; i < pipeline; i++) {
                client.queue(commands.get((done + i) % commands.size()));
            }
            client.flush();
            for (int i = 0; i < pipeline; i++) {
                client.read();
            }
        }
    }

    /// Bytes that all event loops have allocated since they began.
    private static long allocatedBytes() {
        long[] loops = Thread.getAllStackTraces().keySet().stream()
                .filter(thread -> thread.getName().startsWith("nuthatch-io"))
                .mapToLong(Thread::threadId)
                .toArray();
        assertThat(loops).isNotEmpty();
        try {
            // By name, because the type is in a module that the server has no need of.
            Object bytes = ManagementFactory.getPlatformMBeanServer()
                    .invoke(
                            new ObjectName("java.lang:type=Threading"),
                            "getThreadAllocatedBytes",
                            new Object[] {loops},
                            new String[] {long[].class.getName()});
            return LongStream.of((long[]) bytes).sum();
        } catch (JMException e) {
            throw new IllegalStateException("the JVM does not count allocated bytes", e);
        }
    }
}
