package io.nuthatch.engine;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.concurrent.CopyOnWriteArrayList;
import org.jspecify.annotations.Nullable;

/// One directive of the configuration: what it is called, what it may be, what it is unless told otherwise, and what
/// it does here. [Config] makes each of them in one row.
///
/// Values are volatile: CONFIG SET writes them, every thread reads them.
public abstract sealed class Setting {
    /// Where a directive stands in the manual, and in CONFIG REWRITE.
    public enum Section {
        NETWORK("Network"),
        CLIENTS("Clients"),
        MEMORY("Keys and memory"),
        SECURITY("Security"),
        PROCESS("The process and its log"),
        OBSERVATION("Observation"),
        PERSISTENCE("Persistence"),
        REPLICATION("Replication"),
        CLUSTER("Cluster"),
        TLS("TLS"),
        DATA_TYPES("Data types"),
        SCRIPTS("Scripts and modules");

        private final String title;

        Section(String title) {
            this.title = title;
        }

        public String title() {
            return title;
        }
    }

    /// What a directive does in this server.
    public enum Effect {
        /// What it says.
        ACTS,
        /// Nothing yet: it is kept for a part of the server that is still to come.
        WAITS,
        /// Nothing ever: what it tunes in Redis does not exist here.
        NEEDLESS
    }

    private final Row row;
    private final String defaultText;
    private final List<Runnable> followers = new CopyOnWriteArrayList<>();

    private Setting(Row row, String defaultText) {
        this.row = row;
        this.defaultText = defaultText;
    }

    /// Redis's name of the directive.
    public String name() {
        return row.name;
    }

    /// Older names of the same directive.
    public List<String> aliases() {
        return row.aliases;
    }

    public Section section() {
        return row.section;
    }

    /// What it is, in one sentence.
    public String brief() {
        return row.brief;
    }

    /// The value without a configuration, as CONFIG GET shows it.
    public String defaultText() {
        return defaultText;
    }

    /// The value without a configuration in words, where it depends on the machine.
    public String defaultInWords() {
        return row.defaultInWords == null ? defaultText : row.defaultInWords;
    }

    /// What it may be, in a few words.
    public abstract String form();

    public Effect effect() {
        return row.effect;
    }

    /// What an [Effect#WAITS] waits for, or why it is [Effect#NEEDLESS]; else empty.
    public String reason() {
        return row.reason;
    }

    /// Why nothing but the default is accepted; empty if other values are.
    public String refusal() {
        return row.refusal;
    }

    /// Whether CONFIG SET may change it while the server runs.
    public boolean isMutable() {
        return row.mutable;
    }

    /// Whether CONFIG SET may change it only if `enable-protected-configs` allows that.
    public boolean isProtected() {
        return row.guarded;
    }

    /// Whether its value is a secret.
    public boolean isSensitive() {
        return row.sensitive;
    }

    /// Whether CONFIG GET knows nothing of it: it is only an instruction in a file.
    public boolean isHidden() {
        return row.hidden;
    }

    /// Whether it takes several words.
    public boolean isList() {
        return row.list;
    }

    /// Whether it has been given another value than the default.
    public boolean isChanged() {
        return !text().equals(defaultText);
    }

    /// The value as CONFIG GET shows it.
    public abstract String text();

    /// Gives it a value, without telling anyone.
    ///
    /// @throws IllegalArgumentException with the reason, if it may not be that; the value is then what it was
    void assign(String text) {
        String before = text();
        parse(text);
        if (!row.refusal.isEmpty() && isChanged()) {
            parse(before);
            throw new IllegalArgumentException(row.refusal);
        }
    }

    /// @throws IllegalArgumentException with the reason, if it may not be that
    abstract void parse(String text);

    /// Has someone told when the value has changed, and at once. One who cannot go along with the change throws an
    /// `IllegalArgumentException` with the reason, and the value goes back to what it was.
    public void follow(Runnable follower) {
        followers.add(follower);
        follower.run();
    }

    void changed() {
        followers.forEach(Runnable::run);
    }

    /// A value that a directive may not have, or a directive that does not exist.
    public static final class Refused extends IllegalArgumentException {
        private static final long serialVersionUID = 1L;

        private final String directive;
        private final String reason;

        Refused(String directive, String reason) {
            super(directive + ": " + reason);
            this.directive = directive;
            this.reason = reason;
        }

