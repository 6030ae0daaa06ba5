package io.nuthatch.engine;

import java.util.function.Consumer;

/// To whom a message goes: clients of one event loop.
interface Receivers {
    /// Thread: the event loop's.
    void forEach(Consumer<Session> receiver);
}
