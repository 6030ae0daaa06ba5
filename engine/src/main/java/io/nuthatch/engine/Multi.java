package io.nuthatch.engine;

import io.nuthatch.memory.Memory;
import java.util.ArrayList;
import java.util.List;

/// A client's transaction between MULTI and EXEC: the commands that wait, copied out of the input buffer, one
/// behind the other into pieces of memory.
///
/// Bound: `client-query-buffer-limit`, kept by the [Engine].
///
/// Thread: the client's. The memory is freed by [#close].
final class Multi implements AutoCloseable {
    private static final long FIRST_PIECE_BYTES = 512;
    private static final long MAX_PIECE_BYTES = 64L << 10;

    private final List<KeptCall> queue = new ArrayList<>();
    private final List<Piece> pieces = new ArrayList<>();

    /// The free part of the last piece.
    private long free;

    private long end;
    private boolean broken;
    private boolean writes;

    // Not volatile, for the price: others see them a little late.
    private int count;
    private long bytes;

    private record Piece(long address, long bytes) {}

    void add(Call call, Command command) {
        long wordBytes = KeptCall.wordBytes(call);
        if (end - free < wordBytes) {
            addPiece(wordBytes);
        }
        queue.add(KeptCall.at(free, call, command));
        free += wordBytes;
        count++;
        writes |= command.mayWrite();
    }

    private void addPiece(long wordBytes) {
        long doubled = pieces.isEmpty()
                ? FIRST_PIECE_BYTES
                : Math.min(2 * pieces.getLast().bytes(), MAX_PIECE_BYTES);
        long size = Math.max(doubled, wordBytes);
        free = Memory.allocate(size);
        end = free + size;
        pieces.add(new Piece(free, size));
        bytes += size;
    }

    List<KeptCall> queue() {
        return queue;
    }

    /// How many commands wait. Any thread may ask.
    int count() {
        return count;
    }

    /// The memory that they take. Any thread may ask.
    long bytes() {
        return bytes;
    }

    /// Whether any of them may change something.
    boolean writes() {
        return writes;
    }

    /// A command was refused, so the transaction as a whole will be.
    void breakOff() {
        broken = true;
    }

    boolean isBroken() {
        return broken;
    }

    @Override
    public void close() {
        for (int i = 0; i < queue.size(); i++) {
            queue.get(i).free();
        }
        queue.clear();
        pieces.forEach(piece -> Memory.free(piece.address(), piece.bytes()));
        pieces.clear();
        free = end = 0;
    }
}
