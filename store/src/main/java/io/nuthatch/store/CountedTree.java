package io.nuthatch.store;

import io.nuthatch.memory.Lease;
import io.nuthatch.memory.Memory;
import java.util.Arrays;
import java.util.function.LongConsumer;
import org.jspecify.annotations.Nullable;

/// Blocks in an order, found by their place in it: the one tree of Nuthatch. Large lists, the score side of large
/// sorted sets, streams and the deadlines of hash fields are trees that differ only in what a block is and in who
/// asks for it.
///
/// ## Where it comes from
/// A B+ tree (Bayer, McCreight, 1972) whose inner nodes also count what stands below each child, as the order
/// statistic trees of Knuth's third volume (6.2.3). Valkey and Dragonfly left skip lists for such trees: a search
/// meets a few wide nodes rather than dozens of narrow ones, and a block costs 9 bytes instead of some 35.
/// What is ours: a block has a *weight*, 1 to 65535, and positions count weights. For a sorted set, whose blocks
/// are members of weight 1, a position is a rank; for a list, whose blocks are listpacks as heavy as they have
/// entries, it is an index. And nodes come in several sizes and are as large as they need be, so that they are
/// nine-tenths full and a small tree is small.
///
/// ## Layout
/// ```
///   leaf     0  short  COUNT     slots
///            2  short  CAPACITY  slots there is room for
///            8  slot 0, slot 1 …            8 bytes each: [ weight 16 | block's address 48 ]
///
///   inner    0  short  COUNT     children
///            2  short  CAPACITY
///            8  child 0, child 1 …          24 bytes each: node's address, weight of all below, first block below
/// ```
/// A leaf has up to 63 slots (512 bytes), an inner node up to 42 children (1 KiB): three levels reach 100,000
/// blocks, four reach several millions.
///
/// ## Invariants
/// - All leaves are on the same level. No node is empty; the topmost inner node has two children or more.
/// - A child's first block and weight are those of what stands below it.
/// - Two neighbours of one parent that fit together into three quarters of a node are merged when one of them
///   loses something. So nodes are at least three eighths full on average.
///
/// ## No links between leaves
/// A [Cursor] keeps its path from the root, so the next leaf is found through the parent: amortized O(1), without
/// links. So a leaf may move when it grows without a look at its neighbours, which would be two cache misses.
///
/// ## Order
/// The tree does not know it. Whoever searches brings a [Probe], which says of a block whether it stands before
/// the place that is sought; that must be so for all blocks up to some place and for none after it. One set of
/// members can thus be searched by score, by (score, member), or by member alone where all scores are equal.
///
/// Cost: search, insertion, removal, position and rank O(log n); k neighbours O(k + log n). Appending and
/// prepending leave full nodes behind, so building a tree in order makes the smallest one.
///
/// Locks: none; whoever owns the tree guards it.
final class CountedTree {
    /// Says which blocks stand before a place.
    @FunctionalInterface
    interface Probe {
        boolean precedes(long block);
    }

    static final int MAX_WEIGHT = 0xFFFF;

    private static final int COUNT = 0;
    private static final int CAPACITY = 2;
    private static final int HEADER_BYTES = 8;

    private static final int SLOT_BYTES = 8;
    private static final int LEAF_STEP_BYTES = 64;
    private static final int LEAF_MAX_BYTES = 512;

    private static final int CHILD_BYTES = 24;
    private static final int CHILD_WEIGHT = 8;
    private static final int CHILD_FIRST = 16;
    private static final int INNER_LEAST_BYTES = 128;
    private static final int INNER_MAX_BYTES = 1024;

    private static final int LEAF_MOST = (LEAF_MAX_BYTES - HEADER_BYTES) / SLOT_BYTES;
    private static final int INNER_MOST = (INNER_MAX_BYTES - HEADER_BYTES) / CHILD_BYTES;

    private static final int WEIGHT_SHIFT = 48;
    private static final long ADDRESS = (1L << WEIGHT_SHIFT) - 1;

    private final Lease lease;

    /// For the tree's own work, and lent by [#cursor].
    private @Nullable Cursor cursor;

    private long root;
    private int height;
    private long size;
    private long blocks;

    CountedTree(Lease lease) {
        this.lease = lease;
    }

    /// The weight of all blocks.
    long size() {
        return size;
    }

