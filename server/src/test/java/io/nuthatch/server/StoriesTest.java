package io.nuthatch.server;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DynamicContainer;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.TestInstance;

/// Nuthatch does as all the stories tell, but for the facts in `unmet-stories.txt`, which are still to be made true.
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class StoriesTest {
    private StoryTeller teller;

    @BeforeAll
    void start() {
        teller = new StoryTeller(ServerKind.NUTHATCH);
    }

    @AfterAll
    void stop() {
        teller.close();
    }

    @TestFactory
    Stream<DynamicContainer> stories() {
        Set<String> unmet = unmet();
        return Stories.tests(teller, story -> !unmet.contains(story.fact()));
    }

    private static Set<String> unmet() {
        try (InputStream list = Objects.requireNonNull(StoriesTest.class.getResourceAsStream("unmet-stories.txt"))) {
            return Set.copyOf(new String(list.readAllBytes(), UTF_8).lines().toList());
        } catch (IOException e) {
            throw new UncheckedIOException("cannot read the list of unmet stories", e);
        }
    }
}
