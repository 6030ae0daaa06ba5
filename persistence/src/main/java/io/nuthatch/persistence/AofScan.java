package io.nuthatch.persistence;

import io.nuthatch.memory.MappedFile;
import io.nuthatch.resp.Request;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/// What a file of a log is like, found without running any of it.
///
/// @param rdbBytes of the RDB that it begins with, or 0
/// @param wholeBytes up to where it is whole: before what is damaged or torn, or a transaction that does not end
/// @param damage what is wrong at that place, or empty
/// @param commands that are whole
/// @param bornSeconds when its data was as it begins, in seconds since 1970, or 0 if it does not say so
/// @param laterBytes where the first change stands that was made after the second asked for, or NONE
record AofScan(
        Path path,
        long bytes,
        long rdbBytes,
        long wholeBytes,
        String damage,
        long commands,
        long bornSeconds,
        long laterBytes) {
    static final long NONE = -1;

    boolean isWhole() {
        return wholeBytes == bytes && damage.isEmpty();
    }

    /// Goes through a file.
    ///
    /// @param untilSecond the second asked for
    /// @throws IOException if it cannot be read, or the RDB in it is damaged
    static AofScan of(Path path, long untilSecond) throws IOException {
        AofLoader.checkReadable(path);
        long bytes = Files.size(path);
        if (bytes == 0) {
            return new AofScan(path, 0, 0, 0, "", 0, 0, NONE);
        }
        try (MappedFile file = MappedFile.open(path)) {
            Born born = new Born();
            long rdbBytes = AofLoader.beginsWithRdb(path) ? readRdb(path, file, born) : 0;
            return new Walk(path, file, rdbBytes, born.seconds, untilSecond).run();
        }
    }

    private static long readRdb(Path path, MappedFile file, Born born) throws IOException {
        RdbInput input = new RdbInput(file.address(), file.bytes());
        RdbFileReader reader = new RdbFileReader(path, input.from(0));
        reader.read(born);
        if (reader.checksum() != RdbFileReader.UNCHECKED) {
            reader.compare(input.checksum(0, reader.offset() - Long.BYTES));
        }
        return reader.offset();
    }

    /// Looks for the time at which a base was written.
    private static final class Born implements RdbFileReader.Visitor {
        private long seconds;

        @Override
        public void aux(String name, String value) {
            if (name.equals("ctime") && value.matches("[0-9]{1,18}")) {
                seconds = Long.parseLong(value);
            }
        }

        @Override
        public void sizes(int db, long keys, long keysWithDeadline) {
            // They are of no interest here.
        }

        @Override
        public void key(int db, long offset, long deadlineMs, long idleSeconds, long frequency) {
            // It has been stepped over, which is all that is asked for here.
        }

        @Override
        public void function(io.nuthatch.memory.Bytes code) {
            // It has been stepped over.
        }
    }

    private static final class Walk {
        private final Path path;
        private final MappedFile file;
        private final long rdbBytes;
        private final long untilSecond;
        private final AofReader reader;
        private final Request request = new Request();
        private long bornSeconds;
        private long commands;
        private long later = NONE;
        private long transaction = NONE;
        private String damage = "";

        Walk(Path path, MappedFile file, long rdbBytes, long bornSeconds, long untilSecond) {
            this.path = path;
            this.file = file;
            this.rdbBytes = rdbBytes;
            this.bornSeconds = bornSeconds;
            this.untilSecond = untilSecond;
            this.reader = new AofReader(file.address(), file.address() + rdbBytes, file.address() + file.bytes());
        }

        AofScan run() {
            AofReader.Found found = AofReader.Found.REMARK;
            while (found != AofReader.Found.END && found != AofReader.Found.TORN && damage.isEmpty()) {
                found = next();
            }
            long whole = transaction == NONE ? reader.offset() : transaction;
            request.clear();
            return new AofScan(path, file.bytes(), rdbBytes, whole, damage, commands, bornSeconds, later);
        }

        private AofReader.Found next() {
            AofReader.Found found;
            try {
                found = reader.next(request);
            } catch (AofReader.Damage broken) {
                damage = String.valueOf(broken.getMessage());
                return AofReader.Found.END;
            }
            switch (found) {
                case COMMAND -> command();
                case SECOND -> second();
                case REMARK, END, TORN -> {
                    // There is nothing to note.
                }
            }
            return found;
        }

        private void command() {
            commands++;
            if (request.word(0).is("multi")) {
                transaction = reader.offset();
            } else if (request.word(0).is("exec")) {
                transaction = NONE;
            }
        }

        private void second() {
            bornSeconds = bornSeconds == 0 ? reader.second() : bornSeconds;
            if (later == NONE && reader.second() > untilSecond) {
                later = reader.offset();
            }
        }
    }
}
