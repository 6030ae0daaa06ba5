package io.nuthatch.server;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// Reads the stories of a `transcripts/<family>.txt`.
///
/// A file is prose up to its first `#`, then stories. The first character of a line says what the line is:
///
/// | line | meaning |
/// |---|---|
/// | `# INCR makes a missing key 1` | opens a story, and is its name |
/// | `% not redis 7.0: reason` | after the `#`: Redis 7.0 cannot pass this story, and why |
/// | `> SET k "a\x00b" EX 10` | a command, quoted as in redis-cli, on the connection `main` |
/// | `> [b] GET k` | the same on the connection `b`, which opens when it is first named |
/// | `>> [b] BLPOP k 0` | the same, not waiting for the reply |
/// | `< [b]` | what follows reaches `b` without a command: a push, a MONITOR line, a late reply |
/// | `@ +5ms` | time passes: `ms` or `s` |
/// | anything else | the reply, as redis-cli prints it at a terminal |
///
/// Blank lines mean nothing, in replies too, and neither do blanks at the end of a line.
///
/// In a reply two kinds of line stand for what varies: `~ regex` for one line that matches whole, `...` for any
/// number of lines. `(closed)` is what a connection prints that the server has closed; named again, it opens anew.
///
/// A group `(?<id>\d+)` of a regex that matched is known as `${id}` in the commands and replies that follow, and
/// `${x*1000}` is a thousand `x`.
///
/// Every story starts with empty databases, the configuration the server started with, and no connections.
final class StoryParser {
    private static final Pattern MARK = Pattern.compile("% not redis 7\\.0: (.+)");
    private static final Pattern SEND = Pattern.compile("(>>?) (?:\\[(\\w+)] )?(.+)");
    private static final Pattern ARRIVE = Pattern.compile("< \\[(\\w+)]");
    private static final Pattern PASS = Pattern.compile("@ \\+(\\d+)(ms|s)");

    private final String file;
    private final List<Story> stories = new ArrayList<>();
    private @Nullable Draft draft;

    private StoryParser(String file) {
        this.file = file;
    }

    /// The stories of a file, in order.
    static List<Story> parse(Path file) {
        try {
            return parse(file.getFileName().toString(), Files.readAllLines(file, ISO_8859_1));
        } catch (IOException e) {
            throw new java.io.UncheckedIOException("cannot read stories: " + file, e);
        }
    }

    static List<Story> parse(String file, List<String> lines) {
        var parser = new StoryParser(file);
        for (int i = 0; i < lines.size(); i++) {
            parser.line(i + 1, lines.get(i));
        }
        parser.endStory();
        return List.copyOf(parser.stories);
    }

    /// The folder of all story files.
    static Path folder() {
        Path here = Path.of("").toAbsolutePath();
        for (Path folder = here; folder != null; folder = folder.getParent()) {
            if (Files.isDirectory(folder.resolve("transcripts"))) {
                return folder.resolve("transcripts");
            }
        }
        throw new IllegalStateException("no folder `transcripts` in or above " + here);
    }

    private void line(int number, String line) {
        if (line.startsWith("# ")) {
            endStory();
            draft = new Draft(number, line.substring(2).strip());
        } else if (draft != null && !line.isBlank()) {
            storyLine(draft, number, line.stripTrailing());
        }
    }

    private void storyLine(Draft story, int number, String line) {
        switch (line.charAt(0)) {
            case '%' -> story.notRedis7 = match(MARK, number, line).group(1);
            case '>' -> {
                Matcher send = match(SEND, number, line);
                String connection = send.group(2) == null ? "main" : send.group(2);
                story.steps.add(
                        send.group(1).equals(">>")
                                ? new Story.SendOnly(number, connection, send.group(3))
                                : new Story.Send(number, connection, send.group(3), new ArrayList<>()));
            }
            case '<' -> {
                String connection = match(ARRIVE, number, line).group(1);
                story.steps.add(new Story.Arrive(number, connection, new ArrayList<>()));
            }
            case '@' -> {
                Matcher pass = match(PASS, number, line);
                long amount = Long.parseLong(pass.group(1));
                story.steps.add(new Story.Pass(
                        number, pass.group(2).equals("s") ? Duration.ofSeconds(amount) : Duration.ofMillis(amount)));
            }
            default -> replyLine(story, number, line);
        }
    }

    private void replyLine(Draft story, int number, String line) {
        Story.Step last = story.steps.isEmpty() ? null : story.steps.getLast();
        switch (last) {
            case Story.Send send -> send.reply().add(line);
            case Story.Arrive arrive -> arrive.reply().add(line);
            case Story.SendOnly _, Story.Pass _ -> throw wrong(number, "a reply without a command", line);
            case null -> throw wrong(number, "a reply without a command", line);
        }
    }

    private void expectReply(Story.Step step) {
        switch (step) {
            case Story.Send send
            when send.reply().isEmpty() -> throw wrong(send.line(), "a command without a reply", send.command());
            case Story.Arrive arrive
            when arrive.reply().isEmpty() -> throw wrong(arrive.line(), "nothing arrives", arrive.connection());
            case Story.Send _, Story.Arrive _, Story.SendOnly _, Story.Pass _ -> {}
        }
    }

    private Matcher match(Pattern pattern, int number, String line) {
        Matcher matcher = pattern.matcher(line);
        if (!matcher.matches()) {
            throw wrong(number, "not of the form " + pattern, line);
        }
        return matcher;
    }

    private IllegalArgumentException wrong(int number, String what, String line) {
        return new IllegalArgumentException(file + ":" + number + ": " + what + ": " + line);
    }

    private void endStory() {
        if (draft != null) {
            draft.steps.forEach(this::expectReply);
            stories.add(new Story(draft.fact, draft.notRedis7, draft.line, List.copyOf(draft.steps)));
            draft = null;
        }
    }

    /// A story that is still being read.
    private static final class Draft {
        private final int line;
        private final String fact;
        private final List<Story.Step> steps = new ArrayList<>();
        private @Nullable String notRedis7;

        private Draft(int line, String fact) {
            this.line = line;
            this.fact = fact;
        }
    }
}
