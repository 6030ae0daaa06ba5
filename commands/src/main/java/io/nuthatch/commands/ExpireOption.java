package io.nuthatch.commands;

import io.nuthatch.engine.Args;
import io.nuthatch.store.Tx;
import org.jspecify.annotations.Nullable;

/// What the options of a command say about a key's expiration: a time, a word in place of one (KEEPTTL, PERSIST),
/// or nothing. The same may be said twice, and then counts as it is said last; anything else excludes it.
final class ExpireOption {
    static final int NOT_TAKEN = -1;

    private final String word;
    private boolean hasWord;
    private @Nullable ExpireTime time;
    private int timeAt;

    /// @param word the word in place of a time, in lower case
    ExpireOption(String word) {
        this.word = word;
    }

    /// Takes the option at a word, if there is one about expiration that goes with those before.
    ///
    /// @return where the option ends, or [#NOT_TAKEN]
    int take(Args args, int index) {
        if (time == null && args.is(index, word)) {
            hasWord = true;
            return index;
        }
        ExpireTime next = ExpireTime.at(args, index);
        if (next == null || hasWord || time != null && time != next) {
            return NOT_TAKEN;
        }
        time = next;
        timeAt = index + 1;
        return timeAt;
    }

    boolean hasWord() {
        return hasWord;
    }

    boolean hasTime() {
        return time != null;
    }

    /// In milliseconds since 1970, or [Tx#NO_DEADLINE] if no option gives a time.
    long deadlineMs(Args args, Tx tx, String command) {
        return time == null ? Tx.NO_DEADLINE : time.deadlineMs(args, timeAt, tx, command);
    }
}
