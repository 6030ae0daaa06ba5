package io.nuthatch.cache;

import static java.time.Duration.ofMinutes;
import static java.time.Duration.ofSeconds;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.io.FileNotFoundException;
import java.lang.invoke.MethodHandles;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/// Methods that are cached because their annotations say so.
class CachedFunctionsTest {
    record User(long id, String name) {}

    interface Users {
        @Cached(cache = "users", key = "{id}", ttl = "10m")
        User find(long id);

        @CacheUpdate(cache = "users", key = "{result.id}")
        User save(User user);

        @CacheEvict(cache = "users", key = "{user.id}")
        void delete(User user);

        @CacheEvict(cache = "users", all = true)
        default void deleteAll() {}

        @Cached(ttl = "1h", tags = "names", staleFor = "1h")
        String name(long id, String language);

        @CacheEvict(cache = "Users.name", tag = "names")
        void renameAll();

        @Cached
        Optional<User> perhaps(long id);

        @Cached
        CompletionStage<List<User>> later(List<String> names);

        @Cached(refreshAhead = 0.5, ttl = "10s")
        int count();

        @Cached
        String failing(String how) throws FileNotFoundException;

        String plain(String text);
    }

    /// Counts its calls.
    static class CountingUsers implements Users {
        final AtomicInteger calls = new AtomicInteger();

        @Override
        public User find(long id) {
            return id < 0 ? null : new User(id, "user " + calls.incrementAndGet());
        }

        @Override
        public User save(User user) {
            return new User(user.id(), user.name() + " saved");
        }

        @Override
        public void delete(User user) {
            if (user.id() == 13) {
                throw new IllegalStateException("cannot be deleted");
            }
        }

        @Override
        public String name(long id, String language) {
            return language + id + " " + calls.incrementAndGet();
        }

        @Override
        public void renameAll() {}

        @Override
        public Optional<User> perhaps(long id) {
            calls.incrementAndGet();
            return id == 0 ? Optional.empty() : Optional.of(new User(id, "perhaps"));
        }

        @Override
        public CompletionStage<List<User>> later(List<String> names) {
            calls.incrementAndGet();
            return names.isEmpty()
                    ? CompletableFuture.failedFuture(new FileNotFoundException("later"))
                    : CompletableFuture.completedFuture(
                            names.stream().map(name -> new User(0, name)).toList());
        }

        @Override
        public int count() {
            return calls.incrementAndGet();
        }

        @Override
        public String failing(String how) throws FileNotFoundException {
            throw new FileNotFoundException(how);
        }

        @Override
        public String plain(String text) {
            return text + calls.incrementAndGet();
        }
    }

    private final ManualTime time = new ManualTime(1_000_000);
    private final CachedFunctions functions =
            new CachedFunctions(cache -> cache.time(time).ttl(ofMinutes(1)).keyText(key -> key));
    private final CountingUsers counting = new CountingUsers();
    private final Users users = functions.wrap(MethodHandles.lookup(), Users.class, counting);

    @AfterEach
    void close() {
        functions.close();
    }

    @Test
    void aResultIsKeptForItsTtl() {
        assertThat(users.find(7)).isEqualTo(new User(7, "user 1"));
        assertThat(users.find(7)).isEqualTo(new User(7, "user 1"));
        assertThat(users.find(8)).isEqualTo(new User(8, "user 2"));
        time.advance(ofMinutes(10));
        assertThat(users.find(7)).isEqualTo(new User(7, "user 3"));
        assertThat(functions.cache("users").lookup("7")).isInstanceOf(Lookup.Hit.class);
    }

    @Test
    void nullIsKeptToo() {
        assertThat(users.find(-1)).isNull();
        assertThat(users.find(-1)).isNull();
        assertThat(functions.cache("users").stats().loads()).isEqualTo(1);
    }

