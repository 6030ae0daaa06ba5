package io.nuthatch.commands;

import static io.nuthatch.engine.Command.row;
import static io.nuthatch.engine.CommandFlag.DENYOOM;
import static io.nuthatch.engine.CommandFlag.FAST;
import static io.nuthatch.engine.CommandFlag.READONLY;
import static io.nuthatch.engine.CommandFlag.WRITE;

import io.nuthatch.engine.Args;
import io.nuthatch.engine.CommandError;
import io.nuthatch.engine.Family;
import io.nuthatch.engine.Session;
import io.nuthatch.memory.Bytes;
import io.nuthatch.memory.Memory;
import io.nuthatch.memory.Numbers;
import io.nuthatch.memory.Scratch;
import io.nuthatch.resp.ReplySink;
import io.nuthatch.store.Entry;
import io.nuthatch.store.KeyEvent;
import io.nuthatch.store.StringValue;
import io.nuthatch.store.Tx;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// Bitmaps: strings taken as rows of bits. The table, then the bodies in the same order.
///
/// There is no type of their own: `SETBIT` makes a string, and `GET` shows it. Bit 0 is the highest bit of the first
/// byte ([Bits]), so that the bits of a value written in hexadecimal stand in the order in which one reads it. A
/// value ends with its last byte; beyond that all bits are zero, and writing one there makes the value longer.
///
/// ```
///   SETBIT k 0 1     80
///   SETBIT k 15 1    80 01
///   BITFIELD k SET u4 #1 15     8F 01       the second field of four bits
/// ```
///
/// Who does what: [Bits] reads, counts and seeks; [BitOperation] is BITOP; [BitField] is a number of BITFIELD's, with
/// what happens when it overflows; [BitRange] is the part of a value that is looked at.
public final class BitmapCommands {
    private static final CommandError INVALID_OFFSET =
            CommandError.of("ERR bit offset is not an integer or out of range");
    private static final CommandError INVALID_BIT = CommandError.of("ERR bit is not an integer or out of range");

    private BitmapCommands() {}

    public static Family family() {
        return Family.of(
                "bitmap",
                Set.of("bitmap"),
                row("BITCOUNT @key [start [end [BYTE | BIT]]]")
                        .is(READONLY)
                        .keys("RO access")
                        .since("2.6.0")
                        .brief("Counts the bits of a string that are set.")
                        .cost("O(N), N being the length of the part that is counted.")
                        .does(BitmapCommands::bitCount),
                row("BITFIELD @key [GET encoding offset | [OVERFLOW <WRAP | SAT | FAIL>] "
                                + "<SET encoding offset value | INCRBY encoding offset increment> ...]")
                        .is(WRITE, DENYOOM)
                        .keys("RW access update variable_flags")
                        .since("3.2.0")
                        .brief("Reads and writes integers of any width at any bit of a string.")
                        .cost("O(1) for each integer.")
                        .answers(BitmapCommands::bitField),
                row("BITFIELD_RO @key [GET encoding offset ...]")
                        .is(READONLY, FAST)
                        .keys("RO access")
                        .since("6.0.0")
                        .brief("Reads integers of any width at any bit of a string.")
                        .cost("O(1) for each integer.")
                        .answers(BitmapCommands::bitFieldRo),
                row("BITOP <AND | OR | XOR | NOT | DIFF | DIFF1 | ANDOR | ONE> @destkey @key [@key ...]")
                        .is(WRITE, DENYOOM)
                        .keys("OW update", "RO access")
                        .since("2.6.0")
                        .brief("Combines strings bit by bit and stores the result.")
                        .cost("O(N), N being the length of all strings together.")
                        .does(BitmapCommands::bitOp),
                row("BITPOS @key bit [start [end [BYTE | BIT]]]")
                        .is(READONLY)
                        .keys("RO access")
                        .since("2.8.7")
                        .brief("Finds the first bit of a string that is set, or is not.")
                        .cost("O(N), N being the length of the part that is searched.")
                        .does(BitmapCommands::bitPos),
                row("GETBIT @key offset")
                        .is(READONLY, FAST)
                        .keys("RO access")
                        .since("2.2.0")
                        .brief("Returns a bit of a string.")
                        .answers(BitmapCommands::getBit),
                row("SETBIT @key offset value")
                        .is(WRITE, DENYOOM)
                        .keys("RW access update")
                        .since("2.2.0")
                        .brief("Sets or clears a bit of a string. Creates the key if it doesn't exist.")
                        .answers(BitmapCommands::setBit));
    }

    private static void bitCount(Args args, Tx tx, ReplySink reply) {
        if (args.count() > 5) {
            throw CommandError.SYNTAX;
        }
        long start = args.count() > 2 ? args.integer(2) : 0;
        long end = args.count() > 3 ? args.integer(3) : -1;
        int unitBits = args.count() > 4 ? BitRange.unitBits(args, 4) : 8;
        Entry entry = StringCommands.string(tx.read(args.bytes(1)));
        if (entry == null || start < 0 && end < 0 && start > end) {
            reply.integer(0);
            return;
        }
        Bytes value = entry.value();
        BitRange.Resolved range = new BitRange(start, end, unitBits).in(value.length());
        reply.integer(Bits.count(value.address(), range.from(), range.to()));
    }

