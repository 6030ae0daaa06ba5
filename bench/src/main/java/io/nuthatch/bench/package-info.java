/// Nuthatch's package for benchmarks side by side with redis.
package io.nuthatch.bench;
