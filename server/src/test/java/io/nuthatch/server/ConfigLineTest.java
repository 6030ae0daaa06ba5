package io.nuthatch.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class ConfigLineTest {
    static Stream<Map.Entry<String, List<String>>> lines() {
        return Stream.of(
                Map.entry("", List.of()),
                Map.entry("  \t ", List.of()),
                Map.entry("# maxmemory 1gb", List.of()),
                Map.entry("   # maxmemory 1gb", List.of()),
                Map.entry("port 7000", List.of("port", "7000")),
                Map.entry("\tport\t 7000 \r", List.of("port", "7000")),
                Map.entry("save \"\"", List.of("save", "")),
                Map.entry("requirepass \"two words\"", List.of("requirepass", "two words")),
                Map.entry("requirepass 'two \"words\"'", List.of("requirepass", "two \"words\"")),
                Map.entry("requirepass pa#ss", List.of("requirepass", "pa#ss")),
                Map.entry("requirepass \"\\n\\r\\t\\b\\a\\\"\\\\\\q\"", List.of("requirepass", "\n\r\t\b\u0007\"\\q")),
                Map.entry("requirepass 'it\\'s \\n'", List.of("requirepass", "it's \\n")),
                Map.entry("requirepass \"\\xc3\\xa9\\x4a\\xZZ\"", List.of("requirepass", "\u00e9JxZZ")),
                Map.entry("logfile /tmp/\u00fc.log", List.of("logfile", "/tmp/\u00fc.log")),
                Map.entry("a b#c #d", List.of("a", "b#c", "#d")));
    }

    @ParameterizedTest
    @MethodSource("lines")
    void wordsAreSplitAndUnquoted(Map.Entry<String, List<String>> line) {
        assertThat(ConfigLine.words(line.getKey())).isEqualTo(line.getValue());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"requirepass \"open", "requirepass 'open", "requirepass \"a\"b", "requirepass \"a\\", "a 'b\\'"})
    void anOpenQuoteIsRefused(String line) {
        assertThatThrownBy(() -> ConfigLine.words(line)).hasMessage("Unbalanced quotes in configuration line");
    }

    @Test
    void aWordMustBeText() {
        assertThatThrownBy(() -> ConfigLine.words("requirepass \"\\xff\"")).hasMessage("a word is not UTF-8");
    }
}
