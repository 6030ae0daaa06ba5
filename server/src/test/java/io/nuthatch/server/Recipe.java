package io.nuthatch.server;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;

/// How to make random commands of one kind, and what makes two replies to one of them alike.
///
/// @param weight how often it is drawn, against the other recipes
/// @param spoilable whether mistakes may be put into the words; not where Redis 7.0 itself is mistaken about them, or
/// where
///     they lead to what is not defined
record Recipe(int weight, Function<Draw, List<String>> words, Likeness likeness, boolean spoilable) {
    /// A command whose replies must be equal.
    static Recipe of(int weight, Function<Draw, List<String>> words) {
        return new Recipe(weight, words, Likeness.EQUAL, true);
    }

    /// The same, with another understanding of alike.
    Recipe comparedBy(Likeness other) {
        return new Recipe(weight, words, other, spoilable);
    }

    /// The same, never with a mistake.
    Recipe unspoiled() {
        return new Recipe(weight, words, likeness, false);
    }

    /// The words of a command, put together from strings and lists of strings.
    static List<String> words(Object... parts) {
        var words = new ArrayList<String>();
        for (Object part : parts) {
            if (part instanceof List<?> list) {
                list.forEach(word -> words.add((String) word));
            } else {
                words.add((String) part);
            }
        }
        return words;
    }
}
