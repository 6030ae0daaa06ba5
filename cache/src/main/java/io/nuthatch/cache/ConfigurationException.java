package io.nuthatch.cache;

/// A cache was asked for that cannot be: says which option is wrong, why, and what to write instead.
public final class ConfigurationException extends IllegalArgumentException {
    private final String option;

    /// @param option the option's name, as the builder spells it
    /// @param problem what is wrong, with the value
    /// @param remedy what to write instead
    public ConfigurationException(String option, String problem, String remedy) {
        super(option + ": " + problem + "; " + remedy);
        this.option = option;
    }

    /// The name of the option at fault.
    public String option() {
        return option;
    }
}
