package io.nuthatch.commands;

import io.nuthatch.engine.Args;
import io.nuthatch.engine.CommandError;
import io.nuthatch.memory.Bytes;
import io.nuthatch.store.StreamId;
import io.nuthatch.store.StreamValue.References;
import io.nuthatch.store.StreamValue.Trim;
import org.jspecify.annotations.Nullable;

/// What XADD and XTRIM are told besides the entry: what of the stream is to go, and under which ID the new
/// entry comes.
final class StreamTrimming {
    private static final CommandError TWO_STRATEGIES =
            CommandError.of("ERR syntax error, MAXLEN and MINID options at the same time are not compatible");
    private static final CommandError NEGATIVE_MAXLEN = CommandError.of("ERR The MAXLEN argument must be >= 0.");
    private static final CommandError NEGATIVE_LIMIT = CommandError.of("ERR The LIMIT argument must be >= 0.");
    private static final CommandError LIMIT_OF_NOTHING =
            CommandError.of("ERR syntax error, LIMIT cannot be used without specifying a trimming strategy");
    private static final CommandError LIMIT_OF_EXACT =
            CommandError.of("ERR syntax error, LIMIT cannot be used without the special ~ option");
    private static final CommandError NO_STRATEGY =
            CommandError.of("ERR syntax error, XTRIM must be called with a trimming strategy");

    private static final CommandError TWO_NAMES =
            CommandError.of("ERR syntax error, IDMP/IDMPAUTO specified multiple times");
    private static final CommandError NAMED_WITH_ID =
            CommandError.of("ERR syntax error, IDMP/IDMPAUTO can be used only with auto-generated IDs");

    private final Args args;
    private final boolean adds;
    private int at = 2;
    private boolean createsKey = true;
    private @Nullable References references;
    private long maxLength = -1;
    private @Nullable StreamId minId;
    private boolean isApproximate;
    private long limit = -1;
    private @Nullable StreamId id;
    private boolean isOpenId;
    private int producerAt;
    private boolean namesEntry;

    private StreamTrimming(Args args, boolean adds) {
        this.args = args;
        this.adds = adds;
    }

    /// XADD's words up to the ID.
    static StreamTrimming ofAdd(Args args) {
        return new StreamTrimming(args, true).parse();
    }

    static StreamTrimming ofTrim(Args args) {
        return new StreamTrimming(args, false).parse();
    }

    /// One of KEEPREF, DELREF and ACKED; null if the word is none.
    static @Nullable References references(Args args, int index) {
        if (args.is(index, "keepref")) {
            return References.KEEP;
        }
        if (args.is(index, "delref")) {
            return References.DELETE;
        }
        return args.is(index, "acked") ? References.RESPECT : null;
    }

    private StreamTrimming parse() {
        while (at < args.count() && option()) {
            at++;
        }
        if (limit > 0 && !trims()) {
            throw LIMIT_OF_NOTHING;
        }
        if (!adds && !trims()) {
            throw NO_STRATEGY;
        }
        if (limit >= 0 && !isApproximate) {
            throw LIMIT_OF_EXACT;
        }
        if (producerAt > 0 && (id != null || at == args.count())) {
            throw NAMED_WITH_ID;
        }
        return this;
    }

    /// Reads an option. Returns false at the ID.
    private boolean option() {
        boolean more = at + 1 < args.count();
        if (adds && StreamIds.isMark(args.bytes(at), '*')) {
            return false;
        }
        if (more && args.is(at, "maxlen")) {
            threshold();
            maxLength = args.integer(at);
            if (maxLength < 0) {
                throw NEGATIVE_MAXLEN;
            }
        } else if (more && args.is(at, "minid")) {
            threshold();
            minId = StreamIds.read(args, at);
        } else if (more && args.is(at, "limit")) {
            limit = args.integer(++at);
            if (limit < 0) {
                throw NEGATIVE_LIMIT;
            }
        } else if (references == null && references(args, at) != null) {
            references = references(args, at);
        } else if (adds && args.is(at, "nomkstream")) {
            createsKey = false;
        } else if (adds && more && args.is(at, "idmpauto")) {
            producer("IDMPAUTO");
        } else if (adds && at + 2 < args.count() && args.is(at, "idmp")) {
            producer("IDMP");
            namesEntry = true;
            if (args.bytes(++at).isEmpty()) {
                throw CommandError.of("ERR syntax error, IDMP requires a non-empty idempotent ID");
            }
        } else if (adds) {
            readId();
            return false;
        } else {
            throw CommandError.SYNTAX;
        }
        return true;
    }

    /// Goes to the value of MAXLEN or MINID, past `~` or `=`.
    private void threshold() {
        if (trims()) {
            throw TWO_STRATEGIES;
        }
        Bytes next = args.bytes(++at);
        boolean more = at + 1 < args.count();
        isApproximate = more && StreamIds.isMark(next, '~');
        if (isApproximate || more && StreamIds.isMark(next, '=')) {
            at++;
        }
    }

    private void producer(String option) {
        if (producerAt > 0) {
            throw TWO_NAMES;
        }
        producerAt = ++at;
        if (args.bytes(at).isEmpty()) {
            throw CommandError.of("ERR syntax error, " + option + " requires a non-empty producer ID");
        }
    }

    private void readId() {
        id = StreamId.parseOpen(args.bytes(at));
        isOpenId = id != null;
        if (id == null) {
            id = StreamIds.read(args, at);
        }
    }

    private boolean trims() {
        return maxLength >= 0 || minId != null;
    }

    /// Where XADD's ID stands.
    int idAt() {
        return at;
    }

    /// XADD's ID; null for one that is to be made.
    @Nullable
    StreamId id() {
        return id;
    }

    /// Whether only the milliseconds of the ID are given.
    boolean isOpenId() {
        return isOpenId;
    }

    /// Who adds the entry, and does so once only; null if nobody is named.
    @Nullable
    Bytes producer() {
        return producerAt == 0 ? null : args.bytes(producerAt);
    }

    /// The producer's name for the entry; null if it is to be known by what is in it.
    @Nullable
    Bytes token() {
        return namesEntry ? args.bytes(producerAt + 1) : null;
    }

    /// Whether a key that is not there is made.
    boolean createsKey() {
        return createsKey;
    }

    /// What is to go; null for nothing.
    @Nullable
    Trim trim() {
        if (!trims()) {
            return null;
        }
        References kept = references == null ? References.KEEP : references;
        long most = limit >= 0 ? limit : isApproximate ? Trim.USUAL_LIMIT : 0;
        return new Trim(maxLength, minId, isApproximate, most, kept);
    }
}
