package io.nuthatch.cache;

import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.lang.reflect.InvocationHandler;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.Proxy;
import java.lang.reflect.Type;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.UnaryOperator;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import net.bytebuddy.ByteBuddy;
import net.bytebuddy.description.modifier.Visibility;
import net.bytebuddy.dynamic.DynamicType;
import net.bytebuddy.dynamic.loading.ClassLoadingStrategy;
import net.bytebuddy.implementation.InvocationHandlerAdapter;
import net.bytebuddy.implementation.MethodCall;
import net.bytebuddy.matcher.ElementMatchers;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.type.TypeFactory;

/// Makes objects whose methods are cached as their annotations say: [Cached], [CacheUpdate], [CacheEvict].
///
/// The method is the loader of its cache: one call for a key at a time, refreshing ahead, stale results when it
/// fails. What it throws its caller gets, as it was thrown. A method may return a value, an `Optional` or a
/// `CompletionStage` of one.
///
/// ```java
/// CachedFunctions functions = new CachedFunctions(cache -> cache.redis("redis://localhost:6379").ttl(ofMinutes(10)));
/// Users users = functions.wrap(MethodHandles.lookup(), Users.class, new SqlUsers(db));
/// ```
///
/// An interface is wrapped around an object. A class is subclassed, so that its calls of its own methods are
/// cached too. The `lookup` is that of the caller, `MethodHandles.lookup()`: it lends the right to see what the
/// caller sees.
public final class CachedFunctions implements AutoCloseable {
    private static final Pattern DURATION = Pattern.compile("(\\d+)\\s*(ms|s|m|h|d)");

    /// Tells the subclasses of one class apart.
    private static final AtomicLong UNIQUE = new AtomicLong();

    private final UnaryOperator<CacheBuilder<String, Object>> options;
    private final Map<String, Named> caches = new ConcurrentHashMap<>();

    private record Named(Type values, Cache<String, Object> cache) {}

    /// @param options how each cache is built; its values' type is known already
    public CachedFunctions(UnaryOperator<CacheBuilder<String, Object>> options) {
        this.options = options;
    }

    /// The cache of a name; there is one as soon as a method that uses it has been wrapped.
    public Cache<String, Object> cache(String name) {
        Named named = caches.get(name);
        if (named == null) {
            throw new IllegalArgumentException("no method uses a cache " + name + "; there are " + caches.keySet());
        }
        return named.cache();
    }

    /// All caches that there are so far, by name.
    public Map<String, Cache<String, Object>> caches() {
        Map<String, Cache<String, Object>> all = new HashMap<>();
        caches.forEach((name, named) -> all.put(name, named.cache()));
        return Map.copyOf(all);
    }

    /// What the annotations of a method say, if it has any; for a framework that intercepts its calls. The rest of
    /// this class is for those who have none.
    public Optional<CachedMethod> method(MethodHandles.Lookup lookup, Method annotated) {
        return Optional.ofNullable(operation(lookup, annotated, annotated));
    }

    /// An object that caches the methods of an interface in front of another.
    public <T> T wrap(MethodHandles.Lookup lookup, Class<T> type, T target) {
        if (!type.isInterface()) {
            throw new ConfigurationException(
                    "type", type + " is no interface", "write create(lookup, type, arguments) for a class");
        }
        Map<Method, CachedMethod> operations = new HashMap<>();
        for (Method method : type.getMethods()) {
            CachedMethod operation = operation(lookup, annotated(method, target.getClass()), method);
            if (operation != null) {
                operations.put(method, operation);
            }
        }
        InvocationHandler handler = (proxy, method, arguments) -> {
            Object[] given = orNone(arguments);
            Callable<@Nullable Object> call = () -> invoke(target, method, given);
            CachedMethod operation = operations.get(method);
            return operation == null ? call.call() : operation.call(given, call);
        };
        return type.cast(Proxy.newProxyInstance(type.getClassLoader(), new Class<?>[] {type}, handler));
    }

    /// A proxy gives null for no arguments.
    private static Object[] orNone(Object @Nullable [] arguments) {
        return arguments == null ? new Object[0] : arguments;
    }

    private static @Nullable Object invoke(Object target, Method method, Object[] arguments) throws Exception {
        try {
            return method.invoke(target, arguments);
        } catch (InvocationTargetException e) {
            throw thrown(e.getCause());
        }
    }

