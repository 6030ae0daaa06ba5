/// The caching library shown and measured. Read first: [DemoMain], then `Experiments`, which says what is
/// measured, and `Statistic`, which says what the figures are called.
package io.nuthatch.demo;
