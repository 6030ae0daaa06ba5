package io.nuthatch.cache.spring;

import io.nuthatch.cache.CacheEvict;
import io.nuthatch.cache.CacheUpdate;
import io.nuthatch.cache.Cached;
import io.nuthatch.cache.CachedFunctions;
import io.nuthatch.cache.CachedMethod;
import java.lang.invoke.MethodHandles;
import java.lang.reflect.Method;
import java.lang.reflect.UndeclaredThrowableException;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Supplier;
import org.aopalliance.intercept.MethodInterceptor;
import org.aopalliance.intercept.MethodInvocation;
import org.jspecify.annotations.Nullable;
import org.springframework.aop.ProxyMethodInvocation;
import org.springframework.aop.support.AopUtils;
import org.springframework.util.ClassUtils;

/// Calls of annotated methods, on their way to the cache.
final class CachedCalls implements MethodInterceptor {
    private final Supplier<CachedFunctions> functions;
    private final Supplier<CacheSet> set;
    private final Map<Intercepted, Optional<CachedMethod>> methods = new ConcurrentHashMap<>();

    /// A method as it is called, of a class as it is.
    private record Intercepted(Method method, Class<?> type) {}

    /// @param functions asked for late: this stands before all other beans
    /// @param set the same
    CachedCalls(Supplier<CachedFunctions> functions, Supplier<CacheSet> set) {
        this.functions = functions;
        this.set = set;
    }

    /// Reads the annotations of a method, if it has any.
    void prepare(Method method, Class<?> type) {
        if (annotated(method, type).isPresent()) {
            cached(method, type);
        }
    }

    private Optional<CachedMethod> cached(Method method, Class<?> type) {
        return methods.computeIfAbsent(new Intercepted(method, type), _ -> read(method, type));
    }

    private Optional<CachedMethod> read(Method method, Class<?> type) {
        CachedFunctions own = functions.get();
        Optional<CachedMethod> cached =
                annotated(method, type).flatMap(found -> own.method(MethodHandles.lookup(), found));
        own.caches().values().forEach(set.get()::add);
        return cached;
    }

    /// The method that carries the annotations: the class's, or else one of the interfaces it is from.
    private static Optional<Method> annotated(Method method, Class<?> type) {
        Method own = AopUtils.getMostSpecificMethod(method, type);
        if (isAnnotated(own)) {
            return Optional.of(own);
        }
        if (isAnnotated(method)) {
            return Optional.of(method);
        }
        for (Class<?> each : ClassUtils.getAllInterfacesForClassAsSet(type)) {
            Method declared = ClassUtils.getMethodIfAvailable(each, method.getName(), method.getParameterTypes());
            if (declared != null && isAnnotated(declared)) {
                return Optional.of(declared);
            }
        }
        return Optional.empty();
    }

    private static boolean isAnnotated(Method method) {
        return method.isAnnotationPresent(Cached.class)
                || method.isAnnotationPresent(CacheUpdate.class)
                || method.isAnnotationPresent(CacheEvict.class);
    }

    @Override
    public @Nullable Object invoke(MethodInvocation invocation) throws Throwable {
        Object self = invocation.getThis();
        Class<?> type = self == null ? invocation.getMethod().getDeclaringClass() : AopUtils.getTargetClass(self);
        Optional<CachedMethod> cached = cached(invocation.getMethod(), type);
        if (cached.isEmpty()) {
            return invocation.proceed();
        }
        return cached.get().call(invocation.getArguments(), () -> proceed(invocation));
    }

    /// Goes on to the method. An invocation goes its way once, and a refresh goes it again later.
    private static @Nullable Object proceed(MethodInvocation invocation) throws Exception {
        MethodInvocation again =
                invocation instanceof ProxyMethodInvocation proxied ? proxied.invocableClone() : invocation;
        try {
            return again.proceed();
        } catch (Exception | Error e) {
            throw e;
        } catch (Throwable e) {
            throw new UndeclaredThrowableException(e);
        }
    }
}
