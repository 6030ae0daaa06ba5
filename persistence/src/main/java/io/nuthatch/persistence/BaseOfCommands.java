package io.nuthatch.persistence;

import io.nuthatch.memory.Bytes;
import io.nuthatch.memory.MappedFile;
import io.nuthatch.store.Keyspace;
import io.nuthatch.store.StoreSettings;
import io.nuthatch.store.Tx;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.Objects;
import java.util.SplittableRandom;
import java.util.function.BooleanSupplier;

/// The base of a log in the form of commands, for `aof-use-rdb-preamble no`: made of one in RDB, which is the form in
/// which a snapshot comes.
///
/// ```
///   snapshot ──► RDB file ──► this ──► SELECT 0   SET k v   PEXPIREAT k 1732215600000   RPUSH l a b c ...
/// ```
/// So nothing of it is done under locks, at the price of both files being on disk for a while. Collections become
/// commands of [#MOST_ELEMENTS] elements.
///
/// What commands cannot say is lost, as in Redis: how long a key has not been used, when consumers of a stream were
/// seen, and what is pending of entries that have been deleted.
///
/// Thread: one that may wait.
final class BaseOfCommands implements RdbFileReader.Visitor, AutoCloseable {
    /// Elements of a collection that go in one command: as many as Redis takes.
    static final int MOST_ELEMENTS = 64;

    private final RdbInput input;
    private final RdbFileReader reader;
    private final CommandWriter commands;
    private final boolean tellsTime;
    private final BooleanSupplier givenUp;

    /// Streams are only read where a stream is: one after another is put here.
    private final Keyspace scratch = new Keyspace(1, 0, new StoreSettings());

    private final Tx tx = scratch.newTx(new SplittableRandom());
    private int database = -1;

    private BaseOfCommands(
            RdbInput input, RdbFileReader reader, CommandWriter commands, boolean tellsTime, BooleanSupplier givenUp) {
        this.input = input;
        this.reader = reader;
        this.commands = commands;
        this.tellsTime = tellsTime;
        this.givenUp = givenUp;
    }

    /// How a base of commands is written.
    ///
    /// @param tellsTime whether it begins with the second that it is of: `aof-timestamp-enabled`
    /// @param forcedOnTheWay `aof-rewrite-incremental-fsync`
    record Form(boolean tellsTime, boolean forcedOnTheWay) {}

    /// Writes a file of commands that takes the place of one that may be there when it is whole and on disk.
    ///
    /// @param rdb what it is made of
    /// @param temporary its name until then, in the same folder
    /// @param givenUp asked now and then whether it is no longer wanted
    /// @throws IOException if it cannot be written, or is not wanted
    static void write(Disk disk, Path rdb, Path target, Path temporary, Form form, BooleanSupplier givenUp)
            throws IOException {
        boolean done = false;
        try (Disk.File file = disk.create(temporary)) {
            try (MappedFile content = MappedFile.open(rdb);
                    CommandWriter commands = new CommandWriter(file, form.forcedOnTheWay())) {
                RdbInput input = new RdbInput(content.address(), content.bytes());
                RdbFileReader reader = new RdbFileReader(rdb, input.from(0));
                try (BaseOfCommands base = new BaseOfCommands(input, reader, commands, form.tellsTime(), givenUp)) {
                    reader.read(base);
                }
                commands.flush();
            } catch (UncheckedIOException fault) {
                throw Objects.requireNonNull(fault.getCause());
            }
            file.force();
            done = true;
        } finally {
            if (!done) {
                disk.delete(temporary);
            }
        }
        disk.rename(temporary, target);
        disk.force(Objects.requireNonNull(target.toAbsolutePath().getParent(), "a file is in a folder"));
    }

    @Override
    public void close() {
        scratch.close();
    }

    @Override
    public void aux(String name, String value) {
        if (tellsTime && name.equals("ctime")) {
            commands.remark("#TS:" + value);
        }
    }

    @Override
    public void sizes(int db, long keys, long keysWithDeadline) {
        // Commands need no hint.
    }

    @Override
    public void function(Bytes code) {
        throw new IllegalStateException("a snapshot of ours has no functions");
    }

    @Override
    public void key(int db, long offset, long deadlineMs, long idleSeconds, long frequency) throws RdbFileException {
        if (givenUp.getAsBoolean()) {
            throw new UncheckedIOException(new IOException("given up"));
        }
        if (db != database) {
            database = db;
            commands.command("SELECT", 2).word(db);
        }
        RdbInput at = input.from(offset);
        RdbType type = at.type();
        try (RdbString key = at.string();
                RdbValue value = RdbValue.read(type, at)) {
            Bytes name = key.bytes();
            switch (value) {
                case RdbString string -> commands.command("SET", 3).word(name).word(string.bytes());
                case RdbElements elements -> elements.tell(name, commands);
                case RdbPairs pairs -> pairs.tell(name, commands);
                case RdbStream stream -> stream(name, stream);
            }
            if (deadlineMs != RdbFileReader.NO_DEADLINE) {
                commands.command("PEXPIREAT", 3).word(name).word(deadlineMs);
            }
        } catch (RdbCorruption corruption) {
            throw reader.damaged(corruption, offset);
        }
    }

    private void stream(Bytes key, RdbStream stream) {
        tx.begin(0, 0, false).lock(Keyspace.ALL_SHARDS);
        try {
            stream.store(tx, key, Tx.NO_DEADLINE);
            StreamForm.tell(key, Objects.requireNonNull(tx.find(key)), tx.streamCursor(), commands);
            Objects.requireNonNull(tx.find(key)).delete();
        } finally {
            tx.end();
        }
        scratch.collectAll();
    }
}
