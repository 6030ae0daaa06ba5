package io.nuthatch.server;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/// Prints replies as redis-cli does at a terminal, and splits command lines as it does.
///
/// The tables that redis-cli draws are part of what its users know, so stories are written in them. Commands whose
/// reply redis-cli passes through as text (INFO and some more) are passed through here too.
final class RedisCliFormat {
    private RedisCliFormat() {}

    /// The lines redis-cli prints for `reply` to the command `words`.
    static List<String> lines(Reply reply, List<String> words) {
        if (printsRawText(words)) {
            if (reply instanceof Reply.Bulk bulk) {
                return rawLines(bulk.text());
            }
            if (reply instanceof Reply.Verbatim verbatim) {
                return rawLines(verbatim.text());
            }
        }
        return lines(reply);
    }

    static List<String> lines(Reply reply) {
        var out = new StringBuilder();
        append(out, reply, "");
        return rawLines(out.toString());
    }

    private static List<String> rawLines(String text) {
        return text.lines().toList();
    }

    private static boolean printsRawText(List<String> words) {
        String first = words.getFirst().toLowerCase(Locale.ROOT);
        String second = words.size() < 2 ? "" : words.get(1).toLowerCase(Locale.ROOT);
        return switch (first) {
            case "info", "lolwut" -> true;
            case "client" -> second.equals("list") || second.equals("info");
            case "memory" -> second.equals("malloc-stats") || second.equals("doctor");
            case "latency" -> second.equals("graph") || second.equals("doctor");
            case "cluster" -> second.equals("nodes") || second.equals("info");
            case "debug" -> second.startsWith("htstats");
            default -> false;
        };
    }

    private static void append(StringBuilder out, Reply reply, String indent) {
        switch (reply) {
            case Reply.Simple(String text) -> line(out, text);
            case Reply.Failure(String text) -> line(out, "(error) " + text);
            case Reply.Int(long value) -> line(out, "(integer) " + value);
            case Reply.Bulk(String text) -> line(out, quote(text));
            case Reply.Nil ignored -> line(out, "(nil)");
            case Reply.Decimal(String text) -> line(out, "(double) " + text);
            case Reply.Bool(boolean value) -> line(out, "(" + value + ")");
            case Reply.BigNumber(String text) -> line(out, text);
            case Reply.Verbatim(String ignored, String text) -> line(out, text);
            case Reply.Array(List<Reply> items) -> list(out, items, ')', "(empty array)", indent);
            case Reply.Members(List<Reply> items) -> list(out, items, '~', "(empty set)", indent);
            case Reply.Push(List<Reply> items) -> list(out, items, ')', "(empty push)", indent);
            case Reply.Pairs(List<Reply> items) -> map(out, items, indent);
        }
    }

    private static void line(StringBuilder out, String text) {
        out.append(text).append('\n');
    }

    private static void list(StringBuilder out, List<Reply> items, char mark, String empty, String indent) {
        if (items.isEmpty()) {
            line(out, empty);
            return;
        }
        int width = width(items.size());
        for (int i = 0; i < items.size(); i++) {
            number(out, i, width, mark, indent);
            append(out, items.get(i), indent + " ".repeat(width + 2));
        }
    }

    private static void map(StringBuilder out, List<Reply> items, String indent) {
        if (items.isEmpty()) {
            line(out, "(empty hash)");
            return;
        }
        int width = width(items.size() / 2);
        String deeper = indent + " ".repeat(width + 2);
        for (int i = 0; i < items.size(); i += 2) {
            number(out, i / 2, width, '#', indent);
            append(out, items.get(i), deeper);
            out.setLength(out.length() - 1);
            out.append(" => ");
            if (takesLines(items.get(i + 1))) {
                out.append('\n').append(deeper);
            }
            append(out, items.get(i + 1), deeper);
        }
    }

