package io.nuthatch.server;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/// `docs/dependencies.md` names every dependency and plugin of the parent `pom.xml`, with its version, and no other.
class DependenciesPageTest {
    private static final Pattern DEPENDENCY = Pattern.compile(
            "<groupId>(?<group>[^<]+)</groupId>\\s*<artifactId>(?<artifact>[^<]+)</artifactId>\\s*<version>(?<version>[^<]+)</version>");
    private static final Pattern FORMATTER =
            Pattern.compile("<palantirJavaFormat>\\s*<version>(?<version>[^<]+)</version>");
    private static final Pattern PROPERTY = Pattern.compile("<(?<name>[a-z]+\\.version)>(?<value>[^<]+)</");
    private static final Pattern ROW = Pattern.compile("^\\| ([A-Za-z0-9_-]+) \\| ([0-9][^ ]*) \\|", Pattern.MULTILINE);

    @Test
    void thePageAndThePomAgree() throws IOException {
        String pom = Files.readString(Path.of("..", "pom.xml"));
        Map<String, String> pinned = pinned(pom);
        assertThat(pinned).hasSizeGreaterThan(20);
        assertThat(page()).containsExactlyInAnyOrderEntriesOf(pinned);
    }

    private static Map<String, String> pinned(String pom) {
        Map<String, String> properties = new TreeMap<>();
        for (Matcher each = PROPERTY.matcher(pom); each.find(); ) {
            properties.put("${" + each.group("name") + "}", each.group("value"));
        }
        Map<String, String> pinned = new TreeMap<>();
        for (Matcher each = DEPENDENCY.matcher(pom); each.find(); ) {
            if (!each.group("group").equals("io.nuthatch")) {
                String version = each.group("version");
                pinned.put(each.group("artifact"), properties.getOrDefault(version, version));
            }
        }
        Matcher formatter = FORMATTER.matcher(pom);
        assertThat(formatter.find()).isTrue();
        pinned.put("palantir-java-format", formatter.group("version"));
        return pinned;
    }

    private static Map<String, String> page() throws IOException {
        Map<String, String> rows = new TreeMap<>();
        for (Matcher row = ROW.matcher(Files.readString(Path.of("..", "docs", "dependencies.md"))); row.find(); ) {
            rows.put(row.group(1), row.group(2));
        }
        return rows;
    }
}
