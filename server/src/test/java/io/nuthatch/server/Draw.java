package io.nuthatch.server;

import java.util.ArrayList;
import java.util.List;
import java.util.random.RandomGenerator;

/// The luck of a random command: keys, values and numbers with the edges they are likely to break on.
///
/// No drawn time lies between a moment ago and a minute ahead, so that no key expires while two servers are compared.
final class Draw {
    private static final List<String> KEYS =
            List.of("a", "b", "c", "d", "key:1", "key:2", "key:3", "{tag}x", "", "\u0000\r\n\u00ff", "k".repeat(70));
    private static final List<String> INTEGERS = List.of(
            "0",
            "1",
            "-1",
            "2",
            "7",
            "10",
            "-10",
            "100",
            "12345",
            "-99999",
            "2147483647",
            "2147483648",
            "-2147483649",
            "9223372036854775806",
            "9223372036854775807",
            "-9223372036854775807",
            "-9223372036854775808");
    private static final List<String> NO_INTEGERS = List.of(
            "9223372036854775808",
            "-9223372036854775809",
            "99999999999999999999999",
            "01",
            "-0",
            "+1",
            " 1",
            "1 ",
            "1.0",
            "1e3",
            "0x10",
            "",
            "-",
            "abc",
            "1\u0000");
    private static final List<String> DECIMALS =
            List.of("1.5", "-0.25", "3.0", "10.50", "5.0e3", "1e2", ".5", "5.", "0.1", "-3.75", "1234.5678", "0", "2");
    private static final List<String> PATTERNS = List.of(
            "*", "key:*", "?", "[a-c]", "[^a]*", "k*", "*1", "key:?", "\\*", "", "a", "[", "*[1-2]", "{*", "*x*");
    /// Times from now that are none, gone, or too much.
    private static final List<String> ODD_SECONDS =
            List.of("0", "-1", "-100", "9223372036854775807", "9223372036854776", "abc", "1.5");
    private static final List<String> ODD_MILLISECONDS =
            List.of("0", "-1", "-100000", "9223372036854775807", "-9223372036854775808", "", "x");
    /// Seconds since 1970.
    private static final List<String> INSTANTS =
            List.of("32503680000", "4102444800", "0", "-1", "9223372036854775807", "9223372036854775", "y");
    private static final List<String> INSTANTS_MS =
            List.of("32503680000123", "4102444800500", "0", "-1", "9223372036854775807", "zz");
    private static final List<String> PAST_INSTANTS = List.of("1", "1000000000");
    private static final List<String> DATABASES = List.of("0", "0", "0", "1", "2", "15", "16", "-1", "x", "2147483648");

    private final RandomGenerator random;

    Draw(RandomGenerator random) {
        this.random = random;
    }

    boolean oneIn(int chances) {
        return random.nextInt(chances) == 0;
    }

    int below(int bound) {
        return random.nextInt(bound);
    }

    @SafeVarargs
    final <T> T oneOf(T... choices) {
        return choices[random.nextInt(choices.length)];
    }

    <T> T oneOf(List<T> choices) {
        return choices.get(random.nextInt(choices.size()));
    }

    String key() {
        return oneOf(KEYS);
    }

    /// One to five keys, the same one again at times.
    List<String> keys() {
        var keys = new ArrayList<String>();
        do {
            keys.add(key());
        } while (keys.size() < 5 && !oneIn(3));
        return keys;
    }

    /// A whole number, or in one draw of twelve something that is none.
    String integer() {
        if (oneIn(12)) {
            return oneOf(NO_INTEGERS);
        }
        return oneIn(2) ? oneOf(INTEGERS) : String.valueOf(random.nextInt(-100, 100));
    }

    String decimal() {
        return oneIn(6) ? integer() : oneOf(DECIMALS);
    }

