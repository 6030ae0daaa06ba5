package io.nuthatch.engine;

import java.util.List;
import java.util.function.IntConsumer;
import java.util.function.ToIntFunction;

/// Where a command's keys stand among its words, and what it does to them: COMMAND INFO's key specification.
///
/// @param flags Redis's words, such as `RW` and `access`
public record KeySpec(Begin begin, Find find, List<String> flags) {

    /// Where the search begins.
    public sealed interface Begin {
        /// At a word.
        record Index(int position) implements Begin {}

        /// After a keyword, looked for from a word on; a negative start counts from the end, backwards.
        record Keyword(String word, int start) implements Begin {}

        /// Only the command itself knows.
        ///
        /// @param finds the word of a call that is the key, or 0 if there is none
        record Unknown(ToIntFunction<Args> finds) implements Begin {
            /// A key that stands in no word at all.
            public static final Unknown NOWHERE = new Unknown(args -> 0);
        }
    }

    /// Which of the words from there on are keys.
    public sealed interface Find {
        /// Every `step`th up to `last`, which counts from the beginning, or from the last word if negative. A
        /// `limit` of 2 or more takes that fraction of them.
        record Range(int last, int step, int limit) implements Find {}

        /// As many as the word at `count` says, from `first` on, every `step`th.
        record Counted(int count, int first, int step) implements Find {}

        /// Only the command itself knows.
        record Unknown() implements Find {}
    }

    /// Hands over the positions of the keys in a request. Of a malformed request some may be missing.
    public void positions(Args args, IntConsumer key) {
        int begin = beginning(args);
        if (begin <= 0 || begin >= args.count()) {
            return;
        }
        switch (find) {
            case Find.Range(int last, int step, int limit) -> {
                int end = last >= 0 ? begin + last : args.count() + last;
                if (limit > 1) {
                    end = begin + (args.count() - begin) / limit - 1;
                }
                walk(args, begin, end, step, key);
            }
            case Find.Counted(int count, int first, int step) -> {
                int keys = counted(args, begin + count);
                int from = begin + first;
                walk(args, from, (int) Math.min(args.count() - 1L, from + (keys - 1L) * step), step, key);
            }
            case Find.Unknown() -> key.accept(begin);
        }
    }

    private static void walk(Args args, int from, int to, int step, IntConsumer key) {
        for (int i = from; i <= to && i < args.count(); i += step) {
            key.accept(i);
        }
    }

    private static int counted(Args args, int at) {
        if (at >= args.count() || !args.isInteger(at)) {
            return 0;
        }
        return Math.clamp(args.integer(at), 0, args.count());
    }

    private int beginning(Args args) {
        return switch (begin) {
            case Begin.Index(int position) -> position;
            case Begin.Keyword(String word, int start) -> {
                int step = start < 0 ? -1 : 1;
                int at = start < 0 ? args.count() + start : start;
                while (at > 0 && at < args.count()) {
                    if (args.is(at, word.toLowerCase(java.util.Locale.ROOT))) {
                        yield at + 1;
                    }
                    at += step;
                }
                yield 0;
            }
            case Begin.Unknown(ToIntFunction<Args> finds) -> finds.applyAsInt(args);
        };
    }
}
