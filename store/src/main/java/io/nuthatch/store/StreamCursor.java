package io.nuthatch.store;

import io.nuthatch.memory.Bytes;
import io.nuthatch.memory.Memory;
import io.nuthatch.memory.Numbers;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/// Goes through a range of a stream's entries, forwards or backwards, and reads them piece by piece.
///
/// ```java
///   for (cursor.forwards(stream, from, to); cursor.next(); ) {
///       ... cursor.id(), cursor.fields() ...
///       while (cursor.nextField()) {
///           ... cursor.field(), cursor.value() ...
///       }
///   }
/// ```
/// A transaction has one ([Tx#streamCursor]). It is worth nothing after any change to the stream but those that
/// are made through itself.
///
/// Cost: O(log n) to the first entry, where n counts nodes, and then what the entries in its node take that are
/// between it and the nearer end of the node.
public final class StreamCursor {

    private final Bytes field = new Bytes();
    private final Bytes value = new Bytes();
    private final Bytes text = new Bytes();
    private final long textRoom = Memory.allocateForever(StreamId.MAX_TEXT_BYTES);
    private final long digits = Memory.allocateForever(2 * Numbers.MAX_LONG_DIGITS);

    private @Nullable StreamValue stream;
    private boolean forwards;

    /// The bounds of the range, both included.
    private long fromMs;

    private long fromSeq;
    private long toMs;
    private long toSeq;

    /// The node; 0 when there is nothing more.
    private long node;

    private long listpack;

    /// Whether the tree's cursor is on the node.
    private boolean isPlaced;

    /// Going forwards: where the next entry is, or the piece of the present one that is to be read next. Going
    /// backwards: the present entry, or the place after the first one.
    private int at;

    /// The present entry.
    private int entry;

    private long ms;
    private long seq;
    private int fields;
    private boolean sameFields;

    /// The pieces of the present entry that have not been read.
    private int piece;

    private int fieldsLeft;
    private int headField;

    StreamCursor() {}

    // -------------------------------------------------------------------------------------------------- going about

    /// Goes before the entries of a range.
    public StreamCursor forwards(StreamValue of, StreamId from, StreamId to) {
        begin(of, from, to);
        forwards = true;
        enterBefore(from);
        if (node != 0) {
            at = placeOf(fromMs, fromSeq);
            piece = 0;
        }
        return this;
    }

    /// Goes after the entries of a range.
    public StreamCursor backwards(StreamValue of, StreamId from, StreamId to) {
        begin(of, from, to);
        forwards = false;
        StreamId after = to.next();
        enterBefore(to.equals(StreamId.MAX) ? StreamId.MAX : after);
        if (node != 0) {
            at = to.equals(StreamId.MAX) ? Listpack.end(listpack) : placeOf(after.ms(), after.seq());
        }
        return this;
    }

    /// Goes after an entry that a group has been given last, before all that follow.
    StreamCursor after(StreamValue of, StreamId last, long hintNode, int hintPlace) {
        if (hintNode == 0) {
            return forwards(of, last.next(), StreamId.MAX);
        }
        begin(of, last.next(), StreamId.MAX);
        forwards = true;
        enter(hintNode);
        isPlaced = false;
        at = hintPlace;
        return this;
    }

    private void begin(StreamValue of, StreamId from, StreamId to) {
        stream = of;
        fromMs = from.ms();
        fromSeq = from.seq();
        toMs = to.ms();
        toSeq = to.seq();
        node = 0;
        fieldsLeft = 0;
        piece = 0;
    }

    private CountedTree.Cursor nodes() {
        return Objects.requireNonNull(stream).nodes.cursor();
    }

    /// Enters the last node that begins before an ID or with it, or else the first.
    private void enterBefore(StreamId id) {
        CountedTree.Cursor nodes = nodes();
        boolean exact = nodes.seek(
                block -> StreamId.compare(StreamNode.ms(block), StreamNode.seq(block), id.ms(), id.seq()) < 0);
        if (exact && StreamNode.ms(nodes.block()) == id.ms() && StreamNode.seq(nodes.block()) == id.seq()) {
            enter(nodes.block());
        } else if (nodes.previous() || nodes.has()) {
            enter(nodes.block());
        }
        isPlaced = true;
    }

    private void enter(long newNode) {
        node = newNode;
        listpack = StreamNode.listpack(newNode);
    }

    /// Goes to the next node, or the one before. Returns whether there is one.
    private boolean turn() {
        CountedTree.Cursor nodes = nodes();
        if (!isPlaced) {
            long nodeMs = StreamNode.ms(node);
            long nodeSeq = StreamNode.seq(node);
            nodes.seek(block -> StreamId.compare(StreamNode.ms(block), StreamNode.seq(block), nodeMs, nodeSeq) < 0);
            isPlaced = true;
        }
        if (!(forwards ? nodes.next() : nodes.previous())) {
            node = 0;
            return false;
        }
        enter(nodes.block());
        at = forwards ? StreamNode.first(listpack) : Listpack.end(listpack);
        return true;
    }

