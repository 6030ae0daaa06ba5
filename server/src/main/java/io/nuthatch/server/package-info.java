/// Nuthatch's package for configuration, assembly, start and stop.
package io.nuthatch.server;
