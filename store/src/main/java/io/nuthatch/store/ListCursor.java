package io.nuthatch.store;

import io.nuthatch.memory.Bytes;
import io.nuthatch.memory.Numbers;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/// A place in a list: an element, or the end. It makes one thing of the two forms a list has, the listpack in the
/// record and the tree of listpacks.
///
/// ```
///   small   record ─► [ e │ e │ e │ e ]                    node is the listpack in the record
///                           ↑
///   large   root ─► tree ─► [ e │ e ] [ e │ e │ e ] [ e ]  node is one of the tree's
///                                           ↑
/// ```
/// The place is (node, offset). The end is the last node's end, never the start of a node that is not there.
///
/// It stays right while the list is changed through it.
///
/// Locks: the shard's.
final class ListCursor {
    private final Entry entry;
    private final StoreSettings settings;
    private final Bytes sought = new Bytes();
    private boolean soughtIsInteger;
    private long soughtInteger;

    private @Nullable ListRoot root;

    /// In the tree of the root. Not the tree's own: that would go to and fro between the caches of the processors whose
    /// threads push to the list in turn.
    private CountedTree.@Nullable Cursor nodes;

    /// 0 only where a large list has become empty.
    private long node;

    private int offset;

    ListCursor(Entry entry, StoreSettings settings) {
        this.entry = entry;
        this.settings = settings;
    }

    // ---------------------------------------------------------------------------------------------- going about

    /// Looks at the list that the entry is now.
    private void attach() {
        if (!entry.isRoot()) {
            root = null;
            node = Payload.address(entry.at);
            return;
        }
        root = (ListRoot) entry.root();
        if (nodes == null) {
            nodes = new CountedTree.Cursor(root.nodes);
        } else {
            nodes.attach(root.nodes);
        }
    }

    private ListRoot root() {
        return Objects.requireNonNull(root);
    }

    private CountedTree.Cursor nodes() {
        return Objects.requireNonNull(nodes);
    }

    private boolean isLarge() {
        return root != null;
    }

    /// Goes to the first element. Returns whether there is one, as all of these do.
    boolean first() {
        attach();
        if (isLarge()) {
            node = nodes().first() ? nodes().block() : 0;
        }
        offset = Listpack.FIRST;
        return has();
    }

    boolean last() {
        end();
        return previous();
    }

    /// Goes past the last element.
    void end() {
        attach();
        if (isLarge()) {
            node = nodes().last() ? nodes().block() : 0;
        }
        offset = node == 0 ? 0 : Listpack.end(node);
    }

    /// Goes to the element of an index, which must not be negative.
    boolean seek(long index) {
        attach();
        if (!isLarge()) {
            offset = Listpack.seek(node, (int) Math.min(index, Integer.MAX_VALUE));
            return has();
        }
        int within = nodes().seek(index);
        if (within < 0) {
            end();
            return false;
        }
        node = nodes().block();
        offset = Listpack.seek(node, within);
        return true;
    }

    /// Whether there is an element here, and not the end.
    boolean has() {
        return node != 0 && (Listpack.has(node, offset) || isLarge() && goOver());
    }

    boolean next() {
        offset = Listpack.next(node, offset);
        return has();
    }

    /// Goes to the element before; stays where it is if there is none.
    boolean previous() {
        if (node == 0) {
            return false;
        }
        int before = Listpack.previous(node, offset);
        if (before != 0) {
            offset = before;
            return true;
        }
        if (!isLarge() || !nodes().previous()) {
            return false;
        }
        node = nodes().block();
        offset = Listpack.last(node);
        return true;
    }

    /// From the end of a node to the start of the next one.
    private boolean goOver() {
        if (!nodes().next()) {
            nodes().previous();
            return false;
        }
        node = nodes().block();
        offset = Listpack.FIRST;
        return true;
    }

    // ---------------------------------------------------------------------------------------------- reading

    /// Moves a window to the element here, valid until the list changes or another element of the entry is read.
    Bytes read(Bytes window) {
        return Listpack.read(node, offset, window, entry.digits);
    }

    /// Says which bytes [#matches] compares with.
    void seekBytes(Bytes value) {
        sought.set(value);
        soughtIsInteger = Numbers.isLong(value.address(), value.length());
        soughtInteger = soughtIsInteger ? Numbers.parse(value.address(), value.length()) : 0;
    }

    boolean matches() {
        return Listpack.isInteger(node, offset)
                ? soughtIsInteger && Listpack.integer(node, offset) == soughtInteger
                : !soughtIsInteger && Listpack.equal(node, offset, sought);
    }

    // ---------------------------------------------------------------------------------------------- changing

    /// Inserts an element before this place; the cursor is on it afterwards.
    void insert(Bytes value) {
        int bytes = Listpack.entryBytes(value);
        if (!isLarge() || node != 0 && findRoom(bytes)) {
            insertHere(value, bytes);
        } else {
            insertNode(value, bytes);
        }
    }

    /// Inserts an element after the one here; the cursor is on it afterwards.
    void insertAfter(Bytes value) {
        // Not `next`: the end of this node is as good a place as the start of the next, and nearer.
        offset = Listpack.next(node, offset);
        insert(value);
    }

