package io.nuthatch.engine;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/// A command's syntax line, read: its name, arity, keys and arguments all come from here.
///
/// ```
///   SET @key value [NX | XX] [GET] [EX seconds | PX milliseconds]
///   MSETEX numkeys @key value [@key value ...] [NX | XX]
///   CLIENT KILL <ip:port | [ID client-id] [TYPE <NORMAL | PUBSUB>]>
/// ```
///
/// - UPPER CASE is typed as it stands (a token); lower case is an argument's name. `@` marks a key.
/// - `[a]` may be left out, `[a ...]` may come any number of times, `a [a ...]` comes once or more.
/// - `<a | b>` is one of several; within brackets the angle brackets can be left out.
/// - One token in front is the command's name, a second one its subcommand.
public final class Syntax {
    /// An argument, as COMMAND DOCS shows it.
    ///
    /// @param type one of Redis's: `key`, `string`, `integer`, `pure-token`, `oneof`, `block` ...
    /// @param token the word in front of it, or empty
    public record Argument(
            String name, String type, String token, boolean optional, boolean multiple, List<Argument> parts) {}

    private final String line;
    private final List<String> words;
    private int at;

    private final List<String> name = new ArrayList<>();
    private final List<Argument> arguments = new ArrayList<>();

    Syntax(String line) {
        this.line = line;
        this.words = words(line);
        while (at < words.size() && name.size() < 2 && isToken(words.get(at))) {
            name.add(words.get(at++).toLowerCase(Locale.ROOT));
        }
        while (at < words.size()) {
            arguments.add(item());
        }
        fold(arguments);
    }

    /// One word, or two if it is a subcommand.
    List<String> name() {
        return name;
    }

    List<Argument> arguments() {
        return arguments;
    }

    /// The line without the marks of keys.
    String text() {
        return line.replace("@", "");
    }

    /// How many words a call has; negative: at least so many.
    int arity() {
        int least = name.size();
        boolean open = false;
        for (Argument argument : arguments) {
            least += words(argument);
            open |= isOpen(argument);
        }
        return open ? -least : least;
    }

    private static int words(Argument argument) {
        if (argument.optional()) {
            return 0;
        }
        int token = argument.token().isEmpty() || argument.type().equals("pure-token") ? 0 : 1;
        return token
                + switch (argument.type()) {
                    case "block" ->
                        argument.parts().stream().mapToInt(Syntax::words).sum();
                    case "oneof" ->
                        argument.parts().stream().mapToInt(Syntax::words).min().orElse(0);
                    default -> 1;
                };
    }

    private static boolean isOpen(Argument argument) {
        return argument.optional()
                || argument.multiple()
                || argument.parts().stream().anyMatch(Syntax::isOpen)
                || argument.type().equals("oneof")
                        && argument.parts().stream()
                                        .mapToInt(Syntax::words)
                                        .distinct()
                                        .count()
                                > 1;
    }

    /// The key specifications that the line implies: one for each run of keys, each with its flags.
    ///
    /// @param flags for each specification in turn, as `RW access update`
    List<KeySpec> keySpecs(List<String> flags) {
        List<KeySpec> specs = new ArrayList<>();
        int position = name.size();
        for (int i = 0; i < arguments.size() && specs.size() < flags.size(); i++) {
            Argument argument = arguments.get(i);
            List<String> words = List.of(flags.get(specs.size()).split(" "));
            boolean counted = argument.name().equals("numkeys") && i + 1 < arguments.size();
            if (counted) {
                int step = Math.max(1, arguments.get(i + 1).parts().size());
                specs.add(new KeySpec(new KeySpec.Begin.Index(position), new KeySpec.Find.Counted(0, 1, step), words));
                break;
            }
            if (isKey(argument)) {
                int run = 1;
                boolean last = specs.size() == flags.size() - 1;
                while (last && !argument.multiple() && i + run < arguments.size() && isKey(arguments.get(i + run))) {
                    run++;
                }
                specs.add(new KeySpec(new KeySpec.Begin.Index(position), range(argument, i, run), words));
            }
            position += words(argument);
        }
        return specs;
    }

    private KeySpec.Find range(Argument argument, int index, int run) {
        if (!argument.multiple()) {
            return new KeySpec.Find.Range(run - 1, 1, 0);
        }
        int after = arguments.subList(index + 1, arguments.size()).stream()
                .mapToInt(Syntax::words)
                .sum();
        return new KeySpec.Find.Range(-1 - after, Math.max(1, argument.parts().size()), 0);
    }

    private static boolean isKey(Argument argument) {
        return argument.type().equals("key")
                || argument.type().equals("block")
                        && argument.parts().getFirst().type().equals("key");
    }

