package io.nuthatch.commands;

import io.nuthatch.engine.CommandError;
import io.nuthatch.memory.Bytes;
import io.nuthatch.memory.Memory;
import io.nuthatch.store.Entry;
import io.nuthatch.store.StringValue;

/// A HyperLogLog: how many different elements it has seen, within about 0.8%, in at most 12 KiB.
///
/// ## How it counts
/// An element's hash has 64 bits. The lowest 14 choose one of 16384 registers; of the other 50 the number of zeros
/// before the first one, plus 1, is what the register is raised to, if it is lower. Long runs of zeros are rare, so
/// a register tells roughly the logarithm of how many elements came its way, and the same element never raises it
/// twice. Two sketches are united by taking the higher of each two registers.
///
/// ## What it is kept in
/// A string, with Redis's bytes, so that a value moves from one to the other with GET and SET:
///
/// ```
///   0      4      5          8                      16
///   +------+------+----------+----------------------+-------------
///   | HYLL | form | not used | the number last told | registers
///   +------+------+----------+----------------------+-------------
/// ```
///
/// - *form*: 0 for [DenseRegisters], 1 for [SparseRegisters]. A sketch begins sparse, in two bytes. When a register
///   passes 32, or the whole would pass `hll-sparse-max-bytes`, it becomes dense, and stays so.
/// - *the number last told*: little-endian, valid unless its highest bit is set. PFCOUNT reckons only when a register
///   has changed since.
///
/// ## How it estimates
/// From the histogram of the registers, by the improved raw estimator (tau for registers that are full, sigma for
/// empty ones): without a table of corrections, and without a bias where others switch methods.
///
/// Sources: Flajolet, Fusy, Gandouet, Meunier, *HyperLogLog*, 2007; Heule, Nunkesser, Hall, *HyperLogLog in
/// Practice*, 2013, for the sparse form; Ertl, *New cardinality estimation algorithms for HyperLogLog sketches*,
/// arXiv:1702.01284, algorithm 6, for the estimator; Appleby's MurmurHash64A for the hash; Redis's `hyperloglog.c`
/// for the bytes.
///
/// An instance is a sketch in memory of its own, where it may grow: commands work on such a copy and store it when
/// they are through.
///
/// Thread: the one that made it.
final class HyperLogLog implements AutoCloseable {
    static final int REGISTERS = 1 << 14;
    static final int HEADER_BYTES = 16;
    static final int DENSE_BYTES = HEADER_BYTES + DenseRegisters.BYTES;

    static final CommandError CORRUPT = CommandError.of("INVALIDOBJ Corrupted HLL object detected");
    private static final CommandError NO_SKETCH =
            CommandError.of("WRONGTYPE Key is not a valid HyperLogLog string value.");

    private static final int INDEX_BITS = 14;
    private static final int MAX_RUN = Long.SIZE - INDEX_BITS + 1;
    private static final int HASH_SEED = 0xADC83B19;

    /// `HYLL`, read as a number.
    private static final int MAGIC = 'H' | 'Y' << 8 | 'L' << 16 | 'L' << 24;

    private static final int FORM_AT = 4;
    private static final int COUNT_AT = 8;
    private static final int DENSE = 0;
    private static final int SPARSE = 1;

    /// Half of one over the natural logarithm of two.
    private static final double ALPHA = 0.721347520444481703680;

    private final long mostSparseBytes;
    private final Bytes window = new Bytes();
    private long address;
    private int capacity;
    private int length;

    private HyperLogLog(int length, int capacity, long mostSparseBytes) {
        this.length = length;
        this.capacity = capacity;
        this.mostSparseBytes = mostSparseBytes;
        this.address = Memory.allocate(capacity);
    }

    /// A sketch that has seen nothing.
    ///
    /// @param mostSparseBytes how long it may become before it is dense
    static HyperLogLog empty(long mostSparseBytes) {
        int length = HEADER_BYTES + SparseRegisters.EMPTY_BYTES;
        HyperLogLog sketch = new HyperLogLog(length, 64, mostSparseBytes);
        Memory.fill(sketch.address, HEADER_BYTES, 0);
        Memory.putInt(sketch.address, MAGIC);
        Memory.putByte(sketch.address + FORM_AT, SPARSE);
        SparseRegisters.writeEmpty(sketch.address + HEADER_BYTES);
        return sketch;
    }

