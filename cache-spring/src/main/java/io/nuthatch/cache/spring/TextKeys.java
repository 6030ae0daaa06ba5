package io.nuthatch.cache.spring;

import java.lang.reflect.Method;
import java.util.StringJoiner;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.springframework.cache.interceptor.KeyGenerator;

/// Keys of `@Cacheable` as texts: all arguments in a row, escaped, so that different arguments never make the same
/// key.
final class TextKeys implements KeyGenerator {
    /// The name of the bean.
    static final String NAME = "nuthatchKeys";

    private static final Pattern SPECIAL = Pattern.compile("[\\\\,]");

    @Override
    public Object generate(Object target, Method method, @Nullable Object... arguments) {
        StringJoiner key = new StringJoiner(",");
        for (Object argument : arguments) {
            key.add(argument == null ? "\\0" : SPECIAL.matcher(textOf(argument)).replaceAll("\\\\$0"));
        }
        return key.toString();
    }

    private static String textOf(Object argument) {
        return io.nuthatch.cache.KeyText.standard().of(argument);
    }
}
