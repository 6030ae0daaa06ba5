package io.nuthatch.server;

import java.util.List;
import java.util.stream.Stream;

/// Recipes to draw commands from.
record Recipes(List<Recipe> recipes, int totalWeight) {
    /// The families whose random commands two servers must answer alike. A new family adds its line here.
    private static final List<List<Recipe>> FAMILIES = List.of(
            StringRecipes.ALL,
            BitmapRecipes.ALL,
            ListRecipes.ALL,
            SetRecipes.ALL,
            HashRecipes.ALL,
            SortedSetRecipes.ALL,
            GeoRecipes.ALL,
            StreamRecipes.ALL,
            SortRecipes.ALL);

    private static final List<Recipe> EVERYWHERE =
            Stream.of(KeyRecipes.ALL, ServerRecipes.ALL).flatMap(List::stream).toList();

    private static Recipes of(List<Recipe> recipes) {
        return new Recipes(recipes, recipes.stream().mapToInt(Recipe::weight).sum());
    }

    /// A chapter's recipes: those of one family, so that most keys are of its type and collections become large; or
    /// every other time those of all families, so that most keys are not. What can be asked of every key is in both.
    static Recipes ofChapter(int chapter) {
        List<Recipe> families = chapter % 2 == 0
                ? FAMILIES.get(chapter / 2 % FAMILIES.size())
                : FAMILIES.stream().flatMap(List::stream).toList();
        return of(Stream.concat(families.stream(), EVERYWHERE.stream()).toList());
    }

    /// One of the recipes, by weight.
    Recipe draw(Draw draw) {
        int at = draw.below(totalWeight);
        for (Recipe recipe : recipes) {
            at -= recipe.weight();
            if (at < 0) {
                return recipe;
            }
        }
        throw new IllegalStateException("weights do not add up: total=" + totalWeight);
    }
}
