package io.nuthatch.cache.spring;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.micrometer.core.instrument.MeterRegistry;
import io.nuthatch.cache.CacheEvict;
import io.nuthatch.cache.CacheUpdate;
import io.nuthatch.cache.Cached;
import io.nuthatch.cache.CachedFunctions;
import io.nuthatch.cache.ConfigurationException;
import io.nuthatch.cache.ManualTime;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.boot.SpringBootConfiguration;
import org.springframework.boot.WebApplicationType;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.boot.health.actuate.endpoint.HealthEndpoint;
import org.springframework.boot.health.contributor.HealthIndicator;
import org.springframework.boot.health.contributor.Status;
import org.springframework.cache.CacheManager;
import org.springframework.cache.annotation.CachePut;
import org.springframework.cache.annotation.Cacheable;
import org.springframework.cache.concurrent.ConcurrentMapCacheManager;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Import;

/// Small applications of Spring Boot, whole.
class SpringTest {
    /// A value.
    public record Book(String isbn, String title) {}

    /// What Spring's own annotations do.
    static class Books {
        final AtomicInteger calls = new AtomicInteger();

        @Cacheable("books")
        public @Nullable Book find(String isbn) {
            calls.incrementAndGet();
            return isbn.isEmpty() ? null : new Book(isbn, "title " + calls);
        }

        @Cacheable(cacheNames = "books", sync = true)
        public Book slowly(String isbn) throws IOException {
            if (isbn.isEmpty()) {
                throw new FileNotFoundException("no isbn");
            }
            calls.incrementAndGet();
            Thread.onSpinWait();
            return new Book(isbn, "slow " + calls);
        }

        @CachePut(cacheNames = "books", key = "#book.isbn")
        public Book save(Book book) {
            return book;
        }

        @org.springframework.cache.annotation.CacheEvict("books")
        public void remove(String isbn) {}

        @org.springframework.cache.annotation.CacheEvict(cacheNames = "books", allEntries = true)
        public void removeAll() {}

        @Cacheable("later")
        public CompletableFuture<@Nullable Book> later(String isbn) {
            calls.incrementAndGet();
            return isbn.equals("bad")
                    ? CompletableFuture.failedFuture(new FileNotFoundException("bad"))
                    : CompletableFuture.supplyAsync(() -> isbn.isEmpty() ? null : new Book(isbn, "later"));
        }

        @Cacheable(cacheNames = "laterSync", sync = true)
        public CompletableFuture<Book> laterSync(String isbn) {
            calls.incrementAndGet();
            return isbn.equals("bad")
                    ? CompletableFuture.failedFuture(new FileNotFoundException("bad"))
                    : CompletableFuture.supplyAsync(() -> new Book(isbn, "later"));
        }

        @Cacheable("pairs")
        public String pair(String one, String other) {
            calls.incrementAndGet();
            return one + "+" + other;
        }

        @Cacheable(cacheNames = "pairs", keyGenerator = "nuthatchKeys")
        public String textPair(String one, @Nullable String other) {
            calls.incrementAndGet();
            return one + "+" + other;
        }
    }

    /// What ours do.
    static class Authors {
        final AtomicInteger calls = new AtomicInteger();

        @Cached(cache = "authors", key = "{name}", ttl = "10m", refreshAhead = 0.5)
        public String find(String name) {
            return name + " " + calls.incrementAndGet();
        }

        @CacheUpdate(cache = "authors", key = "{name}")
        public String rename(String name, String newName) {
            return newName;
        }

        @CacheEvict(cache = "authors", key = "{name}")
        public void remove(String name) {}

        @Cached
        public String failing() throws FileNotFoundException {
            throw new FileNotFoundException("no such author");
        }

        public String plain() {
            return "plain " + calls.incrementAndGet();
        }
    }

    /// Annotated where a proxy of a subclass could not see it.
    interface Prices {
        @Cached(key = "{book.isbn}")
        int of(Book book);
    }

    /// A class that has no subclasses.
    static final class FixedPrices implements Prices {
        final AtomicInteger calls = new AtomicInteger();

        @Override
        public int of(Book book) {
            return calls.incrementAndGet();
        }
    }

    private static final ManualTime TIME = new ManualTime(1_000_000);

    @SpringBootConfiguration
    @EnableAutoConfiguration
    static class App {
        @Bean
        Books books() {
            return new Books();
        }

        @Bean
        Authors authors() {
            return new Authors();
        }

        @Bean
        Prices prices() {
            return new FixedPrices();
        }

        @Bean
        CacheCustomizer manualTime() {
            return builder -> builder.time(TIME);
        }
    }

    private @Nullable ConfigurableApplicationContext context;