    /// Whether a reply is printed on more than one line; as the value of a map it then starts on a line of its own.
    private static boolean takesLines(Reply reply) {
        return switch (reply) {
            case Reply.Array(List<Reply> items) -> takesLines(items, 1);
            case Reply.Members(List<Reply> items) -> takesLines(items, 1);
            case Reply.Push(List<Reply> items) -> takesLines(items, 1);
            case Reply.Pairs(List<Reply> items) -> takesLines(items, 2);
            case Reply.Simple _,
                    Reply.Failure _,
                    Reply.Int _,
                    Reply.Bulk _,
                    Reply.Nil _,
                    Reply.Decimal _,
                    Reply.Bool _,
                    Reply.BigNumber _,
                    Reply.Verbatim _ -> false;
        };
    }

    private static boolean takesLines(List<Reply> items, int wordsPerLine) {
        return items.size() > wordsPerLine || (items.size() == wordsPerLine && takesLines(items.getLast()));
    }

    /// The first number of a list stands on the line its parent has begun; the others begin their own.
    private static void number(StringBuilder out, int index, int width, char mark, String indent) {
        if (index > 0) {
            out.append(indent);
        }
        String number = Integer.toString(index + 1);
        out.append(" ".repeat(width - number.length()))
                .append(number)
                .append(mark)
                .append(' ');
    }

    private static int width(int count) {
        return Integer.toString(count).length();
    }

    /// Byte text in redis-cli's double quotes.
    static String quote(String text) {
        var out = new StringBuilder(text.length() + 2).append('"');
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            switch (c) {
                case '\\', '"' -> out.append('\\').append(c);
                case '\n' -> out.append("\\n");
                case '\r' -> out.append("\\r");
                case '\t' -> out.append("\\t");
                case 7 -> out.append("\\a");
                case '\b' -> out.append("\\b");
                default -> {
                    if (c >= ' ' && c < 127) {
                        out.append(c);
                    } else {
                        out.append("\\x%02x".formatted((int) c));
                    }
                }
            }
        }
        return out.append('"').toString();
    }

    /// The words of a command line: `a "b\x00c" 'd e'`.
    static List<String> words(String line) {
        var words = new ArrayList<String>();
        int at = skipBlanks(line, 0);
        while (at < line.length()) {
            var word = new StringBuilder();
            at = word(line, at, word);
            words.add(word.toString());
            at = skipBlanks(line, at);
        }
        return words;
    }

    private static int skipBlanks(String line, int from) {
        int at = from;
        while (at < line.length() && line.charAt(at) == ' ') {
            at++;
        }
        return at;
    }

    private static int word(String line, int from, StringBuilder word) {
        int at = from;
        while (at < line.length() && line.charAt(at) != ' ') {
            char c = line.charAt(at);
            if (c == '"' || c == '\'') {
                at = quoted(line, at + 1, c, word);
                if (at < line.length() && line.charAt(at) != ' ') {
                    throw new IllegalArgumentException("a closing quote must end the word: " + line);
                }
            } else {
                word.append(c);
                at++;
            }
        }
        return at;
    }

    private static int quoted(String line, int from, char quote, StringBuilder word) {
        int at = from;
        while (at < line.length()) {
            char c = line.charAt(at++);
            if (c == quote) {
                return at;
            }
            if (c == '\\' && at < line.length() && (quote == '"' || line.charAt(at) == '\'')) {
                at = escaped(line, at, quote, word);
            } else {
                word.append(c);
            }
        }
        throw new IllegalArgumentException("a quote is not closed: " + line);
    }

    private static int escaped(String line, int at, char quote, StringBuilder word) {
        char c = line.charAt(at);
        if (quote == '"' && c == 'x' && at + 2 < line.length()) {
            int high = Character.digit(line.charAt(at + 1), 16);
            int low = Character.digit(line.charAt(at + 2), 16);
            if (high >= 0 && low >= 0) {
                word.append((char) (high * 16 + low));
                return at + 3;
            }
        }
        word.append(
                switch (c) {
                    case 'n' -> '\n';
                    case 'r' -> '\r';
                    case 't' -> '\t';
                    case 'b' -> '\b';
                    case 'a' -> (char) 7;
                    default -> c;
                });
        return at + 1;
    }
}