    /// How many blocks there are.
    long blocks() {
        return blocks;
    }

    boolean isEmpty() {
        return root == 0;
    }

    /// The tree's own cursor, for whoever needs no second one: every method below moves it.
    Cursor cursor() {
        if (cursor == null) {
            cursor = new Cursor(this);
        }
        return cursor;
    }

    /// Inserts a block where the probe says.
    void insert(Probe place, long block, int weight) {
        Cursor at = cursor();
        at.descend(place);
        at.insertHere(block, weight);
    }

    /// Adds a block at the end.
    void append(long block, int weight) {
        Cursor end = cursor();
        end.toEnd();
        end.insertHere(block, weight);
    }

    /// The weight of what stands before a place.
    long rank(Probe place) {
        Cursor at = cursor();
        at.descend(place);
        return at.rank();
    }

    /// Empties the tree in slices: hands out up to `most` blocks and forgets them. Returns whether it is empty.
    boolean drain(long most, LongConsumer visit) {
        Cursor at = cursor();
        if (at.first()) {
            at.remove(most, visit);
        }
        return isEmpty();
    }

    /// A place in a tree: a block, or the end.
    ///
    /// It stays right while the tree is changed through itself, and is worth nothing after any other change.
    static final class Cursor {
        /// Levels that one begins with. Four are enough for millions of blocks.
        private static final int LEVELS = 4;

        private CountedTree tree;

        /// The node of each level, leaves first, and the index within it. In the leaf the index may be one past
        /// the last slot, which is the same place as the next leaf's first: [#has] goes over.
        private long[] nodes = new long[LEVELS];

        private int[] at = new int[LEVELS];

        Cursor(CountedTree tree) {
            this.tree = tree;
        }

        /// Has it go about in another tree. Who keeps a cursor of his own writes nothing near a tree that he only
        /// reads.
        void attach(CountedTree other) {
            tree = other;
        }

        // ------------------------------------------------------------------------------------------ going about

        /// Goes to the first block. Returns whether there is one, as all of these do.
        boolean first() {
            if (tree.root == 0) {
                return false;
            }
            enter(tree.height - 1, tree.root, false);
            return true;
        }

        boolean last() {
            toEnd();
            return previous();
        }

        /// Goes to the first block that does not precede the place.
        boolean seek(Probe place) {
            descend(place);
            return has();
        }

        /// Goes to the block that covers a position: the one that so much weight stands before, or that reaches
        /// beyond it.
        ///
        /// @return how much of the position the block itself covers (0 if all blocks weigh 1); -1 if the position
        /// is outside
        int seek(long position) {
            if (position < 0 || position >= tree.size) {
                return -1;
            }
            long rest = position;
            long total = tree.size;
            long node = tree.root;
            reach(tree.height);
            for (int level = tree.height - 1; level > 0; level--) {
                int child = 0;
                while (rest >= childWeight(node, child)) {
                    rest -= childWeight(node, child++);
                }
                nodes[level] = node;
                at[level] = child;
                total = childWeight(node, child);
                node = child(node, child);
            }
            nodes[0] = node;
            if (total == count(node)) {
                at[0] = (int) rest;
                return 0;
            }
            int slot = 0;
            while (rest >= weightAt(node, slot)) {
                rest -= weightAt(node, slot++);
            }
            at[0] = slot;
            return (int) rest;
        }

        /// Whether there is a block here, and not the end.
        boolean has() {
            return tree.root != 0 && (at[0] < count(nodes[0]) || goOver());
        }

        boolean next() {
            at[0]++;
            return has();
        }

        boolean previous() {
            if (tree.root == 0) {
                return false;
            }
            if (at[0] == 0 && !goBack()) {
                return false;
            }
            at[0]--;
            return true;
        }

        /// From the end of a leaf to the start of the next one.
        private boolean goOver() {
            for (int level = 1; level < tree.height; level++) {
                if (at[level] + 1 < count(nodes[level])) {
                    at[level]++;
                    enter(level - 1, child(nodes[level], at[level]), false);
                    return true;
                }
            }
            return false;
        }

        /// From the start of a leaf to the end of the one before.
        private boolean goBack() {
            for (int level = 1; level < tree.height; level++) {
                if (at[level] > 0) {
                    at[level]--;
                    enter(level - 1, child(nodes[level], at[level]), true);
                    return true;
                }
            }
            return false;
        }

