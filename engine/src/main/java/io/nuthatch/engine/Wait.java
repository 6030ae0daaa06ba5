package io.nuthatch.engine;

import io.nuthatch.resp.ReplySink;
import io.nuthatch.store.Tx;
import io.nuthatch.store.Type;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// What a command waits for that has found nothing: said by a [Body.Waiting] or a [Body.WaitingOnSession].
///
/// ```java
///   return Wait.forKeys(Type.LIST, 1, args.count() - 2, timeoutMs, again).changing(2);
/// ```
///
/// @param type what a key must have become to be of use; no matter what if there is no key
/// @param firstKey the first of the words that name the keys it waits for
/// @param lastKey the last of them
/// @param destination the word that names another key, which it will change when it is served, or 0
/// @param endings whether it wants to know too when a key is gone, or is of another type, or has lost a group
/// @param ripening how a key comes to be of use by time alone, or null if it does not
/// @param timeoutMs how long it waits, in milliseconds; 0 for as long as it takes
/// @param again what to do when a key has changed
/// @param none the reply when the time is up
/// @param atOnce the reply to a client that may not wait, as within a transaction
public record Wait(
        Type type,
        int firstKey,
        int lastKey,
        int destination,
        boolean endings,
        @Nullable Ripening ripening,
        long timeoutMs,
        Attempt again,
        Consumer<ReplySink> none,
        Consumer<ReplySink> atOnce) {

    /// Another attempt, when one of the keys has changed.
    @FunctionalInterface
    public interface Attempt {
        /// Takes what there is now and answers, or does nothing. An error is an answer.
        ///
        /// It runs on the thread of the client that has changed the key, under its locks: the key's shard and
        /// that of the destination are locked, no other.
        ///
        /// @param key the word that names the key, 0 if there is none
        /// @return whether it has answered
        boolean run(int key, Args args, Tx tx, ReplySink reply);
    }

    /// How a key comes to be of use though nothing happens to it: entries of a stream that others have for too
    /// long.
    ///
    /// @param leastMs how long at least what is put into the key takes
    /// @param outlook when what is there will be of use
    public record Ripening(long leastMs, Outlook outlook) {}

    /// Looks ahead.
    @FunctionalInterface
    public interface Outlook {
        /// @param key the word that names the key, which is locked
        /// @return in milliseconds since 1970; [#NEVER_MS] if something else must happen first
        long ripeMs(int key, Args args, Tx tx);
    }

    /// A time that does not come.
    public static final long NEVER_MS = Long.MAX_VALUE;

    /// Waits until one of the keys has a value of a type.
    public static Wait forKeys(Type type, int firstKey, int lastKey, long timeoutMs, Attempt again) {
        return new Wait(
                type, firstKey, lastKey, 0, false, null, timeoutMs, again, ReplySink::nullArray, ReplySink::nullArray);
    }

    /// Waits for something that no key tells of: another attempt is made every few milliseconds, without any lock.
    public static Wait forServer(long timeoutMs, Attempt again) {
        return new Wait(
                Type.STRING, 1, 0, 0, false, null, timeoutMs, again, ReplySink::nullArray, ReplySink::nullArray);
    }

    boolean hasKeys() {
        return firstKey <= lastKey;
    }

    /// It will change another key, too.
    public Wait changing(int destinationKey) {
        return new Wait(type, firstKey, lastKey, destinationKey, endings, ripening, timeoutMs, again, none, atOnce);
    }

    /// It wants another attempt when a key has ended, too.
    public Wait mindingEndings() {
        return new Wait(type, firstKey, lastKey, destination, true, ripening, timeoutMs, again, none, atOnce);
    }

    /// It wants another attempt when time has made something of a key, too.
    public Wait ripening(long leastMs, Outlook outlook) {
        Ripening by = new Ripening(leastMs, outlook);
        return new Wait(type, firstKey, lastKey, destination, endings, by, timeoutMs, again, none, atOnce);
    }

    /// The reply when the time is up, a null array unless said otherwise.
    public Wait orElse(Consumer<ReplySink> reply) {
        return new Wait(type, firstKey, lastKey, destination, endings, ripening, timeoutMs, again, reply, atOnce);
    }

    /// The reply to a client that may not wait, a null array unless said otherwise.
    public Wait orElseAtOnce(Consumer<ReplySink> reply) {
        return new Wait(type, firstKey, lastKey, destination, endings, ripening, timeoutMs, again, none, reply);
    }
}
