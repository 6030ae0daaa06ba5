package io.nuthatch.server;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/// `logfile`. It is opened for each line, as Redis does: when logrotate moves it away, the next line begins a new one.
final class LogFile extends OutputStream {
    private final Path path;

    private LogFile(Path path) {
        this.path = path;
    }

    /// @throws IOException if it cannot be written
    static LogFile at(Path path) throws IOException {
        LogFile file = new LogFile(path);
        try {
            file.append(new byte[0]);
        } catch (IOException fault) {
            throw new IOException("cannot write the log file " + path + ": " + fault.getMessage(), fault);
        }
        return file;
    }

    @Override
    public void write(int b) {
        write(new byte[] {(byte) b}, 0, 1);
    }

    /// A line that the file does not take (the disk is full) goes to standard error, so that it is not lost and the log
    /// goes on.
    @Override
    public void write(byte[] bytes, int offset, int length) {
        byte[] line = java.util.Arrays.copyOfRange(bytes, offset, offset + length);
        try {
            append(line);
        } catch (IOException fault) {
            System.err.writeBytes(line);
        }
    }

    private void append(byte[] line) throws IOException {
        Files.write(path, line, StandardOpenOption.CREATE, StandardOpenOption.APPEND);
    }
}
