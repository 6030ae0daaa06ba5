package io.nuthatch.cache;

import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.reflect.Method;
import java.lang.reflect.Parameter;
import java.lang.reflect.RecordComponent;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// A key made of a method's arguments: `{user.id}:{language}`. Names are resolved once, when the method is
/// wrapped.
///
/// A part is a parameter, `{0}` for the first, or `{result}`; then components of records, or methods without
/// arguments, one after another. Without a template the key is all arguments in a row. In texts that stand beside
/// others `\`, `,` and `:` are escaped, so that different arguments never make the same key.
final class KeyTemplate {
    private static final Pattern PART = Pattern.compile("\\{([^{}]+)}");
    private static final String RESULT = "result";
    private static final KeyText<Object> TEXT = KeyText.standard();

    private final List<Piece> pieces;

    /// A piece of a key.
    private sealed interface Piece {
        /// Text as it stands.
        record Literal(String text) implements Piece {}

        /// A value found by going through accessors.
        ///
        /// @param argument its index, or [#OF_RESULT]
        record Value(int argument, List<MethodHandle> accessors) implements Piece {
            static final int OF_RESULT = -1;
        }
    }

    private KeyTemplate(List<Piece> pieces) {
        this.pieces = pieces;
    }

    /// @param lookup may see the accessors of the arguments
    static KeyTemplate of(String template, Method method, MethodHandles.Lookup lookup) {
        return new KeyTemplate(template.isEmpty() ? allArguments(method) : parse(template, method, lookup));
    }

    private static List<Piece> allArguments(Method method) {
        List<Piece> pieces = new ArrayList<>();
        for (int i = 0; i < method.getParameterCount(); i++) {
            if (i > 0) {
                pieces.add(new Piece.Literal(","));
            }
            pieces.add(new Piece.Value(i, List.of()));
        }
        return pieces;
    }

    private static List<Piece> parse(String template, Method method, MethodHandles.Lookup lookup) {
        List<Piece> pieces = new ArrayList<>();
        Matcher parts = PART.matcher(template);
        int end = 0;
        while (parts.find()) {
            pieces.add(new Piece.Literal(template.substring(end, parts.start())));
            pieces.add(value(parts.group(1).split("\\."), method, lookup));
            end = parts.end();
        }
        pieces.add(new Piece.Literal(template.substring(end)));
        return pieces;
    }

    private static Piece value(String[] path, Method method, MethodHandles.Lookup lookup) {
        int argument = argument(path[0], method);
        Class<?> type =
                argument == Piece.Value.OF_RESULT ? method.getReturnType() : method.getParameterTypes()[argument];
        List<MethodHandle> accessors = new ArrayList<>();
        for (int i = 1; i < path.length; i++) {
            Method accessor = accessor(type, path[i], method);
            accessors.add(handle(accessor, lookup, method));
            type = accessor.getReturnType();
        }
        return new Piece.Value(argument, List.copyOf(accessors));
    }

    private static int argument(String name, Method method) {
        if (name.equals(RESULT)) {
            return Piece.Value.OF_RESULT;
        }
        Parameter[] parameters = method.getParameters();
        for (int i = 0; i < parameters.length; i++) {
            if (name.equals("" + i) || name.equals(parameters[i].getName())) {
                return i;
            }
        }
        throw new ConfigurationException(
                "key",
                method + " has no parameter " + name,
                "name one of its parameters (javac -parameters keeps their names), or write {0} for the first");
    }

    private static Method accessor(Class<?> type, String name, Method method) {
        if (type.isRecord()) {
            for (RecordComponent component : type.getRecordComponents()) {
                if (component.getName().equals(name)) {
                    return component.getAccessor();
                }
            }
        }
        try {
            return type.getMethod(name);
        } catch (NoSuchMethodException e) {
            throw new ConfigurationException(
                    "key", type + " has no " + name + ", which the key of " + method + " asks for", "name a component");
        }
    }

    private static MethodHandle handle(Method accessor, MethodHandles.Lookup lookup, Method method) {
        try {
            return lookupIn(accessor.getDeclaringClass(), lookup).unreflect(accessor);
        } catch (IllegalAccessException e) {
            throw new ConfigurationException(
                    "key",
                    accessor + " cannot be called for the key of " + method,
                    "make it public, or open its package");
        }
    }

    /// The right to see all of a class, or else what anyone sees of it.
    private static MethodHandles.Lookup lookupIn(Class<?> type, MethodHandles.Lookup lookup) {
        try {
            return MethodHandles.privateLookupIn(type, lookup);
        } catch (IllegalAccessException e) {
            return MethodHandles.publicLookup();
        }
    }

    /// The key of a call.
    String key(@Nullable Object[] arguments, @Nullable Object result) {
        StringBuilder key = new StringBuilder();
        for (Piece piece : pieces) {
            switch (piece) {
                case Piece.Literal literal -> key.append(literal.text());
                case Piece.Value value -> key.append(text(value, arguments, result));
            }
        }
        return key.toString();
    }

    private String text(Piece.Value piece, @Nullable Object[] arguments, @Nullable Object result) {
        Object value = piece.argument() == Piece.Value.OF_RESULT ? result : arguments[piece.argument()];
        for (MethodHandle accessor : piece.accessors()) {
            value = value == null ? null : follow(accessor, value);
        }
        if (value == null) {
            return "\\0";
        }
        String text = TEXT.of(value);
        return pieces.size() == 1 ? text : text.replaceAll("[\\\\,:]", "\\\\$0");
    }

    private static @Nullable Object follow(MethodHandle accessor, Object value) {
        try {
            return accessor.invoke(value);
        } catch (RuntimeException | Error e) {
            throw e;
        } catch (Throwable e) {
            throw new IllegalStateException("a part of a key could not be read: " + accessor, e);
        }
    }
}