    /// The method that carries the annotations: the interface's, or else that of the class behind it.
    private static Method annotated(Method method, Class<?> implementation) {
        if (isAnnotated(method)) {
            return method;
        }
        try {
            Method own = implementation.getMethod(method.getName(), method.getParameterTypes());
            return isAnnotated(own) ? own : method;
        } catch (NoSuchMethodException e) {
            return method;
        }
    }

    private static boolean isAnnotated(Method method) {
        return method.isAnnotationPresent(Cached.class)
                || method.isAnnotationPresent(CacheUpdate.class)
                || method.isAnnotationPresent(CacheEvict.class);
    }

    /// An object of a class whose annotated methods are cached, made by the constructor that takes the arguments.
    public <T> T create(MethodHandles.Lookup lookup, Class<T> type, Object... arguments) {
        if (Modifier.isFinal(type.getModifiers())) {
            throw new ConfigurationException("type", type + " is final", "wrap an interface of it instead");
        }
        Map<Method, CachedMethod> operations = new HashMap<>();
        Map<Method, MethodHandle> originals = new HashMap<>();
        InvocationHandler handler = (self, method, all) -> {
            Object[] given = orNone(all);
            CachedMethod operation = operations.get(method);
            MethodHandle original = originals.get(method);
            if (operation == null || original == null) {
                throw new IllegalStateException("not wrapped: " + method);
            }
            return operation.call(given, () -> invoke(original.bindTo(self), given));
        };
        for (Method method : annotatedMethods(type)) {
            CachedMethod operation = operation(lookup, method, method);
            if (operation != null) {
                operations.put(method, operation);
            }
        }
        try {
            MethodHandles.Lookup inside = MethodHandles.privateLookupIn(type, lookup);
            Class<? extends T> made = subclass(type, inside, handler, List.copyOf(operations.keySet()));
            MethodHandles.Lookup insideMade = MethodHandles.privateLookupIn(made, inside);
            for (Method method : operations.keySet()) {
                Method original = made.getDeclaredMethod(original(method), method.getParameterTypes());
                originals.put(method, insideMade.unreflect(original));
            }
            return construct(made, insideMade, arguments);
        } catch (IllegalAccessException | NoSuchMethodException e) {
            throw new ConfigurationException(
                    "lookup",
                    "the caller may not extend " + type + ": " + e,
                    "give it the MethodHandles.lookup() of " + type);
        }
    }

    private static List<Method> annotatedMethods(Class<?> type) {
        Map<String, Method> found = new HashMap<>();
        for (Class<?> declaring = type; declaring != Object.class; declaring = declaring.getSuperclass()) {
            for (Method method : declaring.getDeclaredMethods()) {
                if (isAnnotated(method)) {
                    refuseUnlessOverridable(method);
                    found.putIfAbsent(method.getName() + List.of(method.getParameterTypes()), method);
                }
            }
        }
        return List.copyOf(found.values());
    }

    private static void refuseUnlessOverridable(Method method) {
        int modifiers = method.getModifiers();
        if (Modifier.isFinal(modifiers) || Modifier.isPrivate(modifiers) || Modifier.isStatic(modifiers)) {
            throw new ConfigurationException(
                    "type", method + " cannot be overridden", "cache methods that are not final, private or static");
        }
    }

    /// The name under which the subclass offers what it overrides.
    private static String original(Method method) {
        return method.getName() + "$uncached";
    }

    private static <T> Class<? extends T> subclass(
            Class<T> type, MethodHandles.Lookup inside, InvocationHandler handler, List<Method> methods) {
        DynamicType.Builder<T> subclass = new ByteBuddy()
                .subclass(type)
                .name(type.getName() + "$Cached" + Long.toHexString(UNIQUE.incrementAndGet()));
        for (Method method : methods) {
            subclass = subclass.defineMethod(original(method), method.getReturnType(), Visibility.PRIVATE)
                    .withParameters((Type[]) method.getParameterTypes())
                    .throwing((Type[]) method.getExceptionTypes())
                    .intercept(MethodCall.invoke(method).onSuper().withAllArguments())
                    .method(ElementMatchers.is(method))
                    .intercept(InvocationHandlerAdapter.of(handler));
        }
        try (DynamicType.Unloaded<T> unloaded = subclass.make()) {
            return unloaded.load(type.getClassLoader(), ClassLoadingStrategy.UsingLookup.of(inside))
                    .getLoaded();
        }
    }

