package io.nuthatch.net;

import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelOutboundBuffer;
import io.nuthatch.engine.Durability;
import io.nuthatch.resp.RespWriter;
import java.util.ArrayDeque;
import org.jspecify.annotations.Nullable;

/// A connection's replies, written straight into pooled buffers. A buffer that is full goes to the channel at
/// once, the last one with [#flush]; between requests a connection holds none.
///
/// While replies must not go before changes are on disk ([Durability]), buffers wait here instead:
///
/// ```
///   pieces   [ .... ][ .... ][ .... ][ .... ][ .... ]
///   holds    `-- offset 700 --'`-- offset 950 --'`-- not held yet
/// ```
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
    private volatile long heldBytes;

    private final Durability durability;
    private final ArrayDeque<ByteBuf> pieces = new ArrayDeque<>();
    private final ArrayDeque<Hold> holds = new ArrayDeque<>();
    private int heldPieces;
    private volatile long pieceBytes;

    /// Pieces that must not be sent before an offset of the journal is on disk.
    private record Hold(long offset, int pieces) {}

    Output(Channel channel, Durability durability) {
        this.channel = channel;
        this.durability = durability;
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
        if (durability.isHolding() || !pieces.isEmpty()) {
            pieces.add(full);
            pieceBytes(pieceBytes + full.readableBytes());
        } else {
            unflushed = true;
            channel.write(full, channel.voidPromise());
        }
    }

    private void pieceBytes(long bytes) {
        pieceBytes = bytes;
    }

    /// Writes a message that is shared with other clients.
    ///
    /// @param kind its first byte in RESP2
    /// @param rest all that follows
    void message(byte kind, ByteBuf rest) {
        messageKind(kind);
        ByteBuf head = buffer();
        head.writerIndex((int) (position - start));
        buffer = null;
        start = position = limit = 0;
        write(fitting(head));
        write(rest.retainedDuplicate());
    }

    /// Whether anything has been written that is not sent.
    boolean hasUnsent() {
        return buffer != null || unflushed || pieces.size() > heldPieces;
    }

    /// Whether buffers wait here.
    boolean hasPieces() {
        return !pieces.isEmpty();
    }

    /// Holds what has been written since the last time.
    ///
    /// @param offset of the journal that must be on disk first
    void hold(long offset) {
        ByteBuf last = buffer;
        if (last != null && (durability.isHolding() || !pieces.isEmpty())) {
            last.writerIndex((int) (position - start));
            buffer = null;
            start = position = limit = 0;
            write(last);
        }
        if (pieces.size() > heldPieces) {
            holds.add(new Hold(offset, pieces.size() - heldPieces));
            heldPieces = pieces.size();
        }
    }

    /// Sends what was held, as far as it may go now.
    ///
    /// @return how many bytes have gone
    long release() {
        long bytes = 0;
        while (!holds.isEmpty() && durability.isReached(holds.peek().offset())) {
            for (int left = holds.remove().pieces(); left > 0; left--) {
                ByteBuf piece = pieces.remove();
                bytes += piece.readableBytes();
                channel.write(piece, channel.voidPromise());
                heldPieces--;
            }
        }
        if (bytes > 0 || unflushed) {
            unflushed = false;
            channel.flush();
        }
        pieceBytes(pieceBytes - bytes);
        sentBytes += bytes;
        return bytes;
    }

    /// Sends what has been written. While the client takes nothing, the last piece is held back until it is full.
    ///
    /// @return how many bytes have gone since the last time
    long flush() {
        if (unflushed && !channel.isWritable()) {
            channel.flush();
        }
        if (channel.isWritable()) {
            return finish();
        }
        heldBytes = position - start;
        return handedOn();
    }

    /// Sends all that has been written.
    ///
    /// @return how many bytes have gone since the last time
    long finish() {
        heldBytes = 0;
        ByteBuf last = buffer;
        if (last != null) {
            last.writerIndex((int) (position - start));
            buffer = null;
            start = position = limit = 0;
            write(fitting(last));
        }
        if (!unflushed) {
            return handedOn();
        }
        unflushed = false;
        channel.flush();
        return handedOn();
    }

    private long handedOn() {
        long more = handedOnBytes - sentBytes;
        sentBytes = handedOnBytes;
        return more;
    }

    /// What waits behind others gets a buffer of its own size: it may be many small messages to a client that takes
    /// none of them.
    private ByteBuf fitting(ByteBuf piece) {
        ChannelOutboundBuffer waiting = channel.unsafe().outboundBuffer();
        int bytes = piece.readableBytes();
        if (waiting == null || waiting.isEmpty() || bytes > piece.capacity() / 2) {
            return piece;
        }
        ByteBuf copy = channel.alloc().directBuffer(bytes, bytes).writeBytes(piece);
        piece.release();
        return copy;
    }

    /// Bytes that the channel has not been given yet, as of the last [#flush]. Any thread may ask.
    long heldBytes() {
        return heldBytes + pieceBytes;
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
        pieces.forEach(ByteBuf::release);
        pieces.clear();
        holds.clear();
        heldPieces = 0;
        pieceBytes(0);
    }
}
