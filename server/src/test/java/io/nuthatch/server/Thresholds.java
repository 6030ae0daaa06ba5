package io.nuthatch.server;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/// Sizes from which a collection is kept in another form: drawn low as often as not, so that random commands cross
/// them again and again.
///
/// @param directives names with values
record Thresholds(Map<String, String> directives) {
    /// Redis 7.0 does not know them: there every set is a table, or integers alone.
    private static final List<String> NEWER = List.of("set-max-listpack-entries", "set-max-listpack-value");

    static Thresholds draw(Draw draw) {
        var directives = new TreeMap<String, String>();
        for (String collection : List.of("hash", "set", "zset")) {
            directives.put(collection + "-max-listpack-entries", draw.oneOf("128", "16", "4", "1"));
            directives.put(collection + "-max-listpack-value", draw.oneOf("64", "64", "12", "2"));
        }
        directives.put("set-max-intset-entries", draw.oneOf("512", "20", "4", "0"));
        directives.put("list-max-listpack-size", draw.oneOf("-2", "-1", "16", "3"));
        directives.put("stream-node-max-entries", draw.oneOf("100", "10", "3", "1", "0"));
        directives.put("stream-node-max-bytes", draw.oneOf("4096", "4096", "150", "0"));
        directives.put("hll-sparse-max-bytes", draw.oneOf("3000", "300", "0"));
        return new Thresholds(directives);
    }

    /// The command that sets them.
    ///
    /// @param kind which server it is for
    List<String> command(ServerKind kind) {
        var words = new ArrayList<>(List.of("CONFIG", "SET"));
        directives.forEach((name, value) -> {
            if (kind == ServerKind.NUTHATCH || !NEWER.contains(name)) {
                words.addAll(List.of(name, value));
            }
        });
        return words;
    }
}