    /// Text of a length around the thresholds of Redis's encodings, a number, or arbitrary bytes.
    String value() {
        return switch (random.nextInt(8)) {
            case 0 -> oneOf(INTEGERS);
            case 1 -> oneOf(NO_INTEGERS);
            case 2 -> oneOf(DECIMALS);
            case 3 -> letters(oneOf(0, 1, 8, 20, 43, 44, 45, 46, 63, 64, 65, 127, 128, 300));
            case 4 -> bytes(random.nextInt(60));
            case 5 -> oneIn(20) ? letters(20_000) : letters(500);
            default -> letters(random.nextInt(12));
        };
    }

    String letters(int length) {
        var text = new StringBuilder(length);
        for (int i = 0; i < length; i++) {
            text.append((char) ('a' + random.nextInt(26)));
        }
        return text.toString();
    }

    private String bytes(int length) {
        var text = new StringBuilder(length);
        for (int i = 0; i < length; i++) {
            text.append((char) random.nextInt(256));
        }
        return text.toString();
    }

    /// An offset into a value: small, negative, or beyond its end.
    String offset() {
        return oneIn(8) ? integer() : String.valueOf(random.nextInt(-60, 60));
    }

    String pattern() {
        return oneOf(PATTERNS);
    }

    /// Never twice the same: whether one time is later than another must not hang on a millisecond.
    String seconds() {
        return oneIn(3) ? oneOf(ODD_SECONDS) : String.valueOf(random.nextInt(100, 1_000_000_000));
    }

    String milliseconds() {
        return oneIn(3) ? oneOf(ODD_MILLISECONDS) : String.valueOf(random.nextInt(100_000, Integer.MAX_VALUE));
    }

    String instant() {
        return oneOf(INSTANTS);
    }

    String instantMs() {
        return oneOf(INSTANTS_MS);
    }

    /// An instant that SET must not be given here: Redis 7.0 then keeps a key that nobody sees but DBSIZE counts.
    String pastInstant() {
        return oneOf(PAST_INSTANTS);
    }

    String database() {
        return oneOf(DATABASES);
    }

    /// `EX seconds` and its kin: mostly one of them with a time, now and then none or two.
    List<String> expiry(String... flags) {
        var words = new ArrayList<String>();
        while (!oneIn(3) && words.size() < 4) {
            switch (random.nextInt(4 + flags.length)) {
                case 0 -> words.addAll(List.of("EX", seconds()));
                case 1 -> words.addAll(List.of("PX", milliseconds()));
                case 2 -> words.addAll(List.of("EXAT", instant()));
                case 3 -> words.addAll(List.of("PXAT", instantMs()));
                default -> words.add(oneOf(flags));
            }
            if (!oneIn(10)) {
                break;
            }
        }
        return words;
    }

    /// Some of some words, each of them seldom.
    List<String> flags(String... flags) {
        var some = new ArrayList<String>();
        for (String flag : flags) {
            if (oneIn(1 + flags.length)) {
                some.add(flag);
            }
        }
        return some;
    }

    /// The words with a mistake in them, such as clients make.
    List<String> spoil(List<String> words) {
        var spoiled = new ArrayList<>(words);
        int at = random.nextInt(spoiled.size());
        switch (random.nextInt(5)) {
            case 0 -> {
                if (spoiled.size() > 1) {
                    spoiled.removeLast();
                }
            }
            case 1 -> spoiled.add(spoiled.get(at));
            case 2 -> spoiled.add(oneOf("FOO", "", "NX", "GET", "-1", "abc"));
            case 3 -> spoiled.set(at, at == 0 ? alternating(spoiled.getFirst()) : oneOf("abc", "", "-1", "1.5", "NX"));
            default -> spoiled.set(0, spoiled.getFirst() + oneOf("X", " ", "\r\n", "\u00ff"));
        }
        return spoiled;
    }

    private static String alternating(String word) {
        var text = new StringBuilder(word);
        for (int i = 0; i < text.length(); i += 2) {
            text.setCharAt(i, Character.toLowerCase(text.charAt(i)));
        }
        return text.toString();
    }
}
