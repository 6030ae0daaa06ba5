"""redis-py adds to streams, reads them alone and in groups, waits for entries. The port is the first argument."""

import redis

from clients import expect, steward, waiting


def expect_error(beginning, method, *arguments, **options):
    try:
        method(*arguments, **options)
    except redis.ResponseError as error:
        expect(str(error)[: len(beginning)], beginning)
    else:
        raise AssertionError(f"no error, wanted {beginning!r}")


# Entries.
expect(steward.xadd("s", {"a": "1"}, id="1-1"), "1-1")
expect(steward.xadd("s", {"a": "2", "b": "3"}, id="1-*"), "1-2")
expect(steward.xadd("none", {"a": "1"}, nomkstream=True), None)
expect_error("The ID specified in XADD is equal or smaller", steward.xadd, "s", {"a": "1"}, id="1-1")
expect_error("Invalid stream ID", steward.xadd, "s", {"a": "1"}, id="one")
expect(steward.xlen("s"), 2)
expect(steward.xrange("s", "-", "+"), [("1-1", {"a": "1"}), ("1-2", {"a": "2", "b": "3"})])
expect(steward.xrevrange("s", "+", "-", count=1), [("1-2", {"a": "2", "b": "3"})])
expect(steward.xread({"s": "1-1"}), [["s", [("1-2", {"a": "2", "b": "3"})]]])
expect(steward.xread({"s": "1-2"}), [])
reply = waiting("xread", {"s": "$"}, block=0)
steward.xadd("s", {"a": "4"}, id="2-1")
expect(reply(), [["s", [("2-1", {"a": "4"})]]])
expect(steward.xread({"s": "$"}, block=10), [])

# Groups.
expect(steward.xgroup_create("s", "g", id="0"), True)
expect_error("BUSYGROUP Consumer Group name already exists", steward.xgroup_create, "s", "g", id="0")
expect_error("NOGROUP No such key", steward.xreadgroup, "other", "c", {"s": ">"})
expect(steward.xgroup_createconsumer("s", "g", "idle"), 1)
expect([entry for entry, _ in steward.xreadgroup("g", "c", {"s": ">"}, count=2)[0][1]], ["1-1", "1-2"])
expect(steward.xack("s", "g", "1-1"), 1)
pending = steward.xpending("s", "g")
expect((pending["pending"], pending["min"], pending["max"]), (1, "1-2", "1-2"))
expect(pending["consumers"], [{"name": "c", "pending": 1}])
[entry] = steward.xpending_range("s", "g", "-", "+", 10)
expect((entry["message_id"], entry["consumer"], entry["times_delivered"]), ("1-2", "c", 1))
expect(steward.xclaim("s", "g", "d", 0, ["1-2"]), [("1-2", {"a": "2", "b": "3"})])
expect(steward.xclaim("s", "g", "c", 0, ["1-2"], justid=True), ["1-2"])
expect(steward.xautoclaim("s", "g", "d", 0, justid=True), ["1-2"])
expect([entry for entry, _ in steward.xreadgroup("g", "d", {"s": "0"})[0][1]], ["1-2"])
expect([entry for entry, _ in steward.xreadgroup("g", "c", {"s": ">"})[0][1]], ["2-1"])
reply = waiting("xreadgroup", "g", "c", {"s": ">"}, block=0, noack=True)
steward.xadd("s", {"a": "5"}, id="3-1")
expect(reply(), [["s", [("3-1", {"a": "5"})]]])
expect(sorted(each["name"] for each in steward.xinfo_consumers("s", "g")), ["c", "d", "idle"])
[group] = steward.xinfo_groups("s")
expect((group["name"], group["consumers"], group["pending"], group["last-delivered-id"]), ("g", 3, 2, "3-1"))
expect(steward.xgroup_delconsumer("s", "g", "d"), 1)
expect(steward.xgroup_setid("s", "g", "$"), True)

# What is cut off and taken out.
expect(steward.xdel("s", "1-1", "9-9"), 1)
expect(steward.xtrim("s", maxlen=2, approximate=False), 1)
expect(steward.xtrim("s", minid="3-0", approximate=False), 1)
info = steward.xinfo_stream("s")
expect((info["length"], info["last-generated-id"], info["first-entry"]), (1, "3-1", ("3-1", {"a": "5"})))
expect(steward.xgroup_destroy("s", "g"), 1)
expect_error("NOGROUP No such key", steward.xreadgroup, "g", "c", {"s": ">"})
added = steward.xadd("s", {"a": "6"}, maxlen=1, approximate=False)
expect(int(added.split("-")[0]) > 3, True)
expect(steward.xlen("s"), 1)

print("done")
