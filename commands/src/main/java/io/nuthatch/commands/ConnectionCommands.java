package io.nuthatch.commands;

import static io.nuthatch.engine.Command.container;
import static io.nuthatch.engine.Command.row;
import static io.nuthatch.engine.CommandFlag.ADMIN;
import static io.nuthatch.engine.CommandFlag.ALLOW_BUSY;
import static io.nuthatch.engine.CommandFlag.FAST;
import static io.nuthatch.engine.CommandFlag.LOADING;
import static io.nuthatch.engine.CommandFlag.NOSCRIPT;
import static io.nuthatch.engine.CommandFlag.NO_AUTH;
import static io.nuthatch.engine.CommandFlag.STALE;

import io.nuthatch.engine.Args;
import io.nuthatch.engine.CommandError;
import io.nuthatch.engine.Family;
import io.nuthatch.engine.Session;
import io.nuthatch.resp.ReplySink;
import io.nuthatch.resp.RespWriter;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.function.Predicate;

/// What concerns one connection: the table, then the bodies in the same order.
@SuppressWarnings("StaticAssignmentOfThrowable") // They have neither stack trace nor suppressed exceptions to keep.
public final class ConnectionCommands {
    /// The version of Redis whose behaviour clients may expect.
    static final String REDIS_VERSION = "7.4.0";

    static final String NUTHATCH_VERSION = "0.1.0";

    private static final CommandError INVALID_CLIENT_ID = CommandError.of("ERR Invalid client ID");
    private static final CommandError NO_PASSWORD_CONFIGURED =
            CommandError.of("ERR AUTH <password> called without any password configured for the default user. "
                    + "Are you sure your configuration is correct?");
    private static final CommandError INVALID_NAME =
            CommandError.of("ERR Client names cannot contain spaces, newlines or special characters.");
    private static final CommandError NO_SUCH_CLIENT = CommandError.of("ERR No such client");
    private static final CommandError NOT_GREATER_THAN_0 = CommandError.of("ERR client-id should be greater than 0");
    private static final CommandError INVALID_PROTOCOL =
            CommandError.of("ERR Protocol version is not an integer or out of range");
    private static final CommandError UNSUPPORTED_PROTOCOL = CommandError.of("NOPROTO unsupported protocol version");
    private static final CommandError HELLO_NEEDS_AUTH =
            CommandError.of("NOAUTH HELLO must be called with the client already authenticated, otherwise the HELLO "
                    + "<proto> AUTH <user> <pass> option can be used to authenticate the client and select the RESP "
                    + "protocol version at the same time");

    private ConnectionCommands() {}

