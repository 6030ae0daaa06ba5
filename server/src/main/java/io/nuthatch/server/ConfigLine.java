package io.nuthatch.server;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/// Splits a line of a configuration file into words, with Redis's quoting: `"..."` knows `\n \r \t \b \a \xHH` and a
/// backslash before anything else, `'...'` knows `\'` only, and a closing quote must end the word.
///
/// Words are put together from bytes, because `\xHH` writes one.
final class ConfigLine {
    private final byte[] line;
    private int at;

    private ConfigLine(String line) {
        this.line = line.getBytes(StandardCharsets.UTF_8);
    }

    /// @return no words for a blank line or a comment
    /// @throws IllegalArgumentException if a quote is not closed, or a word is not UTF-8
    static List<String> words(String text) {
        ConfigLine line = new ConfigLine(text);
        List<String> words = new ArrayList<>();
        while (line.skipBlanks() && (!words.isEmpty() || line.peek() != '#')) {
            words.add(line.word());
        }
        return words;
    }

    private int peek() {
        return at < line.length ? line[at] : -1;
    }

    private static boolean isBlank(int b) {
        return b == ' ' || b >= '\t' && b <= '\r' || b == 0;
    }

    private boolean skipBlanks() {
        while (isBlank(peek())) {
            at++;
        }
        return at < line.length;
    }

    private String word() {
        ByteArrayOutputStream word = new ByteArrayOutputStream();
        while (at < line.length && !isBlank(peek())) {
            byte b = line[at++];
            if (b == '"' || b == '\'') {
                quoted(b, word);
                break;
            }
            word.write(b);
        }
        return text(word.toByteArray());
    }

    private void quoted(byte quote, ByteArrayOutputStream word) {
        while (at < line.length && line[at] != quote) {
            byte b = line[at++];
            if (b == '\\' && at < line.length && (quote == '"' || line[at] == '\'')) {
                word.write(quote == '"' ? escaped() : line[at++]);
            } else {
                word.write(b);
            }
        }
        boolean closed = at < line.length;
        at++;
        if (!closed || at < line.length && !isBlank(peek())) {
            throw new IllegalArgumentException("Unbalanced quotes in configuration line");
        }
    }

    /// The byte that stands behind a backslash in double quotes.
    private int escaped() {
        byte b = line[at++];
        return switch (b) {
            case 'n' -> '\n';
            case 'r' -> '\r';
            case 't' -> '\t';
            case 'b' -> '\b';
            case 'a' -> 7;
            case 'x' -> isHex(at) && isHex(at + 1) ? 16 * hex(line[at++]) + hex(line[at++]) : 'x';
            default -> b;
        };
    }

    private boolean isHex(int index) {
        return index < line.length && hex(line[index]) >= 0;
    }

    private static int hex(byte b) {
        return Character.digit(b, 16);
    }

    private static String text(byte[] bytes) {
        try {
            return StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(bytes))
                    .toString();
        } catch (CharacterCodingException wrong) {
            throw new IllegalArgumentException("a word is not UTF-8", wrong);
        }
    }
}