        public String directive() {
            return directive;
        }

        public String reason() {
            return reason;
        }
    }

    /// A whole number: a plain one, a size in bytes (`1gb`), a share (`5%`), or octal digits.
    public static final class Whole extends Setting {
        /// How the number is written.
        enum Notation {
            PLAIN,
            BYTES,
            /// A size, or a percentage; that is kept as a negative number.
            BYTES_OR_PERCENT,
            OCTAL
        }

        private final Notation notation;
        private final long least;
        private final long most;
        private volatile long value;

        private Whole(Row row, Notation notation, String defaultText, long least, long most) {
            super(row, defaultText);
            this.notation = notation;
            this.least = least;
            this.most = most;
            parse(defaultText);
        }

        public long value() {
            return value;
        }

        @Override
        public String text() {
            return switch (notation) {
                case PLAIN, BYTES -> Long.toString(value);
                case BYTES_OR_PERCENT -> value < 0 ? -value + "%" : Long.toString(value);
                case OCTAL -> Long.toOctalString(value);
            };
        }

        @Override
        public String form() {
            String range = most == Long.MAX_VALUE ? "from " + least : least + " to " + most;
            return switch (notation) {
                case PLAIN -> range;
                case BYTES -> least == 0 ? "bytes" : "bytes, " + range;
                case BYTES_OR_PERCENT -> "bytes, or `%` of `maxmemory`";
                case OCTAL -> "octal digits, at most " + Long.toOctalString(most);
            };
        }

        @Override
        void parse(String text) {
            long parsed = switch (notation) {
                case PLAIN -> plain(text);
                case BYTES -> Units.bytes(text);
                case BYTES_OR_PERCENT -> share(text);
                case OCTAL -> octal(text);
            };
            if (parsed < least || parsed > most) {
                throw new IllegalArgumentException("argument must be between " + least + " and " + most + " inclusive");
            }
            value = parsed;
        }

        private static long plain(String text) {
            try {
                long number = Long.parseLong(text);
                if (Long.toString(number).equals(text)) {
                    return number;
                }
            } catch (NumberFormatException notANumber) {
                throw new IllegalArgumentException("argument couldn't be parsed into an integer", notANumber);
            }
            throw new IllegalArgumentException("argument couldn't be parsed into an integer");
        }

        private static long share(String text) {
            if (!text.endsWith("%")) {
                try {
                    return Units.bytes(text);
                } catch (IllegalArgumentException neither) {
                    throw new IllegalArgumentException("argument must be a memory or percent value", neither);
                }
            }
            long percent = plain(text.substring(0, text.length() - 1));
            if (percent < 0) {
                throw new IllegalArgumentException("argument must be a memory or percent value");
            }
            if (percent > 100) {
                throw new IllegalArgumentException("percentage argument must be less or equal to 100");
            }
            return -percent;
        }

        private static long octal(String text) {
            try {
                return Long.parseLong(text, 8);
            } catch (NumberFormatException notOctal) {
                throw new IllegalArgumentException("argument couldn't be parsed as an octal number", notOctal);
            }
        }
    }

    /// `yes` or `no`.
    public static final class Switch extends Setting {
        private volatile boolean on;

        private Switch(Row row, String defaultText) {
            super(row, defaultText);
            parse(defaultText);
        }

        public boolean isOn() {
            return on;
        }

        @Override
        public String text() {
            return on ? "yes" : "no";
        }

        @Override
        public String form() {
            return "`yes` or `no`";
        }

        @Override
        void parse(String text) {
            on = switch (text.toLowerCase(Locale.ROOT)) {
                case "yes" -> true;
                case "no" -> false;
                default -> throw new IllegalArgumentException("argument must be 'yes' or 'no'");
            };
        }
    }

    /// One of several words.
    public static final class Choice extends Setting {
        private final List<String> choices;
        private volatile String value;

        private Choice(Row row, String defaultText, List<String> choices) {
            super(row, defaultText);
            this.choices = choices;
            this.value = defaultText;
        }

        public String value() {
            return value;
        }

        @Override
        public String text() {
            return value;
        }

        @Override
        public String form() {
            return "`" + String.join("`, `", choices) + "`";
        }

        @Override
        void parse(String text) {
            String word = text.toLowerCase(Locale.ROOT);
            if (!choices.contains(word)) {
                throw new IllegalArgumentException(
                        "argument(s) must be one of the following: " + String.join(", ", choices));
            }
            value = word;
        }
    }

