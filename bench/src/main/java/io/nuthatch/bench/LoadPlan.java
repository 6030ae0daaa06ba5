package io.nuthatch.bench;

/// What a load generator is to do.
///
/// @param keys the number of keys that the workload's templates range over
/// @param clients connections, dealt out to the threads
/// @param pipeline requests in a batch: each connection sends that many at once and waits for all their replies
/// @param requestsMax how many requests to send before the load ends by itself
/// @param requestsPerSecond the pace of an open loop, or 0 for a closed one
/// @param seed of the random numbers: the same one gives the same requests
record LoadPlan(
        int port,
        Workload workload,
        long keys,
        int clients,
        int threads,
        int pipeline,
        long requestsMax,
        long requestsPerSecond,
        long seed) {
    private static final long SEED = 20_251_121;

    LoadPlan {
        if (keys < 1 || threads < 1 || clients < threads || pipeline < 1 || requestsPerSecond < 0) {
            throw new BenchFailure(
                    "keys, threads, clients and pipeline must be 1 or more, and clients no fewer than threads");
        }
    }

    /// Sends until it is stopped, as fast as the server replies.
    static LoadPlan closedLoop(int port, Workload workload, long keys, int clients, int pipeline) {
        return new LoadPlan(port, workload, keys, clients, 1, pipeline, Long.MAX_VALUE, 0, SEED);
    }

    LoadPlan withThreads(int count) {
        return new LoadPlan(port, workload, keys, clients, count, pipeline, requestsMax, requestsPerSecond, seed);
    }

    /// Ends after that many requests; the last batch may add some.
    LoadPlan endingAfter(long requests) {
        return new LoadPlan(port, workload, keys, clients, threads, pipeline, requests, requestsPerSecond, seed);
    }

    /// An open loop: sends at this pace, whether the server keeps up or not.
    LoadPlan atPace(long requestsEachSecond) {
        return new LoadPlan(port, workload, keys, clients, threads, pipeline, requestsMax, requestsEachSecond, seed);
    }

    LoadPlan withSeed(long other) {
        return new LoadPlan(port, workload, keys, clients, threads, pipeline, requestsMax, requestsPerSecond, other);
    }
}