    static HyperLogLog copyOf(Bytes value, long mostSparseBytes) {
        int length = value.length();
        HyperLogLog sketch = new HyperLogLog(length, length + SparseRegisters.MAX_GROWTH_BYTES, mostSparseBytes);
        Memory.copy(value.address(), sketch.address, length);
        return sketch;
    }

    /// The bytes of a key's sketch.
    ///
    /// @throws CommandError if the key holds something else
    static Bytes of(Entry entry) {
        StringCommands.string(entry);
        if (StringValue.isInteger(entry)) {
            throw NO_SKETCH;
        }
        Bytes value = entry.value();
        boolean headed = value.length() >= HEADER_BYTES && Memory.getInt(value.address()) == MAGIC;
        int form = headed ? value.byteAt(FORM_AT) : -1;
        if (form != SPARSE && !(form == DENSE && value.length() == DENSE_BYTES)) {
            throw NO_SKETCH;
        }
        return value;
    }

    static boolean isDense(Bytes value) {
        return value.byteAt(FORM_AT) == DENSE;
    }

    boolean isDense() {
        return isDense(bytes());
    }

    /// What it is now, valid until it changes.
    Bytes bytes() {
        return window.set(address, length);
    }

    // ---- adding

    /// Adds an element.
    ///
    /// @return whether a register has changed
    boolean add(long element, int bytes) {
        long hash = hash(element, bytes);
        return raise(register(hash), run(hash));
    }

    /// Adds an element to a dense sketch where it stands.
    static boolean addDense(long sketch, long element, int bytes) {
        long hash = hash(element, bytes);
        return DenseRegisters.raise(sketch + HEADER_BYTES, register(hash), run(hash));
    }

    private static int register(long hash) {
        return (int) hash & REGISTERS - 1;
    }

    private static int run(long hash) {
        return Math.min(Long.numberOfTrailingZeros(hash >>> INDEX_BITS) + 1, MAX_RUN);
    }

    /// Raises a register.
    boolean raise(int register, int value) {
        boolean raised = isDense()
                ? DenseRegisters.raise(address + HEADER_BYTES, register, value)
                : raiseSparse(register, value);
        if (raised) {
            forgetCount(address);
        }
        return raised;
    }

    private boolean raiseSparse(int register, int value) {
        makeRoom(length + SparseRegisters.MAX_GROWTH_BYTES);
        int outcome = SparseRegisters.raise(
                address + HEADER_BYTES, length - HEADER_BYTES, register, value, mostSparseBytes - HEADER_BYTES);
        return switch (outcome) {
            case SparseRegisters.UNCHANGED -> false;
            case SparseRegisters.CORRUPT -> throw CORRUPT;
            case SparseRegisters.TOO_LARGE -> {
                toDense();
                yield DenseRegisters.raise(address + HEADER_BYTES, register, value);
            }
            default -> {
                length = HEADER_BYTES + outcome;
                yield true;
            }
        };
    }

    private void makeRoom(int bytes) {
        if (bytes > capacity) {
            int larger = bytes + bytes / 2;
            address = Memory.reallocate(address, capacity, larger);
            capacity = larger;
        }
    }

    /// Makes it dense, if it is not.
    ///
    /// @return whether it was not
    boolean toDense() {
        if (isDense()) {
            return false;
        }
        long dense = Memory.allocate(DENSE_BYTES);
        Memory.copy(address, dense, HEADER_BYTES);
        Memory.putByte(dense + FORM_AT, DENSE);
        Memory.fill(dense + HEADER_BYTES, DenseRegisters.BYTES, 0);
        boolean whole = SparseRegisters.visit(address + HEADER_BYTES, length - HEADER_BYTES, (first, count, value) -> {
            for (int i = first; value > 0 && i < first + count; i++) {
                DenseRegisters.raise(dense + HEADER_BYTES, i, value);
            }
        });
        if (!whole) {
            Memory.free(dense, DENSE_BYTES);
            throw CORRUPT;
        }
        Memory.free(address, capacity);
        address = dense;
        capacity = length = DENSE_BYTES;
        return true;
    }

