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
import io.nuthatch.engine.Family;
import io.nuthatch.engine.Pause;
import io.nuthatch.engine.Session;
import io.nuthatch.engine.Tracker;
import io.nuthatch.memory.Scratch;
import io.nuthatch.resp.ReplySink;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Set;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/// CLIENT: the connections, one's own and those of others. The table, then the bodies in the same order.
@SuppressWarnings("StaticAssignmentOfThrowable") // They have neither stack trace nor suppressed exceptions to keep.
public final class ClientCommands {
    private static final CommandError INVALID_NAME =
            CommandError.of("ERR Client names cannot contain spaces, newlines or special characters.");
    private static final CommandError NO_SUCH_CLIENT = CommandError.of("ERR No such client");
    private static final CommandError PAUSE_MODE = CommandError.of("ERR CLIENT PAUSE mode must be WRITE or ALL");
    private static final CommandError UNBLOCK_REASON =
            CommandError.of("ERR CLIENT UNBLOCK reason should be TIMEOUT or ERROR");

    private static final CommandError CACHING_WITHOUT_OPTION =
            CommandError.of("ERR CLIENT CACHING can be called only when the client is in tracking mode with OPTIN or "
                    + "OPTOUT mode enabled");
    private static final CommandError CACHING_YES_WITHOUT_OPTIN =
            CommandError.of("ERR CLIENT CACHING YES is only valid when tracking is enabled in OPTIN mode.");
    private static final CommandError CACHING_NO_WITHOUT_OPTOUT =
            CommandError.of("ERR CLIENT CACHING NO is only valid when tracking is enabled in OPTOUT mode.");

    /// Where the messages of a client that tracks no keys are redirected to.
    private static final int NO_TRACKING = -1;

    private static final String FILTERS =
            "[TYPE <NORMAL | MASTER | REPLICA | PUBSUB>] [ID client-id [client-id ...]] [USER username] "
                    + "[ADDR ip:port] [LADDR ip:port] [SKIPME <YES | NO>] [MAXAGE maxage] [NAME name] [IDLE idle] "
                    + "[FLAGS flags] [LIB-NAME lib-name] [LIB-VER lib-ver] [DB db] [CAPA capa] [IP ip] "
                    + "[NOT-ID client-id [client-id ...]] [NOT-TYPE <NORMAL | MASTER | REPLICA | PUBSUB>] "
                    + "[NOT-ADDR ip:port] [NOT-LADDR ip:port] [NOT-USER username] [NOT-FLAGS flags] "
                    + "[NOT-NAME name] [NOT-LIB-NAME lib-name] [NOT-LIB-VER lib-ver] [NOT-DB db] [NOT-CAPA capa] "
                    + "[NOT-IP ip]";

    private ClientCommands() {}

