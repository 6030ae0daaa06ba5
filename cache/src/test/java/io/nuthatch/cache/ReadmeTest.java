package io.nuthatch.cache;

import static java.time.Duration.ofHours;
import static java.time.Duration.ofMillis;
import static java.time.Duration.ofMinutes;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.lang.invoke.MethodHandles;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// The examples of README.md, run: each Java block there stands here word for word, or in the test of the same
/// name of a module beside this one.
class ReadmeTest {
    record User(long id, String name) {}

    /// Stands for the user's database.
    static final class Database {
        final Map<Long, User> users = new ConcurrentHashMap<>(Map.of(7L, new User(7, "Ada"), 8L, new User(8, "Grace")));

        User find(long id) {
            return users.get(id);
        }

        Map<Long, User> findAll(Iterable<Long> ids) {
            Map<Long, User> found = new ConcurrentHashMap<>();
            ids.forEach(id -> found.put(id, users.get(id)));
            return found;
        }

        void save(User user) {
            users.put(user.id(), user);
        }

        void apply(List<Change<Long, User>> changes) {
            for (Change<Long, User> change : changes) {
                switch (change) {
                    case Change.Put<Long, User> put -> users.put(put.key(), put.value());
                    case Change.Remove<Long, User> remove -> users.remove(remove.key());
                }
            }
        }
    }

    private static final List<String> TESTS = List.of(
            "cache/src/test/java/io/nuthatch/cache/ReadmeTest.java",
            "cache-jcache/src/test/java/io/nuthatch/cache/jcache/ReadmeTest.java",
            "cache-jdbc/src/test/java/io/nuthatch/cache/jdbc/ReadmeTest.java",
            "cache-spring/src/test/java/io/nuthatch/cache/spring/ReadmeTest.java");

    private static RedisProcess redis;
    private static String redisUri;

    @TempDir
    private Path folder;

    private final Database db = new Database();

    @BeforeAll
    static void startRedis() {
        redis = RedisProcess.start();
        redisUri = redis.uri();
    }

    @AfterAll
    static void stopRedis() {
        redis.close();
    }

    @Test
    void inShort() {
        var users = Cache.<Long, User>builder("users")
                .values(User.class)
                .memory(10_000)
                .redis(redisUri)
                .disk(folder)
                .ttl(ofMinutes(5))
                .loader(db::find)
                .build();

        User ada = users.get(7L);

        assertThat(ada).isEqualTo(new User(7, "Ada"));
        assertThat(redis.call("EXISTS", "users:7")).isEqualTo("1");
        users.close();
    }

    @Test
    void cacheAside() {
        Cache<Long, User> users = Cache.<Long, User>builder("users").build();

        User ada = users.get(7L, db::find);

        db.save(new User(7, "Ada Lovelace"));
        users.remove(7L);

        assertThat(ada.name()).isEqualTo("Ada");
        assertThat(users.get(7L, db::find).name()).isEqualTo("Ada Lovelace");
        users.close();
    }

    @Test
    void readThrough() {
        Cache<Long, User> users = Cache.<Long, User>builder("users")
                .loader(db::find)
                .bulkLoader(db::findAll)
                .build();

        User ada = users.get(7L);
        Map<Long, User> both = users.getAll(List.of(7L, 8L));

        assertThat(both).containsEntry(7L, ada).hasSize(2);
        users.close();
    }

    @Test
    void lookup() {
        Cache<Long, User> users =
                Cache.<Long, User>builder("users").loader(db::find).build();
        users.get(7L);

        String answer = switch (users.lookup(7L)) {
            case Lookup.Hit<User> hit -> hit.value().name() + " from " + hit.tier();
            case Lookup.Stale<User> stale -> stale.value().name() + ", as it was " + stale.age() + " ago";
            case Lookup.Negative<User> nobody -> "known to be nobody for " + nobody.age();
            case Lookup.Miss<User> _ -> "not known";
        };

        assertThat(answer).isEqualTo("Ada from memory");
        users.close();
    }

    @Test
    void failSafe() {
        Policy calm = Policy.ofTtl(ofMinutes(5))
                .staleFor(ofHours(12))
                .softTimeout(ofMillis(100))
                .hardTimeout(ofMillis(2_000));
        Cache<Long, User> users =
                Cache.<Long, User>builder("users").policy(calm).loader(db::find).build();

        assertThat(users.get(7L).name()).isEqualTo("Ada");
        users.close();
    }

    @Test
    void refreshAhead() {
        ManualTime time = new ManualTime(0);
        Cache<Long, User> users = Cache.<Long, User>builder("users")
                .policy(Policy.ofTtl(ofMinutes(10)).refreshAhead(0.8).jitter(0.1))
                .loader(db::find)
                .time(time)
                .build();

        users.get(7L);
        time.advance(ofMinutes(8));
        users.get(7L);
        await().until(() -> users.stats().refreshes() == 1);
        users.close();
    }

