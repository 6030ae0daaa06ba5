/// Nuthatch's package for benchmarks side by side with redis.
///
/// Reading order: [Workload] and [Template] say what is sent, [RequestBatch] and [ReplyCounter] are the two hot
/// ends of the wire, [LoadThread] is the loop between them, [LoadGenerator] measures it. [ServerProcess] starts a
/// server and [ProcessFigures] reads its processor time and memory. Each `...Command` class is one sub-command of
/// `./nuthatch bench`.
package io.nuthatch.bench;