    public static Family family() {
        return Family.of(
                "connection",
                Set.of("connection"),
                container("CLIENT", "2.4.0", "A container for client connection commands."),
                row("CLIENT CACHING <YES | NO>")
                        .is(NOSCRIPT, LOADING, STALE)
                        .since("6.0.0")
                        .brief("Instructs the server whether to track the keys in the next request.")
                        .answers(ClientCommands::caching),
                row("CLIENT CAPA capability [capability ...]")
                        .is(NOSCRIPT, LOADING, STALE)
                        .since("8.0.0")
                        .brief("Tells the server what the client is capable of.")
                        .cost("O(N), N being the number of capabilities.")
                        .answers(ClientCommands::capa),
                row("CLIENT GETNAME")
                        .is(NOSCRIPT, LOADING, STALE)
                        .since("2.6.9")
                        .brief("Returns the name of the connection.")
                        .answers(ClientCommands::getName),
                row("CLIENT GETREDIR")
                        .is(NOSCRIPT, LOADING, STALE)
                        .since("6.0.0")
                        .brief("Returns the client that the connection's tracking notifications are redirected to.")
                        .answers((args, session, reply) -> reply.integer(redirect(session))),
                help("CLIENT", "5.0.0"),
                row("CLIENT ID")
                        .is(NOSCRIPT, LOADING, STALE)
                        .since("5.0.0")
                        .brief("Returns the unique client ID of the connection.")
                        .answers((args, session, reply) -> reply.integer(session.id())),
                row("CLIENT INFO")
                        .is(NOSCRIPT, LOADING, STALE)
                        .tips("nondeterministic_output")
                        .since("6.2.0")
                        .brief("Returns information about the connection.")
                        .answers((args, session, reply) -> reply.verbatim(
                                "txt", ClientLine.of(session, session.worker().nowMs()) + "\n")),
                row("CLIENT KILL <ip:port | " + FILTERS + ">")
                        .atLeast(3)
                        .is(ADMIN, NOSCRIPT, LOADING, STALE)
                        .since("2.4.0")
                        .brief("Terminates open connections.")
                        .cost("O(N), N being the number of connections.")
                        .answers(ClientCommands::kill),
                row("CLIENT LIST " + FILTERS)
                        .is(ADMIN, NOSCRIPT, LOADING, STALE)
                        .tips("nondeterministic_output")
                        .since("2.4.0")
                        .brief("Lists open connections.")
                        .cost("O(N), N being the number of connections.")
                        .answers(ClientCommands::list),
                row("CLIENT NO-EVICT <ON | OFF>")
                        .is(ADMIN, NOSCRIPT, LOADING, STALE)
                        .since("7.0.0")
                        .brief("Sets the client eviction mode of the connection.")
                        .answers(ClientCommands::noEvict),
                row("CLIENT NO-TOUCH <ON | OFF>")
                        .is(NOSCRIPT, LOADING, STALE)
                        .since("7.2.0")
                        .brief("Controls whether commands sent by the client count as uses of the keys.")
                        .answers(ClientCommands::noTouch),
                row("CLIENT PAUSE timeout [WRITE | ALL]")
                        .is(ADMIN, NOSCRIPT, LOADING, STALE)
                        .since("3.0.0")
                        .brief("Suspends commands processing.")
                        .answers(ClientCommands::pause),
                row("CLIENT REPLY <ON | OFF | SKIP>")
                        .is(NOSCRIPT, LOADING, STALE)
                        .since("3.2.0")
                        .brief("Instructs the server whether to reply to commands.")
                        .answers(ClientCommands::reply),
                row("CLIENT SETINFO <LIB-NAME libname | LIB-VER libver>")
                        .is(NOSCRIPT, LOADING, STALE)
                        .tips("request_policy:all_nodes", "response_policy:all_succeeded")
                        .since("7.2.0")
                        .brief("Sets information specific to the client or connection.")
                        .answers(ClientCommands::setInfo),
                row("CLIENT SETNAME connection-name")
                        .is(NOSCRIPT, LOADING, STALE)
                        .tips("request_policy:all_nodes", "response_policy:all_succeeded")
                        .since("2.6.9")
                        .brief("Sets the connection name.")
                        .answers(ClientCommands::setName),
                row("CLIENT TRACKING <ON | OFF> [REDIRECT client-id] [PREFIX prefix [PREFIX prefix ...]] [BCAST] [OPTIN] "
                                + "[OPTOUT] [NOLOOP]")
                        .atLeast(3)
                        .is(NOSCRIPT, LOADING, STALE)
                        .since("6.0.0")
                        .brief("Controls server-assisted client-side caching for the connection.")
                        .cost("O(1). Some options may introduce additional complexity.")
                        .answers(ClientCommands::tracking),
                row("CLIENT TRACKINGINFO")
                        .is(NOSCRIPT, LOADING, STALE)
                        .since("6.2.0")
                        .brief("Returns information about server-assisted client-side caching for the connection.")
                        .answers(ClientCommands::trackingInfo),
                row("CLIENT UNBLOCK client-id [TIMEOUT | ERROR]")
                        .is(ADMIN, NOSCRIPT, LOADING, STALE)
                        .since("5.0.0")
                        .brief("Unblocks a client that a blocking command has blocked.")
                        .cost("O(log N), N being the number of connections.")
                        .answers(ClientCommands::unblock),
                row("CLIENT UNPAUSE")
                        .is(ADMIN, NOSCRIPT, LOADING, STALE)
                        .since("6.2.0")
                        .brief("Resumes processing commands from paused clients.")
                        .cost("O(N), N being the number of paused clients.")
                        .answers(ClientCommands::unpause));
    }

