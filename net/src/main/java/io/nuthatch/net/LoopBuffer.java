package io.nuthatch.net;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.channel.DefaultMaxMessagesRecvByteBufAllocator;

/// Has all connections of an event loop read into one and the same buffer. What has been read is run before the
/// next connection's turn, so an idle connection needs no buffer of its own, and the buffer stays in the
/// processor's cache.
///
/// Thread: the event loop.
final class LoopBuffer extends DefaultMaxMessagesRecvByteBufAllocator {
    /// Larger buffers were no faster, and 16 KiB stays in the first-level cache.
    static final int BYTES = 16 * 1024;

    private final ByteBuf buffer;

    LoopBuffer(ByteBuf buffer) {
        this.buffer = buffer;
    }

    @Override
    @SuppressWarnings("deprecation") // Netty's own allocators still implement this type.
    public Handle newHandle() {
        return new MaxMessageHandle() {
            @Override
            public int guess() {
                return BYTES;
            }

            @Override
            public ByteBuf allocate(ByteBufAllocator allocator) {
                return buffer.retain().clear();
            }
        };
    }
}
