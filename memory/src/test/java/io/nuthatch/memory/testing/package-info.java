/// What the tests of every module use to find faults in native memory.
package io.nuthatch.memory.testing;
