package io.nuthatch.commands;

import io.nuthatch.memory.Bytes;
import io.nuthatch.memory.Scratch;
import io.nuthatch.store.Entry;
import io.nuthatch.store.HashValue;
import io.nuthatch.store.StringValue;
import io.nuthatch.store.Tx;
import io.nuthatch.store.Type;
import java.io.ByteArrayOutputStream;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/// A pattern of SORT's BY and GET: a key with a `*` in it that an element takes the place of, as `weight_*`. `#` is
/// the element itself. `key_*->field` is the value of a field of a hash. What has no `*` names nothing.
///
/// @param star where the `*` stands, -1 if there is none
record KeyPattern(byte[] text, int star) {
    /// `#`.
    static final KeyPattern ELEMENT = new KeyPattern(new byte[] {'#'}, -1);

    static KeyPattern of(Bytes word) {
        byte[] text = word.toArray();
        int star = 0;
        // Redis looks for it as in a C string.
        while (star < text.length && text[star] != '*' && text[star] != 0) {
            star++;
        }
        return new KeyPattern(text, star < text.length && text[star] == '*' ? star : -1);
    }

    boolean isElement() {
        return text.length == 1 && text[0] == '#';
    }

    boolean namesKeys() {
        return star >= 0;
    }

    /// Shows a reader the bytes that stand for an element.
    ///
    /// @param read is shown null if there are none
    void look(byte[] element, Tx tx, Reader read) {
        if (isElement()) {
            try (Scratch copy = Scratch.of(element)) {
                read.accept(copy.bytes());
            }
        } else if (namesKeys()) {
            lookUp(element, tx, read);
        } else {
            read.accept(null);
        }
    }

    /// Is shown bytes, or that there are none.
    @FunctionalInterface
    interface Reader {
        void accept(@Nullable Bytes value);
    }

    private void lookUp(byte[] element, Tx tx, Reader read) {
        try (Scratch key = Scratch.of(key(element))) {
            Entry entry = tx.read(key.bytes());
            if (entry != null && arrow() >= 0 && entry.type() == Type.HASH) {
                lookUpField(entry, read);
            } else {
                boolean there = entry != null && entry.type() == Type.STRING && arrow() < 0;
                read.accept(entry != null && there ? StringValue.read(entry, new Bytes()) : null);
            }
        }
    }

    private void lookUpField(Entry entry, Reader read) {
        try (Scratch field = Scratch.of(Arrays.copyOfRange(text, arrow() + 2, text.length))) {
            read.accept(HashValue.get(entry, field.bytes()));
        }
    }

    private byte[] key(byte[] element) {
        int end = arrow() < 0 ? text.length : arrow();
        ByteArrayOutputStream key = new ByteArrayOutputStream(end + element.length);
        key.write(text, 0, star);
        key.writeBytes(element);
        key.writeBytes(Arrays.copyOfRange(text, star + 1, end));
        return key.toByteArray();
    }

    /// Where the `->` stands that the field of a hash follows, -1 if none does.
    private int arrow() {
        for (int i = star + 1; i + 2 < text.length; i++) {
            if (text[i] == '-' && text[i + 1] == '>') {
                return i;
            }
        }
        return -1;
    }
}
