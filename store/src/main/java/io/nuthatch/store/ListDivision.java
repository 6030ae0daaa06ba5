package io.nuthatch.store;

import io.nuthatch.memory.Bytes;
import org.jspecify.annotations.Nullable;

/// The [Division] of a list: its listpacks in their order. It notes where they are when it begins; one that is about to
/// change or to go is kept first, by the receiver, if it has not been handed out.
///
/// ```
///   nodes    [ address │ address │ kept │ address │ … ]        in the order of the list at the cut
///                           ↑ next
///   places   address → index                                   an open hash table
/// ```
/// That takes some 30 bytes for each listpack of up to 8 KiB.
///
/// Locks: that of the shard whose the root is.
final class ListDivision extends Division {
    private final long[] nodes;
    private final Snapshot.@Nullable Kept[] kept;
    private final int[] places;
    private final Bytes window = new Bytes();
    private int next;

    ListDivision(ListRoot root, Shard shard) {
        super(root, shard);
        int count = Math.toIntExact(root.nodes.blocks());
        nodes = new long[count];
        kept = new Snapshot.Kept[count];
        places = new int[Integer.highestOneBit(count) * 4];
        CountedTree.Cursor cursor = new CountedTree.Cursor(root.nodes);
        int i = 0;
        for (boolean more = cursor.first(); more; more = cursor.next()) {
            nodes[i] = cursor.block();
            place(i++);
        }
    }

    /// Free places have 0, others the index and one.
    private void place(int index) {
        int at = slot(nodes[index]);
        while (places[at] != 0) {
            at = at + 1 & places.length - 1;
        }
        places[at] = index + 1;
    }

    private int slot(long node) {
        return (int) (node * 0x9E37_79B9_7F4A_7C15L >>> 33) & places.length - 1;
    }

    @Override
    long count() {
        return nodes.length;
    }

    /// A listpack is about to change, or to go.
    void keep(long node) {
        for (int at = slot(node); places[at] != 0; at = at + 1 & places.length - 1) {
            int index = places[at] - 1;
            // Where one was that has been kept, another may come to be, which is of no matter.
            if (nodes[index] == node && kept[index] == null) {
                if (index >= next) {
                    kept[index] = pieces().keepListpack(window.set(node, Listpack.bytes(node)));
                }
                return;
            }
        }
    }

    @Override
    boolean handOut(Snapshot.Pieces to) {
        for (long bytes = 0; next < nodes.length && bytes < SLICE_BYTES; next++) {
            Snapshot.Kept before = kept[next];
            if (before == null) {
                int length = Listpack.bytes(nodes[next]);
                to.listpack(window.set(nodes[next], length));
                bytes += length;
            } else {
                to.kept(before);
                kept[next] = null;
                bytes += KEPT_BYTES;
            }
        }
        return next < nodes.length;
    }
}
