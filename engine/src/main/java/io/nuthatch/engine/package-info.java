/// Nuthatch's package for what a command is and how one runs.
package io.nuthatch.engine;