    private static void caching(Args args, Session session, ReplySink reply) {
        Tracker tracker = session.tracker();
        Tracker.Mode mode = tracker == null ? Tracker.Mode.ALL : tracker.mode();
        if (tracker == null || mode != Tracker.Mode.OPT_IN && mode != Tracker.Mode.OPT_OUT) {
            throw CACHING_WITHOUT_OPTION;
        }
        if (!args.is(2, "yes") && !args.is(2, "no")) {
            throw CommandError.SYNTAX;
        }
        if (args.is(2, "yes") && mode != Tracker.Mode.OPT_IN) {
            throw CACHING_YES_WITHOUT_OPTIN;
        }
        if (args.is(2, "no") && mode != Tracker.Mode.OPT_OUT) {
            throw CACHING_NO_WITHOUT_OPTOUT;
        }
        tracker.caching(true);
        reply.ok();
    }

    /// What is not known is ignored: it may be known to a later version.
    private static void capa(Args args, Session session, ReplySink reply) {
        for (int i = 2; i < args.count(); i++) {
            if (args.is(i, "redirect")) {
                session.followsRedirects(true);
            }
        }
        reply.ok();
    }

    private static void getName(Args ignored, Session session, ReplySink reply) {
        if (session.name().isEmpty()) {
            reply.nullBulk();
        } else {
            reply.bulk(session.name());
        }
    }

    private static void kill(Args args, Session session, ReplySink reply) {
        Collection<Session> all = session.engine().clients().all();
        if (args.count() == 3) {
            String address = args.text(2);
            Session found = all.stream()
                    .filter(each -> each.peer().address().equals(address))
                    .findFirst()
                    .orElseThrow(() -> NO_SUCH_CLIENT);
            kill(found, session);
            reply.ok();
            return;
        }
        Predicate<Session> filter = new ClientFilter(args, session).sparingMe(true);
        List<Session> doomed = all.stream().filter(filter).toList();
        doomed.forEach(each -> kill(each, session));
        reply.integer(doomed.size());
    }

    private static void kill(Session doomed, Session killer) {
        if (doomed.id() == killer.id()) {
            killer.close();
        } else {
            doomed.engine().kill(doomed);
        }
    }

    private static void list(Args args, Session session, ReplySink reply) {
        Predicate<Session> filter = new ClientFilter(args, session).sparingMe(false);
        long nowMs = session.worker().nowMs();
        StringBuilder text = new StringBuilder();
        session.engine().clients().all().stream()
                .filter(filter)
                .forEach(each -> text.append(ClientLine.of(each, nowMs)).append('\n'));
        reply.verbatim("txt", text.toString());
    }

    private static boolean isOn(Args args) {
        if (!args.is(2, "on") && !args.is(2, "off")) {
            throw CommandError.SYNTAX;
        }
        return args.is(2, "on");
    }

    private static void noEvict(Args args, Session session, ReplySink reply) {
        session.noEvict(isOn(args));
        reply.ok();
    }

    private static void noTouch(Args args, Session session, ReplySink reply) {
        session.noTouch(isOn(args));
        reply.ok();
    }

    private static void pause(Args args, Session session, ReplySink reply) {
        boolean writes = args.has(3, "write");
        if (args.count() > 4 || args.count() == 4 && !writes && !args.is(3, "all")) {
            throw PAUSE_MODE;
        }
        long nowMs = session.engine().clock().wallMs();
        long timeoutMs = args.timeoutInMs(2, nowMs);
        session.engine().pause().begin(nowMs, nowMs + timeoutMs, writes ? Pause.Extent.WRITES : Pause.Extent.ALL);
        reply.ok();
    }