        /// Goes down from a node, to the first slot or past the last one.
        private void enter(int top, long topNode, boolean end) {
            reach(top + 1);
            long node = topNode;
            for (int level = top; level > 0; level--) {
                nodes[level] = node;
                at[level] = end ? count(node) - 1 : 0;
                node = child(node, at[level]);
            }
            nodes[0] = node;
            at[0] = end ? count(node) : 0;
        }

        private void toEnd() {
            if (tree.root != 0) {
                enter(tree.height - 1, tree.root, true);
            }
        }

        private void descend(Probe place) {
            if (tree.root == 0) {
                return;
            }
            reach(tree.height);
            long node = tree.root;
            for (int level = tree.height - 1; level > 0; level--) {
                nodes[level] = node;
                at[level] = childBefore(node, place);
                node = child(node, at[level]);
            }
            nodes[0] = node;
            at[0] = slotOf(node, place);
        }

        /// The last child whose first block precedes the place, or else the first child.
        private static int childBefore(long node, Probe place) {
            int low = 1;
            int high = count(node);
            while (low < high) {
                int middle = low + high >>> 1;
                if (place.precedes(childFirst(node, middle))) {
                    low = middle + 1;
                } else {
                    high = middle;
                }
            }
            return low - 1;
        }

        private static int slotOf(long leaf, Probe place) {
            int low = 0;
            int high = count(leaf);
            while (low < high) {
                int middle = low + high >>> 1;
                if (place.precedes(blockAt(leaf, middle))) {
                    low = middle + 1;
                } else {
                    high = middle;
                }
            }
            return low;
        }

        /// Makes the path long enough.
        private void reach(int levels) {
            if (levels > nodes.length) {
                nodes = Arrays.copyOf(nodes, levels * 2);
                at = Arrays.copyOf(at, levels * 2);
            }
        }

        // ------------------------------------------------------------------------------------------ reading

        /// Whether this is where the tree begins.
        boolean isFirst() {
            return isAtStart(0);
        }

        /// The block here; there must be one ([#has]).
        long block() {
            return blockAt(nodes[0], at[0]);
        }

        int weight() {
            return weightAt(nodes[0], at[0]);
        }

        /// The weight of what stands before this place.
        long rank() {
            if (tree.root == 0) {
                return 0;
            }
            long rank = 0;
            long total = tree.size;
            for (int level = tree.height - 1; level > 0; level--) {
                for (int i = 0; i < at[level]; i++) {
                    rank += childWeight(nodes[level], i);
                }
                total = childWeight(nodes[level], at[level]);
            }
            return rank + (total == count(nodes[0]) ? at[0] : weights(nodes[0], 0, at[0]));
        }

        // ------------------------------------------------------------------------------------------ changing

        /// Inserts a block before this one, or at the end; the cursor is on it afterwards.
        void insert(long block, int weight) {
            insertHere(block, weight);
        }

        /// Inserts a block after this one; the cursor is on it afterwards.
        void insertAfter(long block, int weight) {
            at[0]++;
            insertHere(block, weight);
        }

        /// Puts another block in the place of this one, or the same with another weight.
        void replace(long block, int weight) {
            long leaf = nodes[0];
            long more = (long) weight - weight();
            slot(leaf, at[0], block, weight);
            if (at[0] == 0) {
                firstIs(0, block);
            }
            addWeight(more);
        }

        /// Takes this block out; the cursor goes to the one after it.
        void remove() {
            remove(1, block -> {});
        }

        /// Takes out up to `most` blocks, from this one on, and hands them over. The cursor goes to the one after
        /// them.
        ///
        /// @return how many there were
        long remove(long most, LongConsumer visit) {
            long left = most;
            while (left > 0 && has()) {
                int run = (int) Math.min(left, count(nodes[0]) - at[0]);
                for (int i = at[0]; i < at[0] + run; i++) {
                    visit.accept(blockAt(nodes[0], i));
                }
                removeRun(run);
                left -= run;
            }
            return most - left;
        }

        private void insertHere(long block, int weight) {
            if (tree.root == 0) {
                begin();
            }
            if (count(nodes[0]) == LEAF_MOST) {
                split(0);
            }
            openGap(0);
            slot(nodes[0], at[0], block, weight);
            if (at[0] == 0) {
                firstIs(0, block);
            }
            tree.blocks++;
            addWeight(weight);
        }

