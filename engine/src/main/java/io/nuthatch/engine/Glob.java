package io.nuthatch.engine;

import io.nuthatch.memory.Bytes;
import io.nuthatch.memory.Scratch;
import java.nio.charset.StandardCharsets;
import java.util.Locale;

/// One of Redis's glob patterns, over bytes: `*`, `?`, `[a-c]`, `[^x]` and `\x`.
///
/// Of several `*` only the last is ever tried again, so the time is at most the product of both lengths.
public final class Glob {
    /// It stands on the Java heap, and the time it takes to match is a multiple of its length.
    private static final int MAX_BYTES = 1 << 20;

    private static final int NO_MATCH = -1;

    private final byte[] pattern;

    /// @throws CommandError if it is too long
    public Glob(Bytes pattern) {
        if (pattern.length() > MAX_BYTES) {
            throw CommandError.of("ERR the pattern is too long");
        }
        this.pattern = pattern.toArray();
    }

    Glob(byte[] pattern) {
        this.pattern = pattern;
    }

    /// How many bytes at the beginning stand for themselves: what it matches begins with the same.
    int literalLength() {
        int length = 0;
        while (length < pattern.length && "*?[\\".indexOf(pattern[length]) < 0) {
            length++;
        }
        return length;
    }

    /// Whether KEYS, SCAN and their like find an element: a single `*` stands for whatever there is.
    public boolean selects(Bytes element) {
        return pattern.length == 1 && pattern[0] == '*' || matches(element);
    }

    /// An empty text matches the empty pattern and nothing else, as in Redis.
    public boolean matches(Bytes text) {
        if (text.isEmpty()) {
            return pattern.length == 0;
        }
        int at = 0;
        int afterStar = NO_MATCH;
        int starEnd = 0;
        int i = 0;
        while (i < text.length()) {
            if (at < pattern.length && pattern[at] == '*') {
                afterStar = ++at;
                starEnd = i;
                continue;
            }
            int next = at < pattern.length ? step(at, text.byteAt(i) & 0xFF) : NO_MATCH;
            if (next != NO_MATCH) {
                at = next;
                i++;
            } else if (afterStar != NO_MATCH) {
                at = afterStar;
                i = ++starEnd;
            } else {
                return false;
            }
        }
        while (at < pattern.length && pattern[at] == '*') {
            at++;
        }
        return at == pattern.length;
    }

    /// Where the pattern goes on after what stands for one byte, or [#NO_MATCH].
    private int step(int at, int b) {
        return switch (pattern[at]) {
            case '?' -> at + 1;
            case '[' -> stepClass(at + 1, b);
            case '\\' -> {
                int literal = Math.min(at + 1, pattern.length - 1);
                yield unsigned(literal) == b ? literal + 1 : NO_MATCH;
            }
            default -> unsigned(at) == b ? at + 1 : NO_MATCH;
        };
    }

    /// A class without its `]` ends where the pattern does, as in Redis.
    private int stepClass(int from, int b) {
        int length = pattern.length;
        boolean negated = from < length && pattern[from] == '^';
        boolean found = false;
        int at = negated ? from + 1 : from;
        while (at < length && pattern[at] != ']') {
            if (pattern[at] == '\\' && at + 1 < length) {
                found |= unsigned(at + 1) == b;
                at += 2;
            } else if (at + 2 < length && pattern[at + 1] == '-') {
                int one = unsigned(at);
                int other = unsigned(at + 2);
                found |= b >= Math.min(one, other) && b <= Math.max(one, other);
                at += 3;
            } else {
                found |= unsigned(at) == b;
                at++;
            }
        }
        return found == negated ? NO_MATCH : Math.min(at + 1, length);
    }

    /// The same for text, upper and lower case of ASCII letters being one: for names of commands and directives.
    public static boolean matchesAnyCase(String pattern, String text) {
        byte[] lowerPattern = pattern.toLowerCase(Locale.ROOT).getBytes(StandardCharsets.UTF_8);
        try (Scratch lowerText = Scratch.of(text.toLowerCase(Locale.ROOT))) {
            return new Glob(lowerPattern).matches(lowerText.bytes());
        }
    }

    private int unsigned(int index) {
        return pattern[index] & 0xFF;
    }
}
