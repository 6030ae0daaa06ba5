package io.nuthatch.server;

import static java.util.stream.Collectors.joining;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.nuthatch.engine.Command;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/// What COMMAND says of each command is what Valkey 9.1 says of it, or Redis 8 of those that only Redis has.
///
/// The facts to compare with are a table outside the project, `commands.tsv`: a line for each command, with its arity,
/// flags, places of keys, ACL categories and tips. `-Dnuthatch.commands=<file>` names another place for it.
class CommandTableTest {
    private static final Path TABLE =
            Path.of(System.getProperty("nuthatch.commands", "/work/shared/reference/commands.tsv"));

    /// Ours alone, or Redis's under a name that the table does not list.
    private static final List<String> NOT_IN_TABLE = List.of();

    @Test
    void everyRowSaysWhatTheReferenceSays() throws IOException {
        assumeTrue(
                Files.exists(TABLE),
                "not compared: the reference table of commands is not on this machine, file=" + TABLE);
        Map<String, Row> reference = reference();
        Map<String, Row> ours = ours();
        var differences = new ArrayList<String>();
        ours.forEach((name, row) -> {
            if (!NOT_IN_TABLE.contains(name)) {
                row.differences(reference.get(name)).forEach(difference -> differences.add(name + ": " + difference));
            }
        });
        assertThat(differences).isEmpty();
        assertThat(ours).hasSizeGreaterThan(80);
    }

    /// What is compared of a command: columns of the table by their titles.
    ///
    /// @param sinces the version, and another where Redis and Valkey disagree
    private record Row(Map<String, String> columns, List<String> sinces) {
        /// The flags without those that the table says Redis lacks, as in `flags:-no_multi`.
        String flagsInRedis() {
            List<String> lacking =
                    List.of(columns.get("redis_diff").replace("flags:-", "").split("[, ;]+"));
            return Stream.of(columns.get("flags").split(","))
                    .filter(flag -> !lacking.contains(flag))
                    .collect(joining(","));
        }

        List<String> differences(Row reference) {
            if (reference == null) {
                return List.of("not in the reference");
            }
            var differences = new ArrayList<String>();
            columns.forEach((title, value) -> {
                boolean asInRedis = title.equals("flags") && value.equals(reference.flagsInRedis());
                if (!asInRedis && !value.equals(reference.columns.get(title))) {
                    differences.add(title + " is " + value + ", should be " + reference.columns.get(title));
                }
            });
            if (!reference.sinces.contains(sinces.getFirst())) {
                differences.add("since is " + sinces.getFirst() + ", should be one of " + reference.sinces);
            }
            return differences;
        }
    }

    private static Map<String, Row> reference() throws IOException {
        List<String[]> lines;
        try (Stream<String> all = Files.lines(TABLE)) {
            lines = all.filter(line -> !line.startsWith("#"))
                    .map(line -> line.split("\t", -1))
                    .toList();
        }
        List<String> titles = List.of(lines.getFirst());
        var rows = new TreeMap<String, Row>();
        for (String[] line : lines.subList(1, lines.size())) {
            var columns = new TreeMap<String, String>();
            for (int i = 0; i < line.length; i++) {
                columns.put(titles.get(i), line[i]);
            }
            // Valkey has renamed the flag; clients know Redis's name.
            columns.merge("flags", "", (flags, _) -> flags.replace("skip_commandlog", "skip_slowlog"));
            rows.put(columns.get("name"), new Row(columns, List.of(columns.get("since"), columns.get("redis_since"))));
        }
        return rows;
    }

    private static Map<String, Row> ours() {
        try (InProcessNuthatch nuthatch = InProcessNuthatch.start();
                RespClient client = RespClient.connect(nuthatch.port())) {
            var rows = new TreeMap<String, Row>();
            collect(client.call("COMMAND"), nuthatch, rows);
            return rows;
        }
    }

    private static void collect(Reply commands, InProcessNuthatch nuthatch, Map<String, Row> rows) {
        for (Reply info : items(commands)) {
            List<Reply> fields = items(info);
            String name = text(fields.getFirst());
            Command command = nuthatch.engine().commands().named(name).orElseThrow();
            rows.put(name, new Row(columns(fields, command), List.of(command.since())));
            collect(fields.get(9), nuthatch, rows);
        }
    }

    /// The fields of a COMMAND INFO reply as the table writes them.
    private static Map<String, String> columns(List<Reply> fields, Command command) {
        var columns = new TreeMap<String, String>();
        columns.put("group", command.group());
        columns.put("arity", text(fields.get(1)));
        columns.put("flags", list(texts(fields.get(2))));
        columns.put("first", text(fields.get(3)));
        columns.put("last", text(fields.get(4)));
        columns.put("step", text(fields.get(5)));
        columns.put(
                "acl_categories",
                list(texts(fields.get(6)).stream()
                        .map(category -> category.substring(1))
                        .toList()));
        columns.put("tips", list(texts(fields.get(7))));
        List<String> specs =
                items(fields.get(8)).stream().map(CommandTableTest::keySpec).toList();
        columns.put("key_specs", specs.isEmpty() ? "-" : String.join(" ; ", specs));
        return columns;
    }

    /// `index:1 range:0,1,0 [RO,access]`.
    private static String keySpec(Reply spec) {
        Map<String, Reply> fields = pairs(spec);
        Map<String, Reply> begin = pairs(fields.get("begin_search"));
        Map<String, Reply> beginAt = pairs(begin.get("spec"));
        Map<String, Reply> find = pairs(fields.get("find_keys"));
        Map<String, Reply> findBy = pairs(find.get("spec"));
        return beginning(text(begin.get("type")), beginAt)
                + " " + finding(text(find.get("type")), findBy)
                + " [" + list(texts(fields.get("flags"))) + "]";
    }

    private static String beginning(String type, Map<String, Reply> at) {
        return switch (type) {
            case "index" -> "index:" + text(at.get("index"));
            case "keyword" -> "keyword:" + text(at.get("keyword")) + "@" + text(at.get("startfrom"));
            default -> type;
        };
    }

    private static String finding(String type, Map<String, Reply> by) {
        return switch (type) {
            case "range" ->
                "range:" + text(by.get("lastkey")) + "," + text(by.get("keystep")) + "," + text(by.get("limit"));
            case "keynum" ->
                "keynum:" + text(by.get("keynumidx")) + "," + text(by.get("firstkey")) + "," + text(by.get("keystep"));
            default -> type;
        };
    }

    private static String list(List<String> words) {
        return words.isEmpty() ? "-" : String.join(",", words);
    }

    private static Map<String, Reply> pairs(Reply reply) {
        List<Reply> items = items(reply);
        var pairs = new TreeMap<String, Reply>();
        for (int i = 0; i < items.size(); i += 2) {
            pairs.put(text(items.get(i)), items.get(i + 1));
        }
        return pairs;
    }

    private static List<String> texts(Reply reply) {
        return items(reply).stream().map(CommandTableTest::text).toList();
    }

    private static List<Reply> items(Reply reply) {
        return ((Reply.Array) reply).items();
    }

    private static String text(Reply reply) {
        return switch (reply) {
            case Reply.Bulk(String text) -> text;
            case Reply.Simple(String text) -> text;
            case Reply.Int(long value) -> String.valueOf(value);
            default -> throw new IllegalArgumentException("neither text nor number: " + reply);
        };
    }
}
