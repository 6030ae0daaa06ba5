/// A cache of several tiers: memory, a RESP server and disk behind one [Cache].
///
/// ```
///  Cache, AsyncCache      what a user sees         BlockingView, AsyncView: a core with a policy
///  CacheBuilder, Policy   what a user says
///        |
///      Core ............. reads, loads, writes; a Flight for each key that is not in memory
///        |--- Timeline    what happened to keys, and so which entries are alive
///        |--- MemoryTier  entries in this process (Caffeine)
///        |--- GuardedTier timeout, Breaker, MissedChanges around each lower Tier
///        |       '--- Tier    bytes by key: a Frame each, made by the Packer
///        |--- Source      where values come from
///        '--- Writer      where changes go
/// ```
package io.nuthatch.cache;
