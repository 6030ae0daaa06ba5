package io.nuthatch.engine;

import io.nuthatch.memory.Bytes;
import io.nuthatch.memory.Memory;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/// What a client has prepared by HIMPORT: lists of names of fields, each under a name of its own, so that it need send
/// only the values of each hash.
///
/// ```
///   PREPARE u name email age   ->   | 2, 3, age | 0, 4, name | 1, 5, email | u |      a block of native memory
///                                     │  └─ it is three bytes long               └─ the fieldset's name
///                                     └─ its value is the third
/// ```
/// The fields stand in the order in which Redis has them in the hash, shorter ones first and then by their bytes: so
/// two of one name stand side by side.
///
/// They count as memory of the client. All clients together may have [#MAX_BYTES].
///
/// Threads: the client's own; others may ask how large they are.
public final class Fieldsets {
    /// As much as names of keys may take: enough for a thousand importing clients with a thousand fields each.
    private static final long MAX_BYTES = 64L << 20;

    /// What one takes on the Java heap beside its name: itself and its entry in the map.
    private static final int OWN_BYTES = 256;

    private static final int HEADER_BYTES = 2 * Integer.BYTES;

    /// Of one fieldset: they are sorted on the Java heap.
    private static final int MAX_FIELDS = 1 << 16;

    private static final CommandError DUPLICATE = CommandError.of("ERR duplicate field name in fieldset");
    private static final CommandError NONE = CommandError.of("ERR no such fieldset");
    private static final CommandError TOO_MANY = CommandError.of("ERR too many or too large fieldsets are prepared");

    private final AtomicLong all;
    private final Map<ByteString, Fieldset> byName = new HashMap<>();

    /// The one that was used last, which is most likely to be used next.
    private @Nullable Fieldset last;

    private volatile long bytes;

    /// @param all what the fieldsets of all clients take
    Fieldsets(AtomicLong all) {
        this.all = all;
    }

    /// A list of names of fields.
    public static final class Fieldset {
        private final int count;
        private final long address;
        private final int length;
        private final int nameLength;
        private final Bytes window = new Bytes();

        /// @param length of the fields
        private Fieldset(Bytes name, int count, int length) {
            this.count = count;
            this.length = length;
            this.nameLength = name.length();
            this.address = Memory.allocate((long) length + nameLength);
            Memory.copy(name.address(), address + length, nameLength);
        }

        /// Is shown a field.
        @FunctionalInterface
        public interface Visitor {
            /// @param field valid during the call
            /// @param place which of the values is its: 0 for the first
            void visit(Bytes field, int place);
        }

        public int count() {
            return count;
        }

        /// Visits the fields, in the order of the hash.
        public void forEach(Visitor visitor) {
            long at = address;
            for (int i = 0; i < count; i++) {
                int fieldLength = Memory.getInt(at + Integer.BYTES);
                visitor.visit(window.set(at + HEADER_BYTES, fieldLength), Memory.getInt(at));
                at += HEADER_BYTES + fieldLength;
            }
        }

        private Bytes name() {
            return window.set(address + length, nameLength);
        }

        private long bytes() {
            // The name stands in the map, too.
            return OWN_BYTES + length + 2L * nameLength;
        }

        private void free() {
            Memory.free(address, (long) length + nameLength);
        }
    }

    /// What they take, in bytes.
    long bytes() {
        return bytes;
    }

    /// Prepares a fieldset in place of the one of this name, if there is one.
    ///
    /// @param firstField the first of the words that name fields, all to the end
    public void prepare(Bytes name, Args args, int firstField) {
        if (args.count() - firstField > MAX_FIELDS) {
            throw TOO_MANY;
        }
        Integer[] words = new Integer[args.count() - firstField];
        Arrays.setAll(words, i -> firstField + i);
        Arrays.sort(words, inOrder(args));
        long length = 0;
        for (int i = 0; i < words.length; i++) {
            Bytes field = args.bytes(words[i]);
            if (i > 0 && field.equals(args.bytes(words[i - 1]))) {
                throw DUPLICATE;
            }
            length += HEADER_BYTES + field.length();
        }
        if (all.get() + OWN_BYTES + length + 2L * name.length() > MAX_BYTES) {
            throw TOO_MANY;
        }
        discard(name);
        Fieldset fieldset = new Fieldset(name, words.length, (int) length);
        write(fieldset, words, args, firstField);
        byName.put(new ByteString(name), fieldset);
        last = fieldset;
        count(fieldset.bytes());
    }

    private static Comparator<Integer> inOrder(Args args) {
        return (one, other) -> {
            Bytes first = args.bytes(one);
            Bytes second = args.bytes(other);
            return first.length() != second.length()
                    ? Integer.compare(first.length(), second.length())
                    : Memory.compare(first.address(), first.length(), second.address(), second.length());
        };
    }

    private static void write(Fieldset into, Integer[] words, Args args, int firstField) {
        long at = into.address;
        for (int word : words) {
            Bytes field = args.bytes(word);
            Memory.putInt(at, word - firstField);
            Memory.putInt(at + Integer.BYTES, field.length());
            Memory.copy(field.address(), at + HEADER_BYTES, field.length());
            at += HEADER_BYTES + field.length();
        }
    }

    @SuppressWarnings("NonAtomicVolatileUpdate") // One thread writes it.
    private void count(long more) {
        bytes += more;
        all.addAndGet(more);
    }

    /// The fieldset of a name.
    public Fieldset named(Bytes name) {
        Fieldset recent = last;
        if (recent != null && recent.name().equals(name)) {
            return recent;
        }
        Fieldset found = byName.get(new ByteString(name));
        if (found == null) {
            throw NONE;
        }
        last = found;
        return found;
    }

    /// Forgets the fieldset of a name.
    ///
    /// @return whether there was one
    public boolean discard(Bytes name) {
        Fieldset gone = byName.remove(new ByteString(name));
        if (gone == null) {
            return false;
        }
        free(gone);
        return true;
    }

    /// Forgets all fieldsets.
    ///
    /// @return how many there were
    public int discardAll() {
        int count = byName.size();
        byName.values().forEach(this::free);
        byName.clear();
        return count;
    }

    private void free(Fieldset gone) {
        last = null;
        count(-gone.bytes());
        gone.free();
    }
}
