package io.nuthatch.cache.spring;

import io.micrometer.core.instrument.binder.MeterBinder;
import io.nuthatch.cache.CachedFunctions;
import io.nuthatch.cache.micrometer.CacheMetrics;
import org.springframework.beans.factory.BeanClassLoaderAware;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.beans.factory.config.BeanDefinition;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.boot.health.contributor.HealthIndicator;
import org.springframework.cache.CacheManager;
import org.springframework.cache.annotation.EnableCaching;
import org.springframework.cache.interceptor.KeyGenerator;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Role;

/// What an application gets by having this on its class path: caches for `@Cacheable`, unless it has a cache
/// manager of its own; [io.nuthatch.cache.Cached] and its like on any bean; health and meters where there is
/// something to show them.
@AutoConfiguration(beforeName = "org.springframework.boot.cache.autoconfigure.CacheAutoConfiguration")
@EnableConfigurationProperties(CacheProperties.class)
@EnableCaching
public class NuthatchCacheAutoConfiguration {
    @Bean
    CacheSet nuthatchCacheSet(CacheProperties properties, ObjectProvider<CacheCustomizer> customizers) {
        return new CacheSet(properties, customizers.orderedStream().toList());
    }

    @Bean(destroyMethod = "close")
    CachedFunctions cachedFunctions(CacheSet set) {
        return new CachedFunctions(set::configure);
    }

    @Bean
    @Role(BeanDefinition.ROLE_INFRASTRUCTURE)
    static CachedBeans cachedBeans(ObjectProvider<CachedFunctions> functions, ObjectProvider<CacheSet> set) {
        return new CachedBeans(new CachedCalls(functions::getObject, set::getObject));
    }

    @Bean(TextKeys.NAME)
    KeyGenerator nuthatchKeys() {
        return new TextKeys();
    }

    /// The caches of `@Cacheable`.
    @Configuration(proxyBeanMethods = false)
    @ConditionalOnMissingBean(CacheManager.class)
    static class Cacheables implements BeanClassLoaderAware {
        private ClassLoader classLoader = Cacheables.class.getClassLoader();

        @Override
        public void setBeanClassLoader(ClassLoader classLoader) {
            this.classLoader = classLoader;
        }

        @Bean(destroyMethod = "close")
        TieredCaches cacheManager(CacheSet set) {
            return new TieredCaches(set, classLoader);
        }
    }

    /// Health, with Spring Boot's actuator.
    @Configuration(proxyBeanMethods = false)
    @ConditionalOnClass(HealthIndicator.class)
    static class Healths {
        @Bean
        @ConditionalOnMissingBean(name = "nuthatchCacheHealthIndicator")
        HealthIndicator nuthatchCacheHealthIndicator(CacheSet set) {
            return new CacheHealthIndicator(set);
        }
    }

    /// Meters, with Micrometer and our module for it.
    @Configuration(proxyBeanMethods = false)
    @ConditionalOnClass({MeterBinder.class, CacheMetrics.class})
    static class Meters {
        @Bean
        @ConditionalOnMissingBean(name = "nuthatchCacheMeters")
        MeterBinder nuthatchCacheMeters(CacheSet set) {
            return new CacheMeters(set);
        }
    }
}
