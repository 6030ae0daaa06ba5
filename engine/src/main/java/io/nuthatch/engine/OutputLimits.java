package io.nuthatch.engine;

import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.StringJoiner;
import org.jspecify.annotations.Nullable;

/// `client-output-buffer-limit`: how many bytes of replies may wait for clients of each class.
///
/// ```
///   normal 0 0 0  slave 268435456 67108864 60  pubsub 33554432 8388608 60
///   class  hard soft softSeconds
/// ```
public final class OutputLimits {
    static final String DEFAULT = "normal 0 0 0 slave 256mb 64mb 60 pubsub 32mb 8mb 60";

    /// By the ordinals of the client classes.
    private static final List<String> CLASSES = List.of("normal", "slave", "pubsub");

    private final Map<Session.ClientClass, Limit> limits;

    /// How much may wait for one client; 0 means no limit.
    ///
    /// @param hardBytes beyond this it is closed at once
    /// @param softBytes beyond this it is closed if that lasts
    /// @param softSeconds how long the soft limit may be exceeded
    public record Limit(long hardBytes, long softBytes, long softSeconds) {}

    private OutputLimits(Map<Session.ClientClass, Limit> limits) {
        this.limits = limits;
    }

    public Limit of(Session.ClientClass clientClass) {
        return Objects.requireNonNull(limits.get(clientClass));
    }

    /// Classes that a text does not name keep their limits.
    static final class Shape implements Setting.Shape<OutputLimits> {
        private static final String WRONG_NUMBER =
                "Error in hard, soft or soft_seconds setting in buffer limit configuration.";

        @Override
        public OutputLimits read(String text, @Nullable OutputLimits before) {
            List<String> words = Shapes.words(text);
            if (words.size() % 4 != 0) {
                throw new IllegalArgumentException("Wrong number of arguments in buffer limit configuration.");
            }
            Map<Session.ClientClass, Limit> limits = new EnumMap<>(Session.ClientClass.class);
            if (before != null) {
                limits.putAll(before.limits);
            }
            for (int i = 0; i < words.size(); i += 4) {
                limits.put(clientClass(words.get(i)), limit(words, i));
            }
            return new OutputLimits(limits);
        }

        private static Session.ClientClass clientClass(String word) {
            String name = word.toLowerCase(Locale.ROOT);
            int index = CLASSES.indexOf(name.equals("replica") ? "slave" : name);
            if (index < 0) {
                throw new IllegalArgumentException("Invalid client class specified in buffer limit configuration.");
            }
            return Session.ClientClass.values()[index];
        }

        private static Limit limit(List<String> words, int at) {
            try {
                long seconds = Long.parseLong(words.get(at + 3));
                if (seconds >= 0) {
                    return new Limit(Units.bytes(words.get(at + 1)), Units.bytes(words.get(at + 2)), seconds);
                }
            } catch (IllegalArgumentException notANumber) {
                throw new IllegalArgumentException(WRONG_NUMBER, notANumber);
            }
            throw new IllegalArgumentException(WRONG_NUMBER);
        }

        @Override
        public String write(OutputLimits value) {
            StringJoiner text = new StringJoiner(" ");
            value.limits.forEach((clientClass, limit) -> text.add(CLASSES.get(clientClass.ordinal()))
                    .add(Long.toString(limit.hardBytes()))
                    .add(Long.toString(limit.softBytes()))
                    .add(Long.toString(limit.softSeconds())));
            return text.toString();
        }

        @Override
        public String form() {
            return "`normal`, `replica` or `pubsub`, hard bytes, soft bytes, seconds; for one class or several";
        }
    }
}