        private void begin() {
            tree.root = tree.newNode(0, 1);
            tree.height = 1;
            nodes[0] = tree.root;
            at[0] = 0;
        }

        /// Makes room for one entry at the cursor's place in the node of a level, which is not full to the last.
        private void openGap(int level) {
            int count = count(nodes[level]);
            if (count == capacity(nodes[level])) {
                resize(level, count + 1);
            }
            long place = entry(level, nodes[level], at[level]);
            Memory.copy(place, place + entryBytes(level), (long) (count - at[level]) * entryBytes(level));
            count(nodes[level], count + 1);
        }

        /// Moves the node of a level into a block for so many entries.
        private void resize(int level, int entries) {
            long old = nodes[level];
            long node = tree.newNode(level, entries);
            int count = count(old);
            Memory.copy(old + HEADER_BYTES, node + HEADER_BYTES, (long) count * entryBytes(level));
            count(node, count);
            tree.freeNode(level, old);
            nodes[level] = node;
            if (level + 1 == tree.height) {
                tree.root = node;
            } else {
                Memory.putLong(entry(level + 1, nodes[level + 1], at[level + 1]), node);
            }
        }

        /// Adds to the weight of all that is above this place.
        private void addWeight(long more) {
            for (int level = 1; level < tree.height; level++) {
                addChildWeight(nodes[level], at[level], more);
            }
            tree.size += more;
        }

        /// Notes above a level that the node there begins with another block.
        private void firstIs(int level, long block) {
            for (int above = level + 1; above < tree.height; above++) {
                Memory.putLong(entry(above, nodes[above], at[above]) + CHILD_FIRST, block);
                if (at[above] > 0) {
                    return;
                }
            }
        }

        // ------------------------------------------------------------------------------------------ splitting

        /// Parts the full node of a level in two; the cursor goes with its place. At either end of the tree nearly
        /// all stays in one node: who appends or prepends leaves full ones behind.
        private void split(int level) {
            if (level + 1 == tree.height) {
                grow();
            } else if (count(nodes[level + 1]) == INNER_MOST) {
                split(level + 1);
            }
            long left = nodes[level];
            int count = count(left);
            int kept = splitPoint(level, count);
            long right = tree.newNode(level, count - kept + 1);
            Memory.copy(entry(level, left, kept), right + HEADER_BYTES, (long) (count - kept) * entryBytes(level));
            count(right, count - kept);
            count(left, kept);
            addSibling(level, right);
            fit(level);
            if (at[level] > kept || at[level] == kept && kept == count) {
                at[level] -= kept;
                nodes[level] = right;
                at[level + 1]++;
            } else if (level > 0 && at[level] == kept) {
                at[level] = 0;
                nodes[level] = right;
                at[level + 1]++;
            }
        }

        private int splitPoint(int level, int count) {
            // An inner node's index is that of a child, which must have a parent on either side.
            if (at[level] >= count - (level == 0 ? 0 : 1) && isAtEnd(level + 1)) {
                return level == 0 ? count : count - 1;
            }
            if (at[level] == 0 && isAtStart(level + 1)) {
                return level == 0 ? 0 : 1;
            }
            return count / 2;
        }

        private boolean isAtEnd(int from) {
            for (int level = from; level < tree.height; level++) {
                if (at[level] != count(nodes[level]) - 1) {
                    return false;
                }
            }
            return true;
        }

        private boolean isAtStart(int from) {
            for (int level = from; level < tree.height; level++) {
                if (at[level] != 0) {
                    return false;
                }
            }
            return true;
        }

        /// Puts a level on top, with the old root as its only child, for the moment.
        private void grow() {
            int level = tree.height;
            long node = tree.newNode(level, 2);
            reach(level + 1);
            count(node, 1);
            child(node, 0, tree.root, tree.size, firstOf(level - 1, tree.root));
            nodes[level] = node;
            at[level] = 0;
            tree.root = node;
            tree.height++;
        }

        /// Adds a node after that of a level, whose former entries it has. One of the two may be empty, until the
        /// insertion that goes on now fills it.
        private void addSibling(int level, long right) {
            int above = level + 1;
            at[above]++;
            openGap(above);
            at[above]--;
            long parent = nodes[above];
            long whole = childWeight(parent, at[above]);
            long moved = weights(level, right);
            Memory.putLong(entry(above, parent, at[above]) + CHILD_WEIGHT, whole - moved);
            child(parent, at[above] + 1, right, moved, count(right) == 0 ? 0 : firstOf(level, right));
        }

