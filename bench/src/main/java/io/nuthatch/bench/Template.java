package io.nuthatch.bench;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// A request in RESP, or several that belong together, encoded once, with holes for the numbers that change each time
/// it is sent.
///
/// It is written as one would type the command, words parted by blanks:
///
/// ```
/// SET key:{r} {v:64}                    a random key, a value of 64 bytes
/// SET key:{s} {v:64} PXAT {s:60000:13:1763700000000}
/// MSET (key:{r} {v:64})x10              ten random pairs
/// ```
///
/// - `{r:RANGE:WIDTH:FIRST}` is a random number, `FIRST` <= n < `FIRST` + `RANGE`, with zeros in front up to
///   `WIDTH` digits. Without `RANGE` (or with the word `keys`) it is the number of keys of the run, without `WIDTH`
///   12, without `FIRST` 0. So `key:{r}` is a key of 16 bytes.
/// - `{s:RANGE:WIDTH:FIRST}` is `FIRST` + n % `RANGE`, where n is the running number of the request: it is the same
///   in all of a request's holes, and starts again at 0 after as many requests as the run has keys.
/// - `{c:RANGE:WIDTH:FIRST}` is the same for the number of the connection that sends it, from 0.
/// - `{n}` is a number of 17 digits that is higher in each request than in all before it that came from this
///   connection, or from one of its number in an earlier run: an ID for XADD. It is the same in all of a request's
/// holes.
/// - `{=}` is the number of the hole before it, once more.
/// - `{v:BYTES}` is a value of that many letters and digits, the same in every request; it neither compresses nor
///   reads as a number.
/// - `(...)xN` repeats words N times.
/// - `;` as a word ends a request, and another one follows: `MULTI ; (INCR ctr:{r} ;)x10 EXEC`.
///
/// Every hole has a fixed width, so that a request never changes its length.
final class Template {
    private static final int DEFAULT_WIDTH = 12;
    private static final int WIDTH_MAX = 18;
    private static final int REPEAT_MAX = 10_000;
    private static final int RISING_WIDTH = 17;
    private static final int VALUE_BYTES_MAX = 64 << 20;
    private static final Pattern GROUP = Pattern.compile("\\(([^()]*)\\)x(\\d{1,9})");
    private static final Pattern HOLE = Pattern.compile("\\{([rscnv=])((?::\\w+)*)}");
    private static final Pattern END = Pattern.compile("(?<=^|\\s);(?=\\s|$)");
    private static final String ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";

    private final byte[] bytes;
    private final List<Hole> holes;
    private final int requests;

    private Template(byte[] bytes, List<Hole> holes, int requests) {
        this.bytes = bytes;
        this.holes = holes;
        this.requests = requests;
    }

    /// Where the number of a hole comes from.
    enum Source {
        RANDOM,
        SEQUENCE,
        CONNECTION,
        RISING,
        SAME
    }

    /// A number to be written: `width` digits that end before byte `end`, of which only the last `digits` ever
    /// change.
    record Hole(Source source, int end, int digits, long range, long first) {
        Hole movedBy(int bytes) {
            return new Hole(source, end + bytes, digits, range, first);
        }
    }

    /// @param keys the number of keys of the run: the range of holes that name none
    static Template parse(String text, long keys) {
        String[] requests = END.split(unfold(text).trim());
        Encoder encoder = new Encoder(text, keys);
        for (String request : requests) {
            String[] words = request.trim().split("\\s+");
            if (words[0].isEmpty()) {
                throw new BenchFailure("empty request in the template: " + text);
            }
            encoder.header('*', words.length);
            for (String word : words) {
                encoder.word(word);
            }
        }
        return new Template(encoder.out.toByteArray(), List.copyOf(encoder.holes), requests.length);
    }

    /// How many requests it is made of, each of which is answered.
    int requests() {
        return requests;
    }

    /// The encoded request; its holes hold the lowest of their numbers.
    byte[] bytes() {
        return bytes;
    }

    List<Hole> holes() {
        return holes;
    }

    private static String unfold(String text) {
        return GROUP.matcher(text).replaceAll(group -> {
            int times = Integer.parseInt(group.group(2));
            if (times == 0 || times > REPEAT_MAX) {
                throw new BenchFailure("a group repeats 1 to " + REPEAT_MAX + " times: " + text);
            }
            return Matcher.quoteReplacement((group.group(1).trim() + " ").repeat(times));
        });
    }

