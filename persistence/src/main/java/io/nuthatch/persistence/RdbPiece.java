package io.nuthatch.persistence;

import io.nuthatch.store.Snapshot;

/// A part of an RDB file that waits for its turn, in memory or in the second file.
sealed interface RdbPiece extends Snapshot.Kept permits RdbKeys, RdbSpill.Part {}