    // ---- reading
    // ------------------------------------------------------------------------------------------------

    private static List<String> words(String line) {
        String spaced = line.replaceAll("([\\[\\]<>|])", " $1 ");
        return List.of(spaced.trim().split("\\s+"));
    }

    private static boolean isToken(String word) {
        return Character.isUpperCase(word.charAt(0)) && word.equals(word.toUpperCase(Locale.ROOT));
    }

    /// `x`, `TOKEN x`, `[...]` or `<...>`.
    private Argument item() {
        String word = words.get(at++);
        return switch (word) {
            case "[" -> optional();
            case "<" -> choice(">");
            default -> isToken(word) ? token(word) : named(word, "");
        };
    }

    private Argument token(String word) {
        if (at < words.size() && !isMark(words.get(at)) && !isToken(words.get(at))) {
            return named(words.get(at++), word);
        }
        if (at < words.size() && words.get(at).equals("<")) {
            at++;
            Argument choice = choice(">");
            return new Argument(lower(word), choice.type(), word, false, false, choice.parts());
        }
        return new Argument(lower(word), "pure-token", word, false, false, List.of());
    }

    private static boolean isMark(String word) {
        return "[]<>|".contains(word) || word.equals("...");
    }

    private static Argument named(String word, String token) {
        boolean key = word.startsWith("@");
        String name = key ? word.substring(1) : word;
        return new Argument(name, key ? "key" : type(name), token, false, false, List.of());
    }

    private static String lower(String token) {
        return token.toLowerCase(Locale.ROOT);
    }

    private static String type(String name) {
        return switch (name) {
            case "pattern" -> "pattern";
            case "unix-time-seconds", "unix-time-milliseconds", "timestamp" -> "unix-time";
            case "increment-float", "min-idle", "timeout", "longitude", "latitude", "radius", "width", "height" ->
                "double";
            case "numkeys",
                    "count",
                    "seconds",
                    "milliseconds",
                    "start",
                    "end",
                    "stop",
                    "offset",
                    "index",
                    "cursor",
                    "increment",
                    "decrement",
                    "db",
                    "destination-db",
                    "index1",
                    "index2",
                    "client-id",
                    "id",
                    "maxage",
                    "len",
                    "min-match-len",
                    "samples",
                    "rank",
                    "protover",
                    "bit",
                    "maxlen" -> "integer";
            default -> "string";
        };
    }

    private Argument optional() {
        Argument inner = choice("]");
        boolean multiple = inner.multiple();
        return new Argument(inner.name(), inner.type(), inner.token(), true, multiple, inner.parts());
    }

    /// Alternatives up to a closing mark; a single alternative is itself.
    private Argument choice(String close) {
        List<Argument> alternatives = new ArrayList<>();
        List<Argument> sequence = new ArrayList<>();
        boolean multiple = false;
        while (true) {
            String word = words.get(at);
            if (word.equals(close) || word.equals("|")) {
                at++;
                alternatives.add(sequence.size() == 1 ? sequence.getFirst() : block(sequence));
                sequence = new ArrayList<>();
                if (word.equals(close)) {
                    break;
                }
            } else if (word.equals("...")) {
                at++;
                multiple = true;
            } else {
                sequence.add(item());
            }
        }
        Argument whole = alternatives.size() == 1
                ? alternatives.getFirst()
                : new Argument(alternatives.getFirst().name(), "oneof", "", false, false, List.copyOf(alternatives));
        return new Argument(
                whole.name(),
                whole.type(),
                whole.token(),
                whole.optional(),
                multiple || whole.multiple(),
                whole.parts());
    }

    private static Argument block(List<Argument> sequence) {
        List<Argument> parts = new ArrayList<>(sequence);
        fold(parts);
        return new Argument(parts.getFirst().name(), "block", "", false, false, List.copyOf(parts));
    }

    /// Makes one argument of `a [a ...]`, and of `a b [a b ...]`.
    private static void fold(List<Argument> arguments) {
        for (int i = 0; i < arguments.size(); i++) {
            Argument repeat = arguments.get(i);
            if (!repeat.optional() || !repeat.multiple()) {
                continue;
            }
            int length = repeat.type().equals("block") ? repeat.parts().size() : 1;
            if (i < length) {
                continue;
            }
            List<Argument> before = arguments.subList(i - length, i);
            List<String> names = before.stream().map(Argument::name).toList();
            List<String> repeated = length == 1
                    ? List.of(repeat.name())
                    : repeat.parts().stream().map(Argument::name).toList();
            if (names.equals(repeated)) {
                Argument once = new Argument(repeat.name(), repeat.type(), repeat.token(), false, true, repeat.parts());
                before.clear();
                arguments.set(i - length, once);
                i -= length;
            }
        }
    }
}