    private static final class Encoder {
        private final String text;
        private final long keys;
        private final ByteArrayOutputStream out = new ByteArrayOutputStream();
        private final List<Hole> holes = new ArrayList<>();

        Encoder(String text, long keys) {
            this.text = text;
            this.keys = keys;
        }

        void header(char type, int count) {
            out.writeBytes((type + Integer.toString(count) + "\r\n").getBytes(StandardCharsets.US_ASCII));
        }

        void word(String word) {
            Matcher holeMatcher = HOLE.matcher(word);
            List<Hole> inWord = new ArrayList<>();
            StringBuilder filled = new StringBuilder();
            while (holeMatcher.find()) {
                holeMatcher.appendReplacement(filled, "");
                fill(filled, holeMatcher.group(1).charAt(0), holeMatcher.group(2), inWord);
            }
            holeMatcher.appendTail(filled);
            if (filled.indexOf("{") >= 0 || filled.indexOf("}") >= 0) {
                throw new BenchFailure("cannot read \"" + word + "\" in the request template: " + text);
            }
            byte[] bytes = filled.toString().getBytes(StandardCharsets.UTF_8);
            header('$', bytes.length);
            for (Hole hole : inWord) {
                holes.add(hole.movedBy(out.size()));
            }
            out.writeBytes(bytes);
            out.writeBytes(new byte[] {'\r', '\n'});
        }

        private void fill(StringBuilder filled, char kind, String parameters, List<Hole> inWord) {
            String[] p = parameters.isEmpty()
                    ? new String[0]
                    : parameters.substring(1).split(":", -1);
            if (kind == 'v') {
                filled.append(value((int) number(p, 0, 0, 1, VALUE_BYTES_MAX)));
                return;
            }
            if (kind == '=') {
                Hole before = inWord.isEmpty() ? lastHole() : inWord.getLast();
                filled.repeat('0', before.digits);
                inWord.add(new Hole(Source.SAME, endBytes(filled), before.digits, before.range, before.first));
                return;
            }
            if (kind == 'n') {
                filled.repeat('0', RISING_WIDTH);
                inWord.add(new Hole(Source.RISING, endBytes(filled), RISING_WIDTH, Long.MAX_VALUE, 0));
                return;
            }
            long range = p.length > 0 && p[0].equals("keys") ? keys : number(p, 0, keys, 1, Long.MAX_VALUE >> 1);
            int width = (int) number(p, 1, DEFAULT_WIDTH, 1, WIDTH_MAX);
            long first = number(p, 2, 0, 0, Long.MAX_VALUE >> 1);
            String start = String.format("%0" + width + "d", first);
            int digits = Long.toString(first + range - 1).length();
            if (digits > width || p.length > 3) {
                throw new BenchFailure("the numbers of {" + kind + parameters + "} do not fit its width: " + text);
            }
            filled.append(start);
            Source source = switch (kind) {
                case 'r' -> Source.RANDOM;
                case 'c' -> Source.CONNECTION;
                default -> Source.SEQUENCE;
            };
            inWord.add(new Hole(source, endBytes(filled), digits, range, first));
        }

        private Hole lastHole() {
            if (holes.isEmpty()) {
                throw new BenchFailure("nothing stands before {=} in the request template: " + text);
            }
            return holes.getLast();
        }

        private static int endBytes(StringBuilder filled) {
            return filled.toString().getBytes(StandardCharsets.UTF_8).length;
        }

        private long number(String[] parameters, int index, long fallback, long min, long max) {
            try {
                long number = index < parameters.length ? Long.parseLong(parameters[index]) : fallback;
                if (number >= min && number <= max) {
                    return number;
                }
            } catch (NumberFormatException notANumber) {
                throw new BenchFailure("not a number: \"" + parameters[index] + "\" in the request template: " + text);
            }
            throw new BenchFailure("number missing or out of range in the request template: " + text);
        }
    }

    /// A value of `bytes` letters and digits.
    static String value(int bytes) {
        SplittableRandom random = new SplittableRandom(bytes);
        StringBuilder value = new StringBuilder(bytes).append('v');
        while (value.length() < bytes) {
            value.append(ALPHABET.charAt(random.nextInt(ALPHABET.length())));
        }
        return value.toString();
    }
}