    /// Where in the node the first entry is that has this ID or a higher one; the end if there is none. Comes
    /// from the nearer end, by a guess from the IDs.
    private int placeOf(long soughtMs, long soughtSeq) {
        if (StreamId.compare(soughtMs, soughtSeq, StreamNode.ms(node), StreamNode.seq(node)) <= 0) {
            return StreamNode.first(listpack);
        }
        int end = Listpack.end(listpack);
        int last = StreamNode.previous(listpack, end);
        long lastMs = StreamNode.ms(node, last);
        long lastSeq = StreamNode.seq(node, last);
        if (StreamId.compare(lastMs, lastSeq, soughtMs, soughtSeq) < 0) {
            return end;
        }
        boolean isNearEnd = lastMs == StreamNode.ms(node)
                ? isInSecondHalf(StreamNode.seq(node), soughtSeq, lastSeq)
                : isInSecondHalf(StreamNode.ms(node), soughtMs, lastMs);
        return isNearEnd ? placeFromEnd(last, soughtMs, soughtSeq) : placeFromStart(soughtMs, soughtSeq);
    }

    private static boolean isInSecondHalf(long first, long sought, long last) {
        return Long.compareUnsigned(sought - first, last - sought) > 0;
    }

    private int placeFromEnd(int last, long soughtMs, long soughtSeq) {
        int place = last;
        while (true) {
            int before = StreamNode.previous(listpack, place);
            if (before == 0
                    || StreamId.compare(StreamNode.ms(node, before), StreamNode.seq(node, before), soughtMs, soughtSeq)
                            < 0) {
                return place;
            }
            place = before;
        }
    }

    private int placeFromStart(long soughtMs, long soughtSeq) {
        int place = StreamNode.first(listpack);
        while (true) {
            parse(place);
            if (StreamId.compare(ms, seq, soughtMs, soughtSeq) >= 0) {
                return place;
            }
            place = endOfEntry();
        }
    }

    /// Goes to the next entry of the range, in its direction. Returns whether there is one.
    public boolean next() {
        return forwards ? nextForwards() : nextBackwards();
    }

    private boolean nextForwards() {
        if (piece != 0) {
            at = endOfEntry();
            piece = 0;
        }
        while (node != 0) {
            if (!Listpack.has(listpack, at)) {
                if (!turn()) {
                    return false;
                }
                continue;
            }
            int flags = parse(at);
            if (StreamId.compare(ms, seq, toMs, toSeq) > 0) {
                node = 0;
                piece = 0;
                return false;
            }
            if ((flags & StreamNode.DELETED) == 0) {
                return true;
            }
            at = endOfEntry();
            piece = 0;
        }
        return false;
    }

    private boolean nextBackwards() {
        while (node != 0) {
            int before = StreamNode.previous(listpack, at);
            if (before == 0) {
                if (!turn()) {
                    return false;
                }
                continue;
            }
            at = before;
            int flags = parse(at);
            if (StreamId.compare(ms, seq, fromMs, fromSeq) < 0) {
                node = 0;
                return false;
            }
            if ((flags & StreamNode.DELETED) == 0) {
                return true;
            }
        }
        return false;
    }

    // -------------------------------------------------------------------------------------------------- reading

    /// Reads what is in front of an entry's fields.
    ///
    /// @return its flags
    private int parse(int offset) {
        entry = offset;
        int flags = (int) Listpack.integer(listpack, offset);
        int place = Listpack.next(listpack, offset);
        ms = StreamNode.ms(node) + Listpack.integer(listpack, place);
        place = Listpack.next(listpack, place);
        seq = StreamNode.seq(node) + Listpack.integer(listpack, place);
        place = Listpack.next(listpack, place);
        sameFields = (flags & StreamNode.SAME_FIELDS) != 0;
        if (sameFields) {
            int head = StreamNode.fieldsAt(listpack);
            fields = (int) Listpack.integer(listpack, head);
            headField = Listpack.next(listpack, head);
        } else {
            fields = (int) Listpack.integer(listpack, place);
            place = Listpack.next(listpack, place);
        }
        piece = place;
        fieldsLeft = fields;
        return flags;
    }

    /// Where the entry ends that has been read to some piece.
    private int endOfEntry() {
        return Listpack.skip(listpack, piece, (sameFields ? fieldsLeft : 2 * fieldsLeft) + 1);
    }

    public long ms() {
        return ms;
    }

    public long seq() {
        return seq;
    }

    public StreamId id() {
        return new StreamId(ms, seq);
    }

    /// The ID's text, in a window of the cursor's own.
    public Bytes idText() {
        return text.set(textRoom, StreamId.write(ms, seq, textRoom));
    }

    /// Any ID's text, in the same window.
    public Bytes text(StreamId id) {
        return text.set(textRoom, StreamId.write(id.ms(), id.seq(), textRoom));
    }

    /// How many fields the entry has.
    public int fields() {
        return fields;
    }

    /// Goes to the next field of the entry. Returns whether there is one.
    public boolean nextField() {
        if (fieldsLeft == 0) {
            return false;
        }
        fieldsLeft--;
        if (sameFields) {
            Listpack.read(listpack, headField, field, digits);
            headField = Listpack.next(listpack, headField);
        } else {
            Listpack.read(listpack, piece, field, digits);
            piece = Listpack.next(listpack, piece);
        }
        Listpack.read(listpack, piece, value, digits + Numbers.MAX_LONG_DIGITS);
        piece = Listpack.next(listpack, piece);
        return true;
    }

    /// The field's name, in a window of the cursor's own.
    public Bytes field() {
        return field;
    }

    /// The field's value, in another window.
    public Bytes value() {
        return value;
    }

    // -------------------------------------------------------------------------------------------------- for the store

    /// The node of the present entry.
    long node() {
        return node;
    }

    /// The present entry in its node.
    int entry() {
        return entry;
    }

    /// Where the entry after the present one begins, going forwards, or will begin when there is one.
    int place() {
        return endOfEntry();
    }
}
