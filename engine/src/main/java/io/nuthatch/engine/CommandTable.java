package io.nuthatch.engine;

import io.nuthatch.memory.Bytes;
import io.nuthatch.memory.Memory;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// All commands, found by name: an open-addressed hash table over the lower-cased bytes of the name, so that a
/// look-up makes no string.
public final class CommandTable {
    private static final int SLOTS = 2048;
    private static final int MAX_NAME_BYTES = 64;

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
        commands.add(command);
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
        if (length > MAX_NAME_BYTES) {
            return null;
        }
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

    private static int step(int hash, int character) {
        return hash * 31 + (character | 0x20);
    }

    private static int slot(int hash) {
        return (hash ^ hash >>> 11) & SLOTS - 1;
    }
}
