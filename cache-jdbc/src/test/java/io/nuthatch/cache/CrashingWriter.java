package io.nuthatch.cache;

import io.nuthatch.cache.jdbc.JdbcStore;
import java.io.PrintWriter;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.lang.reflect.InvocationHandler;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.atomic.AtomicInteger;
import javax.sql.DataSource;

/// A process of its own that writes behind until it comes to a point where it kills itself, as `kill -9` does.
///
/// It prints what it is about to write, and again when that is acknowledged: `try KEY VALUE`, `ok KEY VALUE`; a
/// value of `-` removes. The values of a key grow.
final class CrashingWriter {
    static final int KEYS = 8;
    private static final int THREADS = 4;
    private static final int OPERATIONS = 20_000;

    private final String point;
    private final AtomicInteger left;
    private final PrintWriter out = new PrintWriter(System.out, true);

    private CrashingWriter(String point, int count) {
        this.point = point;
        left = new AtomicInteger(count);
    }

    /// @param arguments the folder, the point, how many times it is passed before, the first value, the seed
    public static void main(String... arguments) throws Exception {
        CrashingWriter writer = new CrashingWriter(arguments[1], Integer.parseInt(arguments[2]));
        writer.run(Path.of(arguments[0]), Long.parseLong(arguments[3]), Long.parseLong(arguments[4]));
    }

    static String url(Path folder) {
        return "jdbc:sqlite:" + folder.resolve("test.db")
                + "?journal_mode=WAL&synchronous=FULL&transaction_mode=IMMEDIATE&busy_timeout=5000";
    }

    static CacheBuilder<Integer, Long> builder(Path folder, DataSource connections) {
        JdbcStore<Integer, Long> store = JdbcStore.at(url(folder), Integer.class, Long.class)
                .table("t")
                .unversioned()
                .dataSource(connections)
                .build();
        WriteBehind options = WriteBehind.in(folder.resolve("journal"))
                .delay(Duration.ofMillis(2))
                .batch(20)
                .maxChanges(200)
                .segmentBytes(4_096);
        return Cache.<Integer, Long>builder("t")
                .keys(Integer.class)
                .values(Long.class)
                .store(store)
                .writeBehind(options);
    }

    private void run(Path folder, long first, long seed) throws Exception {
        DataSource connections = dataSource(folder, this::at);
        try (Cache<Integer, Long> cache =
                builder(folder, connections).steps(step -> at(step.name())).build()) {
            List<Thread> threads = new ArrayList<>();
            for (int i = 0; i < THREADS; i++) {
                int own = i;
                threads.add(Thread.ofPlatform().start(() -> write(cache, own, first, new Random(seed + own))));
            }
            for (Thread thread : threads) {
                thread.join();
            }
        }
    }

    private void write(Cache<Integer, Long> cache, int own, long first, Random random) {
        for (int i = 0; i < OPERATIONS; i++) {
            int key = own + THREADS * random.nextInt(KEYS / THREADS);
            long value = first + i;
            if (random.nextInt(5) == 0) {
                out.println("try " + key + " -");
                cache.remove(key);
                out.println("ok " + key + " -");
            } else {
                out.println("try " + key + " " + value);
                cache.put(key, value);
                out.println("ok " + key + " " + value);
            }
        }
    }

    private void at(String reached) {
        if (reached.equals(point) && left.getAndDecrement() == 0) {
            kill();
        }
    }

    /// The signal comes before the call returns.
    @SuppressWarnings("restricted")
    private static void kill() {
        Linker linker = Linker.nativeLinker();
        MethodHandle kill = linker.downcallHandle(
                linker.defaultLookup().findOrThrow("kill"),
                FunctionDescriptor.of(ValueLayout.JAVA_INT, ValueLayout.JAVA_INT, ValueLayout.JAVA_INT));
        try {
            int result = (int) kill.invokeExact((int) ProcessHandle.current().pid(), 9);
            throw new IllegalStateException("still alive: " + result);
        } catch (Throwable e) {
            throw new AssertionError(e);
        }
    }

    // Connections that tell of each step of a transaction

    interface Points {
        void at(String point);
    }

    static DataSource dataSource(Path folder, Points points) {
        return proxy(DataSource.class, (proxy, method, arguments) -> {
            if (!method.getName().equals("getConnection")) {
                throw new UnsupportedOperationException(method.getName());
            }
            return connection(DriverManager.getConnection(url(folder)), points);
        });
    }

    private static Connection connection(Connection real, Points points) {
        return proxy(Connection.class, (proxy, method, arguments) -> {
            boolean begins = method.getName().equals("setAutoCommit") && Boolean.FALSE.equals(arguments[0]);
            boolean commits = method.getName().equals("commit");
            if (commits) {
                points.at("COMMIT");
            }
            Object result = call(real, method, arguments);
            if (begins) {
                points.at("BEGUN");
            }
            if (commits) {
                points.at("COMMITTED");
            }
            return result instanceof PreparedStatement statement ? statement(statement, points) : result;
        });
    }

    private static PreparedStatement statement(PreparedStatement real, Points points) {
        return proxy(PreparedStatement.class, (proxy, method, arguments) -> {
            Object result = call(real, method, arguments);
            switch (method.getName()) {
                case "executeBatch" -> points.at("ROWS_WRITTEN");
                case "executeUpdate" -> points.at("MARK_WRITTEN");
                case "executeQuery" -> points.at("MARK_READ");
                default -> {}
            }
            return result;
        });
    }

    private static Object call(Object real, Method method, Object[] arguments) throws Throwable {
        try {
            return method.invoke(real, arguments);
        } catch (InvocationTargetException e) {
            throw e.getCause();
        }
    }

    private static <T> T proxy(Class<T> type, InvocationHandler handler) {
        return type.cast(Proxy.newProxyInstance(type.getClassLoader(), new Class<?>[] {type}, handler));
    }
}
