package io.nuthatch.server;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.encoder.JsonEncoder;
import ch.qos.logback.classic.encoder.PatternLayoutEncoder;
import ch.qos.logback.classic.spi.Configurator;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.ConsoleAppender;
import ch.qos.logback.core.OutputStreamAppender;
import ch.qos.logback.core.encoder.Encoder;
import ch.qos.logback.core.spi.ContextAwareBase;
import io.nuthatch.engine.Config;
import java.io.IOException;
import java.util.Optional;
import org.slf4j.LoggerFactory;

/// The log: one line an event, as text or as JSON, on standard error or in a file; standard output stays free.
///
/// Logback finds this class by itself and asks it once, so no configuration file is looked for or parsed. Libraries are
/// heard from `WARN` on; what we say ourselves follows `loglevel`.
public final class Logs extends ContextAwareBase implements Configurator {
    private static final String OURS = "io.nuthatch";
    private static final String APPENDER = "log";

    /// The time in UTC, so that logs of several machines can be laid side by side.
    private static final String PATTERN = "%d{yyyy-MM-dd'T'HH:mm:ss.SSS'Z', UTC} %-5level %logger{0}: %msg%n";

    @Override
    public ExecutionStatus configure(LoggerContext context) {
        context.getLogger(OURS).setLevel(Level.INFO);
        context.getLogger(Logger.ROOT_LOGGER_NAME).setLevel(Level.WARN);
        write(context, text(context), Optional.empty());
        return ExecutionStatus.DO_NOT_INVOKE_NEXT_IF_ANY;
    }

    /// Lets the log follow `loglevel`, `log-format` and `logfile`.
    ///
    /// @throws IOException if the file cannot be written
    static void follow(Config config) throws IOException {
        LoggerContext context = (LoggerContext) LoggerFactory.getILoggerFactory();
        String logfile = config.logfile.value();
        Optional<LogFile> file = logfile.isEmpty()
                ? Optional.empty()
                : Optional.of(LogFile.at(config.dir.value().resolve(logfile)));
        config.loglevel.follow(() -> context.getLogger(OURS).setLevel(level(config.loglevel.value())));
        config.logFormat.follow(() -> {
            boolean asJson = config.logFormat.value().equals("json");
            write(context, asJson ? json(context) : text(context), file);
        });
    }

    private static Level level(String loglevel) {
        return switch (loglevel) {
            case "debug" -> Level.TRACE;
            case "verbose" -> Level.DEBUG;
            case "warning" -> Level.WARN;
            default -> Level.INFO;
        };
    }

    private static void write(LoggerContext context, Encoder<ILoggingEvent> encoder, Optional<LogFile> file) {
        OutputStreamAppender<ILoggingEvent> appender = file.map(Logs::toFile).orElseGet(Logs::toStandardError);
        appender.setContext(context);
        appender.setName(APPENDER);
        appender.setEncoder(encoder);
        appender.start();
        Logger root = context.getLogger(Logger.ROOT_LOGGER_NAME);
        root.detachAppender(APPENDER);
        root.addAppender(appender);
    }

    private static OutputStreamAppender<ILoggingEvent> toFile(LogFile file) {
        OutputStreamAppender<ILoggingEvent> appender = new OutputStreamAppender<>();
        appender.setOutputStream(file);
        return appender;
    }

    private static OutputStreamAppender<ILoggingEvent> toStandardError() {
        ConsoleAppender<ILoggingEvent> appender = new ConsoleAppender<>();
        appender.setTarget("System.err");
        return appender;
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