        // ------------------------------------------------------------------------------------------ merging

        private void removeRun(int run) {
            addWeight(-weights(nodes[0], at[0], at[0] + run));
            tree.blocks -= run;
            close(0, run);
        }

        /// Takes entries out of the node of a level, at the cursor's place, and puts the tree in order again. The
        /// cursor stays before what followed them.
        private void close(int level, int entries) {
            long node = nodes[level];
            int count = count(node) - entries;
            long place = entry(level, node, at[level]);
            Memory.copy(
                    place + (long) entries * entryBytes(level), place, (long) (count - at[level]) * entryBytes(level));
            count(node, count);
            if (count == 0) {
                dropNode(level);
                return;
            }
            if (at[level] == 0) {
                firstIs(level, firstOf(level, node));
            }
            if (level > 0) {
                settle(level);
            }
            shrink(level);
        }

        /// Frees the empty node of a level.
        private void dropNode(int level) {
            tree.freeNode(level, nodes[level]);
            if (level + 1 == tree.height) {
                tree.root = 0;
                tree.height = 0;
            } else {
                close(level + 1, 1);
            }
        }

        /// After the node of an inner level has lost a child, brings the path below it back in order.
        private void settle(int level) {
            boolean end = at[level] == count(nodes[level]);
            if (end) {
                at[level]--;
            }
            enter(level - 1, child(nodes[level], at[level]), end);
        }

        /// After a loss, makes the node of a level one with a neighbour, or smaller, or takes it away if it is on
        /// top with one child only.
        private void shrink(int level) {
            if (level + 1 == tree.height) {
                if (level > 0 && count(nodes[level]) == 1) {
                    lower();
                } else {
                    fit(level);
                }
            } else if (!merge(level)) {
                fit(level);
            }
        }

        /// Takes levels off the top as long as there is one child only.
        private void lower() {
            while (tree.height > 1 && count(tree.root) == 1) {
                long top = tree.root;
                tree.root = child(top, 0);
                tree.height--;
                tree.freeNode(tree.height, top);
            }
        }

        /// Makes the node of a level smaller if it could be much smaller.
        private void fit(int level) {
            int entries = count(nodes[level]) + 1;
            if (nodeBytes(level, entries) < nodeBytes(level, capacity(nodes[level])) * 3 / 4) {
                resize(level, entries);
            }
        }

        private boolean merge(int level) {
            long parent = nodes[level + 1];
            int here = at[level + 1];
            int most = (level == 0 ? LEAF_MOST : INNER_MOST) * 3 / 4;
            int count = count(nodes[level]);
            if (here + 1 < count(parent) && count + count(child(parent, here + 1)) <= most) {
                mergeRight(level);
                return true;
            }
            if (here > 0 && count + count(child(parent, here - 1)) <= most) {
                int left = count(child(parent, here - 1));
                int index = at[level];
                at[level + 1]--;
                nodes[level] = child(parent, here - 1);
                at[level] = left + index;
                mergeRight(level);
                return true;
            }
            return false;
        }

        /// Takes the entries of the right neighbour into the node of a level. The cursor stays where it is.
        private void mergeRight(int level) {
            int above = level + 1;
            long right = child(nodes[above], at[above] + 1);
            long weight = childWeight(nodes[above], at[above] + 1);
            int count = count(nodes[level]);
            int more = count(right);
            if (count + more > capacity(nodes[level])) {
                resize(level, count + more);
            }
            Memory.copy(right + HEADER_BYTES, entry(level, nodes[level], count), (long) more * entryBytes(level));
            count(nodes[level], count + more);
            tree.freeNode(level, right);
            addChildWeight(nodes[above], at[above], weight);
            closeSibling(above);
        }

        /// Takes the entry after the cursor's out of the node of an inner level.
        private void closeSibling(int level) {
            long node = nodes[level];
            int count = count(node) - 1;
            long place = entry(level, node, at[level] + 1);
            Memory.copy(place + CHILD_BYTES, place, (long) (count - at[level] - 1) * CHILD_BYTES);
            count(node, count);
            shrink(level);
        }
    }

    // ---------------------------------------------------------------------------------------------- nodes

