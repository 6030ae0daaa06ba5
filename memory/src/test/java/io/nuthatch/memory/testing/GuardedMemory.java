package io.nuthatch.memory.testing;

import io.nuthatch.memory.Memory;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.BeforeEachCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/// Fails a test that overruns a block of native memory or leaves one behind.
///
/// ```java
/// @ExtendWith(GuardedMemory.class)
/// class KeyspaceTest { … }
/// ```
///
/// Tests run in guarded mode (`-Dnuthatch.memory=guarded`, set in the parent's pom); with `traced` instead the
/// message names the line that allocated.
public final class GuardedMemory implements BeforeEachCallback, AfterEachCallback {
    private static final ExtensionContext.Namespace HERE = ExtensionContext.Namespace.create(GuardedMemory.class);
    private static final int DESCRIBED_MOST = 10;

    @Override
    public void beforeEach(ExtensionContext test) {
        if (!Memory.guarded()) {
            throw new IllegalStateException("tests need -Dnuthatch.memory=guarded");
        }
        test.getStore(HERE).put("before", Memory.liveBlocks());
    }

    @Override
    @SuppressWarnings("unchecked")
    public void afterEach(ExtensionContext test) {
        checkSince(Objects.requireNonNull(test.getStore(HERE).get("before", Set.class)));
    }

    static void checkSince(Set<Long> before) {
        Memory.checkGuards();
        Set<Long> leaked = Memory.liveBlocks();
        leaked.removeAll(before);
        if (!leaked.isEmpty()) {
            throw new AssertionError(
                    leaked.size() + " blocks of native memory leaked; -Dnuthatch.memory=traced says where:\n"
                            + leaked.stream()
                                    .limit(DESCRIBED_MOST)
                                    .map(Memory::describe)
                                    .collect(Collectors.joining("\n")));
        }
    }
}
