package io.nuthatch.server;

import java.util.List;
import java.util.stream.Stream;

/// The families whose random commands two servers must answer alike. A new family adds its line here.
final class Recipes {
    static final List<Recipe> ALL = Stream.of(StringRecipes.ALL, HashRecipes.ALL, KeyRecipes.ALL, ServerRecipes.ALL)
            .flatMap(List::stream)
            .toList();

    private static final int TOTAL_WEIGHT =
            ALL.stream().mapToInt(Recipe::weight).sum();

    private Recipes() {}

    /// One of all recipes, by weight.
    static Recipe draw(Draw draw) {
        int at = draw.below(TOTAL_WEIGHT);
        for (Recipe recipe : ALL) {
            at -= recipe.weight();
            if (at < 0) {
                return recipe;
            }
        }
        throw new IllegalStateException("weights do not add up: total=" + TOTAL_WEIGHT);
    }
}
