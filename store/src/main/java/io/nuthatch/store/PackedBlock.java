package io.nuthatch.store;

import io.nuthatch.memory.Bytes;
import io.nuthatch.memory.Memory;
import io.nuthatch.memory.Numbers;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// Packed blocks that come from outside, as RESTORE and RDB files carry them: listpacks and intsets, taken for what
/// they are only after every byte has been looked at.
public final class PackedBlock {
    private PackedBlock() {}

    /// Visits the entries of a listpack, in order. The window that is handed over is good for that visit only.
    ///
    /// @return whether the bytes are a listpack; if not, nothing is visited
    public static boolean visitListpack(Bytes block, Consumer<Bytes> visit) {
        long at = block.address();
        if (!Listpack.isValid(at, block.length())) {
            return false;
        }
        Bytes window = new Bytes();
        long digits = Memory.allocate(Numbers.MAX_LONG_DIGITS);
        try {
            for (int offset = Listpack.FIRST; Listpack.has(at, offset); offset = Listpack.next(at, offset)) {
                visit.accept(Listpack.read(at, offset, window, digits));
            }
        } finally {
            Memory.free(digits, Numbers.MAX_LONG_DIGITS);
        }
        return true;
    }

    /// What a node of a stream has: how many entries, and the ID of the last, be it deleted.
    public record StreamNodeFigures(long count, StreamId last) {}

    /// Examines a listpack that is to be a node of a stream.
    ///
    /// @param id that the IDs in it are told from
    /// @return null if it is none
    public static @Nullable StreamNodeFigures streamNode(StreamId id, Bytes block) {
        long at = block.address();
        if (!Listpack.isValid(at, block.length())) {
            return null;
        }
        StreamId last = StreamNode.lastOfValid(id.ms(), id.seq(), at);
        return last == null ? null : new StreamNodeFigures(StreamNode.count(at), last);
    }

    /// Visits the numbers of an intset as their digits, in order, under the same conditions.
    ///
    /// @return whether the bytes are an intset; if not, nothing is visited
    public static boolean visitIntset(Bytes block, Consumer<Bytes> visit) {
        long at = block.address();
        if (!Intset.isValid(at, block.length())) {
            return false;
        }
        Bytes window = new Bytes();
        long digits = Memory.allocate(Numbers.MAX_LONG_DIGITS);
        try {
            for (int i = 0; i < Intset.count(at); i++) {
                visit.accept(window.set(digits, Numbers.write(Intset.value(at, i), digits)));
            }
        } finally {
            Memory.free(digits, Numbers.MAX_LONG_DIGITS);
        }
        return true;
    }
}
