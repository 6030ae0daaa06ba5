package io.nuthatch.commands;

import io.nuthatch.engine.Args;
import io.nuthatch.engine.CommandError;
import io.nuthatch.engine.Glob;
import io.nuthatch.memory.Bytes;
import io.nuthatch.memory.Scratch;
import io.nuthatch.resp.ReplySink;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// The options of SSCAN, HSCAN and ZSCAN.
///
/// @param pattern MATCH's, or null
/// @param count about how many elements to visit
/// @param bare whether the word that leaves values or scores out is there
record ScanOptions(Args args, @Nullable Glob pattern, long count, boolean bare) {
    private static final long DEFAULT_COUNT = 10;
    private static final List<String> BARE_WORDS = List.of("novalues", "noscores");

    /// Reads the words from the fourth on.
    ///
    /// @param bareWord what leaves values or scores out, or empty
    static ScanOptions of(Args args, String bareWord) {
        Glob pattern = null;
        long count = DEFAULT_COUNT;
        boolean bare = false;
        for (int i = 3; i < args.count(); i++) {
            if (args.is(i, "count") && i + 1 < args.count()) {
                count = args.integer(++i);
                if (count < 1) {
                    throw CommandError.SYNTAX;
                }
            } else if (args.is(i, "match") && i + 1 < args.count()) {
                pattern = new Glob(args.bytes(++i));
            } else if (!bareWord.isEmpty() && args.is(i, bareWord)) {
                bare = true;
            } else {
                refuseBare(args, i, bareWord);
                throw CommandError.SYNTAX;
            }
        }
        return new ScanOptions(args, pattern, count, bare);
    }

    /// Refuses a word that leaves out what another command's elements have.
    static void refuseBare(Args args, int index, String own) {
        for (String word : BARE_WORDS) {
            if (args.is(index, word) && !word.equals(own)) {
                throw CommandError.onlyInScanOf(word);
            }
        }
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
        return pattern == null || pattern.selects(element);
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

        void add(String element) {
            elements.add(element.getBytes(StandardCharsets.US_ASCII));
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
