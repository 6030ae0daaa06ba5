package io.nuthatch.cache.spring;

import io.nuthatch.cache.CacheEvict;
import io.nuthatch.cache.CacheUpdate;
import io.nuthatch.cache.Cached;
import java.lang.reflect.Modifier;
import java.util.List;
import org.springframework.aop.Pointcut;
import org.springframework.aop.framework.ProxyFactory;
import org.springframework.aop.framework.autoproxy.AbstractBeanFactoryAwareAdvisingPostProcessor;
import org.springframework.aop.support.AopUtils;
import org.springframework.aop.support.ComposablePointcut;
import org.springframework.aop.support.DefaultPointcutAdvisor;
import org.springframework.aop.support.annotation.AnnotationMatchingPointcut;
import org.springframework.util.ReflectionUtils;

/// Puts the caching of [Cached], [CacheUpdate] and [CacheEvict] around the beans that have them, by Spring's own
/// proxies: a subclass, or the interfaces where the class is final.
final class CachedBeans extends AbstractBeanFactoryAwareAdvisingPostProcessor {
    private final transient CachedCalls calls;

    CachedBeans(CachedCalls calls) {
        this.calls = calls;
        advisor = new DefaultPointcutAdvisor(annotated(), calls);
        // Around transactions and the like: a hit begins none.
        setBeforeExistingAdvisors(true);
    }

    private static Pointcut annotated() {
        ComposablePointcut any = new ComposablePointcut(new AnnotationMatchingPointcut(null, Cached.class, true));
        for (var annotation : List.of(CacheUpdate.class, CacheEvict.class)) {
            any = any.union((Pointcut) new AnnotationMatchingPointcut(null, annotation, true));
        }
        return any;
    }

    @Override
    protected ProxyFactory prepareProxyFactory(Object bean, String beanName) {
        ProxyFactory factory = super.prepareProxyFactory(bean, beanName);
        factory.setProxyTargetClass(!Modifier.isFinal(bean.getClass().getModifiers()));
        return factory;
    }

    @Override
    public Object postProcessAfterInitialization(Object bean, String beanName) {
        if (isEligible(bean, beanName)) {
            // What makes no sense is refused now, not when the method is called.
            Class<?> type = AopUtils.getTargetClass(bean);
            ReflectionUtils.doWithMethods(
                    type, method -> calls.prepare(method, type), ReflectionUtils.USER_DECLARED_METHODS);
        }
        return super.postProcessAfterInitialization(bean, beanName);
    }
}
