package io.nuthatch.server;

import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DynamicContainer;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.TestInstance;

/// Nuthatch does as all the stories tell.
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
        return Stories.tests(teller, story -> true);
    }
}
