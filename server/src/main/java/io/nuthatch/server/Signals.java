package io.nuthatch.server;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Signals that ask the process to end. The JVM would end it whatever happens; a server that cannot save its data had
/// rather go on.
///
/// The JDK has only `sun.misc.Signal` for it, which the compiler warns of whoever names it: hence by reflection.
/// Where it is missing, the JVM ends the process as ever.
final class Signals {
    private static final Logger LOG = LoggerFactory.getLogger(Signals.class);

    private static final int INSISTED = 1;

    private Signals() {}

    /// Has a signal dealt with, by a thread of its own, for it may take its time. A second signal meanwhile ends the
    /// process at once, as in Redis.
    ///
    /// @param name without `SIG`
    static void handle(String name, Consumer<String> deal) {
        AtomicInteger underWay = new AtomicInteger();
        Runnable received = () -> {
            if (underWay.getAndIncrement() > 0) {
                Runtime.getRuntime().halt(INSISTED);
            }
            Thread thread = new Thread(
                    () -> {
                        deal.accept(name);
                        underWay.set(0);
                    },
                    "nuthatch-signal");
            thread.start();
        };
        try {
            install(name, received);
        } catch (ClassNotFoundException | NoSuchMethodException | IllegalAccessException | InstantiationException no) {
            LOG.warn("SIG{} ends this server even if it cannot save: the JVM has no way to handle it", name, no);
        } catch (InvocationTargetException refused) {
            LOG.warn("SIG{} ends this server even if it cannot save: the JVM keeps it for itself", name, refused);
        }
    }

    private static void install(String name, Runnable received)
            throws ClassNotFoundException, NoSuchMethodException, IllegalAccessException, InstantiationException,
                    InvocationTargetException {
        Class<?> signal = Class.forName("sun.misc.Signal");
        Class<?> handler = Class.forName("sun.misc.SignalHandler");
        Object onSignal = Proxy.newProxyInstance(
                Signals.class.getClassLoader(),
                new Class<?>[] {handler},
                (proxy, method, arguments) -> switch (method.getName()) {
                    case "handle" -> {
                        received.run();
                        yield null;
                    }
                    case "hashCode" -> System.identityHashCode(proxy);
                    case "equals" -> proxy == arguments[0];
                    default -> "SIG" + name;
                });
        signal.getMethod("handle", signal, handler)
                .invoke(null, signal.getConstructor(String.class).newInstance(name), onSignal);
    }
}
