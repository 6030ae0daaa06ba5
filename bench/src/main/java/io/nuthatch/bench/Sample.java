package io.nuthatch.bench;

/// What one window of load showed. Latencies are of whole batches, from sending the first request to reading the
/// last reply.
///
/// @param serverMicrosPerOp processor time of the server process, all threads and the kernel's work on its behalf
/// @param serverSystemShare the kernel's part of it, 0 to 1
/// @param clientMicrosPerOp processor time of the load threads: where it is far above the server's, the client is
///     what limits the throughput
/// @param clientBytesPerOp Java heap that the load threads allocated: a check on the load generator, near 0
/// @param otherCores cores kept busy by anything but the server and the load: the noise
record Sample(
        double opsPerSecond,
        double p50Micros,
        double p99Micros,
        double p999Micros,
        double maxMicros,
        double serverMicrosPerOp,
        double serverSystemShare,
        double clientMicrosPerOp,
        double clientBytesPerOp,
        double otherCores) {}