    private static void bitField(Args args, Session session, ReplySink reply) {
        List<FieldAction> actions = FieldAction.parse(args, session);
        long bytes = FieldAction.writtenBytes(actions);
        if (bytes == 0) {
            replyFields(actions, session.tx().read(args.bytes(1)), reply);
        } else {
            changeFields(actions, bytes, args.bytes(1), session.tx(), reply);
        }
    }

    /// Something that BITFIELD is to do.
    ///
    /// @param number SET's value or INCRBY's increment
    private record FieldAction(Kind kind, BitField field, long bit, long number, BitField.Overflow overflow) {
        enum Kind {
            GET,
            SET,
            INCRBY
        }

        static List<FieldAction> parse(Args args, Session session) {
            List<FieldAction> actions = new ArrayList<>();
            BitField.Overflow overflow = BitField.Overflow.WRAP;
            int i = 2;
            while (i < args.count()) {
                int left = args.count() - i - 1;
                if (args.is(i, "overflow") && left >= 1) {
                    overflow = BitField.Overflow.at(args, i + 1);
                    i += 2;
                } else {
                    Kind kind = kind(args, i, left);
                    BitField field = BitField.parse(args.bytes(i + 1));
                    long bit = offset(args, i + 2, field.width(), session);
                    long number = kind == Kind.GET ? 0 : args.integer(i + 3);
                    actions.add(new FieldAction(kind, field, bit, number, overflow));
                    i += kind == Kind.GET ? 3 : 4;
                }
            }
            return actions;
        }

        private static Kind kind(Args args, int index, int left) {
            if (args.is(index, "get") && left >= 2) {
                return Kind.GET;
            }
            if (args.is(index, "set") && left >= 3) {
                return Kind.SET;
            }
            if (args.is(index, "incrby") && left >= 3) {
                return Kind.INCRBY;
            }
            throw CommandError.SYNTAX;
        }

        /// How long the value must be for all that is written, or 0 if nothing is.
        static long writtenBytes(List<FieldAction> actions) {
            return actions.stream()
                    .filter(action -> action.kind != Kind.GET)
                    .mapToLong(action -> (action.bit + action.field.width() - 1 >>> 3) + 1)
                    .max()
                    .orElse(0);
        }

        /// What the field becomes, or nothing if it must stay.
        OptionalLong changed(long old) {
            return switch (kind) {
                case GET -> OptionalLong.of(old);
                case SET -> field.fitted(number, overflow);
                case INCRBY -> field.sum(old, number, overflow);
            };
        }
    }

    private static void replyFields(List<FieldAction> actions, @Nullable Entry key, ReplySink reply) {
        Entry entry = StringCommands.string(key);
        Bytes value = entry == null ? new Bytes() : entry.value();
        reply.array(actions.size());
        for (FieldAction action : actions) {
            reply.integer(action.field().read(value.address(), value.length(), action.bit()));
        }
    }

    private static void changeFields(List<FieldAction> actions, long bytes, Bytes key, Tx tx, ReplySink reply) {
        Entry entry = StringCommands.string(tx.write(key));
        boolean changed = entry == null || StringValue.length(entry) < bytes;
        if (entry == null) {
            entry = StringValue.setEmpty(tx, key);
        }
        long address = StringValue.writable(entry, bytes);
        reply.array(actions.size());
        for (FieldAction action : actions) {
            long old = action.field().read(address, StringValue.length(entry), action.bit());
            OptionalLong value = action.changed(old);
            if (value.isEmpty()) {
                reply.nullBulk();
                continue;
            }
            if (action.kind() != FieldAction.Kind.GET) {
                action.field().write(address, action.bit(), value.getAsLong());
                changed |= value.getAsLong() != old;
            }
            reply.integer(action.kind() == FieldAction.Kind.INCRBY ? value.getAsLong() : old);
        }
        if (changed) {
            tx.changed(key, KeyEvent.SETBIT);
        }
    }

    private static void bitFieldRo(Args args, Session session, ReplySink reply) {
        List<FieldAction> actions = FieldAction.parse(args, session);
        if (FieldAction.writtenBytes(actions) > 0) {
            throw CommandError.of("ERR BITFIELD_RO only supports the GET subcommand");
        }
        replyFields(actions, session.tx().read(args.bytes(1)), reply);
    }

    /// A bit's number, or with `#` in front that of a field, which is so many fields from the beginning.
    private static long offset(Args args, int index, int fieldWidth, Session session) {
        Bytes text = args.bytes(index);
        boolean counted = !text.isEmpty() && text.byteAt(0) == '#';
        long address = counted ? text.address() + 1 : text.address();
        int length = counted ? text.length() - 1 : text.length();
        if (!Numbers.isLong(address, length)) {
            throw INVALID_OFFSET;
        }
        long number = Numbers.parse(address, length);
        if (counted && Math.multiplyHigh(number, (long) fieldWidth) != 0) {
            throw INVALID_OFFSET;
        }
        return checkedOffset(counted ? number * fieldWidth : number, session);
    }

