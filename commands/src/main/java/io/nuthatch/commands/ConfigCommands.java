package io.nuthatch.commands;

import static io.nuthatch.engine.Command.container;
import static io.nuthatch.engine.Command.help;
import static io.nuthatch.engine.Command.row;
import static io.nuthatch.engine.CommandFlag.ADMIN;
import static io.nuthatch.engine.CommandFlag.LOADING;
import static io.nuthatch.engine.CommandFlag.NOSCRIPT;
import static io.nuthatch.engine.CommandFlag.STALE;

import io.nuthatch.engine.Args;
import io.nuthatch.engine.CommandError;
import io.nuthatch.engine.Config;
import io.nuthatch.engine.Family;
import io.nuthatch.engine.Glob;
import io.nuthatch.engine.Session;
import io.nuthatch.engine.Setting;
import io.nuthatch.resp.ReplySink;
import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// CONFIG: reading, changing and writing down the configuration. The table, then the bodies in the same order.
@SuppressWarnings("StaticAssignmentOfThrowable") // They have neither stack trace nor suppressed exceptions to keep.
public final class ConfigCommands {
    private static final Logger LOG = LoggerFactory.getLogger(ConfigCommands.class);

    private static final CommandError NO_FILE = CommandError.of("ERR The server is running without a config file");

    /// Directives whose values nobody may see.
    private static final Set<String> SECRETS = new Config()
            .all().stream()
                    .filter(Setting::isSensitive)
                    .flatMap(each -> Stream.concat(Stream.of(each.name()), each.aliases().stream()))
                    .collect(Collectors.toUnmodifiableSet());

    private ConfigCommands() {}

    /// Writes the configuration to the file it came from.
    @FunctionalInterface
    public interface Rewriting {
        void rewrite(Path file, Config config) throws IOException;
    }

    public static Family family(Rewriting rewriting) {
        return Family.of(
                "server",
                Set.of(),
                container("CONFIG", "2.0.0", "A container for server configuration commands."),
                row("CONFIG GET parameter [parameter ...]")
                        .is(ADMIN, NOSCRIPT, LOADING, STALE)
                        .since("2.0.0")
                        .brief("Returns the effective values of configuration parameters.")
                        .cost("O(N), N being the number of parameters.")
                        .answers(ConfigCommands::get),
                help("CONFIG", "5.0.0"),
                row("CONFIG RESETSTAT")
                        .is(ADMIN, NOSCRIPT, LOADING, STALE)
                        .tips("request_policy:all_nodes", "response_policy:all_succeeded")
                        .since("2.0.0")
                        .brief("Resets the server's statistics.")
                        .answers(ConfigCommands::resetStat),
                row("CONFIG REWRITE")
                        .is(ADMIN, NOSCRIPT, LOADING, STALE)
                        .tips("request_policy:all_nodes", "response_policy:all_succeeded")
                        .since("2.8.0")
                        .brief("Persists the effective configuration to file.")
                        .answers((args, session, reply) -> rewrite(session, reply, rewriting)),
                row("CONFIG SET parameter value [parameter value ...]")
                        .is(ADMIN, NOSCRIPT, LOADING, STALE)
                        .hides(ConfigCommands::setHides)
                        .tips("request_policy:all_nodes", "response_policy:all_succeeded")
                        .since("2.0.0")
                        .brief("Sets configuration parameters in-flight.")
                        .cost("O(N), N being the number of parameters.")
                        .answers(ConfigCommands::set));
    }

    /// A name is answered as it was asked for; a pattern finds names as they are.
    private static void get(Args args, Session session, ReplySink reply) {
        Map<String, Setting> known = session.engine().config().byName();
        Map<String, String> found = new TreeMap<>();
        for (int i = 2; i < args.count(); i++) {
            String wanted = args.text(i);
            Setting exact = known.get(wanted.toLowerCase(Locale.ROOT));
            if (exact != null) {
                found.put(wanted, exact.text());
            } else if (isPattern(wanted)) {
                known.forEach((name, setting) -> {
                    if (Glob.matchesAnyCase(wanted, name)) {
                        found.put(name, setting.text());
                    }
                });
            }
        }
        reply.map(found.size());
        found.forEach((name, text) -> {
            reply.bulk(name);
            reply.bulk(text);
        });
    }

    private static boolean isPattern(String text) {
        return text.chars().anyMatch(c -> c == '*' || c == '?' || c == '[');
    }

    private static void resetStat(Args ignored, Session session, ReplySink reply) {
        session.engine().resetStats();
        reply.ok();
    }

    private static void rewrite(Session session, ReplySink reply, Rewriting rewriting) {
        Config config = session.engine().config();
        Path file = config.file().orElseThrow(() -> NO_FILE);
        try {
            rewriting.rewrite(file, config);
        } catch (IOException fault) {
            LOG.warn("the configuration could not be written: file={}", file, fault);
            throw CommandError.of("ERR Rewriting config file: " + fault.getMessage());
        }
        LOG.info("the configuration has been written: file={}", file);
        reply.ok();
    }

    private static boolean setHides(Args args, int index) {
        return index >= 3
                && index % 2 == 1
                && SECRETS.contains(args.text(index - 1).toLowerCase(Locale.ROOT));
    }

    private static void set(Args args, Session session, ReplySink reply) {
        if (args.count() % 2 != 0) {
            throw CommandError.SYNTAX;
        }
        Config config = session.engine().config();
        Map<String, String> changes = new LinkedHashMap<>();
        for (int i = 2; i < args.count(); i += 2) {
            String name = args.text(i).toLowerCase(Locale.ROOT);
            checkChange(config, name, session, args.cited(i));
            if (changes.put(name, args.text(i + 1)) != null) {
                throw refused(name, "duplicate parameter");
            }
        }
        try {
            config.set(changes);
        } catch (Setting.Refused refused) {
            throw refused(refused.directive(), refused.reason());
        }
        reply.ok();
    }

    private static void checkChange(Config config, String name, Session session, String cited) {
        Setting setting = config.named(name)
                .filter(each -> !each.isHidden())
                .orElseThrow(() ->
                        CommandError.of("ERR Unknown option or number of arguments for CONFIG SET - '" + cited + "'"));
        if (!setting.isMutable()) {
            throw refused(name, "can't set immutable config");
        }
        if (setting.isProtected() && !session.isAllowed(config.enableProtectedConfigs)) {
            throw refused(name, "can't set protected config");
        }
    }

    private static CommandError refused(String name, String reason) {
        return CommandError.of("ERR CONFIG SET failed (possibly related to argument '" + name + "') - " + reason);
    }
}
