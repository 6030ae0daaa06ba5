package io.nuthatch.engine;

import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/// The shapes of directives that are made of several words, or of a word with rules of its own.
final class Shapes {
    private static final int MOST_ADDRESSES = 16;

    /// All classes of keyspace events that `A` stands for, in the order in which Redis shows them.
    private static final String ALL_EVENTS = "g$lshzxetd";

    private static final String OTHER_EVENTS = "anocKEmSTIV";

    private Shapes() {}

    /// The words of a text; none if it is blank.
    static List<String> words(String text) {
        String trimmed = text.trim();
        return trimmed.isEmpty() ? List.of() : List.of(trimmed.split("\\s+"));
    }

    private static <T> Setting.Shape<T> shape(String form, Function<String, T> read, Function<T, String> write) {
        return new Setting.Shape<>() {
            @Override
            public T read(String text, @Nullable T ignored) {
                return read.apply(text);
            }

            @Override
            public String write(T value) {
                return write.apply(value);
            }

            @Override
            public String form() {
                return form;
            }
        };
    }

    private static Setting.Shape<List<String>> list(String form, Function<String, List<String>> read) {
        return shape(form, read, words -> String.join(" ", words));
    }

    /// Words that mean nothing by themselves.
    static Setting.Shape<List<String>> anyWords() {
        return list("words", Shapes::words);
    }

    static Setting.Shape<List<String>> addresses() {
        return list("addresses, names, `*` (all of IPv4), `::*` (all of IPv6); `-` in front: if it is there", text -> {
            List<String> words = words(text);
            if (words.size() > MOST_ADDRESSES) {
                throw new IllegalArgumentException("Too many bind addresses specified.");
            }
            return words;
        });
    }

    /// A folder that exists, shown as an absolute path.
    static Setting.Shape<Path> folder() {
        return shape(
                "a folder",
                text -> {
                    Path folder = path(text).toAbsolutePath().normalize();
                    if (!Files.isDirectory(folder)) {
                        throw new IllegalArgumentException("No such file or directory");
                    }
                    return folder;
                },
                Path::toString);
    }

    private static Path path(String text) {
        try {
            return Path.of(text);
        } catch (InvalidPathException wrong) {
            throw new IllegalArgumentException(wrong.getMessage(), wrong);
        }
    }

    /// The name of a file, without a folder.
    ///
    /// @param directive as the errors name it
    /// @param what as the errors name the kind of name
    static Setting.Shape<String> plainName(String directive, String what) {
        return shape(
                "a name without a folder",
                text -> {
                    if (text.contains("/") || text.contains("\\")) {
                        throw new IllegalArgumentException(directive + " can't be a path, just a " + what);
                    }
                    return text;
                },
                text -> text);
    }

    /// `latency-tracking-info-percentiles`.
    static Setting.Shape<List<Double>> percentiles() {
        return shape(
                "numbers from 0 to 100",
                text -> {
                    List<Double> percentiles = new ArrayList<>();
                    words(text).forEach(word -> percentiles.add(percentile(word)));
                    return List.copyOf(percentiles);
                },
                value -> value.stream().map(Shapes::shortest).collect(Collectors.joining(" ")));
    }

    private static double percentile(String word) {
        double percentile;
        try {
            percentile = Double.parseDouble(word);
        } catch (NumberFormatException notANumber) {
            throw new IllegalArgumentException("Invalid latency-tracking-info-percentiles parameters", notANumber);
        }
        if (!(percentile >= 0 && percentile <= 100)) {
            throw new IllegalArgumentException(
                    "latency-tracking-info-percentiles parameters should sit between [0.0,100.0]");
        }
        return percentile;
    }

    private static String shortest(double number) {
        return number == Math.rint(number) ? Long.toString((long) number) : Double.toString(number);
    }

    /// `notify-keyspace-events`: letters, of which `A` stands for most.
    static Setting.Shape<String> eventClasses() {
        return shape(
                "letters of `Ag$lshzxeKEtmdnocaSTIV`",
                text -> {
                    if (!text.matches("[Ag$lshzxeKEtmdnocaSTIV]*")) {
                        throw new IllegalArgumentException(
                                "Invalid event class character. Use 'Ag$lshzxeKEtmdnocaSTIV'.");
                    }
                    boolean all = text.contains("A") || ALL_EVENTS.chars().allMatch(c -> text.indexOf(c) >= 0);
                    return (all ? "A" : only(ALL_EVENTS, text)) + only(OTHER_EVENTS, text);
                },
                // Redis, too, does not tell of these beside `A`, though they are on.
                letters -> letters.startsWith("A") ? letters.replaceAll("[anoc]", "") : letters);
    }

    private static String only(String letters, String of) {
        return letters.chars()
                .filter(c -> of.indexOf(c) >= 0)
                .mapToObj(Character::toString)
                .collect(Collectors.joining());
    }

    /// `save`: pairs of seconds and changes.
    static Setting.Shape<List<String>> savePoints() {
        return list("pairs of seconds and changes; none to save never", text -> {
            List<String> words = words(text);
            boolean right = words.size() % 2 == 0;
            for (int i = 0; right && i < words.size(); i++) {
                right = words.get(i).matches("[0-9]{1,18}") && Long.parseLong(words.get(i)) >= (i + 1) % 2;
            }
            if (!right) {
                throw new IllegalArgumentException("Invalid save parameters");
            }
            return words;
        });
    }

    /// `shutdown-on-sigterm`: what Redis does about its data when it is asked to end.
    static Setting.Shape<List<String>> shutdownOptions() {
        List<String> options = List.of("default", "save", "nosave", "now", "force");
        return list("`default`, or of `save`, `nosave`, `now`, `force`", text -> {
            List<String> words = words(text.toLowerCase(Locale.ROOT));
            if (words.isEmpty() || !options.containsAll(words)) {
                throw new IllegalArgumentException(
                        "argument(s) must be one of the following: " + String.join(", ", options));
            }
            if (words.contains("save") && words.contains("nosave")) {
                throw new IllegalArgumentException("shutdown options SAVE and NOSAVE can't be used simultaneously");
            }
            return words;
        });
    }

    /// `oom-score-adj-values`: for the primary, a replica, a child.
    static Setting.Shape<List<String>> oomScores() {
        return list("three numbers from -2000 to 2000", text -> {
            List<String> words = words(text);
            if (words.size() != 3) {
                throw new IllegalArgumentException("wrong number of arguments");
            }
            for (String word : words) {
                if (!word.matches("-?[0-9]{1,4}") || Math.abs(Integer.parseInt(word)) > 2000) {
                    throw new IllegalArgumentException(
                            "Invalid oom-score-adj-values, elements must be between -2000 and 2000.");
                }
            }
            return words;
        });
    }

    /// `replicaof`: a host and a port; `no one` is none.
    static Setting.Shape<List<String>> primary() {
        return list("a host and a port, or `no one`", text -> {
            List<String> words = words(text);
            if (words.isEmpty() || String.join(" ", words).equalsIgnoreCase("no one")) {
                return List.of();
            }
            if (words.size() != 2) {
                throw new IllegalArgumentException("wrong number of arguments");
            }
            return words;
        });
    }
}
