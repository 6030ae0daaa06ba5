package io.nuthatch.memory;

import java.util.ArrayDeque;
import java.util.Map;
import java.util.Queue;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/// The guarded mode of native memory, in which tests run: every misuse of a block is found, at the latest when
/// the block is freed or the test ends.
///
/// ```
///   raw block   ├── zone, 64 B or more ──┤── the owner's bytes ──┤── zone, 64 B or more ──┤
///                 0xFA                     0xCD when new           0xFA
///                                          0xDD when freed
/// ```
///
/// - *Overrun, underrun*: the zones are looked at when the block is freed, and by [#checkAll].
/// - *Wrong size, wrong owner, double free, a free of something else*: every live block is in a table.
/// - *Leak*: what is still in the table at the end of a test.
/// - *Read before write, read after free*: the patterns make nonsense of what is read.
/// - *Write after free*: a freed block waits in its allocator's quarantine, and its pattern is looked at when it
/// leaves.
///
/// The mode is on with `-Dnuthatch.memory=guarded`. With `-Dnuthatch.memory=traced` each block also remembers the
/// stack that allocated it, for the message; that is many times slower.
///
/// What is charged to the owner is what an unguarded block costs, so accounting can be tested in either mode.
///
/// Thread-safe, except that a quarantine belongs to its allocator.
final class Guard {
    /// Constant, so that nothing of this is compiled when it is off.
    static final boolean ON;

    private static final boolean TRACED;

    static {
        String mode = System.getProperty("nuthatch.memory", "plain");
        TRACED = mode.equals("traced");
        ON = TRACED || mode.equals("guarded");
    }

    /// Keeps blocks on the boundary of a cache line if the raw block is on one.
    private static final int ZONE_BYTES = 64;

    private static final int ZONE = 0xFA;
    private static final int NEW = 0xCD;
    private static final int FREED = 0xDD;

    private static final Map<Long, Block> LIVE = new ConcurrentHashMap<>();

    /// The system allocator's.
    private static final Quarantine SYSTEM = new Quarantine("malloc", new Object());

    private Guard() {}

    /// A live or quarantined block: the raw block around it, and what its owner sees.
    record Block(
            long raw,
            long rawBytes,
            long address,
            long bytes,
            Quarantine owner,
            @Nullable Throwable origin) {
        private void checkZones() {
            checkFilled("overrun before its start", raw, address - raw, ZONE);
            checkFilled("overrun past its end", address + bytes, raw + rawBytes - address - bytes, ZONE);
        }

        private void checkFilled(String fault, long from, long length, int pattern) {
            for (long at = from; at < from + length; at++) {
                if (Memory.getByte(at) != (byte) pattern) {
                    throw broken(fault + " at offset " + (at - address), this);
                }
            }
        }

        @Override
        public String toString() {
            return "block of " + bytes + " bytes at 0x" + Long.toHexString(address) + " from " + owner.name;
        }
    }

    /// The raw bytes that a guarded block needs so that its owner sees `bytes`, aligned to 64 wherever it lies.
    static long rawBytes(long bytes) {
        return ((bytes + ZONE_BYTES - 1) & -ZONE_BYTES) + 3 * ZONE_BYTES;
    }

    /// Puts zones and pattern into a raw block and enters it into the table. Returns what the owner sees.
    static long dress(long raw, long rawBytes, long bytes, Quarantine owner) {
        long address = (raw + 2 * ZONE_BYTES - 1) & -ZONE_BYTES;
        Memory.fill(raw, rawBytes, ZONE);
        Memory.fill(address, bytes, NEW);
        Throwable origin = TRACED ? new Throwable("allocated here") : null;
        LIVE.put(address, new Block(raw, rawBytes, address, bytes, owner, origin));
        return address;
    }

    /// Takes a block that is freed out of the table, after all checks, and into its owner's quarantine.
    ///
    /// @param freer whom it was given back to: the owner, or one of its group
    /// @return the block whose time in quarantine is over, or null
    static @Nullable Block undress(long address, long bytes, Quarantine freer) {
        Block block = LIVE.remove(address);
        if (block == null) {
            throw new IllegalStateException("freed twice, or never allocated: address=0x" + Long.toHexString(address)
                    + ", bytes=" + bytes + ", owner=" + freer.name);
        }
        if (block.owner.group != freer.group) {
            throw broken("freed to another owner", block);
        }
        if (block.bytes != bytes) {
            throw broken("freed with a wrong size: bytes=" + bytes, block);
        }
        block.checkZones();
        Memory.fill(block.address, block.bytes, FREED);
        return block.owner.exchange(block);
    }

    /// [Memory#allocate], guarded.
    static long allocate(long bytes) {
        long rawBytes = rawBytes(bytes);
        return dress(Memory.allocateRaw(rawBytes), rawBytes, bytes, SYSTEM);
    }

    /// [Memory#reallocate], guarded: the block always moves, so that stale addresses show.
    static long reallocate(long address, long oldBytes, long newBytes) {
        long moved = allocate(newBytes);
        Memory.copy(address, moved, Math.min(oldBytes, newBytes));
        free(address, oldBytes);
        return moved;
    }

    /// [Memory#free], guarded.
    static void free(long address, long bytes) {
        Block over = undress(address, bytes, SYSTEM);
        if (over != null) {
            LibC.free(over.raw);
        }
    }

    static void checkAll() {
        LIVE.values().forEach(Block::checkZones);
    }

    static Set<Long> live() {
        return new TreeSet<>(LIVE.keySet());
    }

    static String describe(long address) {
        Block block = LIVE.get(address);
        return block == null
                ? "no live block"
                : String.valueOf(broken("not freed", block).getMessage());
    }

    private static IllegalStateException broken(String fault, Block block) {
        StringBuilder message = new StringBuilder(block + ": " + fault);
        if (block.origin != null) {
            for (StackTraceElement frame : block.origin.getStackTrace()) {
                message.append("\n    allocated at ").append(frame);
            }
        }
        return new IllegalStateException(message.toString(), block.origin);
    }

    /// The freed blocks of one allocator, held back for a while so that whoever still writes to them is found. It
    /// also stands for its allocator, as the owner of its blocks.
    static final class Quarantine {
        private static final int BLOCKS_MOST = 64;

        private final String name;
        private final Object group;
        private final Queue<Block> blocks = new ArrayDeque<>();

        /// @param group what allocators have in common that may free each other's blocks
        Quarantine(String name, Object group) {
            this.name = name;
            this.group = group;
        }

        /// Takes a block in; hands out the one whose time is over, or null.
        private synchronized @Nullable Block exchange(Block freed) {
            blocks.add(freed);
            return blocks.size() > BLOCKS_MOST ? release() : null;
        }

        /// The oldest block, or null if there is none.
        synchronized @Nullable Block release() {
            Block block = blocks.poll();
            if (block != null) {
                block.checkFilled("written to after it was freed", block.address, block.bytes, FREED);
            }
            return block;
        }
    }
}