    private static void reply(Args args, Session session, ReplySink reply) {
        if (args.is(2, "on")) {
            session.replies(Session.Replies.ON);
            reply.ok();
        } else if (args.is(2, "off")) {
            session.replies(Session.Replies.OFF);
        } else if (args.is(2, "skip")) {
            if (session.replies() != Session.Replies.OFF) {
                session.replies(Session.Replies.SKIP);
            }
        } else {
            throw CommandError.SYNTAX;
        }
    }

    private static void setInfo(Args args, Session session, ReplySink reply) {
        boolean isName = args.is(2, "lib-name");
        if (!isName && !args.is(2, "lib-ver")) {
            throw CommandError.of("ERR Unrecognized option '" + args.cited(2) + "'");
        }
        String value = args.text(3);
        if (!isPrintable(value)) {
            throw CommandError.of("ERR " + (isName ? "lib-name" : "lib-ver")
                    + " cannot contain spaces, newlines or special characters.");
        }
        if (isName) {
            session.libraryName(value);
        } else {
            session.libraryVersion(value);
        }
        reply.ok();
    }

    private static void setName(Args args, Session session, ReplySink reply) {
        session.name(clientName(args, 2));
        reply.ok();
    }

    /// A word as a client's name, which must fit into a line of CLIENT LIST.
    static String clientName(Args args, int index) {
        String name = args.text(index);
        if (!isPrintable(name)) {
            throw INVALID_NAME;
        }
        return name;
    }

    private static boolean isPrintable(String text) {
        return text.chars().allMatch(c -> c >= '!' && c <= '~');
    }

    /// The client that the messages of another one are redirected to, 0 for none.
    static long redirect(Session session) {
        Tracker tracker = session.tracker();
        return tracker == null ? NO_TRACKING : tracker.redirect();
    }

    private static void tracking(Args args, Session session, ReplySink reply) {
        TrackingOptions options = TrackingOptions.of(args, session);
        if (args.is(2, "on")) {
            session.engine().tracking().begin(session, options.checked());
        } else if (args.is(2, "off")) {
            session.engine().tracking().end(session);
        } else {
            throw CommandError.SYNTAX;
        }
        reply.ok();
    }

    private static void trackingInfo(Args ignored, Session session, ReplySink reply) {
        Tracker tracker = session.tracker();
        List<String> flags = trackingFlags(tracker);
        reply.map(3);
        reply.bulk("flags");
        reply.set(flags.size());
        flags.forEach(reply::bulk);
        reply.bulk("redirect");
        reply.integer(redirect(session));
        reply.bulk("prefixes");
        List<byte[]> prefixes = tracker == null ? List.of() : tracker.prefixes();
        reply.array(prefixes.size());
        for (byte[] prefix : prefixes) {
            try (Scratch copy = Scratch.of(prefix)) {
                reply.bulk(copy.bytes());
            }
        }
    }

    private static List<String> trackingFlags(@Nullable Tracker tracker) {
        if (tracker == null) {
            return List.of("off");
        }
        List<String> flags = new ArrayList<>(List.of("on"));
        switch (tracker.mode()) {
            case BROADCAST -> flags.add("bcast");
            case OPT_IN -> flags.addAll(tracker.isCaching() ? List.of("optin", "caching-yes") : List.of("optin"));
            case OPT_OUT -> flags.addAll(tracker.isCaching() ? List.of("optout", "caching-no") : List.of("optout"));
            case ALL -> {}
        }
        if (tracker.isNoLoop()) {
            flags.add("noloop");
        }
        if (tracker.isRedirectBroken()) {
            flags.add("broken_redirect");
        }
        return flags;
    }

    /// A client that waits for the end of a pause does not count as blocked, as in Redis.
    private static void unblock(Args args, Session session, ReplySink reply) {
        boolean withError = args.has(3, "error");
        if (args.count() > 3 && !args.is(3, "timeout") && !withError) {
            throw UNBLOCK_REASON;
        }
        boolean waited = session.engine()
                .clients()
                .byId(args.integer(2))
                .map(client -> session.engine().waits().release(session, client, withError))
                .orElse(false);
        reply.integer(waited ? 1 : 0);
    }

    private static void unpause(Args ignored, Session session, ReplySink reply) {
        session.engine().pause().end();
        session.engine().pause().resume();
        reply.ok();
    }
}