    @Test
    void anUpdateReplacesAndAnEvictionRemoves() {
        users.find(7);
        users.save(new User(7, "new"));
        assertThat(users.find(7).name()).isEqualTo("new saved");
        users.delete(new User(7, "whatever"));
        assertThat(users.find(7).name()).isEqualTo("user 2");
        users.find(8);
        users.deleteAll();
        assertThat(users.find(8).name()).isEqualTo("user 4");
    }

    @Test
    void aMethodThatThrowsEvictsNothing() {
        users.find(13);
        assertThatThrownBy(() -> users.delete(new User(13, ""))).hasMessage("cannot be deleted");
        assertThat(users.find(13).name()).isEqualTo("user 1");
    }

    @Test
    void allArgumentsMakeTheKeyAndTagsEvictTogether() {
        assertThat(users.name(1, "de")).isEqualTo("de1 1");
        assertThat(users.name(1, "fr")).isEqualTo("fr1 2");
        assertThat(users.name(1, "de")).isEqualTo("de1 1");
        users.renameAll();
        assertThat(users.name(1, "de")).isEqualTo("de1 3");
    }

    @Test
    void differentArgumentsNeverMakeTheSameKey() throws NoSuchMethodException {
        KeyTemplate template =
                KeyTemplate.of("", Function.class.getMethod("andThen", Function.class), MethodHandles.lookup());
        assertThat(template.key(new Object[] {"a,b"}, null)).isEqualTo("a,b");
        KeyTemplate two = KeyTemplate.of(
                "", String.class.getMethod("replace", CharSequence.class, CharSequence.class), MethodHandles.lookup());
        List<Object[]> arguments = List.of(
                new Object[] {"a,b", "c"},
                new Object[] {"a", "b,c"},
                new Object[] {"a\\", "b,c"},
                new Object[] {"a\\,b", "c"},
                new Object[] {"\\0", ""},
                new Object[] {null, ""},
                new Object[] {"", null});
        assertThat(arguments.stream().map(these -> two.key(these, null))).doesNotHaveDuplicates();
    }

    @Test
    void optionalsAndStagesHoldTheirValues() {
        assertThat(users.perhaps(0)).isEmpty();
        assertThat(users.perhaps(0)).isEmpty();
        assertThat(users.perhaps(5)).contains(new User(5, "perhaps"));
        assertThat(users.perhaps(5)).contains(new User(5, "perhaps"));
        assertThat(counting.calls).hasValue(2);
    }

    @Test
    void aStageIsKeptByItsValueAndFailsAsItFailed() {
        CachedFunctions own = new CachedFunctions(cache -> cache.time(time));
        Listing listing = own.wrap(MethodHandles.lookup(), Listing.class, name -> {
            counting.calls.incrementAndGet();
            return name.isEmpty()
                    ? CompletableFuture.failedFuture(new FileNotFoundException("no name"))
                    : CompletableFuture.completedFuture(List.of(new User(1, name)));
        });
        assertThat(listing.later("a").toCompletableFuture().join()).containsExactly(new User(1, "a"));
        assertThat(listing.later("a").toCompletableFuture().join()).containsExactly(new User(1, "a"));
        assertThat(counting.calls).hasValue(1);
        assertThatThrownBy(() -> listing.later("").toCompletableFuture().join())
                .hasCauseInstanceOf(FileNotFoundException.class);
        own.close();
    }

    interface Listing {
        @Cached
        CompletionStage<List<User>> later(String name);
    }

    @Test
    void theMethodIsTheLoaderSoItIsRefreshedAhead() {
        assertThat(users.count()).isEqualTo(1);
        time.advance(ofSeconds(5));
        assertThat(users.count()).isEqualTo(1);
        await().until(() -> users.count() == 2);
    }

    @Test
    void whatTheMethodThrowsIsThrown() {
        assertThatThrownBy(() -> users.failing("so"))
                .isInstanceOf(FileNotFoundException.class)
                .hasMessage("so");
    }

    @Test
    void methodsWithoutAnnotationsAreCalled() {
        assertThat(users.plain("x")).isEqualTo("x1");
        assertThat(users.plain("x")).isEqualTo("x2");
    }