    private static long offset(Args args, int index, Session session) {
        return checkedOffset(args.integer(index, 0, Long.MAX_VALUE, INVALID_OFFSET), session);
    }

    private static long checkedOffset(long bit, Session session) {
        if (bit < 0 || bit >>> 3 >= StringCommands.mostBytes(session)) {
            throw INVALID_OFFSET;
        }
        return bit;
    }

    private static void bitOp(Args args, Tx tx, ReplySink reply) {
        BitOperation operation = BitOperation.at(args, 1);
        int sources = args.count() - 3;
        operation.checkSources(sources);
        long[] addresses = new long[sources];
        int[] lengths = new int[sources];
        int longest = 0;
        // An integer has no bytes but those that are written for it here.
        try (Scratch digits = Scratch.ofLength(sources * Numbers.MAX_LONG_DIGITS)) {
            for (int i = 0; i < sources; i++) {
                Entry entry = StringCommands.string(tx.read(args.bytes(3 + i)));
                if (entry != null) {
                    long room = digits.bytes().address() + (long) i * Numbers.MAX_LONG_DIGITS;
                    addresses[i] = bytesOf(entry, room);
                    lengths[i] = (int) StringValue.length(entry);
                    longest = Math.max(longest, lengths[i]);
                }
            }
            store(operation, addresses, lengths, longest, args.bytes(2), tx);
        }
        reply.integer(longest);
    }

    /// Where a string's bytes stand. It may be asked of many strings one after another, as long as none changes.
    private static long bytesOf(Entry entry, long room) {
        if (StringValue.isInteger(entry)) {
            Numbers.write(StringValue.integer(entry), room);
            return room;
        }
        return entry.value().address();
    }

    private static void store(BitOperation operation, long[] addresses, int[] lengths, int length, Bytes key, Tx tx) {
        if (length == 0) {
            Entry old = tx.find(key);
            if (old != null) {
                tx.effect("DEL").add(key);
                old.delete();
            }
            return;
        }
        // The destination may be a source too: its old bytes are needed until the new ones are there.
        long result = Memory.allocate(length);
        operation.run(addresses, lengths, result, length);
        if (!operation.isOld()) {
            tx.effect("SET").add(key).add(new Bytes().set(result, length));
        }
        StringValue.give(tx, key, result, length, Tx.NO_DEADLINE);
        tx.changed(key, KeyEvent.SET);
    }

    private static void bitPos(Args args, Tx tx, ReplySink reply) {
        long bit = args.integer(2);
        if (bit != 0 && bit != 1) {
            throw CommandError.of("ERR The bit argument must be 1 or 0.");
        }
        if (args.count() > 6) {
            throw CommandError.SYNTAX;
        }
        long start = args.count() > 3 ? args.integer(3) : 0;
        int unitBits = args.count() > 5 ? BitRange.unitBits(args, 5) : 8;
        boolean hasEnd = args.count() > 4;
        long end = hasEnd ? args.integer(4) : -1;
        Entry entry = StringCommands.string(tx.read(args.bytes(1)));
        if (entry == null) {
            reply.integer(bit == 1 ? -1 : 0);
            return;
        }
        Bytes value = entry.value();
        BitRange.Resolved range = new BitRange(start, end, unitBits).in(value.length());
        long found = bit == 1
                ? Bits.firstSet(value.address(), range.from(), range.to())
                : Bits.firstClear(value.address(), range.from(), range.to());
        // Unless an end is said, there are zeros after the last byte.
        boolean beyond = found < 0 && bit == 0 && !hasEnd && range.from() < range.to();
        reply.integer(beyond ? range.to() : found);
    }

    private static void getBit(Args args, Session session, ReplySink reply) {
        long bit = offset(args, 2, session);
        Entry entry = StringCommands.string(session.tx().read(args.bytes(1)));
        Bytes value = entry == null ? new Bytes() : entry.value();
        reply.integer(bit >>> 3 < value.length() && Bits.isSet(value.address(), bit) ? 1 : 0);
    }

    private static void setBit(Args args, Session session, ReplySink reply) {
        long bit = offset(args, 2, session);
        boolean on = args.integer(3, 0, 1, INVALID_BIT) == 1;
        Tx tx = session.tx();
        Bytes key = args.bytes(1);
        Entry entry = StringCommands.string(tx.write(key));
        long bytes = (bit >>> 3) + 1;
        boolean changed = entry == null || StringValue.length(entry) < bytes;
        if (entry == null) {
            entry = StringValue.setEmpty(tx, key);
        }
        long address = StringValue.writable(entry, bytes);
        boolean was = Bits.isSet(address, bit);
        Bits.set(address, bit, on);
        if (changed || was != on) {
            tx.changed(key, KeyEvent.SETBIT);
        }
        reply.integer(was ? 1 : 0);
    }
}
