package io.nuthatch.server;

import java.util.List;

/// Requests as a broken client or a hostile one would send them.
final class Mutilation {
    /// The bytes that mean something to a reader of requests, and some that do not. No zero byte: Redis reads
    /// lines as C strings and stops there.
    private static final String LETTERS = "**$$\r\n\r\n0123456789-+ \t\"'\\xa:%\u0001\u00ff";

    private Mutilation() {}

    /// Three requests with up to four wounds.
    static String requests(Draw draw) {
        var bytes = new StringBuilder();
        for (int i = 0; i < 3; i++) {
            append(bytes, command(draw), draw);
        }
        int wounds = draw.below(5);
        for (int i = 0; i < wounds; i++) {
            wound(bytes, draw);
        }
        return bytes.toString();
    }

    /// Commands whose replies depend on nothing but the bytes.
    private static List<String> command(Draw draw) {
        String key = draw.oneOf("a", "b", "key:1");
        return switch (draw.below(7)) {
            case 0 -> List.of("SET", key, draw.letters(draw.below(30)));
            case 1 -> List.of("GET", key);
            case 2 -> List.of("APPEND", key, draw.letters(5));
            case 3 -> List.of("MGET", key, "a", "b", "c");
            case 4 -> List.of("ECHO", "a \"b\" c\r\n");
            case 5 -> List.of("GETRANGE", key, offset(draw), offset(draw));
            default -> List.of("INCR", key);
        };
    }

    private static String offset(Draw draw) {
        return String.valueOf(draw.below(120) - 60);
    }

    private static void append(StringBuilder bytes, List<String> words, Draw draw) {
        if (draw.oneIn(4)) {
            bytes.append(String.join(" ", words)).append(draw.oneOf("\r\n", "\n"));
            return;
        }
        bytes.append('*').append(words.size()).append("\r\n");
        words.forEach(word -> bytes.append('$')
                .append(word.length())
                .append("\r\n")
                .append(word)
                .append("\r\n"));
    }

    private static void wound(StringBuilder bytes, Draw draw) {
        int at = draw.below(bytes.length());
        switch (draw.below(5)) {
            case 0 -> bytes.deleteCharAt(at);
            case 1 -> bytes.insert(at, letter(draw));
            case 2 -> bytes.setCharAt(at, letter(draw));
            case 3 -> bytes.setLength(at + 1);
            default -> bytes.append(bytes, at, bytes.length());
        }
        if (bytes.isEmpty()) {
            bytes.append('*');
        }
    }

    private static char letter(Draw draw) {
        return LETTERS.charAt(draw.below(LETTERS.length()));
    }
}