    public static Family family() {
        return Family.of(
                "connection",
                Set.of("connection"),
                row("AUTH [username] password")
                        .is(NOSCRIPT, LOADING, STALE, FAST, NO_AUTH, ALLOW_BUSY)
                        .since("1.0.0")
                        .brief("Authenticates the connection.")
                        .answers(ConnectionCommands::auth),
                container("CLIENT", "2.4.0", "A container for client connection commands."),
                row("CLIENT GETNAME")
                        .is(NOSCRIPT, LOADING, STALE)
                        .since("2.6.9")
                        .brief("Returns the name of the connection.")
                        .answers(ConnectionCommands::clientGetName),
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
                        .answers((args, session, reply) -> reply.verbatim("txt", line(session, session) + "\n")),
                row("CLIENT KILL <ip:port | [ID client-id] [USER username] [ADDR ip:port] [LADDR ip:port] "
                                + "[SKIPME <YES | NO>] [MAXAGE maxage]>")
                        .atLeast(3)
                        .is(ADMIN, NOSCRIPT, LOADING, STALE)
                        .since("2.4.0")
                        .brief("Terminates open connections.")
                        .cost("O(N), N being the number of connections.")
                        .answers(ConnectionCommands::clientKill),
                row("CLIENT LIST [TYPE <NORMAL | MASTER | REPLICA | PUBSUB>] [ID client-id [client-id ...]]")
                        .is(ADMIN, NOSCRIPT, LOADING, STALE)
                        .tips("nondeterministic_output")
                        .since("2.4.0")
                        .brief("Lists open connections.")
                        .cost("O(N), N being the number of connections.")
                        .answers(ConnectionCommands::clientList),
                row("CLIENT NO-EVICT <ON | OFF>")
                        .is(ADMIN, NOSCRIPT, LOADING, STALE)
                        .since("7.0.0")
                        .brief("Sets the client eviction mode of the connection.")
                        .answers(ConnectionCommands::clientNoEvict),
                row("CLIENT NO-TOUCH <ON | OFF>")
                        .is(NOSCRIPT, LOADING, STALE)
                        .since("7.2.0")
                        .brief("Controls whether commands sent by the client count as uses of the keys.")
                        .answers(ConnectionCommands::clientNoTouch),
                row("CLIENT REPLY <ON | OFF | SKIP>")
                        .is(NOSCRIPT, LOADING, STALE)
                        .since("3.2.0")
                        .brief("Instructs the server whether to reply to commands.")
                        .answers(ConnectionCommands::clientReply),
                row("CLIENT SETINFO <LIB-NAME libname | LIB-VER libver>")
                        .is(NOSCRIPT, LOADING, STALE)
                        .tips("request_policy:all_nodes", "response_policy:all_succeeded")
                        .since("7.2.0")
                        .brief("Sets information specific to the client or connection.")
                        .answers(ConnectionCommands::clientSetInfo),
                row("CLIENT SETNAME connection-name")
                        .is(NOSCRIPT, LOADING, STALE)
                        .tips("request_policy:all_nodes", "response_policy:all_succeeded")
                        .since("2.6.9")
                        .brief("Sets the connection name.")
                        .answers(ConnectionCommands::clientSetName),
                row("ECHO message")
                        .is(LOADING, STALE, FAST)
                        .since("1.0.0")
                        .brief("Returns the given string.")
                        .answers((args, session, reply) -> reply.bulk(args.bytes(1))),
                row("HELLO [protover [AUTH username password] [SETNAME clientname]]")
                        .is(NOSCRIPT, LOADING, STALE, FAST, NO_AUTH, ALLOW_BUSY)
                        .since("6.0.0")
                        .brief("Handshakes with the server.")
                        .answers(ConnectionCommands::hello),
                row("PING [message]")
                        .is(FAST)
                        .tips("request_policy:all_shards", "response_policy:all_succeeded")
                        .since("1.0.0")
                        .brief("Returns the server's liveliness response.")
                        .answers(ConnectionCommands::ping),
                row("QUIT")
                        .atLeast(1)
                        .is(NOSCRIPT, LOADING, STALE, FAST, NO_AUTH, ALLOW_BUSY)
                        .atOnce()
                        .since("1.0.0")
                        .brief("Closes the connection.")
                        .answers(ConnectionCommands::quit),
                row("RESET")
                        .is(NOSCRIPT, LOADING, STALE, FAST, NO_AUTH, ALLOW_BUSY)
                        .atOnce()
                        .since("6.2.0")
                        .brief("Resets the connection.")
                        .answers(ConnectionCommands::reset),
                row("SELECT index")
                        .is(LOADING, STALE, FAST)
                        .since("1.0.0")
                        .brief("Changes the selected database.")
                        .answers(ConnectionCommands::select));
    }

    private static void auth(Args args, Session session, ReplySink reply) {
        if (args.count() > 3) {
            throw CommandError.SYNTAX;
        }
        if (args.count() == 2 && !session.engine().config().requiresPassword()) {
            throw NO_PASSWORD_CONFIGURED;
        }
        String user = args.count() == 3 ? args.text(1) : "default";
        authenticate(session, user, args.bytes(args.count() - 1).toArray());
        reply.ok();
    }

    private static void authenticate(Session session, String user, byte[] password) {
        byte[] expected = session.engine().config().requirepass.value().getBytes(StandardCharsets.UTF_8);
        // The comparison takes as long for a wrong password as for the right one.
        boolean right = MessageDigest.isEqual(expected, password);
        if (!user.equals("default") || expected.length > 0 && !right) {
            throw CommandError.WRONG_PASSWORD;
        }
        session.authenticated(user);
    }

    private static void clientGetName(Args ignored, Session session, ReplySink reply) {
        if (session.name().isEmpty()) {
            reply.nullBulk();
        } else {
            reply.bulk(session.name());
        }
    }

