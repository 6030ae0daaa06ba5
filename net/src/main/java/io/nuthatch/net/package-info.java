/// Nuthatch's package for sockets, TLS and flow control.
package io.nuthatch.net;
