package io.nuthatch.cache;

/// Something about a cache that could be better, in words.
///
/// @param about what it is about: an option or a tier, by its name
/// @param finding what was seen, with its figures
/// @param remedy what to change
public record Advice(String about, String finding, String remedy) {
    @Override
    public String toString() {
        return about + ": " + finding + "; " + remedy;
    }
}
