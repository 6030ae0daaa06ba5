"""redis-py waits for lists and sorted sets, and runs transactions. The port is the first argument."""

import redis

from clients import expect, steward, waiting

# Lists.
reply = waiting("blpop", ["a", "b"], timeout=0)
steward.rpush("b", "1", "2")
expect(reply(), ("b", "1"))
expect(steward.brpop("b", timeout=1), ("b", "2"))
expect(steward.blpop("a", timeout=0.01), None)
reply = waiting("brpoplpush", "a", "b", timeout=0)
steward.rpush("a", "1")
expect(reply(), "1")
reply = waiting("blmove", "a", "b", 0, src="LEFT", dest="RIGHT")
steward.rpush("a", "2")
expect(reply(), "2")
expect(steward.lrange("b", 0, -1), ["1", "2"])
reply = waiting("blmpop", 0, 2, "x", "c", direction="LEFT", count=2)
steward.rpush("c", "1", "2", "3")
expect(reply(), ["c", ["1", "2"]])

# Sorted sets.
reply = waiting("bzpopmin", ["z"], timeout=0)
steward.zadd("z", {"one": 1, "two": 2})
expect(reply(), ("z", "one", 1.0))
expect(steward.bzpopmax("z", timeout=1), ("z", "two", 2.0))
reply = waiting("bzmpop", 0, 1, ["z"], max=True)
steward.zadd("z", {"three": 3})
expect(reply(), ["z", [["three", "3"]]])

# A chain, and what ends a wait.
moved = waiting("blmove", "p", "q", 0, src="LEFT", dest="RIGHT")
taken = waiting("blpop", ["q"], timeout=0)
steward.rpush("p", "x")
expect(moved(), "x")
expect(taken(), ("q", "x"))
reply = waiting("blpop", ["a"], timeout=0)
[waiter] = [client for client in steward.client_list() if "b" in client["flags"]]
expect(steward.client_unblock(int(waiter["id"])), 1)
expect(reply(), None)

# Transactions.
steward.flushall()
with steward.pipeline(transaction=True) as pipe:
    replies = pipe.set("k", "1").incr("k").rpush("l", "a").blpop("l", timeout=0).blpop("l", timeout=0).execute()
    expect(replies, [True, 2, 1, ("l", "a"), None])
with steward.pipeline() as pipe:
    pipe.watch("k")
    steward.set("k", "10")
    pipe.multi()
    pipe.set("k", "20")
    try:
        pipe.execute()
        raise AssertionError("the transaction ran although its key had changed")
    except redis.WatchError:
        pass


def double(pipe):
    value = int(pipe.get("k"))
    pipe.multi()
    pipe.set("k", 2 * value)


expect(steward.transaction(double, "k"), [True])
expect(steward.get("k"), "20")
with steward.pipeline(transaction=True) as pipe:
    pipe.set("k", "1").lpush("k", "x").incr("k")
    replies = pipe.execute(raise_on_error=False)
    expect([replies[0], replies[2]], [True, 2])
    expect(str(replies[1]).startswith("WRONGTYPE"), True)

print("done")
