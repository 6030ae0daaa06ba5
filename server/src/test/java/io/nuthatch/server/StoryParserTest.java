package io.nuthatch.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class StoryParserTest {
    private static List<Story> parse(String text) {
        return StoryParser.parse("x.txt", text.lines().toList());
    }

    @Test
    void aFileIsProseThenStories() {
        List<Story> stories = parse("""
                What this family does.
                > not a command

                # GET of a missing key is nil
                > GET a
                (nil)

                # two clients
                % not redis 7.0: it is too young
                > [b] MONITOR
                OK
                >> BLPOP q 0
                @ +2s
                < [b]
                ~ .*
                """);
        assertThat(stories)
                .containsExactly(
                        new Story(
                                "GET of a missing key is nil",
                                null,
                                4,
                                List.of(new Story.Send(5, "main", "GET a", List.of("(nil)")))),
                        new Story(
                                "two clients",
                                "it is too young",
                                8,
                                List.of(
                                        new Story.Send(10, "b", "MONITOR", List.of("OK")),
                                        new Story.SendOnly(12, "main", "BLPOP q 0"),
                                        new Story.Pass(13, Duration.ofSeconds(2)),
                                        new Story.Arrive(14, "b", List.of("~ .*")))));
    }

    @Test
    void aMistakeNamesItsFileAndLine() {
        assertThatThrownBy(() -> parse("# s\n@ 5ms")).hasMessageContaining("x.txt:2:");
        assertThatThrownBy(() -> parse("# s\nOK")).hasMessageContaining("x.txt:2: a reply without a command");
        assertThatThrownBy(() -> parse("# s\n> GET a\n> GET b"))
                .hasMessageContaining("x.txt:2: a command without a reply");
    }

    @Test
    void dotsStandForAnyNumberOfLinesAndTildeForOne() {
        Map<String, String> variables = new HashMap<>();
        List<String> actual = List.of("one", "two 2", "three");
        assertThat(ReplyPattern.matches(List.of("...", "~ two (?<n>\\d)", "..."), actual, variables))
                .isTrue();
        assertThat(variables).containsEntry("n", "2");
        assertThat(ReplyPattern.matches(List.of("one", "~ t.*", "three", "..."), actual, variables))
                .isTrue();
        assertThat(ReplyPattern.matches(List.of("one", "..."), actual, variables))
                .isTrue();
        assertThat(ReplyPattern.matches(List.of("one", "~ two"), actual, variables))
                .isFalse();
        assertThat(ReplyPattern.expand("a ${n} ${xy*3}", variables)).isEqualTo("a 2 xyxyxy");
    }
}
