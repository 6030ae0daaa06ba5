package io.nuthatch.server;

import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// The expected lines of a reply, wildcards and all; see [StoryParser] for what they mean.
final class ReplyPattern {
    private static final Pattern VARIABLE = Pattern.compile("\\$\\{([^}]+)}");

    private ReplyPattern() {}

    /// Whether the lines are as expected; if so, the named groups of the patterns are added to `variables`.
    static boolean matches(List<String> expected, List<String> actual, Map<String, String> variables) {
        if (expected.isEmpty()) {
            return actual.isEmpty();
        }
        List<String> moreExpected = expected.subList(1, expected.size());
        if (expected.getFirst().equals("...")) {
            for (int skipped = 0; skipped <= actual.size(); skipped++) {
                if (matches(moreExpected, actual.subList(skipped, actual.size()), variables)) {
                    return true;
                }
            }
            return false;
        }
        return !actual.isEmpty()
                && lineMatches(expected.getFirst(), actual.getFirst(), variables)
                && matches(moreExpected, actual.subList(1, actual.size()), variables);
    }

    private static boolean lineMatches(String expected, String actual, Map<String, String> variables) {
        if (!expected.startsWith("~ ")) {
            return expand(expected, variables).equals(actual);
        }
        Matcher matcher =
                Pattern.compile(expand(expected.substring(2), variables)).matcher(actual);
        if (!matcher.matches()) {
            return false;
        }
        matcher.namedGroups().keySet().forEach(name -> variables.put(name, matcher.group(name)));
        return true;
    }

    /// `text` with its `${name}` and `${text*count}` filled in.
    static String expand(String text, Map<String, String> variables) {
        return VARIABLE.matcher(text).replaceAll(found -> Matcher.quoteReplacement(value(found.group(1), variables)));
    }

    private static String value(String name, Map<String, String> variables) {
        int star = name.lastIndexOf('*');
        if (star >= 0) {
            return name.substring(0, star).repeat(Integer.parseInt(name.substring(star + 1)));
        }
        String value = variables.get(name);
        if (value == null) {
            throw new IllegalArgumentException("no such variable: " + name);
        }
        return value;
    }
}