    /// Any text.
    public static final class Text extends Setting {
        private volatile String value;

        private Text(Row row, String defaultText) {
            super(row, defaultText);
            this.value = defaultText;
        }

        public String value() {
            return value;
        }

        @Override
        public String text() {
            return value;
        }

        @Override
        public String form() {
            return "text";
        }

        @Override
        void parse(String text) {
            value = text;
        }
    }

    /// A value that is made of parts, with a shape of its own.
    public static final class Shaped<T> extends Setting {
        private final Shape<T> shape;
        private volatile T value;

        private Shaped(Row row, String defaultText, Shape<T> shape) {
            super(row, shape.write(shape.read(defaultText, null)));
            this.shape = shape;
            this.value = shape.read(defaultText, null);
        }

        public T value() {
            return value;
        }

        @Override
        public String text() {
            return shape.write(value);
        }

        @Override
        public String form() {
            return shape.form();
        }

        @Override
        void parse(String text) {
            value = shape.read(text, value);
        }
    }

    /// How a value of several parts is read and written.
    interface Shape<T> {
        /// @param before the value so far, which may keep some of its parts; null at the very first
        /// @throws IllegalArgumentException with the reason, if the text has not this shape
        T read(String text, @Nullable T before);

        /// As CONFIG GET shows it; [#read] understands it.
        String write(T value);

        /// What it may be, in a few words.
        String form();
    }

    /// The beginning of a directive's row: what is said of it before its kind, which is the last word.
    static final class Row {
        private final Config config;
        private final Section section;
        private final String name;
        private final String brief;
        private final List<String> aliases = new ArrayList<>();
        private Effect effect = Effect.ACTS;
        private String reason = "";
        private String refusal = "";
        private @Nullable String defaultInWords;
        private boolean mutable = true;
        private boolean guarded;
        private boolean sensitive;
        private boolean hidden;
        private boolean list;

        Row(Config config, Section section, String name, String brief) {
            this.config = config;
            this.section = section;
            this.name = name;
            this.brief = brief;
        }

        Row alias(String older) {
            aliases.add(older);
            return this;
        }

        /// CONFIG SET may not change it.
        Row fixed() {
            mutable = false;
            return this;
        }

        /// CONFIG SET may change it only if `enable-protected-configs` allows that.
        Row guarded() {
            guarded = true;
            return this;
        }

        Row sensitive() {
            sensitive = true;
            return this;
        }

        /// An instruction in a file, of which CONFIG GET knows nothing.
        Row hidden() {
            hidden = true;
            mutable = false;
            return this;
        }

        Row waitsFor(String part) {
            effect = Effect.WAITS;
            reason = part;
            return this;
        }

        Row needless(String why) {
            effect = Effect.NEEDLESS;
            reason = why;
            return this;
        }

        /// Nothing but the default is accepted, because to accept it would promise what is not so.
        Row refuses(String why) {
            refusal = why;
            return this;
        }

        Row defaultInWords(String words) {
            defaultInWords = words;
            return this;
        }

        Whole whole(long value, long least, long most) {
            return config.add(new Whole(this, Whole.Notation.PLAIN, Long.toString(value), least, most));
        }

        Whole bytes(long value, long least, long most) {
            return config.add(new Whole(this, Whole.Notation.BYTES, Long.toString(value), least, most));
        }

        Whole bytesOrPercent(long value) {
            return config.add(
                    new Whole(this, Whole.Notation.BYTES_OR_PERCENT, Long.toString(value), -100, Long.MAX_VALUE));
        }

        Whole octal(long value, long most) {
            return config.add(new Whole(this, Whole.Notation.OCTAL, Long.toOctalString(value), 0, most));
        }

        Switch yes() {
            return config.add(new Switch(this, "yes"));
        }

        Switch no() {
            return config.add(new Switch(this, "no"));
        }

        Choice choice(String value, String... choices) {
            return config.add(new Choice(this, value, List.of(choices)));
        }

        Text text(String value) {
            return config.add(new Text(this, value));
        }

        <T> Shaped<T> one(Shape<T> shape, String value) {
            return config.add(new Shaped<>(this, value, Objects.requireNonNull(shape)));
        }

        <T> Shaped<T> several(Shape<T> shape, String value) {
            list = true;
            return one(shape, value);
        }
    }
}
