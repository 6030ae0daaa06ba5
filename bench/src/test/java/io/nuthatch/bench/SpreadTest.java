package io.nuthatch.bench;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.util.List;
import org.junit.jupiter.api.Test;
import picocli.CommandLine;

class SpreadTest {
    @Test
    void theMedianIsTheMiddleOfSortedRounds() {
        assertThat(Spread.of(3, 1, 2)).isEqualTo(new Spread(2, 1, 3));
        assertThat(Spread.of(4, 1, 2, 3)).isEqualTo(new Spread(2.5, 1, 4));
        assertThat(Spread.of(7)).isEqualTo(new Spread(7, 7, 7));
    }

    @Test
    void ratiosAreTakenRoundByRound() {
        Spread ratio = Spread.ofRatios(List.of(50.0, 200.0, 90.0), List.of(100.0, 400.0, 100.0), Double::doubleValue);
        assertThat(ratio).isEqualTo(new Spread(0.5, 0.5, 0.9));
        assertThat(ratio).hasToString("0.50 (0.50..0.90)");
    }

    @Test
    void aTableIsMarkdown() {
        Table table = new Table("name", "n");
        table.row("get", Table.whole(1234567.2));
        table.row("set-ex", Table.brief(0.456));
        assertThat(table).hasToString("""
                | name   |         n |
                |--------|----------:|
                | get    | 1,234,567 |
                | set-ex |      0.46 |
                """);
        assertThat(Table.brief(12.345)).isEqualTo("12.3");
        assertThat(Table.brief(123.45)).isEqualTo("123");
    }

    @Test
    void aReportIsWrittenAsJson() throws IOException {
        java.nio.file.Path file =
                java.nio.file.Files.createTempDirectory("bench").resolve("sub/x.json");
        Output output = CommandLine.populateCommand(new Output(), "--json", file.toString());
        output.write("x", new CompareCommand.Footprint(1.5, 2, 3));
        assertThat(Files.readString(file)).contains("\"bytesPerKey\" : 1.5", "\"residentBytes\" : 3");
    }
}
