/// Nuthatch's package for native memory.
package io.nuthatch.memory;
