package io.nuthatch.commands;

import io.nuthatch.memory.Bytes;
import io.nuthatch.memory.Scratch;
import java.util.Locale;

/// Redis's glob patterns, over bytes: `*`, `?`, `[a-c]`, `[^x]` and `\x`.
///
/// Of several `*` only the last is ever tried again, so the time is at most the product of both lengths.
final class Glob {
    private static final int NO_MATCH = -1;

    private Glob() {}

    static boolean matches(Bytes pattern, Bytes text) {
        int at = 0;
        int afterStar = NO_MATCH;
        int starEnd = 0;
        int i = 0;
        while (i < text.length()) {
            if (at < pattern.length() && pattern.byteAt(at) == '*') {
                afterStar = ++at;
                starEnd = i;
                continue;
            }
            int next = at < pattern.length() ? step(pattern, at, unsigned(text, i)) : NO_MATCH;
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
        while (at < pattern.length() && pattern.byteAt(at) == '*') {
            at++;
        }
        return at == pattern.length();
    }

    /// Where the pattern goes on after what stands for one byte, or [#NO_MATCH].
    private static int step(Bytes pattern, int at, int b) {
        return switch (pattern.byteAt(at)) {
            case '?' -> at + 1;
            case '[' -> stepClass(pattern, at + 1, b);
            case '\\' -> {
                int literal = Math.min(at + 1, pattern.length() - 1);
                yield unsigned(pattern, literal) == b ? literal + 1 : NO_MATCH;
            }
            default -> unsigned(pattern, at) == b ? at + 1 : NO_MATCH;
        };
    }

    /// A class without its `]` ends where the pattern does, as in Redis.
    private static int stepClass(Bytes pattern, int from, int b) {
        int length = pattern.length();
        boolean negated = from < length && pattern.byteAt(from) == '^';
        boolean found = false;
        int at = negated ? from + 1 : from;
        while (at < length && pattern.byteAt(at) != ']') {
            if (pattern.byteAt(at) == '\\' && at + 1 < length) {
                found |= unsigned(pattern, at + 1) == b;
                at += 2;
            } else if (at + 2 < length && pattern.byteAt(at + 1) == '-') {
                int one = unsigned(pattern, at);
                int other = unsigned(pattern, at + 2);
                found |= b >= Math.min(one, other) && b <= Math.max(one, other);
                at += 3;
            } else {
                found |= unsigned(pattern, at) == b;
                at++;
            }
        }
        return found == negated ? NO_MATCH : Math.min(at + 1, length);
    }

    /// The same for text, upper and lower case of ASCII letters being one: for names of commands and directives.
    static boolean matchesAnyCase(String pattern, String text) {
        try (Scratch lowerPattern = Scratch.of(pattern.toLowerCase(Locale.ROOT));
                Scratch lowerText = Scratch.of(text.toLowerCase(Locale.ROOT))) {
            return matches(lowerPattern.bytes(), lowerText.bytes());
        }
    }

    private static int unsigned(Bytes bytes, int index) {
        return bytes.byteAt(index) & 0xFF;
    }
}
