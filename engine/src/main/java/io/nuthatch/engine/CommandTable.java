package io.nuthatch.engine;

import io.nuthatch.memory.Bytes;
import io.nuthatch.memory.Memory;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// All commands, found by name, whatever its case: open-addressed hash tables, so that a look-up makes no string.
///
/// Names of up to eight letters, which nearly all requests have, are found as one word:
/// ```
///   "INCR"  ->  49 4E 43 52 00 00 00 00  ->  or 20 for each byte of the name  ->  69 6E 63 72 00 00 00 00
/// ```
/// No two names become the same word: what becomes a lower-case letter this way is that letter, in either case.
///
/// Names that are longer, or have other characters, are found by the bytes, one after the other.
public final class CommandTable {
    private static final int SLOTS = 2048;
    private static final int MAX_NAME_BYTES = 64;

    private static final int WORD_SLOTS_BITS = 10;
    private static final long SPREAD = 0x9E3779B97F4A7C15L;
    private static final long LOWER = 0x2020202020202020L;

    /// The words of short names, and at the same places the commands.
    private final long[] words = new long[1 << WORD_SLOTS_BITS];

    private final @Nullable Command[] byWord = new @Nullable Command[words.length];

    private final @Nullable Command[] slots = new @Nullable Command[SLOTS];
    private final List<Command> commands = new ArrayList<>();
    private int count;

    public CommandTable(List<Family> families) {
        for (Family family : families) {
            for (Command command : family.commands()) {
                command.adopt(family, count++);
                String parent =
                        command.fullName().contains("|") ? command.fullName().split("\\|")[0] : "";
                if (parent.isEmpty()) {
                    add(command);
                } else {
                    named(parent)
                            .orElseThrow(() -> new IllegalStateException(
                                    "subcommand before its container: name=" + command.fullName()))
                            .adopt(command);
                }
            }
        }
    }

    private void add(Command command) {
        addByName(command);
        if (isWord(command.name())) {
            long word = word(command.name());
            int slot = wordSlot(word);
            while (words[slot] != 0) {
                slot = slot + 1 & words.length - 1;
            }
            words[slot] = word;
            byWord[slot] = command;
        }
        commands.add(command);
    }

    private void addByName(Command command) {
        String name = command.name();
        int hash = 0;
        for (int i = 0; i < name.length(); i++) {
            hash = step(hash, name.charAt(i));
        }
        int slot = slot(hash);
        while (slots[slot] != null) {
            if (slots[slot].name().equals(name)) {
                throw new IllegalStateException("command twice: name=" + name);
            }
            slot = slot + 1 & SLOTS - 1;
        }
        slots[slot] = command;
    }

    /// How many commands there are, subcommands included; each has an index below it.
    public int count() {
        return count;
    }

    /// The commands and their subcommands, each subcommand after its container.
    public List<Command> all() {
        List<Command> all = new ArrayList<>(count);
        for (Command command : commands) {
            all.add(command);
            all.addAll(command.subcommands());
        }
        return all;
    }

    /// The commands, without subcommands, in the order of the families.
    public List<Command> commands() {
        return commands;
    }

    /// The command of a name, or null.
    public @Nullable Command find(Bytes name) {
        int length = name.length();
        if (length > 0 && length <= Long.BYTES) {
            long word = word(name);
            for (int slot = wordSlot(word); words[slot] != 0; slot = slot + 1 & words.length - 1) {
                if (words[slot] == word) {
                    return byWord[slot];
                }
            }
        }
        return length > MAX_NAME_BYTES ? null : findByName(name);
    }

    private @Nullable Command findByName(Bytes name) {
        int length = name.length();
        long address = name.address();
        int hash = 0;
        for (int i = 0; i < length; i++) {
            hash = step(hash, Memory.getByte(address + i) | 0x20);
        }
        for (int slot = slot(hash); ; slot = slot + 1 & SLOTS - 1) {
            Command command = slots[slot];
            if (command == null || name.is(command.name())) {
                return command;
            }
        }
    }

    /// A command by its lower-case full name.
    public Optional<Command> named(String fullName) {
        String[] parts = fullName.split("\\|");
        return commands.stream()
                .filter(command -> command.name().equals(parts[0]))
                .findFirst()
                .flatMap(command -> parts.length == 1
                        ? Optional.of(command)
                        : command.subcommands().stream()
                                .filter(sub -> sub.name().equals(parts[1]))
                                .findFirst());
    }

    private static boolean isWord(String name) {
        return name.length() <= Long.BYTES && name.chars().allMatch(each -> each >= 'a' && each <= 'z');
    }

    private static long word(String name) {
        long word = 0;
        for (int i = 0; i < name.length(); i++) {
            word |= (long) name.charAt(i) << i * Byte.SIZE;
        }
        return word;
    }

    /// Of a name of one to eight bytes, no byte beyond which is read: what is read twice is the same twice.
    private static long word(Bytes name) {
        long address = name.address();
        int length = name.length();
        long word;
        if (length >= Integer.BYTES) {
            int rest = length - Integer.BYTES;
            word = Integer.toUnsignedLong(Memory.getInt(address))
                    | Integer.toUnsignedLong(Memory.getInt(address + rest)) << rest * Byte.SIZE;
        } else {
            int middle = length / 2;
            int last = length - 1;
            word = Byte.toUnsignedInt(Memory.getByte(address))
                    | Byte.toUnsignedInt(Memory.getByte(address + middle)) << middle * Byte.SIZE
                    | Byte.toUnsignedInt(Memory.getByte(address + last)) << last * Byte.SIZE;
        }
        return word | LOWER >>> (Long.BYTES - length) * Byte.SIZE;
    }

    private static int wordSlot(long word) {
        return (int) (word * SPREAD >>> Long.SIZE - WORD_SLOTS_BITS);
    }

    private static int step(int hash, int character) {
        return hash * 31 + (character | 0x20);
    }

    private static int slot(int hash) {
        return (hash ^ hash >>> 11) & SLOTS - 1;
    }
}
