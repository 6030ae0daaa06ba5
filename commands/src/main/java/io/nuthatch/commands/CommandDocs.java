package io.nuthatch.commands;

import io.nuthatch.engine.Command;
import io.nuthatch.engine.Syntax;
import io.nuthatch.resp.ReplySink;
import java.util.Collection;
import java.util.List;
import java.util.Locale;

/// What COMMAND DOCS replies: a map of each command's name to a map of what is known of it, the arguments as a
/// tree.
///
/// A field that has nothing to say is left out, as in Redis.
final class CommandDocs {
    private final ReplySink reply;

    private CommandDocs(ReplySink reply) {
        this.reply = reply;
    }

    static void of(Collection<Command> commands, ReplySink reply) {
        new CommandDocs(reply).commands(commands);
    }

    private void commands(Collection<Command> commands) {
        reply.map(commands.size());
        commands.forEach(this::command);
    }

    private void command(Command command) {
        boolean deprecated = command.deprecation().isPresent();
        boolean hasArguments = !command.arguments().isEmpty();
        boolean hasSubcommands = !command.subcommands().isEmpty();
        reply.bulk(command.fullName());
        reply.map(4 + (deprecated ? 3 : 0) + (hasArguments ? 1 : 0) + (hasSubcommands ? 1 : 0));
        field("summary", command.brief());
        field("since", command.since());
        field("group", command.group());
        field("complexity", command.cost());
        command.deprecation().ifPresent(this::deprecation);
        if (hasArguments) {
            reply.bulk("arguments");
            arguments(command.arguments(), new int[1], command.keySpecs().size());
        }
        if (hasSubcommands) {
            reply.bulk("subcommands");
            commands(command.subcommands());
        }
    }

    private void deprecation(Command.Deprecation deprecation) {
        reply.bulk("doc_flags");
        reply.set(1);
        reply.simple("deprecated");
        field("deprecated_since", deprecation.since());
        field("replaced_by", deprecation.replacedBy());
    }

    private void field(String name, String value) {
        reply.bulk(name);
        reply.bulk(value);
    }

    /// @param keys how many arguments before these are keys: each run of keys has a specification, in turn
    private void arguments(List<Syntax.Argument> arguments, int[] keys, int specs) {
        reply.array(arguments.size());
        for (Syntax.Argument argument : arguments) {
            argument(argument, keys, specs);
        }
    }

    private void argument(Syntax.Argument argument, int[] keys, int specs) {
        boolean key = argument.type().equals("key") && specs > 0;
        boolean token = !argument.token().isEmpty();
        boolean flags = argument.optional() || argument.multiple();
        boolean parts = !argument.parts().isEmpty();
        reply.map(2 + (key ? 1 : 0) + (token ? 1 : 0) + (flags ? 1 : 0) + (parts ? 1 : 0));
        field("name", argument.name().toLowerCase(Locale.ROOT));
        field("type", argument.type());
        if (key) {
            reply.bulk("key_spec_index");
            reply.integer(Math.min(keys[0]++, specs - 1));
        }
        if (token) {
            field("token", argument.token());
        }
        if (flags) {
            reply.bulk("flags");
            reply.set((argument.optional() ? 1 : 0) + (argument.multiple() ? 1 : 0));
            if (argument.optional()) {
                reply.simple("optional");
            }
            if (argument.multiple()) {
                reply.simple("multiple");
            }
        }
        if (parts) {
            reply.bulk("arguments");
            arguments(argument.parts(), keys, specs);
        }
    }
}