    @TempDir
    private Path folder;

    private ConfigurableApplicationContext start(Class<?> app, String... properties) {
        context = new SpringApplicationBuilder(app)
                .web(WebApplicationType.NONE)
                .properties("spring.main.banner-mode=off", "logging.level.root=warn")
                .properties(properties)
                .run();
        return context;
    }

    @AfterEach
    void stop() {
        if (context != null) {
            context.close();
        }
    }

    private int callsDuring(AtomicInteger calls, Runnable work) {
        int before = calls.get();
        work.run();
        return calls.get() - before;
    }

    // Spring's annotations

    @Test
    void theStarterIsEnoughForCacheable() {
        Books books = start(App.class).getBean(Books.class);
        AtomicInteger calls = calls(books);
        Book book = books.find("1");
        assertThat(callsDuring(calls, () -> assertThat(books.find("1")).isEqualTo(book)))
                .isZero();
        books.save(new Book("1", "saved"));
        assertThat(books.find("1").title()).isEqualTo("saved");
        books.remove("1");
        assertThat(books.find("1").title()).startsWith("title ");
        books.find("2");
        books.removeAll();
        assertThat(callsDuring(calls, () -> books.find("2"))).isOne();
    }

    /// The proxy has fields of its own.
    private static AtomicInteger calls(Books books) {
        return ((Books) org.springframework.aop.framework.AopProxyUtils.getSingletonTarget(books)).calls;
    }

    @Test
    void thatThereIsNoValueIsKept() {
        Books books = start(App.class).getBean(Books.class);
        assertThat(books.find("")).isNull();
        assertThat(callsDuring(calls(books), () -> assertThat(books.find("")).isNull()))
                .isZero();
    }

    @Test
    void syncLoadsOnceForManyThreads() throws Exception {
        Books books = start(App.class).getBean(Books.class);
        AtomicInteger calls = calls(books);
        CountDownLatch start = new CountDownLatch(1);
        List<Future<Book>> all = new ArrayList<>();
        try (ExecutorService executor = Executors.newFixedThreadPool(8)) {
            for (int i = 0; i < 8; i++) {
                all.add(executor.submit(() -> {
                    start.await();
                    return books.slowly("s");
                }));
            }
            start.countDown();
            for (Future<Book> one : all) {
                assertThat(one.get(10, TimeUnit.SECONDS).title()).isEqualTo("slow 1");
            }
        }
        assertThat(calls).hasValue(1);
        assertThatThrownBy(() -> books.slowly("")).isInstanceOf(FileNotFoundException.class);
    }

    @Test
    void futuresAreKeptByTheirValuesAndFailAsTheyFailed() {
        Books books = start(App.class).getBean(Books.class);
        AtomicInteger calls = calls(books);
        assertThat(books.later("1").join()).isEqualTo(new Book("1", "later"));
        await().until(() -> callsDuring(calls, () -> books.later("1").join()) == 0);
        assertThat(books.later("").join()).isNull();
        await().until(() -> callsDuring(calls, () -> books.later("").join()) == 0);
        assertThat(books.laterSync("1").join()).isEqualTo(new Book("1", "later"));
        assertThat(callsDuring(calls, () -> books.laterSync("1").join())).isZero();
        assertThatThrownBy(() -> books.later("bad").join())
                .isInstanceOf(CompletionException.class)
                .hasCauseInstanceOf(FileNotFoundException.class);
        assertThatThrownBy(() -> books.laterSync("bad").join())
                .isInstanceOf(CompletionException.class)
                .hasCauseInstanceOf(FileNotFoundException.class);
    }

    @Test
    void theAdapterDoesWhatSpringExpects() {
        var cache = start(App.class).getBean(TieredCaches.class).getCache("raw");
        assertThat(cache.get("a")).isNull();
        assertThat(cache.putIfAbsent("a", 1)).isNull();
        assertThat(cache.putIfAbsent("a", 2).get()).isEqualTo(1);
        assertThat(cache.get("a", Integer.class)).isEqualTo(1);
        assertThatThrownBy(() -> cache.get("a", String.class))
                .isInstanceOf(IllegalStateException.class)
                .hasMessage("the value of a in cache raw is a java.lang.Integer, no java.lang.String");
        cache.put("nothing", null);
        assertThat(cache.get("nothing").get()).isNull();
        assertThat(cache.retrieve("nothing").join())
                .isEqualTo(new org.springframework.cache.support.SimpleValueWrapper(null));
        assertThat(cache.retrieve("unknown").join()).isNull();
        assertThat(cache.evictIfPresent("a")).isTrue();
        assertThat(cache.evictIfPresent("a")).isFalse();
        cache.put("b", 1);
        assertThat(cache.invalidate()).isTrue();
        assertThat(cache.invalidate()).isFalse();
    }

