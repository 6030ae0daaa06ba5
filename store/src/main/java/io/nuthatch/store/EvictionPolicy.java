package io.nuthatch.store;

import java.util.Optional;

/// What `maxmemory-policy` can be: which keys may be evicted, and which of them goes first.
public enum EvictionPolicy {
    NOEVICTION("noeviction", false, Order.NONE),
    ALLKEYS_LRU("allkeys-lru", false, Order.IDLE),
    ALLKEYS_LFU("allkeys-lfu", false, Order.FREQUENCY),
    ALLKEYS_RANDOM("allkeys-random", false, Order.RANDOM),
    VOLATILE_LRU("volatile-lru", true, Order.IDLE),
    VOLATILE_LFU("volatile-lfu", true, Order.FREQUENCY),
    VOLATILE_RANDOM("volatile-random", true, Order.RANDOM),
    VOLATILE_TTL("volatile-ttl", true, Order.DEADLINE);

    /// Which key goes first.
    enum Order {
        NONE,
        IDLE,
        FREQUENCY,
        RANDOM,
        DEADLINE
    }

    private final String redisName;
    private final boolean volatileOnly;
    private final Order order;

    EvictionPolicy(String redisName, boolean volatileOnly, Order order) {
        this.redisName = redisName;
        this.volatileOnly = volatileOnly;
        this.order = order;
    }

    public String redisName() {
        return redisName;
    }

    /// Whether records count uses (LFU) rather than note the time of the last one (LRU).
    public boolean countsUses() {
        return order == Order.FREQUENCY;
    }

    /// Whether the key goes first that has not been used for longest.
    public boolean ranksByUse() {
        return order == Order.IDLE;
    }

    /// Whether only keys with a deadline may go.
    boolean volatileOnly() {
        return volatileOnly;
    }

    Order order() {
        return order;
    }

    public static Optional<EvictionPolicy> named(String redisName) {
        for (EvictionPolicy policy : values()) {
            if (policy.redisName.equals(redisName)) {
                return Optional.of(policy);
            }
        }
        return Optional.empty();
    }
}
