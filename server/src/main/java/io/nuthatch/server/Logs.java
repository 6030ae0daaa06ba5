package io.nuthatch.server;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.encoder.JsonEncoder;
import ch.qos.logback.classic.encoder.PatternLayoutEncoder;
import ch.qos.logback.classic.spi.Configurator;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.ConsoleAppender;
import ch.qos.logback.core.encoder.Encoder;
import ch.qos.logback.core.spi.ContextAwareBase;
import io.nuthatch.engine.Config;
import org.slf4j.LoggerFactory;

/// The log: one line an event on standard error, as text or as JSON; standard output stays free.
///
/// Logback finds this class by itself and asks it once, so no configuration file is looked for or parsed. Libraries are
/// heard from `WARN` on; what we say ourselves follows `loglevel`.
public final class Logs extends ContextAwareBase implements Configurator {
    private static final String OURS = "io.nuthatch";
    private static final String CONSOLE = "console";

    /// The time in UTC, so that logs of several machines can be laid side by side.
    private static final String PATTERN = "%d{yyyy-MM-dd'T'HH:mm:ss.SSS'Z', UTC} %-5level %logger{0}: %msg%n";

    @Override
    public ExecutionStatus configure(LoggerContext context) {
        context.getLogger(OURS).setLevel(Level.INFO);
        context.getLogger(Logger.ROOT_LOGGER_NAME).setLevel(Level.WARN);
        write(context, text(context));
        return ExecutionStatus.DO_NOT_INVOKE_NEXT_IF_ANY;
    }

    /// Lets the log follow `loglevel` and `log-format`.
    static void follow(Config config) {
        LoggerContext context = (LoggerContext) LoggerFactory.getILoggerFactory();
        config.loglevel.follow(() -> context.getLogger(OURS).setLevel(level(config.loglevel.value())));
        config.logFormat.follow(
                () -> write(context, config.logFormat.value().equals("json") ? json(context) : text(context)));
    }

    private static Level level(String loglevel) {
        return switch (loglevel) {
            case "debug" -> Level.TRACE;
            case "verbose" -> Level.DEBUG;
            case "warning" -> Level.WARN;
            case "nothing" -> Level.OFF;
            default -> Level.INFO;
        };
    }

    private static void write(LoggerContext context, Encoder<ILoggingEvent> encoder) {
        Logger root = context.getLogger(Logger.ROOT_LOGGER_NAME);
        ConsoleAppender<ILoggingEvent> console = new ConsoleAppender<>();
        console.setContext(context);
        console.setName(CONSOLE);
        console.setTarget("System.err");
        console.setEncoder(encoder);
        console.start();
        root.detachAppender(CONSOLE);
        root.addAppender(console);
    }

    private static Encoder<ILoggingEvent> text(LoggerContext context) {
        PatternLayoutEncoder text = new PatternLayoutEncoder();
        text.setContext(context);
        text.setPattern(PATTERN);
        text.start();
        return text;
    }

    private static Encoder<ILoggingEvent> json(LoggerContext context) {
        JsonEncoder json = new JsonEncoder();
        json.setContext(context);
        json.setWithContext(false);
        json.setWithSequenceNumber(false);
        json.setWithNanoseconds(false);
        json.setWithMessage(false);
        json.setWithArguments(false);
        json.setWithFormattedMessage(true);
        json.start();
        return json;
    }
}
