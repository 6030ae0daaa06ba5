package io.nuthatch.engine;

import io.nuthatch.memory.Bytes;
import io.nuthatch.resp.Request;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/// A request on its way through the engine: its words, the command they name, and where its keys are.
///
/// Thread: the worker's that owns it. It is used again and again.
public final class Call {
    private Request request = new Request();
    private Args args = new Args(request);

    @Nullable
    Command command;

    /// The hash of the key, if the command has one only.
    long keyHash;

    /// The shards of all keys that the words name.
    long shards;

    public Request request() {
        return request;
    }

    public Args args() {
        return args;
    }

    /// The command that the words name, or null if there is none.
    public @Nullable Command command() {
        return command;
    }

    /// The command, of a call that has been accepted.
    Command known() {
        return Objects.requireNonNull(command);
    }

    /// Lets go of the request, which somebody keeps, and goes on with another.
    public Request exchange(Request other) {
        Request mine = request;
        request = other;
        args = new Args(other);
        return mine;
    }

    /// Becomes another call, whose words are copied to where there is room for them ([Request#copyBytes]).
    void copy(Call other, long to) {
        command = other.command;
        keyHash = other.keyHash;
        shards = other.shards;
        request.copy(other.request, to);
    }

    Bytes key(int index) {
        return request.word(index);
    }
}
