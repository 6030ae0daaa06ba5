package io.nuthatch.store;

import io.nuthatch.memory.Memory;
import java.util.function.LongConsumer;

/// Members being put in order: a merge sort over their blocks, with their scores at hand, so that most comparisons look
/// at no block. A tree that is then filled by appending is built faster than by insertions, and is smaller.
///
/// O(n log n). It takes 32 bytes a member of the Java heap while it lasts.
final class ScoreOrder {
    /// Runs of this length are sorted by insertion.
    private static final int RUN = 8;

    private long[] blocks;
    private double[] scores;
    private long[] spareBlocks;
    private double[] spareScores;
    private int count;

    ScoreOrder(int capacity) {
        blocks = new long[capacity];
        scores = new double[capacity];
        spareBlocks = new long[capacity];
        spareScores = new double[capacity];
    }

    void add(long block) {
        blocks[count] = block;
        scores[count++] = Member.score(block);
    }

    /// Visits the blocks in order.
    void forEach(LongConsumer visit) {
        sort();
        for (int i = 0; i < count; i++) {
            visit.accept(blocks[i]);
        }
    }

    private void sort() {
        for (int from = 0; from < count; from += RUN) {
            sortRun(from, Math.min(from + RUN, count));
        }
        for (long run = RUN; run < count; run *= 2) {
            for (long from = 0; from < count; from += 2 * run) {
                merge((int) from, (int) Math.min(from + run, count), (int) Math.min(from + 2 * run, count));
            }
            exchange();
        }
    }

    private void sortRun(int from, int to) {
        for (int i = from + 1; i < to; i++) {
            long block = blocks[i];
            double score = scores[i];
            int at = i;
            for (; at > from && isBefore(score, block, scores[at - 1], blocks[at - 1]); at--) {
                blocks[at] = blocks[at - 1];
                scores[at] = scores[at - 1];
            }
            blocks[at] = block;
            scores[at] = score;
        }
    }

    /// Merges two runs that lie side by side into the spare arrays.
    private void merge(int from, int middle, int to) {
        int left = from;
        int right = middle;
        for (int at = from; at < to; at++) {
            boolean takesRight =
                    left == middle || right < to && isBefore(scores[right], blocks[right], scores[left], blocks[left]);
            int taken = takesRight ? right++ : left++;
            spareBlocks[at] = blocks[taken];
            spareScores[at] = scores[taken];
        }
    }

    private void exchange() {
        long[] sorted = spareBlocks;
        double[] sortedScores = spareScores;
        spareBlocks = blocks;
        spareScores = scores;
        blocks = sorted;
        scores = sortedScores;
    }

    private static boolean isBefore(double score, long block, double otherScore, long other) {
        return score < otherScore
                || score == otherScore
                        && Memory.compare(
                                        Member.address(block), Member.length(block),
                                        Member.address(other), Member.length(other))
                                < 0;
    }
}
