package io.nuthatch.cache;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Set;
import org.junit.jupiter.api.Test;

class TimelineTest {
    private final Timeline timeline = new Timeline(1_000);
    private final int a = timeline.slotOf("a");
    private final int b = timeline.slotOf("b");

    private boolean current(int slot, long mark, String... tags) {
        return timeline.isCurrent(slot, mark, Set.of(tags));
    }

    private boolean alive(int slot, long mark, String... tags) {
        return timeline.isAlive(slot, mark, Set.of(tags));
    }

    @Test
    void whatIsToldEndsWhatWasKnownOfItsKeyOnly() {
        long before = timeline.now();
        timeline.tell(a);
        assertThat(current(a, before)).isFalse();
        assertThat(alive(a, before)).isFalse();
        assertThat(current(b, before)).isTrue();
        assertThat(current(a, timeline.now())).isTrue();
    }

    @Test
    void anOwnChangeCountsOnlyAgainstWhatIsOnItsWay() {
        long before = timeline.now();
        long after = timeline.change(a);
        assertThat(current(a, before)).isTrue();
        assertThat(timeline.isUntouched(a, before, Set.of())).isFalse();
        assertThat(timeline.isUntouched(b, before, Set.of())).isTrue();
        assertThat(timeline.isUntouched(a, after, Set.of())).isTrue();
        timeline.tell(a);
        assertThat(timeline.isUntouched(a, after, Set.of())).isFalse();
    }

    @Test
    void aChangeOfEverythingEndsEverything() {
        long before = timeline.now();
        timeline.changeAll();
        assertThat(alive(a, before)).isFalse();
        assertThat(current(a, timeline.now())).isTrue();
    }

    @Test
    void aCutEndsWhatCarriesTheTag() {
        long before = timeline.now();
        timeline.cut("red");
        assertThat(current(a, before, "red", "blue")).isFalse();
        assertThat(current(a, before, "blue")).isTrue();
        assertThat(current(a, timeline.now(), "red")).isTrue();
    }

    @Test
    void whatWasKnownBeforeALossIsStaleForEver() {
        long before = timeline.now();
        timeline.lose();
        assertThat(timeline.isFollowed()).isFalse();
        assertThat(current(a, before)).isFalse();
        assertThat(alive(a, before)).isTrue();
        long during = timeline.change(a);
        assertThat(current(a, during)).isFalse();
        timeline.arm();
        assertThat(timeline.isFollowed()).isTrue();
        assertThat(current(a, before)).isFalse();
        assertThat(current(a, during)).isFalse();
        assertThat(alive(a, during)).isTrue();
        assertThat(current(a, timeline.now())).isTrue();
    }

    @Test
    void clearingWhileLostDoesNotEndTheLoss() {
        timeline.lose();
        timeline.changeAll();
        assertThat(current(a, timeline.now())).isFalse();
        timeline.arm();
        assertThat(current(a, timeline.now())).isTrue();
    }

    @Test
    void tooManyTagsEndEverythingRatherThanBeForgotten() {
        long before = timeline.now();
        for (int i = 0; i <= Timeline.MAX_TAGS; i++) {
            timeline.cut("tag" + i);
        }
        assertThat(alive(a, before, "tag5")).isFalse();
        assertThat(current(a, timeline.now(), "tag5")).isTrue();
    }
}
