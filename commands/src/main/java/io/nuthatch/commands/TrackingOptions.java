package io.nuthatch.commands;

import io.nuthatch.engine.Args;
import io.nuthatch.engine.CommandError;
import io.nuthatch.engine.Session;
import io.nuthatch.engine.Tracker;
import io.nuthatch.engine.Tracker.Mode;
import io.nuthatch.memory.Bytes;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// The options of CLIENT TRACKING, and whether they go together with each other and with what the client has.
@SuppressWarnings("StaticAssignmentOfThrowable") // They have neither stack trace nor suppressed exceptions to keep.
final class TrackingOptions {
    /// It stands on the Java heap.
    private static final int MAX_PREFIX_BYTES = 64 << 10;

    private static final CommandError PREFIX_TOO_LONG = CommandError.of("ERR the prefix is too long");
    private static final CommandError SEVERAL_REDIRECTS =
            CommandError.of("ERR A client can only redirect to a single other client");
    private static final CommandError NO_SUCH_CLIENT =
            CommandError.of("ERR The client ID you want redirect to does not exist");
    private static final CommandError PREFIX_WITHOUT_BCAST =
            CommandError.of("ERR PREFIX option requires BCAST mode to be enabled");
    private static final CommandError BCAST_SWITCHED = CommandError.of(
            "ERR You can't switch BCAST mode on/off before disabling tracking for this client, and then "
                    + "re-enabling it with a different mode.");
    private static final CommandError OPTIONS_WITH_BCAST =
            CommandError.of("ERR OPTIN and OPTOUT are not compatible with BCAST");
    private static final CommandError BOTH_OPTIONS =
            CommandError.of("ERR You can't specify both OPTIN mode and OPTOUT mode");
    private static final CommandError OPTION_SWITCHED = CommandError.of(
            "ERR You can't switch OPTIN/OPTOUT mode before disabling tracking for this client, and then "
                    + "re-enabling it with a different mode.");

    private final Args args;
    private final Session session;
    private final List<byte[]> prefixes = new ArrayList<>();
    private long redirect;
    private boolean broadcast;
    private boolean optIn;
    private boolean optOut;
    private boolean noLoop;
    private int at = 3;

    private TrackingOptions(Args args, Session session) {
        this.args = args;
        this.session = session;
        while (at < args.count()) {
            option();
        }
    }

    /// Reads the words from the fourth on.
    static TrackingOptions of(Args args, Session session) {
        return new TrackingOptions(args, session);
    }

    private void option() {
        boolean hasMore = at + 1 < args.count();
        if (args.is(at, "redirect") && hasMore) {
            redirect();
        } else if (args.is(at, "prefix") && hasMore) {
            prefix(args.bytes(++at));
        } else if (args.is(at, "bcast")) {
            broadcast = true;
        } else if (args.is(at, "optin")) {
            optIn = true;
        } else if (args.is(at, "optout")) {
            optOut = true;
        } else if (args.is(at, "noloop")) {
            noLoop = true;
        } else {
            throw CommandError.SYNTAX;
        }
        at++;
    }

    private void prefix(Bytes prefix) {
        if (prefix.length() > MAX_PREFIX_BYTES) {
            throw PREFIX_TOO_LONG;
        }
        prefixes.add(prefix.toArray());
    }

    private void redirect() {
        if (redirect != 0) {
            throw SEVERAL_REDIRECTS;
        }
        redirect = args.integer(++at);
        if (session.engine().clients().byId(redirect).isEmpty()) {
            throw NO_SUCH_CLIENT;
        }
    }

    /// What the client asks for, if that is possible.
    Tracker.Options checked() {
        Tracker before = session.tracker();
        if (!broadcast && !prefixes.isEmpty()) {
            throw PREFIX_WITHOUT_BCAST;
        }
        if (before != null && broadcast != (before.mode() == Mode.BROADCAST)) {
            throw BCAST_SWITCHED;
        }
        if (broadcast && (optIn || optOut)) {
            throw OPTIONS_WITH_BCAST;
        }
        if (optIn && optOut) {
            throw BOTH_OPTIONS;
        }
        if (before != null && (optIn && before.mode() == Mode.OPT_OUT || optOut && before.mode() == Mode.OPT_IN)) {
            throw OPTION_SWITCHED;
        }
        checkOverlaps(before);
        return new Tracker.Options(mode(), noLoop, redirect, prefixes);
    }

    private Mode mode() {
        if (broadcast) {
            return Mode.BROADCAST;
        }
        if (optIn) {
            return Mode.OPT_IN;
        }
        return optOut ? Mode.OPT_OUT : Mode.ALL;
    }

    /// Two prefixes that a key could both have would have it told of twice.
    private void checkOverlaps(@Nullable Tracker before) {
        for (int i = 0; i < prefixes.size(); i++) {
            byte[] prefix = prefixes.get(i);
            if (before != null) {
                refuseOverlap(prefix, "an existing", before.prefixes());
            }
            refuseOverlap(prefix, "another provided", prefixes.subList(i + 1, prefixes.size()));
        }
    }

    private static void refuseOverlap(byte[] prefix, String which, List<byte[]> others) {
        for (byte[] other : others) {
            int length = Math.min(prefix.length, other.length);
            if (Arrays.equals(prefix, 0, length, other, 0, length)) {
                throw CommandError.of("ERR Prefix '" + text(prefix) + "' overlaps with " + which + " prefix '"
                        + text(other) + "'. Prefixes for a single client must not overlap.");
            }
        }
    }

    private static String text(byte[] prefix) {
        return new String(prefix, StandardCharsets.ISO_8859_1);
    }
}