    /// Raises registers of a byte each to what a sketch's are.
    static void mergeInto(Bytes sketch, long byteRegisters) {
        long registers = sketch.address() + HEADER_BYTES;
        if (isDense(sketch)) {
            DenseRegisters.mergeInto(registers, byteRegisters);
            return;
        }
        boolean whole = SparseRegisters.visit(registers, sketch.length() - HEADER_BYTES, (first, count, value) -> {
            for (long at = byteRegisters + first; value > 0 && at < byteRegisters + first + count; at++) {
                Memory.putByte(at, Math.max(value, Memory.getByte(at)));
            }
        });
        if (!whole) {
            throw CORRUPT;
        }
    }

    /// Raises the registers to those of a byte each, from the first to the last.
    void raiseAll(long byteRegisters) {
        for (int i = 0; i < REGISTERS; i++) {
            int value = Memory.getByte(byteRegisters + i);
            if (value > 0) {
                raise(i, value);
            }
        }
        forgetCount(address);
    }

    // ---- counting

    /// Whether the number last told still holds.
    static boolean hasCount(long sketch) {
        return Memory.getLong(sketch + COUNT_AT) >= 0;
    }

    static long lastCount(long sketch) {
        return Memory.getLong(sketch + COUNT_AT);
    }

    static void keepCount(long sketch, long count) {
        Memory.putLong(sketch + COUNT_AT, count);
    }

    /// Redis leaves the old number there and only sets its highest bit.
    static void forgetCount(long sketch) {
        Memory.putLong(sketch + COUNT_AT, Memory.getLong(sketch + COUNT_AT) | Long.MIN_VALUE);
    }

    /// Estimates anew how many elements a sketch has seen.
    static long count(Bytes sketch) {
        int[] counts = new int[1 << 6];
        long registers = sketch.address() + HEADER_BYTES;
        if (isDense(sketch)) {
            DenseRegisters.histogram(registers, counts);
        } else if (!SparseRegisters.visit(
                registers, sketch.length() - HEADER_BYTES, (_, count, value) -> counts[value] += count)) {
            throw CORRUPT;
        }
        return estimate(counts);
    }

    /// The same for registers of a byte each.
    static long countBytes(long byteRegisters) {
        int[] counts = new int[1 << 6];
        for (int i = 0; i < REGISTERS; i++) {
            counts[Memory.getByte(byteRegisters + i)]++;
        }
        return estimate(counts);
    }

    /// @param counts how many registers have each value
    private static long estimate(int[] counts) {
        double m = REGISTERS;
        double z = m * tau((m - counts[MAX_RUN]) / m);
        for (int value = MAX_RUN - 1; value >= 1; value--) {
            z = (z + counts[value]) * 0.5;
        }
        z += m * sigma(counts[0] / m);
        return Math.round(ALPHA * m * m / z);
    }

    private static double sigma(double share) {
        if (share == 1) {
            return Double.POSITIVE_INFINITY;
        }
        double x = share;
        double y = 1;
        double z = x;
        double last;
        do {
            x *= x;
            last = z;
            z += x * y;
            y += y;
        } while (z != last);
        return z;
    }

    private static double tau(double share) {
        if (share == 0 || share == 1) {
            return 0;
        }
        double x = share;
        double y = 1;
        double z = 1 - x;
        double last;
        do {
            x = Math.sqrt(x);
            last = z;
            y *= 0.5;
            z -= (1 - x) * (1 - x) * y;
        } while (z != last);
        return z / 3;
    }

    /// MurmurHash64A.
    static long hash(long address, int bytes) {
        long multiplier = 0xC6A4A7935BD1E995L;
        long hash = (HASH_SEED & 0xFFFF_FFFFL) ^ bytes * multiplier;
        int i = 0;
        for (; i + 8 <= bytes; i += 8) {
            long word = Memory.getLong(address + i) * multiplier;
            hash = (hash ^ (word ^ word >>> 47) * multiplier) * multiplier;
        }
        if (i < bytes) {
            for (int j = 0; i + j < bytes; j++) {
                hash ^= (Memory.getByte(address + i + j) & 0xFFL) << 8 * j;
            }
            hash *= multiplier;
        }
        hash = (hash ^ hash >>> 47) * multiplier;
        return hash ^ hash >>> 47;
    }

    @Override
    public void close() {
        Memory.free(address, capacity);
    }
}