    private long newNode(int level, int entries) {
        int bytes = nodeBytes(level, entries);
        long node = lease.allocate(bytes);
        Memory.putLong(node, 0);
        Memory.putShort(node + CAPACITY, (bytes - HEADER_BYTES) / entryBytes(level));
        return node;
    }

    private void freeNode(int level, long node) {
        lease.free(node, nodeBytes(level, capacity(node)));
    }

    private static int nodeBytes(int level, int entries) {
        int bytes = HEADER_BYTES + entries * entryBytes(level);
        return level == 0
                ? Math.min(LEAF_MAX_BYTES, (bytes + LEAF_STEP_BYTES - 1) & -LEAF_STEP_BYTES)
                : Math.clamp(Integer.highestOneBit(bytes - 1) * 2, INNER_LEAST_BYTES, INNER_MAX_BYTES);
    }

    private static int entryBytes(int level) {
        return level == 0 ? SLOT_BYTES : CHILD_BYTES;
    }

    private static long entry(int level, long node, int index) {
        return node + HEADER_BYTES + (long) index * entryBytes(level);
    }

    private static int count(long node) {
        return Memory.getShort(node + COUNT);
    }

    private static void count(long node, int count) {
        Memory.putShort(node + COUNT, count);
    }

    private static int capacity(long node) {
        return Memory.getShort(node + CAPACITY);
    }

    private static long blockAt(long leaf, int slot) {
        return Memory.getLong(entry(0, leaf, slot)) & ADDRESS;
    }

    private static int weightAt(long leaf, int slot) {
        return (int) (Memory.getLong(entry(0, leaf, slot)) >>> WEIGHT_SHIFT);
    }

    private static void slot(long leaf, int slot, long block, int weight) {
        assert weight > 0 && weight <= MAX_WEIGHT : "weight out of range: weight=" + weight;
        Memory.putLong(entry(0, leaf, slot), (long) weight << WEIGHT_SHIFT | block);
    }

    private static long child(long inner, int index) {
        return Memory.getLong(entry(1, inner, index));
    }

    private static long childWeight(long inner, int index) {
        return Memory.getLong(entry(1, inner, index) + CHILD_WEIGHT);
    }

    private static void addChildWeight(long inner, int index, long more) {
        Memory.putLong(entry(1, inner, index) + CHILD_WEIGHT, childWeight(inner, index) + more);
    }

    private static long childFirst(long inner, int index) {
        return Memory.getLong(entry(1, inner, index) + CHILD_FIRST);
    }

    private static void child(long inner, int index, long node, long weight, long first) {
        long entry = entry(1, inner, index);
        Memory.putLong(entry, node);
        Memory.putLong(entry + CHILD_WEIGHT, weight);
        Memory.putLong(entry + CHILD_FIRST, first);
    }

    private static long firstOf(int level, long node) {
        return level == 0 ? blockAt(node, 0) : childFirst(node, 0);
    }

    /// The weight of the slots from one to before another.
    private static long weights(long leaf, int from, int to) {
        long sum = 0;
        for (int slot = from; slot < to; slot++) {
            sum += weightAt(leaf, slot);
        }
        return sum;
    }

    /// The weight of all entries of a node.
    private static long weights(int level, long node) {
        int count = count(node);
        if (level == 0) {
            return weights(node, 0, count);
        }
        long sum = 0;
        for (int index = 0; index < count; index++) {
            sum += childWeight(node, index);
        }
        return sum;
    }

    // ---------------------------------------------------------------------------------------------- checking

    /// Looks at every node, for tests.
    ///
    /// @throws IllegalStateException if an invariant does not hold
    void check() {
        require(size == (root == 0 ? 0 : check(height - 1, root)), "size");
        require(height < 2 || count(root) > 1, "root with one child");
    }

    private static long check(int level, long node) {
        int count = count(node);
        require(count > 0 && count <= capacity(node), "count");
        if (level > 0) {
            for (int index = 0; index < count; index++) {
                long child = child(node, index);
                require(childWeight(node, index) == check(level - 1, child), "weight");
                require(childFirst(node, index) == firstOf(level - 1, child), "first block");
            }
        }
        return weights(level, node);
    }

    private static void require(boolean holds, String what) {
        if (!holds) {
            throw new IllegalStateException("tree out of order: " + what);
        }
    }
}
