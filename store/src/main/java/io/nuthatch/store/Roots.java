package io.nuthatch.store;

import java.util.Arrays;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/// The roots of a shard's large collections, by number. Numbers are used again.
///
/// Locks: the shard's.
final class Roots {
    private @Nullable Root[] roots = new @Nullable Root[4];
    /// Numbers that were used and are free; those from `everUsed` on are too.
    private int[] free = new int[4];
    private int freeCount;
    private int everUsed;

    /// Takes a root in. Returns its number.
    int add(Root root) {
        int number = freeCount > 0 ? free[--freeCount] : everUsed++;
        if (number == roots.length) {
            roots = Arrays.copyOf(roots, number * 2);
        }
        roots[number] = root;
        return number;
    }

    Root get(int number) {
        return Objects.requireNonNull(roots[number], "no such root");
    }

    /// Hands a root out, whose number is free then.
    Root take(int number) {
        Root root = get(number);
        roots[number] = null;
        if (freeCount == free.length) {
            free = Arrays.copyOf(free, freeCount * 2);
        }
        free[freeCount++] = number;
        return root;
    }
}
