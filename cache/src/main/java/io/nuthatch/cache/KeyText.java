package io.nuthatch.cache;

import java.util.UUID;

/// Turns keys into the text under which the lower tiers keep them. Two keys that are not equal have different
/// texts, and the text of a key is the same in every process.
///
/// @param <K> the keys
@FunctionalInterface
public interface KeyText<K> {
    /// The text of a key.
    String of(K key);

    /// Strings, numbers, booleans, characters, enums and UUIDs as they print; records as JSON.
    static <K> KeyText<K> standard() {
        return KeyText::textOf;
    }

    private static String textOf(Object key) {
        return switch (key) {
            case String text -> text;
            case Number number -> number.toString();
            case Boolean truth -> truth.toString();
            case Character character -> character.toString();
            case Enum<?> constant -> constant.name();
            case UUID id -> id.toString();
            case Record parts -> JsonCodec.MAPPER.writeValueAsString(parts);
            default ->
                throw new IllegalArgumentException("keyText: no text is known for a key of " + key.getClass()
                        + "; give the builder one: .keyText(key -> ...)");
        };
    }
}
