package io.nuthatch.server;

import static io.nuthatch.server.Recipe.of;
import static io.nuthatch.server.Recipe.words;

import java.util.List;

/// Random commands on the connection and the server, where Redis 7.0 says the same as its successors.
final class ServerRecipes {
    /// Directives that may change without changing what other commands reply.
    private static final String[] HARMLESS = {
        "slowlog-max-len",
        "latency-monitor-threshold",
        "lfu-decay-time",
        "lfu-log-factor",
        "maxmemory-eviction-tenacity"
    };

    private ServerRecipes() {}

    static final List<Recipe> ALL = List.of(
            of(2, draw -> draw.oneIn(2) ? words("PING") : words("PING", draw.value())),
            of(2, draw -> words("ECHO", draw.value())),
            of(1, draw -> words("CLIENT", "SETNAME", draw.oneOf("me", "", "a b", "x\n", "y!"))),
            of(1, draw -> words("CLIENT", "GETNAME")),
            of(1, draw -> words("CLIENT", "NO-EVICT", draw.oneOf("ON", "off", "maybe"))),
            of(1, draw -> words("CLIENT", "KILL", "ID", draw.oneOf("0", "-1", "999999999")))
                    .unspoiled(),
            of(1, draw -> words("CLIENT", "UNBLOCK", draw.oneOf("0", "x", "999999999"))),
            of(1, draw -> words("AUTH", draw.oneOf(words("x"), words("default", "x"), words("nobody", "x")))),
            of(1, draw -> words("HELLO", draw.oneOf("1", "4", "x", ""))).unspoiled(),
            of(2, draw -> words("CONFIG", "GET", draw.oneOf(HARMLESS))),
            of(2, draw -> words("CONFIG", "SET", draw.oneOf(HARMLESS), draw.integer())),
            of(1, draw -> words("COMMAND", "GETKEYS", "MSET", draw.keys())).unspoiled(),
            of(1, draw -> words("COMMAND", "GETKEYSANDFLAGS", draw.oneOf("GET", "SET", "DEL", "RENAME"), draw.keys()))
                    .unspoiled(),
            of(1, draw -> words("CONFIG", draw.oneOf("FOO", "get", "SET"))),
            of(1, draw -> words(draw.oneOf("NOSUCH", "", "get ", "\u00ff"), draw.keys())));
}
