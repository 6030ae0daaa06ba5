/// Nuthatch's package for the command families.
package io.nuthatch.commands;