    @Test
    void conditionalLoads() {
        Cache<Long, User> users = Cache.<Long, User>builder("users")
                .source((id, known) -> {
                    User user = db.find(id);
                    if (user == null) {
                        return Loaded.absent();
                    }
                    String version = "" + user.hashCode();
                    if (version.equals(known.validator())) {
                        return Loaded.notModified();
                    }
                    return Loaded.value(user).validator(version).tags("team:" + id % 10);
                })
                .build();

        users.get(7L);
        users.invalidateTag("team:7");

        assertThat(users.lookup(7L)).isInstanceOf(Lookup.Miss.class);
        users.close();
    }

    @Test
    void writeThrough() {
        Cache<Long, User> users = Cache.<Long, User>builder("users")
                .loader(db::find)
                .writer(new Writer<>() {
                    @Override
                    public void write(List<Change<Long, User>> changes) {
                        db.apply(changes);
                    }

                    @Override
                    public void close() {}
                })
                .build();

        users.put(9L, new User(9, "Barbara"));

        assertThat(db.find(9).name()).isEqualTo("Barbara");
        users.close();
    }

    @Test
    void warming() {
        Cache<Long, User> users =
                Cache.<Long, User>builder("users").bulkLoader(db::findAll).build();

        users.warm(List.of(7L, 8L));

        assertThat(users.stats().loads()).isEqualTo(2);
        users.close();
    }

    @Test
    void async() {
        Cache<Long, User> users =
                Cache.<Long, User>builder("users").loader(db::find).build();

        var name = users.async().get(7L).thenApply(User::name);

        assertThat(name.toCompletableFuture().join()).isEqualTo("Ada");
        users.close();
    }

    interface Users {
        @Cached(cache = "users", key = "{id}", ttl = "10m", refreshAhead = 0.8)
        User find(long id);

        @CacheUpdate(cache = "users", key = "{result.id}")
        User rename(long id, String name);

        @CacheEvict(cache = "users", key = "{id}")
        void delete(long id);
    }

    /// Stands for the user's own implementation.
    private final class SqlUsers implements Users {
        @Override
        public User find(long id) {
            return db.find(id);
        }

        @Override
        public User rename(long id, String name) {
            db.save(new User(id, name));
            return db.find(id);
        }

        @Override
        public void delete(long id) {
            db.users.remove(id);
        }
    }

    @Test
    void functions() {
        CachedFunctions functions = new CachedFunctions(cache -> cache.redis(redisUri));
        Users users = functions.wrap(MethodHandles.lookup(), Users.class, new SqlUsers());

        assertThat(users.find(8).name()).isEqualTo("Grace");
        users.rename(8, "Grace Hopper");
        assertThat(users.find(8).name()).isEqualTo("Grace Hopper");
        users.delete(8);
        assertThat(users.find(8)).isNull();
        functions.close();
    }

    @Test
    void memoize() {
        Function<Long, User> users = Cache.memoize(db::find);

        assertThat(users.apply(7L)).isEqualTo(new User(7, "Ada"));
    }

    @Test
    void sharing() {
        Cache<String, Long> visits = Cache.<String, Long>builder("visits")
                .values(Long.class)
                .redis(Redis.at(redisUri).format(Redis.Format.RAW).tracking(Redis.Tracking.BROADCAST))
                .build();

        visits.put("home", 41L);
        redis.call("INCR", "visits:home");
        await().until(() -> visits.get("home") == 42);
        visits.close();
    }

    @Test
    void keyDesign() {
        record Page(String language, long article) {}

        Cache<Page, String> pages = Cache.<Page, String>builder("pages-2")
                .values(String.class)
                .redis(Redis.at(redisUri).format(Redis.Format.RAW))
                .keyText(page -> page.language() + ":" + page.article())
                .loader(page -> "# " + db.find(page.article()).name() + " (" + page.language() + ")")
                .build();

        String page = pages.get(new Page("en", 7));

        assertThat(page).isEqualTo("# Ada (en)");
        assertThat(redis.call("GET", "pages-2:en:7")).isEqualTo(page);
        pages.close();
    }

    @Test
    void figures() {
        Cache<Long, User> users =
                Cache.<Long, User>builder("users").loader(db::find).build();
        users.getAll(List.of(7L, 8L));

        double ratio = users.stats().hitRatio();
        long fromMemory = users.stats().tier("memory").hits();
        boolean well = users.health().isUp();
        users.advice().forEach(advice -> System.out.println(advice));

        assertThat(ratio).isZero();
        assertThat(fromMemory).isZero();
        assertThat(well).isTrue();
        users.close();
    }

    @Test
    void everyExampleStandsHere() throws IOException {
        String here = "";
        for (String test : TESTS) {
            here += squeezed(Files.readString(Path.of("..", test)));
        }
        Matcher blocks =
                Pattern.compile("```java\n(.*?)```", Pattern.DOTALL).matcher(Files.readString(Path.of("README.md")));
        int found = 0;
        while (blocks.find()) {
            assertThat(here).contains(squeezed(blocks.group(1)));
            found++;
        }
        assertThat(found).isGreaterThanOrEqualTo(17);
    }

    /// Without what the formatter decides.
    private static String squeezed(String text) {
        return text.replaceAll("\\s+", "");
    }
}
