/// JCache over [io.nuthatch.cache.Cache]: [NuthatchProvider] is found as a service, [TieredConfiguration] says
/// which tiers a cache has.
package io.nuthatch.cache.jcache;
