package io.nuthatch.resp;

/// A sink that lets everything fall: for CLIENT REPLY OFF.
public class DiscardSink implements ReplySink {
    @Override
    public int protocol() {
        return 2;
    }

    @Override
    public long writtenBytes() {
        return 0;
    }

    @Override
    public void simple(String text) {}

    @Override
    public void error(String text) {}

    @Override
    public void integer(long value) {}

    @Override
    public void bulk(long address, int length) {}

    @Override
    public void bulk(String text) {}

    @Override
    public void bulkInteger(long value) {}

    @Override
    public void bigNumber(String digits) {}

    @Override
    public void nullBulk() {}

    @Override
    public void nullArray() {}

    @Override
    public void array(int elements) {}

    @Override
    public void map(int entries) {}

    @Override
    public void set(int elements) {}

    @Override
    public void push(int elements) {}

    @Override
    public void attribute(int entries) {}

    @Override
    public void doubleNumber(double value) {}

    @Override
    public void doubleNumber(String digits) {}

    @Override
    public void bool(boolean value) {}

    @Override
    public void verbatim(String format, String text) {}

    @Override
    public long openArray() {
        return 0;
    }

    @Override
    public void closeArray(long opened, int elements) {}

    @Override
    public void closeSet(long opened, int elements) {}

    @Override
    public void closeMap(long opened, int entries) {}
}
