package io.nuthatch.demo;

import java.io.PrintStream;
import java.util.Locale;
import java.util.concurrent.atomic.LongAdder;

/// A bar for each measurement, drawn a few times a second where somebody can see it; one line for each elsewhere.
final class Progress implements AutoCloseable {
    private static final int WIDTH = 30;
    private static final long REDRAW_MS = 100;

    private final PrintStream out;
    private final boolean isTerminal;
    private final LongAdder done = new LongAdder();
    private volatile String name = "";
    private volatile long total;
    private volatile boolean closed;
    private final Thread painter;

    Progress(PrintStream out, boolean isTerminal) {
        this.out = out;
        this.isTerminal = isTerminal;
        painter = Thread.ofPlatform().daemon().name("progress").unstarted(this::paint);
        if (isTerminal) {
            painter.start();
        }
    }

    static Progress onTerminal() {
        return new Progress(
                System.err, System.console() != null && System.console().isTerminal());
    }

    void begin(String name, long total) {
        done.reset();
        this.total = total;
        this.name = name;
    }

    void add(long records) {
        done.add(records);
    }

    void end() {
        if (isTerminal) {
            out.print("\r" + bar(name, done.sum(), total) + "\n");
        } else {
            out.println("done: " + name);
        }
        name = "";
    }

    static String bar(String name, long done, long total) {
        double part = total == 0 ? 1 : Math.min(1, (double) done / total);
        int filled = (int) (part * WIDTH);
        return String.format(
                Locale.ROOT, "%-34s [%s%s] %3.0f%%", name, "#".repeat(filled), ".".repeat(WIDTH - filled), 100 * part);
    }

    private void paint() {
        try {
            while (!closed) {
                String current = name;
                if (!current.isEmpty()) {
                    out.print("\r" + bar(current, done.sum(), total));
                    out.flush();
                }
                Thread.sleep(REDRAW_MS);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    @Override
    public void close() {
        closed = true;
        painter.interrupt();
    }
}
