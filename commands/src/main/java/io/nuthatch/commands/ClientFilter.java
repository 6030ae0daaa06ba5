package io.nuthatch.commands;

import io.nuthatch.engine.Args;
import io.nuthatch.engine.CommandError;
import io.nuthatch.engine.Session;
import java.util.HashSet;
import java.util.Locale;
import java.util.Set;
import java.util.function.Function;
import java.util.function.Predicate;

/// The options of CLIENT LIST and CLIENT KILL that pick clients: a client must pass all of them. Those that
/// compare can be turned round by `NOT-`.
@SuppressWarnings("StaticAssignmentOfThrowable") // They have neither stack trace nor suppressed exceptions to keep.
final class ClientFilter {
    private static final CommandError INVALID_ID = CommandError.of("ERR Invalid client ID");
    private static final CommandError ID_TOO_SMALL = CommandError.of("ERR client-id should be greater than 0");

    /// Flags that Redis and Valkey know, whether or not a client of ours can have them.
    private static final String KNOWN_FLAGS = "AbBcdeiMNOPrRSTtuUxI";

    private static final String KNOWN_CAPABILITIES = "r";

    private final Args args;
    private final Session asker;
    private final long nowMs;
    private Predicate<Session> filter = each -> true;
    private boolean saysSkipMe;
    private boolean skipsMe;
    private int at = 2;

    ClientFilter(Args args, Session asker) {
        this.args = args;
        this.asker = asker;
        this.nowMs = asker.worker().nowMs();
        while (at < args.count()) {
            if (at + 1 == args.count()) {
                throw CommandError.SYNTAX;
            }
            option();
        }
    }

    /// The filter.
    ///
    /// @param unlessTold whether it spares the one who asks, if SKIPME does not say
    Predicate<Session> sparingMe(boolean unlessTold) {
        boolean skips = saysSkipMe ? skipsMe : unlessTold;
        return skips ? filter.and(each -> each.id() != asker.id()) : filter;
    }

    private void option() {
        String option = args.text(at++).toLowerCase(Locale.ROOT);
        switch (option) {
            case "skipme" -> skipMe();
            case "maxage" -> {
                long seconds = seconds("maxage");
                filter = filter.and(each -> ClientLine.ageSeconds(each, nowMs) >= seconds);
            }
            case "idle" -> {
                long seconds = seconds("idle");
                filter = filter.and(each -> ClientLine.idleSeconds(each, nowMs) >= seconds);
            }
            default -> {
                boolean turned = option.startsWith("not-");
                Predicate<Session> picked = comparison(turned ? option.substring("not-".length()) : option);
                filter = filter.and(turned ? picked.negate() : picked);
            }
        }
    }

    private Predicate<Session> comparison(String option) {
        return switch (option) {
            case "id" -> ids();
            case "type" -> type();
            case "addr" -> equal(each -> each.peer().address());
            case "laddr" -> equal(each -> each.peer().localAddress());
            case "ip" -> equal(ClientFilter::ip);
            case "name" -> equal(Session::name);
            case "lib-name" -> equal(Session::libraryName);
            case "lib-ver" -> equal(Session::libraryVersion);
            case "user" -> user();
            case "db" -> db();
            case "flags" -> letters("flags", KNOWN_FLAGS, ClientLine::flags);
            case "capa" -> letters("capa", KNOWN_CAPABILITIES, ClientLine::capabilities);
            default -> throw CommandError.SYNTAX;
        };
    }

    private void skipMe() {
        if (!args.is(at, "yes") && !args.is(at, "no")) {
            throw CommandError.SYNTAX;
        }
        saysSkipMe = true;
        skipsMe = args.is(at++, "yes");
    }

    private long seconds(String option) {
        long seconds = args.integer(
                at++,
                Long.MIN_VALUE,
                Long.MAX_VALUE,
                CommandError.of("ERR " + option + " is not an integer or out of range"));
        if (seconds < 1) {
            throw CommandError.of("ERR " + option + " should be greater than 0");
        }
        return seconds;
    }

    /// As many as there are.
    private Predicate<Session> ids() {
        Set<Long> ids = new HashSet<>();
        ids.add(id());
        while (at < args.count() && args.isInteger(at)) {
            ids.add(id());
        }
        return each -> ids.contains(each.id());
    }

    private long id() {
        CommandError notANumber = args.is(1, "kill") ? ID_TOO_SMALL : INVALID_ID;
        long id = args.integer(at++, Long.MIN_VALUE, Long.MAX_VALUE, notANumber);
        if (id < 1) {
            throw ID_TOO_SMALL;
        }
        return id;
    }

    private Predicate<Session> type() {
        String type = args.cited(at++);
        return switch (type.toLowerCase(Locale.ROOT)) {
            case "normal" -> each -> each.clientClass() == Session.ClientClass.NORMAL;
            case "replica", "slave" -> each -> each.clientClass() == Session.ClientClass.REPLICA;
            case "pubsub" -> each -> each.clientClass() == Session.ClientClass.PUBSUB;
            case "master", "primary" -> each -> false;
            default -> throw CommandError.of("ERR Unknown client type '" + type + "'");
        };
    }

    private Predicate<Session> equal(Function<Session, String> field) {
        String value = args.text(at++);
        return each -> field.apply(each).equals(value);
    }

    /// The address without the port; an IPv6 address without its brackets.
    private static String ip(Session client) {
        String address = client.peer().address();
        String ip = address.substring(0, Math.max(0, address.lastIndexOf(':')));
        return ip.startsWith("[") ? ip.substring(1, ip.length() - 1) : ip;
    }

    private Predicate<Session> user() {
        String user = args.text(at++);
        if (!user.equals("default")) {
            throw CommandError.of("ERR No such user '" + args.cited(at - 1) + "'");
        }
        return Session::isAuthenticated;
    }

    private Predicate<Session> db() {
        long db = args.integer(
                at++,
                Integer.MIN_VALUE,
                Integer.MAX_VALUE,
                CommandError.of("ERR DB is not an integer or out of range"));
        int last = asker.engine().keyspace().databases() - 1;
        if (db < 0 || db > last) {
            throw CommandError.of("ERR DB number should be between 0 and " + last);
        }
        return each -> each.db() == db;
    }

    private Predicate<Session> letters(String option, String known, Function<Session, String> field) {
        String letters = args.cited(at++);
        if (!letters.chars().allMatch(letter -> known.indexOf(letter) >= 0)) {
            throw CommandError.of("ERR Unknown " + option + " found in the provided filter: " + letters);
        }
        return each -> letters.chars().allMatch(letter -> field.apply(each).indexOf(letter) >= 0);
    }
}
