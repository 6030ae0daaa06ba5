package io.nuthatch.server;

import static org.junit.jupiter.api.DynamicContainer.dynamicContainer;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicContainer;
import org.junit.jupiter.api.DynamicTest;

/// All story files as tests: a container for each file, a test for each story.
final class Stories {
    private Stories() {}

    /// The stories that `chosen` picks, told by `teller`. With `-Dnuthatch.stories=<part of a fact>` only those.
    static Stream<DynamicContainer> tests(StoryTeller teller, Predicate<Story> chosen) {
        String part = System.getProperty("nuthatch.stories", "");
        return files().stream()
                .map(file -> dynamicContainer(
                        file.getFileName().toString(),
                        file.toUri(),
                        StoryParser.parse(file).stream()
                                .filter(chosen)
                                .filter(story -> story.fact().contains(part))
                                .map(story -> test(teller, file, story))));
    }

    private static DynamicTest test(StoryTeller teller, Path file, Story story) {
        return dynamicTest(story.fact(), () -> teller.tell(file, story));
    }

    static List<Path> files() {
        try (Stream<Path> files = Files.list(StoryParser.folder())) {
            return files.filter(file -> file.toString().endsWith(".txt"))
                    .sorted()
                    .toList();
        } catch (IOException e) {
            throw new UncheckedIOException("cannot list stories", e);
        }
    }
}
