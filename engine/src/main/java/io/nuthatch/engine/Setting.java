package io.nuthatch.engine;

import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.StringJoiner;
import java.util.concurrent.CopyOnWriteArrayList;

/// One directive of the configuration: its name, its default, what it may be, and what it is.
///
/// Values are volatile: CONFIG SET writes them, every thread reads them.
public abstract sealed class Setting {
    private final String name;
    private final String defaultText;
    private final boolean mutable;
    private final List<Runnable> listeners = new CopyOnWriteArrayList<>();

    private Setting(String name, String defaultText, boolean mutable) {
        this.name = name;
        this.defaultText = defaultText;
        this.mutable = mutable;
    }

    /// Redis's name of the directive.
    public String name() {
        return name;
    }

    public String defaultText() {
        return defaultText;
    }

    /// Whether CONFIG SET may change it while the server runs.
    public boolean isMutable() {
        return mutable;
    }

    /// The value as CONFIG GET shows it.
    public abstract String text();

    /// Gives it a value, without telling anyone.
    ///
    /// @throws IllegalArgumentException with the reason, if it may not be that
    abstract void parse(String text);

    /// Has someone told when the value has changed, and at once.
    public void follow(Runnable listener) {
        listeners.add(listener);
        listener.run();
    }

    void changed() {
        listeners.forEach(Runnable::run);
    }

    /// A whole number, a size in bytes (`1gb`), or whatever else fits into a `long`.
    public static final class Whole extends Setting {
        private final long least;
        private final long most;
        private final boolean bytes;
        private volatile long value;

        Whole(String name, String defaultText, boolean mutable, long least, long most, boolean bytes) {
            super(name, defaultText, mutable);
            this.least = least;
            this.most = most;
            this.bytes = bytes;
            parse(defaultText);
        }

        public long value() {
            return value;
        }

        @Override
        public String text() {
            return Long.toString(value);
        }

        @Override
        void parse(String text) {
            long parsed = bytes ? Units.bytes(text) : number(text);
            if (parsed < least || parsed > most) {
                throw new IllegalArgumentException("argument must be between " + least + " and " + most + " inclusive");
            }
            value = parsed;
        }

        private static long number(String text) {
            try {
                return Long.parseLong(text);
            } catch (NumberFormatException notANumber) {
                throw new IllegalArgumentException("argument couldn't be parsed into an integer", notANumber);
            }
        }
    }

    /// `yes` or `no`.
    public static final class Switch extends Setting {
        private volatile boolean on;

        Switch(String name, String defaultText, boolean mutable) {
            super(name, defaultText, mutable);
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

        Choice(String name, String defaultText, boolean mutable, List<String> choices) {
            super(name, defaultText, mutable);
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

        Text(String name, String defaultText, boolean mutable) {
            super(name, defaultText, mutable);
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
        void parse(String text) {
            value = text;
        }
    }

    /// `client-output-buffer-limit`: a class, a hard limit, a soft limit and its seconds, over and over.
    public static final class OutputLimits extends Setting {
        private static final List<String> CLASSES = List.of("normal", "slave", "pubsub");
        private volatile Map<Session.ClientClass, OutputLimit> limits = new EnumMap<>(Session.ClientClass.class);

        OutputLimits(String name, String defaultText) {
            super(name, defaultText, true);
            parse(defaultText);
        }

        public OutputLimit of(Session.ClientClass clientClass) {
            return Objects.requireNonNull(limits.get(clientClass));
        }

        @Override
        public String text() {
            StringJoiner text = new StringJoiner(" ");
            limits.forEach((kind, limit) -> text.add(CLASSES.get(kind.ordinal()))
                    .add(Long.toString(limit.hardBytes()))
                    .add(Long.toString(limit.softBytes()))
                    .add(Long.toString(limit.softSeconds())));
            return text.toString();
        }

        @Override
        void parse(String text) {
            String[] words = text.trim().split("\\s+");
            if (words.length % 4 != 0) {
                throw new IllegalArgumentException("Wrong number of arguments in buffer limit configuration.");
            }
            Map<Session.ClientClass, OutputLimit> changed = new EnumMap<>(limits);
            for (int i = 0; i < words.length; i += 4) {
                String kind = words[i].toLowerCase(Locale.ROOT).replace("replica", "slave");
                int index = CLASSES.indexOf(kind);
                if (index < 0) {
                    throw new IllegalArgumentException("Invalid client class specified in buffer limit configuration.");
                }
                changed.put(Session.ClientClass.values()[index], limit(words, i));
            }
            limits = changed;
        }

        private static OutputLimit limit(String[] words, int at) {
            try {
                OutputLimit limit = new OutputLimit(
                        Units.bytes(words[at + 1]), Units.bytes(words[at + 2]), Long.parseLong(words[at + 3]));
                if (limit.hardBytes() >= 0 && limit.softBytes() >= 0 && limit.softSeconds() >= 0) {
                    return limit;
                }
            } catch (IllegalArgumentException notANumber) {
                throw new IllegalArgumentException(
                        "Error in hard, soft or soft_seconds setting in buffer limit configuration.", notANumber);
            }
            throw new IllegalArgumentException(
                    "Error in hard, soft or soft_seconds setting in buffer limit configuration.");
        }
    }

    /// How much output may wait for a client; 0 means no limit.
    ///
    /// @param softSeconds how long the soft limit may be exceeded
    public record OutputLimit(long hardBytes, long softBytes, long softSeconds) {}
}
