package io.nuthatch.commands;

import io.nuthatch.engine.Args;
import io.nuthatch.engine.CommandError;
import io.nuthatch.memory.Scratch;
import io.nuthatch.resp.ReplySink;

/// LCS's options: whether it answers the subsequence, its length or its runs, and which of the runs.
///
/// @param leastRun runs that are shorter are left out
record LcsOptions(boolean length, boolean runs, boolean runLengths, long leastRun) {
    static LcsOptions parse(Args args) {
        boolean length = false;
        boolean runs = false;
        boolean runLengths = false;
        long leastRun = 0;
        for (int i = 3; i < args.count(); i++) {
            if (args.is(i, "len")) {
                length = true;
            } else if (args.is(i, "idx")) {
                runs = true;
            } else if (args.is(i, "withmatchlen")) {
                runLengths = true;
            } else if (args.is(i, "minmatchlen") && i + 1 < args.count()) {
                leastRun = args.integer(++i);
            } else {
                throw CommandError.SYNTAX;
            }
        }
        if (length && runs) {
            throw CommandError.of("ERR If you want both the length and indexes, please just use IDX.");
        }
        return new LcsOptions(length, runs, runLengths, leastRun);
    }

    void reply(LongestCommonSubsequence lcs, ReplySink reply) {
        if (runs) {
            replyRuns(lcs, reply);
        } else if (length) {
            reply.integer(lcs.length());
        } else {
            try (Scratch text = Scratch.ofLength(lcs.length())) {
                lcs.write(text.bytes().address());
                reply.bulk(text.bytes());
            }
        }
    }

    private void replyRuns(LongestCommonSubsequence lcs, ReplySink reply) {
        reply.map(2);
        reply.bulk("matches");
        int[] shown = {0};
        long opened = reply.openArray();
        lcs.runs((fromA, fromB, runLength) -> {
            if (runLength >= leastRun) {
                shown[0]++;
                replyRun(fromA, fromB, runLength, reply);
            }
        });
        reply.closeArray(opened, shown[0]);
        reply.bulk("len");
        reply.integer(lcs.length());
    }

    private void replyRun(int fromA, int fromB, int runLength, ReplySink reply) {
        reply.array(runLengths ? 3 : 2);
        replyRange(fromA, runLength, reply);
        replyRange(fromB, runLength, reply);
        if (runLengths) {
            reply.integer(runLength);
        }
    }

    private static void replyRange(int from, int length, ReplySink reply) {
        reply.array(2);
        reply.integer(from);
        reply.integer(from + length - 1L);
    }
}
