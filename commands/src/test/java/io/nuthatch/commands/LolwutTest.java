package io.nuthatch.commands;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Random;
import org.junit.jupiter.api.Test;

class LolwutTest {
    @Test
    void thePictureIsAsLargeAsAskedFor() {
        for (int seed = 0; seed < 20; seed++) {
            String picture = Lolwut.draw(40, 12, new Random(seed));
            assertThat(picture.lines()).as("seed=%d", seed).hasSize(12).allMatch(line -> line.length() <= 40);
            assertThat(picture.chars().filter(c -> c > 0x2800 && c < 0x2900).count())
                    .as("seed=%d", seed)
                    .isGreaterThan(40);
        }
    }

    @Test
    void noTwoTreesAreTheSame() {
        assertThat(Lolwut.draw(40, 12, new Random(1))).isNotEqualTo(Lolwut.draw(40, 12, new Random(2)));
    }
}
