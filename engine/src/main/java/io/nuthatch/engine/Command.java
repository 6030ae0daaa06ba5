package io.nuthatch.engine;

import static io.nuthatch.engine.CommandFlag.ADMIN;
import static io.nuthatch.engine.CommandFlag.BLOCKING;
import static io.nuthatch.engine.CommandFlag.FAST;
import static io.nuthatch.engine.CommandFlag.PUBSUB;
import static io.nuthatch.engine.CommandFlag.READONLY;
import static io.nuthatch.engine.CommandFlag.WRITE;

import io.nuthatch.resp.ReplySink;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.EnumSet;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/// What is known of a command: one row of its family's table.
///
/// ```java
///   Command.row("GET @key").is(READONLY, FAST).keys("RO access").since("1.0.0")
///           .brief("Returns the string value of a key.").cost("O(1)").does(StringCommands::get)
/// ```
///
/// The syntax line ([Syntax]) is the single source for the name, the arity, the keys' places and COMMAND DOCS;
/// the rest of the row says what a line cannot.
public final class Command {
    /// What stands for a word that must not be shown.
    static final String REDACTED = "(redacted)";

    /// All ACL categories, in the order in which Redis lists those of a command.
    private static final List<String> CATEGORIES = List.of(
            "keyspace",
            "read",
            "write",
            "set",
            "sortedset",
            "list",
            "hash",
            "string",
            "bitmap",
            "hyperloglog",
            "geo",
            "stream",
            "pubsub",
            "admin",
            "fast",
            "slow",
            "blocking",
            "dangerous",
            "connection",
            "transaction",
            "scripting");

    private final Syntax syntax;
    private final String fullName;
    private final Body body;
    private final EnumSet<CommandFlag> flags;

    /// The same, a bit for each: every call asks several times.
    private final int flagBits;
    private final List<KeySpec> keySpecs;
    private final List<String> tips;
    private final String since;
    private final String brief;
    private final String cost;
    /// In place of the family's, if the row names any.
    private final @Nullable Set<String> ownCategories;
    private final Secrets secrets;
    private final @Nullable KeyFlags keyFlags;
    private final Optional<Deprecation> deprecation;
    private final boolean container;
    private final boolean queuedByMulti;
    private final @Nullable Predicate<Args> reachesAnyKey;
    private final int arity;

    /// The one word that is the only key, or 0: the common case, decided beforehand.
    private final int soleKey;

    private final boolean onlyReads;

    private final boolean tellsAllKeys;

    /// A dense number, for arrays with one place for each command; given by the [CommandTable].
    int index;

    /// The family's name, and through it COMMAND DOCS's group; given by the [CommandTable].
    private @Nullable Family family;

    private @Nullable Command parent;
    private final List<Command> subcommands = new ArrayList<>();

    private Command(Row row, Body body) {
        this.syntax = row.syntax;
        this.fullName = String.join("|", syntax.name());
        this.body = body;
        this.flags = row.flags;
        this.flagBits = flags.stream().mapToInt(Command::bit).sum();
        this.keySpecs = row.explicitSpecs.isEmpty() ? syntax.keySpecs(row.keyFlags) : List.copyOf(row.explicitSpecs);
        this.tips = row.tips;
        this.since = row.since;
        this.brief = row.brief;
        this.cost = row.cost;
        this.ownCategories = row.categories;
        this.secrets = row.secrets;
        this.keyFlags = row.keyFlagsOfCall;
        this.deprecation = Optional.ofNullable(row.deprecation);
        this.container = row.container;
        this.queuedByMulti = !row.atOnce;
        this.reachesAnyKey = row.reachesAnyKey;
        this.arity = row.leastWords == 0 ? syntax.arity() : row.leastWords;
        this.soleKey = soleKey(keySpecs);
        this.onlyReads = is(CommandFlag.READONLY) && !mayWrite();
        this.tellsAllKeys = !keySpecs.isEmpty() && keySpecs.stream().noneMatch(Command::isVague);
    }

    private static int bit(CommandFlag flag) {
        return 1 << flag.ordinal();
    }

    private static boolean isVague(KeySpec spec) {
        return spec.begin() instanceof KeySpec.Begin.Unknown || spec.find() instanceof KeySpec.Find.Unknown;
    }

    private static int soleKey(List<KeySpec> specs) {
        return specs.size() == 1
                        && specs.getFirst().begin() instanceof KeySpec.Begin.Index(int position)
                        && specs.getFirst().find() instanceof KeySpec.Find.Range(int last, int _, int _)
                        && last == 0
                ? position
                : 0;
    }

    /// Begins a row.
    public static Row row(String syntax) {
        return new Row(new Syntax(syntax));
    }

    /// Which words of a call must not be shown to anyone: MONITOR and SLOWLOG write `(redacted)` in their place.
    @FunctionalInterface
    public interface Secrets {
        boolean hides(Args args, int index);
    }