    private static String line(Session of, Session asker) {
        long nowMs = asker.worker().nowMs();
        return "id=" + of.id()
                + " addr=" + of.peer().address()
                + " laddr=" + of.peer().localAddress()
                + " name=" + of.name()
                + " age=" + Math.max(0, nowMs - of.bornMs()) / 1000
                + " idle=" + Math.max(0, nowMs - of.lastActiveMs()) / 1000
                + " flags=" + flags(of)
                + " db=" + of.db()
                + " qbuf=" + of.peer().inputBytes()
                + " omem=" + of.peer().outputBytes()
                + " cmd=" + of.lastCommand()
                + " user=" + of.user()
                + " resp=" + of.protocol()
                + " lib-name=" + of.libraryName()
                + " lib-ver=" + of.libraryVersion();
    }

    private static String flags(Session of) {
        String flags = (of.isMonitor() ? "O" : "") + (of.isClosing() ? "c" : "") + (of.isNoEvict() ? "e" : "");
        return flags.isEmpty() ? "N" : flags;
    }

    private static void clientKill(Args args, Session session, ReplySink reply) {
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
        List<Session> doomed = all.stream().filter(killFilter(args, session)).toList();
        doomed.forEach(each -> kill(each, session));
        reply.integer(doomed.size());
    }

    private static Predicate<Session> killFilter(Args args, Session session) {
        if (args.count() % 2 != 0) {
            throw CommandError.SYNTAX;
        }
        Predicate<Session> filter = each -> true;
        boolean skipMe = true;
        for (int i = 2; i < args.count(); i += 2) {
            String value = args.text(i + 1);
            if (args.is(i, "id")) {
                long id = args.integer(i + 1, 1, Long.MAX_VALUE, NOT_GREATER_THAN_0);
                filter = filter.and(each -> each.id() == id);
            } else if (args.is(i, "addr")) {
                filter = filter.and(each -> each.peer().address().equals(value));
            } else if (args.is(i, "laddr")) {
                filter = filter.and(each -> each.peer().localAddress().equals(value));
            } else if (args.is(i, "user")) {
                if (!value.equals("default")) {
                    throw CommandError.of("ERR No such user '" + value + "'");
                }
                filter = filter.and(each -> each.isAuthenticated());
            } else if (args.is(i, "maxage")) {
                long seconds = args.integer(i + 1, 1, Long.MAX_VALUE / 1000, CommandError.NOT_AN_INTEGER);
                long latestMs = session.worker().nowMs() - seconds * 1000;
                filter = filter.and(each -> each.bornMs() <= latestMs);
            } else if (args.is(i, "skipme") && (args.is(i + 1, "yes") || args.is(i + 1, "no"))) {
                skipMe = args.is(i + 1, "yes");
            } else {
                throw CommandError.SYNTAX;
            }
        }
        return skipMe ? filter.and(each -> each.id() != session.id()) : filter;
    }

    private static void kill(Session doomed, Session killer) {
        if (doomed.id() == killer.id()) {
            killer.close();
        } else {
            doomed.peer().close();
        }
    }

    private static void clientList(Args args, Session session, ReplySink reply) {
        Predicate<Session> filter = each -> true;
        if (args.count() == 4 && args.is(2, "type")) {
            filter = ofType(args.text(3));
        } else if (args.count() > 3 && args.is(2, "id")) {
            Set<Long> ids = new java.util.HashSet<>();
            for (int i = 3; i < args.count(); i++) {
                ids.add(args.integer(i, 1, Long.MAX_VALUE, INVALID_CLIENT_ID));
            }
            filter = each -> ids.contains(each.id());
        } else if (args.count() > 2) {
            throw CommandError.SYNTAX;
        }
        StringBuilder text = new StringBuilder();
        session.engine().clients().all().stream()
                .filter(filter)
                .forEach(each -> text.append(line(each, session)).append('\n'));
        reply.verbatim("txt", text.toString());
    }

    private static Predicate<Session> ofType(String type) {
        return switch (type.toLowerCase(Locale.ROOT)) {
            case "normal" -> each -> each.clientClass() == Session.ClientClass.NORMAL;
            case "replica", "slave" -> each -> each.clientClass() == Session.ClientClass.REPLICA;
            case "pubsub" -> each -> each.clientClass() == Session.ClientClass.PUBSUB;
            case "master" -> each -> false;
            default -> throw CommandError.of("ERR Unknown client type '" + type + "'");
        };
    }

