/// Nuthatch's package for the wire format, RESP2 and RESP3.
package io.nuthatch.resp;