    /// What a call does to its keys, where that depends on its options: Redis's words, as in a key specification.
    @FunctionalInterface
    public interface KeyFlags {
        List<String> of(Args args);
    }

    /// Since when a command should no longer be used, and what instead.
    public record Deprecation(String since, String replacedBy) {}

    /// A command whose subcommands do the work. It has no categories of its own but `slow`, unless some are said.
    public static Command container(String name, String since, String brief, String... categories) {
        Row row = new Row(new Syntax(name));
        row.container = true;
        row.leastWords = -2;
        return row.categories(categories)
                .since(since)
                .brief(brief)
                .cost("Depends on subcommand.")
                .answers((Args args, Session session, ReplySink reply) -> {
                    throw new IllegalStateException("a container has no body: name=" + name);
                });
    }

    /// The HELP subcommand of a container: it tells the syntax and the brief of each subcommand.
    public static Command help(String container, String since) {
        return row(container + " HELP")
                .is(CommandFlag.LOADING, CommandFlag.STALE)
                .since(since)
                .brief("Returns helpful text about the different subcommands.")
                .answers((args, session, reply) -> {
                    String name = container.toLowerCase(Locale.ROOT);
                    Help.of(session.engine().commands().named(name).orElseThrow())
                            .tell(reply);
                });
    }

    /// A row under way.
    public static final class Row {
        private final Syntax syntax;
        private final EnumSet<CommandFlag> flags = EnumSet.noneOf(CommandFlag.class);
        private @Nullable Set<String> categories;
        private Secrets secrets = (args, index) -> false;
        private @Nullable KeyFlags keyFlagsOfCall;
        private @Nullable Deprecation deprecation;
        private List<String> keyFlags = List.of();
        private final List<KeySpec> explicitSpecs = new ArrayList<>();
        private List<String> tips = List.of();
        private String since = "1.0.0";
        private String brief = "";
        private String cost = "O(1)";
        private boolean container;
        private boolean atOnce;
        private @Nullable Predicate<Args> reachesAnyKey;
        /// In place of the arity that the syntax line shows, or 0.
        private int leastWords;

        private Row(Syntax syntax) {
            this.syntax = syntax;
        }

        public Row is(CommandFlag... is) {
            flags.addAll(List.of(is));
            return this;
        }

        /// What the command does to its keys: a text for each key specification, as `RW access update`.
        public Row keys(String... flagsOfEach) {
            keyFlags = List.of(flagsOfEach);
            return this;
        }

        /// A key specification that the syntax line does not show. Rows with one state all of theirs.
        public Row keySpec(KeySpec.Begin begin, KeySpec.Find find, String keyFlags) {
            explicitSpecs.add(new KeySpec(begin, find, List.of(keyFlags.split(" "))));
            return this;
        }

        /// For a command that some calls lead to keys which its specifications do not show: those calls lock all
        /// shards.
        public Row reachesAnyKey(Predicate<Args> call) {
            reachesAnyKey = call;
            return this;
        }

        /// ACL categories in place of the family's; those that follow from the flags come by themselves.
        public Row categories(String... instead) {
            categories = Set.of(instead);
            assert CATEGORIES.containsAll(categories) : "no such category: categories=" + categories;
            return this;
        }

        /// Words that MONITOR and SLOWLOG do not show.
        public Row hides(Secrets which) {
            secrets = which;
            return this;
        }

        /// What a call does to its keys, for a command with `variable_flags`.
        public Row keyFlagsOfCall(KeyFlags flags) {
            keyFlagsOfCall = flags;
            return this;
        }

        /// @param replacedBy what to use instead, in Markdown
        public Row deprecated(String since, String replacedBy) {
            deprecation = new Deprecation(since, replacedBy);
            return this;
        }

        public Row tips(String... words) {
            tips = List.of(words);
            return this;
        }

        public Row since(String version) {
            since = version;
            return this;
        }

        /// One sentence for COMMAND DOCS and HELP.
        public Row brief(String sentence) {
            brief = sentence;
            return this;
        }

        /// The order of growth.
        public Row cost(String order) {
            cost = order;
            return this;
        }

        /// Runs at once even after MULTI, rather than being queued.
        public Row atOnce() {
            atOnce = true;
            return this;
        }

        /// A container that does something without a subcommand too, as COMMAND.
        public Row contains() {
            container = true;
            return atLeast(1);
        }

        /// For a command that takes more words than its syntax line shows, or fewer.
        ///
        /// @param words how many a call has at the least, the name included
        public Row atLeast(int words) {
            leastWords = -words;
            return this;
        }

        /// Ends the row: what the command does to keys.
        public Command does(Body.OnKeys body) {
            return new Command(this, body);
        }

        /// Ends the row: what the command does to keys, and waits for if there is nothing.
        public Command waits(Body.Waiting body) {
            return new Command(this, body);
        }