    private static <T> T construct(Class<? extends T> made, MethodHandles.Lookup inside, Object[] arguments)
            throws IllegalAccessException {
        for (var constructor : made.getDeclaredConstructors()) {
            if (accepts(constructor.getParameterTypes(), arguments)) {
                try {
                    return made.cast(
                            Objects.requireNonNull(invoke(inside.unreflectConstructor(constructor), arguments)));
                } catch (RuntimeException | IllegalAccessException e) {
                    throw e;
                } catch (Exception e) {
                    throw new IllegalStateException("the constructor of " + made + " failed", e);
                }
            }
        }
        throw new ConfigurationException(
                "arguments",
                "no constructor of " + made.getSuperclass() + " takes them",
                "give those of a constructor");
    }

    private static boolean accepts(Class<?>[] types, Object[] arguments) {
        if (types.length != arguments.length) {
            return false;
        }
        for (int i = 0; i < types.length; i++) {
            if (!MethodType.methodType(types[i]).wrap().returnType().isInstance(arguments[i])) {
                return false;
            }
        }
        return true;
    }

    private static @Nullable Object invoke(MethodHandle handle, Object[] arguments) throws Exception {
        try {
            return handle.invokeWithArguments(arguments);
        } catch (Throwable e) {
            throw thrown(e);
        }
    }

    private static Exception thrown(@Nullable Throwable cause) {
        if (cause instanceof Error error) {
            throw error;
        }
        return cause instanceof Exception exception ? exception : new IllegalStateException(cause);
    }

    @Override
    public void close() {
        caches.values().forEach(named -> named.cache().close());
        caches.clear();
    }

    // What a call does

    private @Nullable CachedMethod operation(MethodHandles.Lookup lookup, Method annotated, Method method) {
        Cached cached = annotated.getAnnotation(Cached.class);
        CacheUpdate update = annotated.getAnnotation(CacheUpdate.class);
        CacheEvict evict = annotated.getAnnotation(CacheEvict.class);
        if (cached != null) {
            return reading(cached, method, KeyTemplate.of(cached.key(), annotated, lookup));
        }
        if (update != null) {
            KeyTemplate template = KeyTemplate.of(update.key(), annotated, lookup);
            return updating(named(update.cache(), method), Shape.of(method), template);
        }
        return evict == null ? null : evicting(evict, annotated, lookup);
    }

    private CachedMethod reading(Cached cached, Method method, KeyTemplate template) {
        Shape shape = Shape.of(method);
        String name = cached.cache().isEmpty()
                ? method.getDeclaringClass().getSimpleName() + "." + method.getName()
                : cached.cache();
        Cache<String, Object> whole = named(name, method);
        Cache<String, Object> cache = whole.with(policy(cached, whole.policy()));
        return (arguments, call) -> {
            Loader<String, Object> loader = key -> shape.unwrap(call.call());
            String key = template.key(arguments, null);
            if (shape == Shape.STAGE) {
                return cache.async().get(key, loader).exceptionallyCompose(CachedFunctions::failed);
            }
            try {
                return shape.wrap(cache.get(key, loader));
            } catch (CacheException.LoadFailed e) {
                throw e.getCause() == null ? e : e.getCause();
            }
        };
    }

    private static <V> CompletionStage<V> failed(Throwable failure) {
        Throwable cause = failure;
        while ((cause instanceof CompletionException || cause instanceof CacheException.LoadFailed)
                && cause.getCause() != null) {
            cause = cause.getCause();
        }
        return CompletableFuture.failedFuture(cause);
    }

    private CachedMethod updating(Cache<String, Object> cache, Shape shape, KeyTemplate template) {
        return (arguments, call) -> {
            Object result = call.call();
            if (result instanceof CompletionStage<?> stage) {
                return stage.thenCompose(value -> put(cache, template.key(arguments, value), value));
            }
            Object value = shape.unwrap(result);
            cache.put(template.key(arguments, value), value);
            return result;
        };
    }

    private static CompletionStage<@Nullable Object> put(
            Cache<String, Object> cache, String key, @Nullable Object value) {
        return cache.async().put(key, value).<@Nullable Object>thenApply(done -> value);
    }

