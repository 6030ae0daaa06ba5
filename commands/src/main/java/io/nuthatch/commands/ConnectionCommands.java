package io.nuthatch.commands;

import static io.nuthatch.engine.Command.row;
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
import io.nuthatch.engine.Version;
import io.nuthatch.resp.ReplySink;
import io.nuthatch.resp.RespWriter;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Set;

/// What concerns one's own connection: who one is, which protocol, which database. CLIENT is in [ClientCommands].
///
/// The table, then the bodies in the same order.
@SuppressWarnings("StaticAssignmentOfThrowable") // They have neither stack trace nor suppressed exceptions to keep.
public final class ConnectionCommands {
    private static final CommandError NO_PASSWORD_CONFIGURED =
            CommandError.of("ERR AUTH <password> called without any password configured for the default user. "
                    + "Are you sure your configuration is correct?");
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
                        .hides((args, index) -> index > 0)
                        .since("1.0.0")
                        .brief("Authenticates the connection.")
                        .answers(ConnectionCommands::auth),
                row("ECHO message")
                        .is(LOADING, STALE, FAST)
                        .since("1.0.0")
                        .brief("Returns the given string.")
                        .answers((args, session, reply) -> reply.bulk(args.bytes(1))),
                row("HELLO [protover [AUTH username password] [SETNAME clientname]]")
                        .is(NOSCRIPT, LOADING, STALE, FAST, NO_AUTH, ALLOW_BUSY)
                        .hides(ConnectionCommands::helloHides)
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
                        .deprecated("7.2.0", "just closing the connection")
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
        // Digests are compared in constant time: how long it takes tells neither the password nor its length.
        boolean right = MessageDigest.isEqual(digest(expected), digest(password));
        if (!user.equals("default") || expected.length > 0 && !right) {
            throw CommandError.WRONG_PASSWORD;
        }
        session.authenticated(user);
    }

    private static byte[] digest(byte[] password) {
        try {
            return MessageDigest.getInstance("SHA-256").digest(password);
        } catch (NoSuchAlgorithmException impossible) {
            throw new IllegalStateException("every Java has SHA-256", impossible);
        }
    }

    private static boolean helloHides(Args args, int index) {
        return index > 2 && args.is(index - 1, "auth") || index > 3 && args.is(index - 2, "auth");
    }

    /// Nothing is changed unless all of it is right.
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
                name = ClientCommands.clientName(args, ++i);
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
        reply.bulk(Version.REDIS);
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
        reply.bulk(Version.NUTHATCH);
    }

    /// A subscriber that speaks RESP2 gets an array, which it can tell from a message.
    private static void ping(Args args, Session session, ReplySink reply) {
        if (args.count() > 2) {
            throw CommandError.wrongArity("ping");
        }
        if (session.isSubscriber() && session.protocol() == 2) {
            reply.array(2);
            reply.bulk("pong");
            if (args.count() == 2) {
                reply.bulk(args.bytes(1));
            } else {
                reply.bulk("");
            }
            return;
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
        // The reply is already in the old protocol.
        if (reply instanceof RespWriter writer) {
            writer.protocol(session.protocol());
        }
        reply.simple("RESET");
    }

    private static void select(Args args, Session session, ReplySink reply) {
        long index = args.integer(1);
        if (index != (int) index) {
            throw CommandError.NOT_32_BITS;
        }
        if (index < 0 || index >= session.engine().keyspace().databases()) {
            throw CommandError.DB_INDEX_OUT_OF_RANGE;
        }
        session.db((int) index);
        reply.ok();
    }
}
