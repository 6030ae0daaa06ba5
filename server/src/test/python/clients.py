"""What the scripts beside it share: clients of the server whose port is the first argument."""

import sys
import threading
import time

import redis


def connect(**options):
    return redis.Redis(port=int(sys.argv[1]), decode_responses=True, socket_timeout=30, **options)


steward = connect()


def expect(actual, wanted):
    if actual != wanted:
        raise AssertionError(f"got {actual!r}, wanted {wanted!r}")


def waiting(method, *arguments, **options):
    """Calls a method in a thread; returns when the server says that one more client waits, with what awaits the reply."""
    before = steward.info("clients")["blocked_clients"]
    replies = []
    thread = threading.Thread(target=lambda: replies.append(getattr(connect(), method)(*arguments, **options)))
    thread.start()
    while steward.info("clients")["blocked_clients"] == before and thread.is_alive():
        time.sleep(0.001)

    def reply():
        thread.join(30)
        return replies[0]

    return reply
