package io.nuthatch.engine;

import java.util.Locale;
import java.util.Objects;

/// A client's fault, with Redis's exact words. It has no stack trace: throwing one costs little, and it says
/// nothing about us.
///
/// Each message is made in one place, here.
@SuppressWarnings("StaticAssignmentOfThrowable") // They have neither stack trace nor suppressed exceptions to keep.
public final class CommandError extends RuntimeException {
    private static final long serialVersionUID = 1L;

    public static final CommandError SYNTAX = of("ERR syntax error");
    public static final CommandError NOT_AN_INTEGER = of("ERR value is not an integer or out of range");
    public static final CommandError NOT_32_BITS =
            of("ERR value is out of range, value must between -2147483648 and 2147483647");
    public static final CommandError NOT_A_FLOAT = of("ERR value is not a valid float");
    public static final CommandError WRONG_TYPE =
            of("WRONGTYPE Operation against a key holding the wrong kind of value");
    public static final CommandError TIMEOUT_NOT_A_FLOAT = of("ERR timeout is not a float or out of range");
    public static final CommandError TIMEOUT_NOT_AN_INTEGER = of("ERR timeout is not an integer or out of range");
    public static final CommandError TIMEOUT_OUT_OF_RANGE = of("ERR timeout is out of range");
    public static final CommandError TIMEOUT_NEGATIVE = of("ERR timeout is negative");
    public static final CommandError NO_SUCH_KEY = of("ERR no such key");
    public static final CommandError OVERFLOW = of("ERR increment or decrement would overflow");
    public static final CommandError NAN_OR_INFINITY = of("ERR increment would produce NaN or Infinity");
    public static final CommandError STRING_TOO_LONG =
            of("ERR string exceeds maximum allowed size (proto-max-bulk-len)");
    public static final CommandError OFFSET_OUT_OF_RANGE = of("ERR offset is out of range");
    public static final CommandError INDEX_OUT_OF_RANGE = of("ERR index out of range");
    public static final CommandError OUT_OF_RANGE = of("ERR value is out of range");
    public static final CommandError NOT_POSITIVE = of("ERR value is out of range, must be positive");
    public static final CommandError NUMKEYS_NOT_POSITIVE = of("ERR numkeys should be greater than 0");
    public static final CommandError COUNT_NOT_POSITIVE = of("ERR count should be greater than 0");
    public static final CommandError DB_INDEX_OUT_OF_RANGE = of("ERR DB index is out of range");
    public static final CommandError SAME_OBJECT = of("ERR source and destination objects are the same");
    public static final CommandError INVALID_CURSOR = of("ERR invalid cursor");
    public static final CommandError INVALID_NUMKEYS = of("ERR invalid numkeys value");
    public static final CommandError NOT_IN_MULTI = of("ERR Command not allowed inside a transaction");
    public static final CommandError NO_AUTH = of("NOAUTH Authentication required.");
    public static final CommandError WRONG_PASSWORD =
            of("WRONGPASS invalid username-password pair or user is disabled.");
    public static final CommandError DEBUG_NOT_ALLOWED =
            of("ERR DEBUG command not allowed. If the enable-debug-command "
                    + "option is set to \"local\", you can run it from a local connection, otherwise you need to set this "
                    + "option in the configuration file, and then restart the server.");
    public static final CommandError OUT_OF_MEMORY = of("OOM command not allowed when used memory > 'maxmemory'.");

    public static final CommandError LOADING = of("LOADING Redis is loading the dataset in memory");
    public static final CommandError SAVE_FAILED = of("MISCONF Redis is configured to save RDB snapshots, but it's "
            + "currently unable to persist to disk. Commands that may modify the data set are disabled, because this "
            + "instance is configured to report errors during writes if RDB snapshotting fails "
            + "(stop-writes-on-bgsave-error option). Please check the Redis logs for details about the RDB error.");

    private CommandError(String message) {
        super(message, null, false, false);
    }

    /// An error that only one command knows.
    ///
    /// @param line the code, a space and the text: `ERR invalid DB index`
    public static CommandError of(String line) {
        return new CommandError(line);
    }

    /// @param command its full name, as `client|list`
    public static CommandError wrongArity(String command) {
        return of("ERR wrong number of arguments for '" + command + "' command");
    }

    /// @param command its full name
    public static CommandError notWhileSubscribed(String command) {
        return of("ERR Can't execute '" + command + "': only (P|S)SUBSCRIBE / (P|S)UNSUBSCRIBE / PING / QUIT / RESET "
                + "are allowed in this context");
    }

    public static CommandError outOfRange(long least, long most) {
        return of("ERR value is out of range, value must between " + least + " and " + most);
    }

    /// @param command its full name
    public static CommandError noKeys(String command) {
        return of("ERR at least 1 input key is needed for '" + command + "' command");
    }

    /// @param option `novalues` or `noscores`, each of which belongs to one command
    public static CommandError onlyInScanOf(String option) {
        return of("ERR " + option.toUpperCase(Locale.ROOT) + " option can only be used in "
                + (option.equals("novalues") ? "HSCAN" : "ZSCAN"));
    }

    public static CommandError invalidExpire(String command) {
        return of("ERR invalid expire time in '" + command + "' command");
    }

    public static CommandError unknownSubcommand(String name, Command container) {
        return of("ERR unknown subcommand '" + clipped(name) + "'. Try "
                + container.name().toUpperCase(Locale.ROOT) + " HELP.");
    }

    /// @param container in capitals
    public static CommandError wrongSubcommandArity(String name, String container) {
        return of("ERR unknown subcommand or wrong number of arguments for '" + clipped(name) + "'. Try " + container
                + " HELP.");
    }

    public static CommandError unknownCommand(Args args) {
        StringBuilder line = new StringBuilder("ERR unknown command '")
                .append(clipped(args.cited(0)))
                .append("', with args beginning with: ");
        int budget = 128;
        for (int i = 1; i < args.count() && budget > 0; i++) {
            String arg = args.cited(i);
            String part = "'" + arg.substring(0, Math.min(arg.length(), budget)) + "' ";
            line.append(part);
            budget -= part.length();
        }
        return of(line.toString());
    }

    private static String clipped(String text) {
        return text.substring(0, Math.min(text.length(), 128));
    }

    /// The code in front: `ERR`, `WRONGTYPE`.
    public String code() {
        String line = line();
        int space = line.indexOf(' ');
        return space < 0 ? line : line.substring(0, space);
    }

    /// The whole line, as the client gets it.
    public String line() {
        return Objects.requireNonNull(getMessage());
    }
}
