package io.nuthatch.engine;

import io.nuthatch.memory.Memory;
import io.nuthatch.resp.Request;
import java.util.ArrayList;
import java.util.List;

/// A client's transaction between MULTI and EXEC: the calls that wait, copied out of the input buffer, one behind the
/// other into pieces of memory.
///
/// It is emptied by [#clear] and used again for another client of the same [Worker], for ten calls with their words
/// are garbage by the kilobyte.
///
/// Bound: `client-query-buffer-limit`, kept by the [Engine].
///
/// Thread: the client's.
final class Multi {
    /// Calls that stay when it is emptied.
    private static final int KEPT_CALLS = 64;

    /// Calls of more words do not stay.
    private static final int KEPT_WORDS = 16;

    private static final long FIRST_PIECE_BYTES = 512;
    private static final long MAX_PIECE_BYTES = 64L << 10;

    /// The first `count` wait; the others are to be used again.
    private final List<Call> calls = new ArrayList<>();

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
        long room = call.request().copyBytes();
        if (end - free < room) {
            addPiece(room);
        }
        if (count == calls.size()) {
            calls.add(new Call());
        }
        calls.get(count).copy(call, free);
        free += room;
        count++;
        writes |= command.mayWrite();
    }

    private void addPiece(long room) {
        long doubled = pieces.isEmpty()
                ? FIRST_PIECE_BYTES
                : Math.min(2 * pieces.getLast().bytes(), MAX_PIECE_BYTES);
        long size = Math.max(doubled, room);
        free = Memory.allocate(size);
        end = free + size;
        pieces.add(new Piece(free, size));
        bytes += size;
    }

    Call call(int index) {
        return calls.get(index);
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

    /// Forgets the calls and frees their memory.
    void clear() {
        for (int i = 0; i < count; i++) {
            Request request = calls.get(i).request();
            if (request.count() > KEPT_WORDS) {
                calls.set(i, new Call());
            }
            request.clear();
        }
        if (calls.size() > KEPT_CALLS) {
            calls.subList(KEPT_CALLS, calls.size()).clear();
        }
        for (int i = 0; i < pieces.size(); i++) {
            Memory.free(pieces.get(i).address(), pieces.get(i).bytes());
        }
        pieces.clear();
        free = end = bytes = count = 0;
        broken = writes = false;
    }
}
