/// Nuthatch's package for keys, values, expiry, eviction and accounting.
package io.nuthatch.store;
