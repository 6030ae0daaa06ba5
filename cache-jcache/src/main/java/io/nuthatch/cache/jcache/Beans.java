package io.nuthatch.cache.jcache;

import java.lang.management.ManagementFactory;
import java.util.regex.Pattern;
import javax.cache.Cache;
import javax.cache.CacheException;
import javax.management.JMException;
import javax.management.MBeanServer;
import javax.management.ObjectName;

/// The beans of caches in the platform's MBean server, under the names that JCache gives them:
/// `javax.cache:type=CacheStatistics,CacheManager=<uri>,Cache=<name>`.
enum Beans {
    /// What is configured.
    CONFIGURATION("CacheConfiguration"),
    /// What has happened.
    STATISTICS("CacheStatistics");

    private static final Pattern FORBIDDEN = Pattern.compile("[,:=\n]");

    private final String type;

    Beans(String type) {
        this.type = type;
    }

    void register(Cache<?, ?> cache, Object bean) {
        MBeanServer server = ManagementFactory.getPlatformMBeanServer();
        try {
            ObjectName name = nameOf(cache);
            if (!server.isRegistered(name)) {
                server.registerMBean(bean, name);
            }
        } catch (JMException e) {
            throw new CacheException("the bean of cache " + cache.getName() + " could not be registered", e);
        }
    }

    void unregister(Cache<?, ?> cache) {
        MBeanServer server = ManagementFactory.getPlatformMBeanServer();
        try {
            ObjectName name = nameOf(cache);
            if (server.isRegistered(name)) {
                server.unregisterMBean(name);
            }
        } catch (JMException e) {
            throw new CacheException("the bean of cache " + cache.getName() + " could not be unregistered", e);
        }
    }

    private ObjectName nameOf(Cache<?, ?> cache) throws JMException {
        return new ObjectName("javax.cache:type=" + type + ",CacheManager="
                + safe(cache.getCacheManager().getURI().toString()) + ",Cache=" + safe(cache.getName()));
    }

    private static String safe(String text) {
        return FORBIDDEN.matcher(text).replaceAll(".");
    }
}