    private static boolean isOn(Args args) {
        if (!args.is(2, "on") && !args.is(2, "off")) {
            throw CommandError.SYNTAX;
        }
        return args.is(2, "on");
    }

    private static void clientNoEvict(Args args, Session session, ReplySink reply) {
        session.noEvict(isOn(args));
        reply.ok();
    }

    private static void clientNoTouch(Args args, Session session, ReplySink reply) {
        session.noTouch(isOn(args));
        reply.ok();
    }

    private static void clientReply(Args args, Session session, ReplySink reply) {
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

    private static void clientSetInfo(Args args, Session session, ReplySink reply) {
        String value = args.text(3);
        String option = args.text(2).toLowerCase(Locale.ROOT);
        if (!option.equals("lib-name") && !option.equals("lib-ver")) {
            throw CommandError.of("ERR Unrecognized option '" + args.cited(2) + "'");
        }
        if (!isPrintable(value)) {
            throw CommandError.of("ERR " + option + " cannot contain spaces, newlines or special characters.");
        }
        if (option.equals("lib-name")) {
            session.libraryName(value);
        } else {
            session.libraryVersion(value);
        }
        reply.ok();
    }

    private static void clientSetName(Args args, Session session, ReplySink reply) {
        session.name(clientName(args, 2));
        reply.ok();
    }

    private static String clientName(Args args, int index) {
        String name = args.text(index);
        if (!isPrintable(name)) {
            throw INVALID_NAME;
        }
        return name;
    }

    private static boolean isPrintable(String text) {
        return text.chars().allMatch(c -> c >= '!' && c <= '~');
    }

    private static void hello(Args args, Session session, ReplySink reply) {
        int protocol = session.protocol();
        if (args.count() > 1) {
            protocol = (int) args.integer(1, Integer.MIN_VALUE, Integer.MAX_VALUE, INVALID_PROTOCOL);
            if (protocol != 2 && protocol != 3) {
                throw UNSUPPORTED_PROTOCOL;
            }
        }
        int credentials = 0;
        String name = session.name();
        for (int i = 2; i < args.count(); i++) {
            if (args.is(i, "auth") && i + 2 < args.count()) {
                credentials = i + 1;
                i += 2;
            } else if (args.is(i, "setname") && i + 1 < args.count()) {
                name = clientName(args, ++i);
            } else {
                throw CommandError.of("ERR Syntax error in HELLO option '" + args.cited(i) + "'");
            }
        }
        if (credentials > 0) {
            authenticate(
                    session, args.text(credentials), args.bytes(credentials + 1).toArray());
        }
        if (!session.isAuthenticated()) {
            throw HELLO_NEEDS_AUTH;
        }
        session.name(name);
        session.protocol(protocol);
        // The reply is already in the new protocol.
        if (reply instanceof RespWriter writer) {
            writer.protocol(protocol);
        }
        greet(session, reply);
    }

    private static void greet(Session session, ReplySink reply) {
        reply.map(8);
        reply.bulk("server");
        reply.bulk("redis");
        reply.bulk("version");
        reply.bulk(REDIS_VERSION);
        reply.bulk("proto");
        reply.integer(session.protocol());
        reply.bulk("id");
        reply.integer(session.id());
        reply.bulk("mode");
        reply.bulk("standalone");
        reply.bulk("role");
        reply.bulk("master");
        reply.bulk("modules");
        reply.emptyArray();
        reply.bulk("nuthatch");
        reply.bulk(NUTHATCH_VERSION);
    }

    private static void ping(Args args, Session ignored, ReplySink reply) {
        if (args.count() > 2) {
            throw CommandError.wrongArity("ping");
        }
        if (args.count() == 2) {
            reply.bulk(args.bytes(1));
        } else {
            reply.simple("PONG");
        }
    }

    private static void quit(Args ignored, Session session, ReplySink reply) {
        reply.ok();
        session.close();
    }

    private static void reset(Args ignored, Session session, ReplySink reply) {
        session.reset();
        reply.simple("RESET");
    }

    private static void select(Args args, Session session, ReplySink reply) {
        long index = args.integer(1, Integer.MIN_VALUE, Integer.MAX_VALUE);
        if (index < 0 || index >= session.engine().keyspace().databases()) {
            throw CommandError.DB_INDEX_OUT_OF_RANGE;
        }
        session.db((int) index);
        reply.ok();
    }
}
