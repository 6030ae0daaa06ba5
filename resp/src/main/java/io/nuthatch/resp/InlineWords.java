package io.nuthatch.resp;

import io.nuthatch.memory.Memory;

/// Splits an inline request into words, with the quoting rules of redis-cli: `"..."` knows `\n \r \t \b \a \xHH`
/// and a backslash before anything else, `'...'` knows `\'` only, and a closing quote must end the word.
///
/// The words are written over the line itself.
///
/// Source: the behaviour of Redis's `sdssplitargs`.
final class InlineWords {
    private long from;
    private final long end;
    private long to;

    private InlineWords(long from, long end) {
        this.from = from;
        this.end = end;
        this.to = from;
    }

    static void split(long from, long end, Request request) {
        InlineWords line = new InlineWords(from, end);
        while (line.skipBlanks()) {
            long start = line.to;
            line.word();
            request.add(start, (int) (line.to - start));
        }
    }

    private boolean skipBlanks() {
        while (from < end && isBlank(Memory.getByte(from))) {
            from++;
        }
        return from < end;
    }

    private void word() {
        while (from < end) {
            byte b = Memory.getByte(from);
            if (isBlank(b)) {
                return;
            }
            from++;
            if (b == '"') {
                doubleQuoted();
                return;
            } else if (b == '\'') {
                singleQuoted();
                return;
            }
            put(b);
        }
    }

    private void doubleQuoted() {
        while (from < end) {
            byte b = Memory.getByte(from++);
            if (b == '"') {
                closed();
                return;
            }
            put(b == '\\' && from < end ? escaped() : b);
        }
        throw unbalanced();
    }

    private int escaped() {
        byte b = Memory.getByte(from++);
        if (b == 'x' && from + 1 < end) {
            int high = Character.digit(Memory.getByte(from), 16);
            int low = Character.digit(Memory.getByte(from + 1), 16);
            if (high >= 0 && low >= 0) {
                from += 2;
                return high << 4 | low;
            }
        }
        return switch (b) {
            case 'n' -> '\n';
            case 'r' -> '\r';
            case 't' -> '\t';
            case 'b' -> '\b';
            case 'a' -> 7;
            default -> b;
        };
    }

    private void singleQuoted() {
        while (from < end) {
            byte b = Memory.getByte(from++);
            if (b == '\'') {
                closed();
                return;
            }
            if (b == '\\' && from < end && Memory.getByte(from) == '\'') {
                b = Memory.getByte(from++);
            }
            put(b);
        }
        throw unbalanced();
    }

    private void closed() {
        if (from < end && !isBlank(Memory.getByte(from))) {
            throw unbalanced();
        }
    }

    private void put(int b) {
        Memory.putByte(to++, b);
    }

    private static boolean isBlank(byte b) {
        return b == ' ' || b >= '\t' && b <= '\r' || b == 0;
    }

    private static ProtocolError unbalanced() {
        return new ProtocolError("unbalanced quotes in request");
    }
}
