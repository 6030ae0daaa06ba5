package io.nuthatch.persistence;

import io.nuthatch.engine.Call;
import io.nuthatch.engine.Engine;
import io.nuthatch.engine.Session;
import io.nuthatch.engine.Unconnected;
import io.nuthatch.engine.Worker;
import io.nuthatch.memory.MappedFile;
import io.nuthatch.resp.DiscardSink;
import java.io.IOException;
import java.nio.file.Path;
import java.util.function.LongConsumer;
import java.util.random.RandomGenerator;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Runs the commands of a log's files again, in batches whose cache misses overlap, as a connection does.
///
/// A transaction whose end is missing has not happened: nothing of it is run.
///
/// Thread: one that may wait.
final class AofReplay implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(AofReplay.class);

    private final Engine engine;
    private final Worker worker;
    private final Errors errors = new Errors();
    private long commands;

    AofReplay(Engine engine, RandomGenerator random) {
        this.engine = engine;
        this.worker = engine.newWorker(Runnable::run, random);
    }

    /// Lets replies fall, but notes that one was an error: a command that was right once must be right again.
    private static final class Errors extends DiscardSink {
        private String last = "";

        @Override
        public void error(String text) {
            last = text;
        }
    }

    /// How a file ended.
    ///
    /// @param wholeBytes up to where it is whole: before a command or a transaction that does not end
    record Ending(long bytes, long wholeBytes) {
        boolean isTorn() {
            return wholeBytes < bytes;
        }
    }

    /// How many commands have been run.
    long commands() {
        return commands;
    }

    @Override
    public void close() {
        engine.dismiss(worker);
    }

    /// Runs a file's commands.
    ///
    /// @param from where the first one stands
    /// @param progress is told now and then how many bytes have been read
    /// @throws AofException if there is something that is no command, or that cannot be run
    Ending run(Path path, long from, LongConsumer progress) throws IOException {
        try (MappedFile file = MappedFile.open(path)) {
            // A session of its own: the next file begins in database 0.
            Session session = engine.replay(worker, new Unconnected("log"));
            try {
                return new File(path, file, session, from, progress).run();
            } finally {
                session.reset();
            }
        } catch (InternalError cut) {
            throw new IOException(path + " became shorter while it was read", cut);
        }
    }

    private final class File {
        private final Path path;
        private final MappedFile file;
        private final Session session;
        private final LongConsumer progress;
        private final AofReader reader;
        private final long[] offsets = new long[Worker.BATCH];

        /// Where the transaction under way begins, or NONE.
        private long transaction = NONE;

        private static final long NONE = -1;

        File(Path path, MappedFile file, Session session, long from, LongConsumer progress) {
            this.path = path;
            this.file = file;
            this.session = session;
            this.progress = progress;
            this.reader = new AofReader(file.address(), file.address() + from, file.address() + file.bytes());
        }

        Ending run() throws IOException {
            AofReader.Found found = AofReader.Found.COMMAND;
            while (found != AofReader.Found.END && found != AofReader.Found.TORN) {
                worker.beginBatch();
                int count = 0;
                while (count < Worker.BATCH && found != AofReader.Found.END && found != AofReader.Found.TORN) {
                    found = read(worker.call(count));
                    if (found == AofReader.Found.COMMAND) {
                        offsets[count] = reader.offset();
                        engine.prepare(worker, worker.call(count));
                        count++;
                    }
                }
                engine.fetch(session);
                for (int i = 0; i < count; i++) {
                    run(worker.call(i), offsets[i]);
                }
                progress.accept(reader.end());
            }
            long whole = transaction == NONE ? reader.end() : transaction;
            return new Ending(file.bytes(), whole);
        }

        private AofReader.Found read(Call call) throws AofException {
            try {
                return reader.next(call.request());
            } catch (AofReader.Damage damage) {
                throw damaged(reader.offset(), String.valueOf(damage.getMessage()));
            }
        }

        private void run(Call call, long offset) throws AofException {
            if (call.command() == null) {
                throw damaged(offset, "there is no command '" + call.args().cited(0) + "'");
            }
            String name = call.command().fullName();
            if (name.equals("multi")) {
                transaction = offset;
            }
            errors.last = "";
            Engine.Outcome outcome = engine.run(session, call, errors);
            if (outcome != Engine.Outcome.DONE) {
                throw damaged(offset, "the command '" + name + "' waits for others");
            }
            if (name.equals("exec")) {
                transaction = NONE;
            }
            if (!errors.last.isEmpty()) {
                LOG.warn(
                        "a command of the log fails: file={}, offset={}, command={}, error={}",
                        path,
                        offset,
                        name,
                        errors.last);
            }
            commands++;
        }

        private AofException damaged(long offset, String why) {
            return AofException.of(
                    path,
                    "is damaged at byte " + offset + " (" + why + ")",
                    "make a copy of the folder, then './nuthatch check-aof --fix' of its manifest"
                            + " keeps what is before that byte, and loses what is after it");
        }
    }
}