        /// Ends the row: what the command does for the client, or to the server.
        public Command answers(Body.OnSession body) {
            return new Command(this, body);
        }

        /// Ends the row: what the command tells the client, perhaps later.
        public Command answersInTime(Body.WaitingOnSession body) {
            return new Command(this, body);
        }
    }

    void adopt(Family owner, int number) {
        family = owner;
        index = number;
    }

    void adopt(Command subcommand) {
        subcommand.parent = this;
        subcommands.add(subcommand);
    }

    /// The name without the container's, in lower case.
    public String name() {
        return syntax.name().getLast();
    }

    /// `get`, or `client|list`.
    public String fullName() {
        return fullName;
    }

    Body body() {
        return body;
    }

    /// How many words a call has; negative: at least so many.
    public int arity() {
        return arity;
    }

    public boolean is(CommandFlag flag) {
        return (flagBits & bit(flag)) != 0;
    }

    /// In Redis's order, with what follows from the keys; without those that Redis keeps to itself.
    public Set<CommandFlag> flags() {
        EnumSet<CommandFlag> all = EnumSet.copyOf(flags);
        all.remove(CommandFlag.PROTECTED);
        all.remove(CommandFlag.MAY_REPLICATE);
        if (hasMovableKeys()) {
            all.add(CommandFlag.MOVABLEKEYS);
        }
        return all;
    }

    public List<KeySpec> keySpecs() {
        return keySpecs;
    }

    public List<String> tips() {
        return tips;
    }

    /// What a call does to the keys of one of its specifications.
    public List<String> keyFlags(KeySpec spec, Args args) {
        return keyFlags == null ? spec.flags() : keyFlags.of(args);
    }

    public Optional<Deprecation> deprecation() {
        return deprecation;
    }

    /// Whether a word of a call must not be shown.
    boolean hides(Args args, int index) {
        return secrets.hides(args, index);
    }

    public String since() {
        return since;
    }

    public String brief() {
        return brief;
    }

    public String cost() {
        return cost;
    }

    /// The family's name: COMMAND DOCS's group.
    public String group() {
        return family().name();
    }

    private Family family() {
        return Objects.requireNonNull(family, "the command is in no table");
    }

    public boolean isContainer() {
        return container;
    }

    public @Nullable Command parent() {
        return parent;
    }

    public List<Command> subcommands() {
        return subcommands;
    }

    /// The syntax line, without the marks of keys.
    public String syntax() {
        return syntax.text();
    }

    /// The arguments that the syntax line implies, for COMMAND DOCS.
    public List<Syntax.Argument> arguments() {
        return syntax.arguments();
    }

    /// Whether a call may have so many words, the command's name included.
    public boolean takes(int words) {
        return arity >= 0 ? words == arity : words >= -arity;
    }

    /// Whether it is queued after MULTI, as all commands are but those that deal with the transaction.
    boolean isQueuedByMulti() {
        return queuedByMulti;
    }

    /// Whether its answers are messages, which go out even while replies are off: SUBSCRIBE and its like.
    boolean answersByMessages() {
        return is(PUBSUB) && is(CommandFlag.NOSCRIPT);
    }

    /// Whether it leaves all values of keys as they are.
    boolean onlyReads() {
        return onlyReads;
    }

    boolean mayWrite() {
        return (flagBits & (bit(WRITE) | bit(CommandFlag.MAY_REPLICATE))) != 0;
    }

    /// Whether its words tell all the keys that it will touch.
    boolean tellsAllKeys() {
        return tellsAllKeys;
    }

    /// The word that is the command's only key, or 0.
    int soleKey() {
        return soleKey;
    }

    /// ACL categories, without `@`, in Redis's order: the explicit ones, and those that follow from the flags.
    public List<String> categories() {
        Set<String> all = new HashSet<>(ownCategories != null ? ownCategories : family().categories());
        for (CommandFlag flag : List.of(WRITE, READONLY, ADMIN, PUBSUB, FAST, BLOCKING)) {
            if (is(flag)) {
                all.add(flag == READONLY ? "read" : flag.redisName());
            }
        }
        if (is(ADMIN)) {
            all.add("dangerous");
        }
        if (!is(FAST)) {
            all.add("slow");
        }
        return all.stream().sorted(Comparator.comparing(CATEGORIES::indexOf)).toList();
    }

    /// Whether a call may come to keys that its specifications do not show.
    boolean reachesAnyKey(Args args) {
        return reachesAnyKey != null && reachesAnyKey.test(args);
    }

    private boolean hasMovableKeys() {
        return flags.contains(CommandFlag.MOVABLEKEYS)
                || keySpecs.stream()
                        .anyMatch(spec -> !(spec.begin() instanceof KeySpec.Begin.Index)
                                || !(spec.find() instanceof KeySpec.Find.Range));
    }
}
