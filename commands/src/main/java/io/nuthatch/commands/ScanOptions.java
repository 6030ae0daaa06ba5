package io.nuthatch.commands;

import io.nuthatch.engine.Args;
import io.nuthatch.engine.CommandError;
import io.nuthatch.memory.Bytes;
import io.nuthatch.memory.Scratch;
import io.nuthatch.resp.ReplySink;
import java.util.ArrayList;
import java.util.List;

/// The options of SSCAN, HSCAN and ZSCAN.
///
/// @param pattern the word that is MATCH's, or 0
/// @param count about how many elements to visit
/// @param bare whether the word that leaves values or scores out is there
record ScanOptions(Args args, int pattern, long count, boolean bare) {
    private static final long DEFAULT_COUNT = 10;

    /// Reads the words from the fourth on.
    ///
    /// @param bareWord what leaves values or scores out, or empty
    static ScanOptions of(Args args, String bareWord) {
        int pattern = 0;
        long count = DEFAULT_COUNT;
        boolean bare = false;
        for (int i = 3; i < args.count(); i++) {
            if (args.is(i, "count") && i + 1 < args.count()) {
                count = args.integer(++i);
                if (count < 1) {
                    throw CommandError.SYNTAX;
                }
            } else if (args.is(i, "match") && i + 1 < args.count()) {
                pattern = ++i;
            } else if (!bareWord.isEmpty() && args.is(i, bareWord)) {
                bare = true;
            } else {
                throw CommandError.SYNTAX;
            }
        }
        return new ScanOptions(args, pattern, count, bare);
    }

    /// The cursor in the third word.
    static long cursor(Args args) {
        try {
            return Long.parseUnsignedLong(args.text(2));
        } catch (NumberFormatException _) {
            throw CommandError.INVALID_CURSOR;
        }
    }

    boolean takes(Bytes element) {
        return pattern == 0 || Glob.matches(args.bytes(pattern), element);
    }

    /// Visits elements from a cursor on; returns the next one.
    interface Walk {
        long from(long cursor, Answer answer);
    }

    /// What an answer is made of. The next cursor stands in front of the elements but is known after them, so they
    /// are kept meanwhile.
    static final class Answer {
        private final List<byte[]> elements = new ArrayList<>();

        void add(Bytes element) {
            elements.add(element.toArray());
        }
    }

    void answer(ReplySink reply, Walk walk) {
        Answer answer = new Answer();
        long next = walk.from(cursor(args), answer);
        reply.array(2);
        reply.bulk(Long.toUnsignedString(next));
        reply.array(answer.elements.size());
        for (byte[] bytes : answer.elements) {
            try (Scratch copy = Scratch.of(bytes)) {
                reply.bulk(copy.bytes());
            }
        }
    }

    /// The answer of a scan of nothing.
    static void answerNothing(ReplySink reply) {
        reply.array(2);
        reply.bulk("0");
        reply.emptyArray();
    }
}
