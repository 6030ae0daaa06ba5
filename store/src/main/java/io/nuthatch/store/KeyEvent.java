package io.nuthatch.store;

import java.util.Locale;

/// What can happen to a key: the names and classes of Redis's keyspace notifications.
///
/// Source: the manual's page on keyspace notifications, and `notify-keyspace-events`.
public enum KeyEvent {
    DEL(Kind.GENERIC),
    EXPIRE(Kind.GENERIC),
    PERSIST(Kind.GENERIC),
    RENAME_FROM(Kind.GENERIC),
    RENAME_TO(Kind.GENERIC),
    MOVE_FROM(Kind.GENERIC),
    MOVE_TO(Kind.GENERIC),
    COPY_TO(Kind.GENERIC),
    RESTORE(Kind.GENERIC),

    SET(Kind.STRING),
    SETRANGE(Kind.STRING),
    APPEND(Kind.STRING),
    INCRBY(Kind.STRING),
    INCRBYFLOAT(Kind.STRING),
    SETBIT(Kind.STRING),
    PFADD(Kind.STRING),

    LPUSH(Kind.LIST),
    RPUSH(Kind.LIST),
    LPOP(Kind.LIST),
    RPOP(Kind.LIST),
    LINSERT(Kind.LIST),
    LSET(Kind.LIST),
    LREM(Kind.LIST),
    LTRIM(Kind.LIST),
    SORTSTORE(Kind.LIST),

    SADD(Kind.SET),
    SREM(Kind.SET),
    SPOP(Kind.SET),
    SINTERSTORE(Kind.SET),
    SUNIONSTORE(Kind.SET),
    SDIFFSTORE(Kind.SET),

    HSET(Kind.HASH),
    HINCRBY(Kind.HASH),
    HINCRBYFLOAT(Kind.HASH),
    HDEL(Kind.HASH),
    HEXPIRE(Kind.HASH),
    HPERSIST(Kind.HASH),
    HEXPIRED(Kind.HASH),

    ZADD(Kind.SORTED_SET),
    ZINCR(Kind.SORTED_SET),
    ZREM(Kind.SORTED_SET),
    ZREMBYRANK("zremrangebyrank", Kind.SORTED_SET),
    ZREMBYSCORE("zremrangebyscore", Kind.SORTED_SET),
    ZREMBYLEX("zremrangebylex", Kind.SORTED_SET),
    ZPOPMIN(Kind.SORTED_SET),
    ZPOPMAX(Kind.SORTED_SET),
    ZRANGESTORE(Kind.SORTED_SET),
    ZUNIONSTORE(Kind.SORTED_SET),
    ZINTERSTORE(Kind.SORTED_SET),
    ZDIFFSTORE(Kind.SORTED_SET),
    GEOSEARCHSTORE(Kind.SORTED_SET),
    GEORADIUSSTORE(Kind.SORTED_SET),

    XADD(Kind.STREAM),
    XDEL(Kind.STREAM),
    XTRIM(Kind.STREAM),
    XSETID(Kind.STREAM),
    XGROUP_CREATE("xgroup-create", Kind.STREAM),
    XGROUP_CREATECONSUMER("xgroup-createconsumer", Kind.STREAM),
    XGROUP_DELCONSUMER("xgroup-delconsumer", Kind.STREAM),
    XGROUP_DESTROY("xgroup-destroy", Kind.STREAM),
    XGROUP_SETID("xgroup-setid", Kind.STREAM),

    /// A group of a stream has delivered entries, or one was claimed or acknowledged. No notification tells of it.
    PENDING(Kind.SILENT),

    /// Entries of a group can be claimed earlier than before: they were returned to it, or are said to have
    /// been delivered long ago. No notification tells of it.
    XNACK(Kind.SILENT),

    /// A stream knows other names of its entries, or for another time. No notification tells of it.
    XIDMP(Kind.SILENT),

    /// A HyperLogLog has noted its count: bytes have changed, but not what they mean. No notification tells of it.
    RECOUNTED(Kind.SILENT),

    /// A key's time has come.
    EXPIRED(Kind.EXPIRED),
    /// A key has made room for others.
    EVICTED(Kind.EVICTED),
    /// A key has come into being, its value yet unwritten.
    NEW(Kind.NEW),
    /// A value has taken the place of another.
    OVERWRITTEN(Kind.OVERWRITTEN),
    /// And it is of another type.
    TYPE_CHANGED(Kind.TYPE_CHANGED),
    /// A key was asked for that is not there.
    KEYMISS(Kind.MISS);

    /// Classes of events, each with its letter in `notify-keyspace-events`.
    public enum Kind {
        GENERIC('g'),
        STRING('$'),
        LIST('l'),
        SET('s'),
        HASH('h'),
        SORTED_SET('z'),
        STREAM('t'),
        EXPIRED('x'),
        EVICTED('e'),
        NEW('n'),
        OVERWRITTEN('o'),
        TYPE_CHANGED('c'),
        MISS('m'),
        SILENT('\0');

        private final char letter;

        Kind(char letter) {
            this.letter = letter;
        }

        /// The letter, or a zero character for what is never notified.
        public char letter() {
            return letter;
        }
    }

    private final String redisName;
    private final Kind kind;

    KeyEvent(Kind kind) {
        this.redisName = name().toLowerCase(Locale.ROOT);
        this.kind = kind;
    }

    KeyEvent(String redisName, Kind kind) {
        this.redisName = redisName;
        this.kind = kind;
    }

    /// The name in notifications.
    public String redisName() {
        return redisName;
    }

    public Kind kind() {
        return kind;
    }

    /// Whether the key is different from what it was: all events but those that only tell of it.
    public boolean isChange() {
        return switch (kind) {
            case NEW, OVERWRITTEN, TYPE_CHANGED, MISS -> false;
            default -> true;
        };
    }

    /// Whether a value may take the place of another with this event, and which of the two is told first. Those that
    /// only change a value, as INCRBY does, take nothing's place, though they may make a new one of it.
    Overwriting overwriting() {
        return switch (this) {
            case SET,
                    SORTSTORE,
                    SINTERSTORE,
                    SUNIONSTORE,
                    SDIFFSTORE,
                    HSET,
                    ZRANGESTORE,
                    ZUNIONSTORE,
                    ZINTERSTORE,
                    ZDIFFSTORE,
                    GEOSEARCHSTORE,
                    GEORADIUSSTORE -> Overwriting.TOLD_BEFORE;
            case RENAME_TO, COPY_TO, RESTORE -> Overwriting.TOLD_AFTER;
            default -> Overwriting.NO;
        };
    }

    /// When [#OVERWRITTEN] and [#TYPE_CHANGED] are told.
    enum Overwriting {
        NO,
        TOLD_BEFORE,
        TOLD_AFTER
    }
}
