package io.nuthatch.net;

import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.nuthatch.resp.RespWriter;
import org.jspecify.annotations.Nullable;

/// A connection's replies, written straight into pooled buffers. A buffer that is full goes to the channel at
/// once, the last one with [#flush]; between requests a connection holds none.
///
/// Thread: the connection's event loop.
final class Output extends RespWriter {
    /// The usual piece. Netty's pool keeps this size in its per-thread cache.
    private static final int PIECE_BYTES = 16 * 1024;

    /// The largest piece that a long reply is cut into.
    private static final int MAX_PIECE_BYTES = 1024 * 1024;

    private final Channel channel;
    private @Nullable ByteBuf buffer;
    private boolean unflushed;
    private long handedOnBytes;
    private long sentBytes;

    Output(Channel channel) {
        this.channel = channel;
    }

    @Override
    protected void moreRoom(long wantedBytes, boolean whole) {
        ByteBuf full = buffer;
        if (full == null) {
            take(Math.clamp(wantedBytes, PIECE_BYTES, MAX_PIECE_BYTES));
            return;
        }
        full.writerIndex((int) (position - start));
        if (!whole) {
            take(Math.clamp(wantedBytes, PIECE_BYTES, MAX_PIECE_BYTES));
            write(full);
            return;
        }
        int kept = full.readableBytes();
        take(Math.toIntExact(Math.max(2L * kept, kept + wantedBytes + PIECE_BYTES)));
        buffer().writeBytes(full);
        full.release();
        position = start + kept;
    }

    private ByteBuf buffer() {
        return java.util.Objects.requireNonNull(buffer);
    }

    private void take(int bytes) {
        ByteBuf fresh = channel.alloc().directBuffer(bytes, bytes);
        buffer = fresh;
        start = position = fresh.memoryAddress();
        limit = start + bytes;
    }

    private void write(ByteBuf full) {
        handedOnBytes += full.readableBytes();
        unflushed = true;
        channel.write(full, channel.voidPromise());
    }

    /// Whether anything has been written that is not sent.
    boolean hasUnsent() {
        return buffer != null || unflushed;
    }

    /// Sends what has been written.
    ///
    /// @return how many bytes have gone since the last time
    long flush() {
        ByteBuf last = buffer;
        if (last != null) {
            last.writerIndex((int) (position - start));
            buffer = null;
            start = position = limit = 0;
            write(last);
        }
        if (!unflushed) {
            return 0;
        }
        unflushed = false;
        channel.flush();
        long sent = handedOnBytes - sentBytes;
        sentBytes = handedOnBytes;
        return sent;
    }

    @Override
    protected long handedOnBytes() {
        return handedOnBytes;
    }

    /// Lets go of what has been written and not sent.
    void discard() {
        ByteBuf last = buffer;
        if (last != null) {
            buffer = null;
            start = position = limit = 0;
            last.release();
        }
    }
}
