"""redis-py publishes, subscribes, hears of keys, and caches with the server's help. The port is the first argument."""

from clients import connect, expect, steward


def message(listener, kind, channel, data, pattern=None):
    expect(listener.get_message(timeout=30), {"type": kind, "pattern": pattern, "channel": channel, "data": data})


# Channels and patterns.
listener = steward.pubsub()
listener.subscribe("news", "weather")
message(listener, "subscribe", "news", 1)
message(listener, "subscribe", "weather", 2)
listener.psubscribe("n*")
message(listener, "psubscribe", "n*", 3)
expect(steward.publish("news", "hello"), 2)
message(listener, "message", "news", "hello")
message(listener, "pmessage", "news", "hello", "n*")
expect(steward.pubsub_channels(), ["news", "weather"])
expect(steward.pubsub_numsub("news"), [("news", 1)])
expect(steward.pubsub_numpat(), 1)
listener.ping("there?")
message(listener, "pong", None, "there?")
listener.unsubscribe("weather")
message(listener, "unsubscribe", "weather", 2)
listener.close()

# A handler of its own in a thread.
heard = []
listener = steward.pubsub(ignore_subscribe_messages=True)
listener.subscribe(**{"chat": lambda each: heard.append(each["data"])})
thread = listener.run_in_thread(sleep_time=0.01)
while steward.publish("chat", "anybody?") == 0:
    pass
while not heard:
    pass
expect(heard[0], "anybody?")
thread.stop()
thread.join(30)

# Events of keys.
steward.config_set("notify-keyspace-events", "KEA")
listener = steward.pubsub(ignore_subscribe_messages=True)
listener.psubscribe("__keyspace@0__:*")
expect(listener.get_message(timeout=30), None)
steward.set("k", 1, px=5)
message(listener, "pmessage", "__keyspace@0__:k", "set", "__keyspace@0__:*")
message(listener, "pmessage", "__keyspace@0__:k", "expire", "__keyspace@0__:*")
message(listener, "pmessage", "__keyspace@0__:k", "expired", "__keyspace@0__:*")
listener.close()
steward.config_set("notify-keyspace-events", "")

# What is cached is said to be void on another connection.
listener = steward.pubsub()
listener.subscribe("__redis__:invalidate")
message(listener, "subscribe", "__redis__:invalidate", 1)
reader = connect(single_connection_client=True)
ids = [each["id"] for each in steward.client_list(_type="pubsub")]
expect(len(ids), 1)
reader.client_tracking_on(clientid=int(ids[0]))
expect(reader.client_getredir(), int(ids[0]))
reader.get("k")
steward.set("k", "2")
message(listener, "message", "__redis__:invalidate", ["k"])
reader.client_tracking_off()
listener.close()

print("done")