    private CachedMethod evicting(CacheEvict evict, Method method, MethodHandles.Lookup lookup) {
        if (evict.key().isEmpty() && evict.tag().isEmpty() && !evict.all()) {
            throw new ConfigurationException(
                    "key", "nothing says what " + method + " evicts", "give @CacheEvict a key, a tag or all = true");
        }
        KeyTemplate key = KeyTemplate.of(evict.key(), method, lookup);
        KeyTemplate tag = KeyTemplate.of(evict.tag(), method, lookup);
        return (arguments, call) -> {
            Object result = call.call();
            Cache<String, Object> cache = cache(evict.cache());
            if (evict.all()) {
                cache.clear();
            }
            if (!evict.key().isEmpty()) {
                cache.remove(key.key(arguments, result));
            }
            if (!evict.tag().isEmpty()) {
                cache.invalidateTag(tag.key(arguments, result));
            }
            return result;
        };
    }

    private Cache<String, Object> named(String name, Method method) {
        Type values = Shape.valueType(method);
        Named named = caches.computeIfAbsent(name, missing -> new Named(values, build(name, values)));
        if (!named.values().equals(values)) {
            throw new ConfigurationException(
                    "cache",
                    name + " holds " + named.values().getTypeName() + ", and " + method + " returns "
                            + values.getTypeName(),
                    "give the method a cache of its own");
        }
        return named.cache();
    }

    private Cache<String, Object> build(String name, Type values) {
        Codec<Object> codec =
                new JsonCodec<>(TypeFactory.createDefaultInstance().constructType(values));
        CacheBuilder<String, Object> builder =
                Cache.<String, Object>builder(name).values(codec);
        return options.apply(builder).build();
    }

    private static Policy policy(Cached cached, Policy policy) {
        Policy changed = policy;
        if (!cached.ttl().isEmpty()) {
            changed = changed.ttl(duration("ttl", cached.ttl()));
        }
        if (!cached.negativeTtl().isEmpty()) {
            changed = changed.negativeTtl(duration("negativeTtl", cached.negativeTtl()));
        }
        if (!cached.staleFor().isEmpty()) {
            changed = changed.staleFor(duration("staleFor", cached.staleFor()));
        }
        if (cached.refreshAhead() != 0) {
            changed = changed.refreshAhead(cached.refreshAhead());
        }
        return cached.tags().length == 0 ? changed : changed.tags(cached.tags());
    }

    private static Duration duration(String option, String text) {
        Matcher parts = DURATION.matcher(text);
        if (!parts.matches()) {
            throw new ConfigurationException(option, "is no duration: " + text, "write 500ms, 30s, 10m, 2h or 1d");
        }
        long amount = Long.parseLong(parts.group(1));
        return switch (parts.group(2)) {
            case "ms" -> Duration.ofMillis(amount);
            case "s" -> Duration.ofSeconds(amount);
            case "m" -> Duration.ofMinutes(amount);
            case "h" -> Duration.ofHours(amount);
            default -> Duration.ofDays(amount);
        };
    }

    /// In which shape a method returns its value.
    private enum Shape {
        PLAIN,
        OPTIONAL,
        STAGE;

        static Shape of(Method method) {
            Class<?> type = method.getReturnType();
            if (type == void.class) {
                throw new ConfigurationException("method", method + " returns nothing to keep", "return the value");
            }
            if (type == Optional.class) {
                return OPTIONAL;
            }
            return type == CompletionStage.class || type == CompletableFuture.class ? STAGE : PLAIN;
        }

        static Type valueType(Method method) {
            Type type = method.getGenericReturnType();
            if (of(method) != PLAIN && type instanceof ParameterizedType parameterized) {
                return parameterized.getActualTypeArguments()[0];
            }
            return type;
        }

        @Nullable
        Object wrap(@Nullable Object value) {
            return this == OPTIONAL ? Optional.ofNullable(value) : value;
        }

        @Nullable
        Object unwrap(@Nullable Object result) {
            return switch (this) {
                case PLAIN -> result;
                case OPTIONAL -> result instanceof Optional<?> optional ? optional.orElse(null) : null;
                case STAGE ->
                    result instanceof CompletionStage<?> stage
                            ? stage.toCompletableFuture().join()
                            : null;
            };
        }
    }
}
