package io.nuthatch.store;

/// The keys of a shard that eviction has seen and liked least, of all that it has drawn so far: Redis's eviction
/// pool, one for each shard.
///
/// A candidate is a database, a hash and the score that its key had. It does not follow its key: whether that is
/// still there, and has not been used since, is found out when its turn comes.
///
/// Locks: the shard's.
final class Candidates {
    /// The score of no candidate at all.
    static final long NONE = Long.MIN_VALUE;

    private static final int MOST = 16;

    private final long[] hashes = new long[MOST];
    private final long[] scores = new long[MOST];
    private final int[] databases = new int[MOST];
    private int count;
    private EvictionPolicy policy = EvictionPolicy.NOEVICTION;

    /// Forgets what another policy has scored.
    void follow(EvictionPolicy current) {
        if (policy != current) {
            policy = current;
            count = 0;
        }
    }

    /// Takes a key in if there is room, or in the place of one that scores no better: that was drawn earlier, and
    /// may have been used since.
    void offer(int database, long hash, long score) {
        int place = find(database, hash);
        if (place < 0 && count < MOST) {
            place = count++;
        } else if (place < 0) {
            place = worst();
            if (score < scores[place]) {
                return;
            }
        }
        databases[place] = database;
        hashes[place] = hash;
        scores[place] = score;
    }

    private int find(int database, long hash) {
        for (int i = 0; i < count; i++) {
            if (hashes[i] == hash && databases[i] == database) {
                return i;
            }
        }
        return -1;
    }

    private int worst() {
        int worst = 0;
        for (int i = 1; i < count; i++) {
            worst = scores[i] < scores[worst] ? i : worst;
        }
        return worst;
    }

    /// The place of the candidate with the highest score, or -1.
    int best() {
        int best = count - 1;
        for (int i = 0; i < count; i++) {
            best = scores[i] > scores[best] ? i : best;
        }
        return best;
    }

    long bestScore() {
        return count == 0 ? NONE : scores[best()];
    }

    int database(int place) {
        return databases[place];
    }

    long hash(int place) {
        return hashes[place];
    }

    long score(int place) {
        return scores[place];
    }

    void remove(int place) {
        count--;
        databases[place] = databases[count];
        hashes[place] = hashes[count];
        scores[place] = scores[count];
    }
}