    /// A class whose methods call each other.
    static class Reports {
        private final String title;
        int calls;

        Reports(String title) {
            this.title = title;
        }

        @Cached(key = "{month}")
        String monthly(int month) {
            calls++;
            return title + " " + month;
        }

        String yearly() {
            return monthly(1) + ", " + monthly(1);
        }

        @CacheEvict(cache = "Reports.monthly", key = "{0}")
        protected void changed(int month) {}
    }

    @Test
    void aClassIsCachedEvenWhereItCallsItself() {
        Reports reports = functions.create(MethodHandles.lookup(), Reports.class, "sales");
        assertThat(reports.yearly()).isEqualTo("sales 1, sales 1");
        assertThat(reports.calls).isEqualTo(1);
        reports.changed(1);
        assertThat(reports.monthly(1)).isEqualTo("sales 1");
        assertThat(reports.calls).isEqualTo(2);
        Reports others = functions.create(MethodHandles.lookup(), Reports.class, "others");
        assertThat(others.monthly(1)).as("the cache is of the class").isEqualTo("sales 1");
        assertThat(others.monthly(2)).isEqualTo("others 2");
    }

    static final class Final {
        @Cached
        String value() {
            return "";
        }
    }

    interface Wrong {
        interface Nameless {
            @Cached(key = "{nobody}")
            String get(String id);
        }

        interface Partless {
            @Cached(key = "{user.age}")
            String get(User user);
        }

        interface Ttl {
            @Cached(ttl = "soon")
            String get();
        }

        interface Nothing {
            @CacheEvict(cache = "c")
            void get();
        }

        interface Void {
            @Cached
            void get();
        }

        interface Twice {
            @Cached(cache = "same")
            String one();

            @Cached(cache = "same")
            Integer two();
        }
    }

    private void refused(Class<?> type, String start) {
        assertThatThrownBy(() -> wrap(type))
                .isInstanceOf(ConfigurationException.class)
                .hasMessageStartingWith(start);
    }

    private <T> void wrap(Class<T> type) {
        T nobody = type.cast(java.lang.reflect.Proxy.newProxyInstance(
                type.getClassLoader(), new Class<?>[] {type}, (proxy, method, arguments) -> null));
        functions.wrap(MethodHandles.lookup(), type, nobody);
    }

    @Test
    void annotationsThatMakeNoSenseAreRefusedWhenTheyAreWrapped() {
        refused(Wrong.Nameless.class, "key: public abstract java.lang.String");
        refused(Wrong.Partless.class, "key: class io.nuthatch.cache.CachedFunctionsTest$User has no age");
        refused(Wrong.Ttl.class, "ttl: is no duration: soon; write 500ms, 30s, 10m, 2h or 1d");
        refused(Wrong.Nothing.class, "key: nothing says what");
        refused(Wrong.Void.class, "method: ");
        refused(Wrong.Twice.class, "cache: same holds ");
        assertThatThrownBy(() -> functions.create(MethodHandles.lookup(), Final.class))
                .hasMessageEndingWith("is final; wrap an interface of it instead");
        assertThatThrownBy(() -> functions.create(MethodHandles.lookup(), Reports.class, 1, 2))
                .hasMessageStartingWith("arguments: no constructor of ");
    }

    @Test
    void aMemoizedFunctionIsCalledOnceForAnArgument() {
        AtomicInteger calls = new AtomicInteger();
        Function<Integer, String> squares = Cache.memoize(number -> {
            calls.incrementAndGet();
            if (number < 0) {
                throw new IllegalArgumentException("negative");
            }
            return number == 0 ? null : "" + number * number;
        });
        assertThat(squares.apply(3)).isEqualTo("9");
        assertThat(squares.apply(3)).isEqualTo("9");
        assertThat(squares.apply(0)).isNull();
        assertThat(squares.apply(0)).isNull();
        assertThat(calls).hasValue(2);
        assertThatThrownBy(() -> squares.apply(-1)).isInstanceOf(IllegalArgumentException.class);
    }
}
