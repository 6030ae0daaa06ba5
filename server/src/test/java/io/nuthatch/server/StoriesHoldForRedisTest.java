package io.nuthatch.server;

import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DynamicContainer;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.TestInstance;

/// The stories are true: a real Redis 7.0 passes every one that it can be expected to know.
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class StoriesHoldForRedisTest {
    private StoryTeller teller;

    @BeforeAll
    void start() {
        teller = new StoryTeller(ServerKind.REDIS);
    }

    @AfterAll
    void stop() {
        teller.close();
    }

    @TestFactory
    Stream<DynamicContainer> stories() {
        return Stories.tests(teller, story -> story.notRedis7() == null);
    }
}
