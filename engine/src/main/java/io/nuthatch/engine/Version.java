package io.nuthatch.engine;

import java.lang.module.ModuleDescriptor;

/// The versions that HELLO, INFO and `--version` tell.
public final class Version {
    /// The version of Redis whose behaviour clients may expect. Clients that check it want 7.4 or later.
    public static final String REDIS = "7.4.0";

    /// Our own, which the build writes into the module.
    public static final String NUTHATCH = own();

    private Version() {}

    private static String own() {
        ModuleDescriptor descriptor = Version.class.getModule().getDescriptor();
        return descriptor == null
                ? "(not built by Maven)"
                : descriptor.rawVersion().orElse("(not built by Maven)");
    }
}
