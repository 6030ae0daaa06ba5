package io.nuthatch.store;

import io.nuthatch.memory.Bytes;

/// Takes down what transactions have done, in an order that nobody can disagree with: whoever appends holds the locks
/// of all shards that the effects concern, so effects on one key come in the order in which they happened, and those of
/// a transaction come together.
///
/// Threads: any; the implementation orders them.
public interface EffectLog {
    /// Takes nothing down.
    EffectLog NONE = new EffectLog() {
        @Override
        public boolean isOpen() {
            return false;
        }

        @Override
        public void append(Effects effects) {
            throw closed();
        }

        @Override
        public void deleted(int db, Bytes key) {
            throw closed();
        }

        private IllegalStateException closed() {
            return new IllegalStateException("nothing is logged here");
        }
    };

    /// Whether effects are wanted. Asked with a shard's lock held; it changes only while all shards are locked.
    boolean isOpen();

    /// All that a transaction has done, in one piece. Called right before its locks are released.
    void append(Effects effects);

    /// A key has gone without a command that says so: its time had come, or it has made room for others. Called with
    /// its shard locked.
    void deleted(int db, Bytes key);
}
