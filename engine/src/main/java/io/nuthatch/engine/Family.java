package io.nuthatch.engine;

import java.util.List;
import java.util.Set;

/// Commands that belong together, in one file: the table on top, the bodies below in the same order.
///
/// @param name COMMAND DOCS's group
/// @param categories ACL categories that all of its commands have
/// @param commands a subcommand comes after its container
public record Family(String name, Set<String> categories, List<Command> commands) {
    public static Family of(String name, Set<String> categories, Command... commands) {
        return new Family(name, categories, List.of(commands));
    }
}