    // Ours

    @Test
    void cachedMethodsOfBeansAreRefreshedAheadUpdatedAndEvicted() {
        Authors authors = start(App.class).getBean(Authors.class);
        assertThat(authors.find("Ada")).isEqualTo("Ada 1");
        assertThat(authors.find("Ada")).isEqualTo("Ada 1");
        TIME.advance(Duration.ofMinutes(5));
        assertThat(authors.find("Ada")).as("refreshed behind its back").isEqualTo("Ada 1");
        await().until(() -> authors.find("Ada").equals("Ada 2"));
        authors.rename("Ada", "Lovelace");
        assertThat(authors.find("Ada")).isEqualTo("Lovelace");
        authors.remove("Ada");
        assertThat(authors.find("Ada")).isEqualTo("Ada 3");
        assertThat(authors.plain()).isEqualTo("plain 4");
        assertThatThrownBy(authors::failing)
                .isInstanceOf(FileNotFoundException.class)
                .hasMessage("no such author");
    }

    @Test
    void aFinalClassIsCachedBehindItsInterface() {
        Prices prices = start(App.class).getBean(Prices.class);
        assertThat(prices.of(new Book("1", "a"))).isEqualTo(1);
        assertThat(prices.of(new Book("1", "b"))).isEqualTo(1);
        assertThat(prices.of(new Book("2", "b"))).isEqualTo(2);
    }

    // Properties

    @Test
    void propertiesSayHowACacheIsAndItsDefaults() {
        var app = start(
                App.class,
                "nuthatch.cache.defaults.ttl=1h",
                "nuthatch.cache.caches.books.ttl=10s",
                "nuthatch.cache.caches.books.memory=7",
                "nuthatch.cache.caches.authors.ttl=1m",
                "nuthatch.cache.caches.books.stale-for=1m",
                "nuthatch.cache.caches.books.refresh-ahead=0.5",
                "nuthatch.cache.caches.books.jitter=0",
                "nuthatch.cache.caches.books.idle=5s",
                "nuthatch.cache.caches.books.negative-ttl=3s",
                "nuthatch.cache.caches.books.soft-timeout=100ms",
                "nuthatch.cache.caches.books.hard-timeout=2s");
        var caches = app.getBean(TieredCaches.class);
        var books = caches.getCache("books").getNativeCache().policy();
        assertThat(books.ttl()).isEqualTo(Duration.ofSeconds(10));
        assertThat(books.staleFor()).isEqualTo(Duration.ofMinutes(1));
        assertThat(books.refreshAhead()).isEqualTo(0.5);
        assertThat(books.idle()).isEqualTo(Duration.ofSeconds(5));
        assertThat(books.negativeTtl()).isEqualTo(Duration.ofSeconds(3));
        assertThat(books.softTimeout()).isEqualTo(Duration.ofMillis(100));
        assertThat(books.hardTimeout()).isEqualTo(Duration.ofSeconds(2));
        assertThat(caches.getCache("others").getNativeCache().policy().ttl()).isEqualTo(Duration.ofHours(1));
        assertThat(caches.getCacheNames()).containsExactly("books", "others");
        assertThat(app.getBean(CachedFunctions.class).cache("authors").policy().ttl())
                .isEqualTo(Duration.ofMinutes(1));
        for (int i = 0; i < 50; i++) {
            caches.getCache("books").put("" + i, i);
        }
        assertThat(caches.getCache("books")
                        .getNativeCache()
                        .stats()
                        .tier("memory")
                        .entries())
                .isEqualTo(7);
    }