    /// Looks for a node with room that has this place, if need be the one before that ends here or the one after
    /// that begins here. A full node is parted if the place is within it.
    private boolean findRoom(int bytes) {
        if (fits(node, bytes)) {
            return true;
        }
        if (offset != Listpack.FIRST && Listpack.has(node, offset)) {
            split();
            return fits(node, bytes) || goToNeighbour(bytes);
        }
        return goToNeighbour(bytes);
    }

    private boolean fits(long listpack, int bytes) {
        return !ListRoot.exceeds(settings, Listpack.bytes(listpack) + (long) bytes, Listpack.count(listpack) + 1L);
    }

    private boolean goToNeighbour(int bytes) {
        boolean backwards = offset == Listpack.FIRST;
        if (backwards ? nodes().previous() : nodes().next()) {
            long neighbour = nodes().block();
            if (fits(neighbour, bytes)) {
                node = neighbour;
                offset = backwards ? Listpack.end(node) : Listpack.FIRST;
                return true;
            }
            if (backwards) {
                nodes().next();
            } else {
                nodes().previous();
            }
        } else if (!backwards) {
            nodes().previous();
        }
        return false;
    }

    /// Parts the node at this place, which becomes the end of its first part.
    private void split() {
        keep();
        int oldBytes = Listpack.bytes(node);
        long tail = root().allocate(Listpack.tailBytes(node, offset));
        Listpack.copyTail(node, offset, tail);
        Listpack.delete(node, offset, Integer.MAX_VALUE);
        fit(oldBytes);
        nodes().insertAfter(tail, Listpack.count(tail));
        nodes().previous();
    }

    /// A snapshot under way may still want the node as it is.
    private void keep() {
        if (isLarge()) {
            root().keep(node);
        }
    }

    private void insertHere(Bytes value, int bytes) {
        keep();
        if (isAtHead()) {
            node = root().prepend(node, value, bytes);
        } else {
            room(Listpack.bytes(node) + bytes);
            Listpack.insert(node, offset, value);
        }
        noteNode();
    }

    /// Whether this is the start of a large list, whose listpack may begin where it likes.
    private boolean isAtHead() {
        return offset == Listpack.FIRST && isLarge() && nodes().isFirst();
    }

    private void insertNode(Bytes value, int bytes) {
        boolean before = node == 0 || offset == Listpack.FIRST;
        if (before && root().hasHeadroom(node)) {
            keep();
            node = root().closeHeadroom(node);
            noteNode();
        }
        node = root().allocate(Listpack.EMPTY_BYTES + bytes);
        offset = Listpack.FIRST;
        Listpack.create(node);
        Listpack.insert(node, offset, value);
        if (before) {
            nodes().insert(node, 1);
        } else {
            nodes().insertAfter(node, 1);
        }
    }

    /// Replaces the element here.
    void replace(Bytes value) {
        int oldBytes = Listpack.bytes(node);
        int bytes = Listpack.entryBytes(value) - Listpack.entryBytes(node, offset);
        if (isLarge() && bytes > 0 && Listpack.count(node) > 1 && !fits(node, bytes)) {
            insert(value);
            next();
            remove(1);
            previous();
            return;
        }
        keep();
        if (bytes > 0) {
            room(oldBytes + bytes);
        }
        Listpack.replace(node, offset, value);
        if (bytes < 0) {
            fit(oldBytes);
        } else {
            noteNode();
        }
    }

    /// Removes up to `most` elements, from this one on; the cursor goes to the one after them.
    ///
    /// @return how many there were
    long remove(long most) {
        long left = most;
        while (left > 0 && has()) {
            int count = Listpack.count(node);
            if (isLarge() && offset == Listpack.FIRST && count <= left) {
                removeNode();
                left -= count;
            } else {
                keep();
                delete((int) Math.min(left, count));
                left -= count - Listpack.count(node);
            }
        }
        return most - left;
    }

    private void delete(int most) {
        if (isAtHead()) {
            node = root().deleteFirst(node, most);
            noteNode();
        } else {
            int oldBytes = Listpack.bytes(node);
            Listpack.delete(node, offset, most);
            fit(oldBytes);
        }
    }

    private void removeNode() {
        root().free(node);
        nodes().remove();
        if (nodes().has()) {
            node = nodes().block();
            offset = Listpack.FIRST;
        } else {
            node = nodes().previous() ? nodes().block() : 0;
            offset = node == 0 ? 0 : Listpack.end(node);
        }
    }

    /// Makes the node's block as large as it will have to be.
    private void room(int bytes) {
        node = isLarge() ? root().resize(node, Listpack.bytes(node), bytes) : Payload.resize(entry, bytes);
    }

    /// Makes the node's block as small as it may be.
    private void fit(int oldBytes) {
        int bytes = Listpack.bytes(node);
        node = isLarge() ? root().resize(node, oldBytes, bytes) : Payload.resize(entry, bytes);
        noteNode();
    }

    /// Tells the tree where the node is and what it weighs.
    private void noteNode() {
        if (isLarge()) {
            nodes().replace(node, Listpack.count(node));
        }
    }
}
