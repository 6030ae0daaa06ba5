package io.nuthatch.engine;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;

/// Writes RESP2 to the heap, for a [Message] that many clients get.
final class Encoder {
    private final ByteArrayOutputStream bytes;

    Encoder(int expectedBytes) {
        bytes = new ByteArrayOutputStream(expectedBytes);
    }

    Encoder array(int elements) {
        return header('*', elements);
    }

    Encoder bulk(String ascii) {
        return bulk(ascii.getBytes(StandardCharsets.US_ASCII));
    }

    Encoder bulk(byte[] content) {
        header('$', content.length);
        bytes.writeBytes(content);
        return text("\r\n");
    }

    Encoder integer(long number) {
        return header(':', number);
    }

    /// Bytes as they are.
    Encoder text(String latin1) {
        bytes.writeBytes(latin1.getBytes(StandardCharsets.ISO_8859_1));
        return this;
    }

    private Encoder header(char kind, long number) {
        return text(kind + Long.toString(number) + "\r\n");
    }

    byte[] toArray() {
        return bytes.toByteArray();
    }
}