    @Test
    void aTierOnDiskOutlivesTheApplication() {
        String[] properties = {
            "nuthatch.cache.defaults.disk=" + folder,
            "nuthatch.cache.defaults.compression=lz4",
            "nuthatch.cache.caches.books.values=" + Book.class.getName(),
            "nuthatch.cache.caches.pairs.values=java.lang.String"
        };
        Books books = start(App.class, properties).getBean(Books.class);
        Book book = books.find("1");
        assertThat(books.textPair("a,b", "c")).isEqualTo("a,b+c");
        assertThat(books.textPair("a", "b,c")).isEqualTo("a+b,c");
        assertThat(books.textPair("a", null)).isEqualTo("a+null");
        assertThatThrownBy(() -> books.pair("a", "b"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("keyGenerator = \"nuthatchKeys\"");
        stop();
        Books again = start(App.class, properties).getBean(Books.class);
        assertThat(again.find("1")).isEqualTo(book);
        assertThat(again.textPair("a,b", "c")).isEqualTo("a,b+c");
        assertThat(calls(again)).hasValue(0);
        assertThatThrownBy(() -> again.later("1"))
                .isInstanceOf(ConfigurationException.class)
                .hasMessageStartingWith("nuthatch.cache.caches.later.values: the tiers below memory hold bytes");
    }

    // Health and meters

    @Test
    void healthAndMetersShowEveryCache() {
        var app = start(App.class);
        Books books = app.getBean(Books.class);
        books.find("1");
        books.find("1");
        app.getBean(Authors.class).find("Ada");
        MeterRegistry meters = app.getBean(MeterRegistry.class);
        assertThat(meters.get("cache.gets")
                        .tags("cache", "books", "result", "hit")
                        .functionCounter()
                        .count())
                .isEqualTo(1);
        assertThat(meters.get("cache.tier.size")
                        .tags("cache", "authors", "tier", "memory")
                        .gauge()
                        .value())
                .isEqualTo(1);
        var health = app.getBean("nuthatchCacheHealthIndicator", HealthIndicator.class)
                .health();
        assertThat(health.getStatus()).isEqualTo(Status.UP);
        assertThat(health.getDetails()).containsKeys("books", "authors");
    }

    @Test
    void anApplicationWorksAndIsUpWithoutItsServer() throws IOException {
        var app = start(
                App.class,
                "nuthatch.cache.defaults.redis=redis://127.0.0.1:" + unusedPort(),
                "nuthatch.cache.caches.books.values=" + Book.class.getName());
        Books books = app.getBean(Books.class);
        for (int i = 0; i < 10; i++) {
            assertThat(books.find("" + i).isbn()).isEqualTo("" + i);
        }
        var health = app.getBean("nuthatchCacheHealthIndicator", HealthIndicator.class);
        await().until(() -> health.health().getStatus().getCode().equals("DEGRADED"));
        assertThat(health.health().getDetails().get("books").toString()).contains("redis=DOWN");
        assertThat(app.getBean(HealthEndpoint.class).health().getStatus()).isEqualTo(Status.UP);
    }

    private static int unusedPort() throws IOException {
        try (var free = new java.net.ServerSocket(0, 1, java.net.InetAddress.getLoopbackAddress())) {
            return free.getLocalPort();
        }
    }

    // Bad input

    private void refused(Class<?> app, String message, String... properties) {
        assertThatThrownBy(() -> start(app, properties))
                .rootCause()
                .isInstanceOf(ConfigurationException.class)
                .hasMessageStartingWith(message);
    }

    @Configuration
    @Import(App.class)
    @EnableAutoConfiguration
    static class BadTtl {
        static class Bean {
            @Cached(ttl = "soon")
            public String value() {
                return "";
            }
        }

        @org.springframework.context.annotation.Bean
        Bean bad() {
            return new Bean();
        }
    }

    @Test
    void whatMakesNoSenseKeepsTheApplicationFromStarting() {
        refused(App.class, "ttl: must be a millisecond or more", "nuthatch.cache.caches.books.ttl=0s");
        refused(App.class, "jitter: must lie between 0 and 1", "nuthatch.cache.caches.books.jitter=2");
        refused(App.class, "redis: is not the address", "nuthatch.cache.caches.books.redis=localhost");
        refused(App.class, "values: is no type: no.Body", "nuthatch.cache.caches.books.values=no.Body");
        refused(BadTtl.class, "ttl: is no duration: soon");
        assertThatThrownBy(() -> start(App.class, "nuthatch.cache.caches.books.ttl=soon"))
                .hasStackTraceContaining("nuthatch.cache.caches.books.ttl")
                .hasRootCauseMessage("'soon' is not a valid duration");
    }

    @Test
    void oneNameForTwoKindsOfCacheIsRefused() {
        var app = start(App.class);
        assertThatThrownBy(() -> app.getBean(TieredCaches.class).getCache("authors"))
                .isInstanceOf(ConfigurationException.class)
                .hasMessage(
                        "cache: both @Cached and @Cacheable use one of the name authors; give them different names");
    }

    // Others

    @Configuration
    @Import(App.class)
    @EnableAutoConfiguration
    static class OwnManager {
        @Bean
        CacheManager own() {
            return new ConcurrentMapCacheManager();
        }
    }

    @Test
    void aCacheManagerOfTheApplicationStays() {
        var app = start(OwnManager.class);
        assertThat(app.getBean(CacheManager.class)).isInstanceOf(ConcurrentMapCacheManager.class);
        assertThat(app.getBean(Authors.class).find("Ada"))
                .isEqualTo(app.getBean(Authors.class).find("Ada"));
    }
}
