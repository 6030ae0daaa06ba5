package io.nuthatch.engine;

import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/// What a client is told out of turn: a line for a monitor, a publication, keys that are no longer what they were. It
/// is encoded once, however many clients
/// get it, and read by all their threads.
public sealed interface Message permits Message.Line, Message.Publication, Invalidation, Invalidation.RedirectBroken {
    /// Room for the words around a channel and what is published.
    int FRAME_BYTES = 64;

    /// The bytes that a client gets: an array in RESP2's form, which in RESP3 begins with `>` in place of `*`; or
    /// anything else, as it is. Null if it gets none.
    ///
    /// Thread: the client's.
    byte @Nullable [] encoded(Session to);

    /// What it takes while it waits, about.
    int sizeBytes();

    /// A status line: for monitors.
    record Line(byte[] bytes) implements Message {
        static Line of(String text) {
            return new Line(("+" + text + "\r\n").getBytes(StandardCharsets.ISO_8859_1));
        }

        @Override
        public byte[] encoded(Session to) {
            return bytes;
        }

        @Override
        public int sizeBytes() {
            return bytes.length;
        }
    }

    /// `message channel payload`, `pmessage pattern channel payload`.
    record Publication(byte[] bytes) implements Message {
        static Publication on(PubSub.Kind kind, byte[] channel, byte[] payload) {
            return new Publication(new Encoder(FRAME_BYTES + channel.length + payload.length)
                    .array(3)
                    .bulk(kind.message())
                    .bulk(channel)
                    .bulk(payload)
                    .toArray());
        }

        static Publication matching(byte[] pattern, byte[] channel, byte[] payload) {
            return new Publication(new Encoder(FRAME_BYTES + pattern.length + channel.length + payload.length)
                    .array(4)
                    .bulk(PubSub.Kind.PATTERN.message())
                    .bulk(pattern)
                    .bulk(channel)
                    .bulk(payload)
                    .toArray());
        }

        @Override
        public byte[] encoded(Session to) {
            return bytes;
        }

        @Override
        public int sizeBytes() {
            return bytes.length;
        }
    }
}
