package io.nuthatch.cache.jcache;

import io.nuthatch.cache.Codec;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.ObjectInputStream;
import java.io.ObjectOutputStream;
import java.io.ObjectStreamClass;
import java.io.Serializable;
import java.lang.reflect.RecordComponent;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.net.URI;
import java.util.Set;
import java.util.UUID;
import java.util.function.UnaryOperator;
import javax.cache.CacheException;
import org.jspecify.annotations.Nullable;

/// What a cache that stores by value does with every key and value that goes in or out: it copies them, unless
/// nobody can change them anyway. Where there is a codec, a value is copied by its bytes; else it must be
/// `Serializable`.
///
/// The bytes of Java serialization are made and read within one call, from an object that the caller holds: none
/// of them ever comes from a tier, a file or a connection.
///
/// @param key copies a key
/// @param value copies a value
record Copies<K, V>(UnaryOperator<K> key, UnaryOperator<V> value) {
    private static final Set<Class<?>> IMMUTABLE = Set.of(
            String.class,
            Integer.class,
            Long.class,
            Short.class,
            Byte.class,
            Character.class,
            Boolean.class,
            Double.class,
            Float.class,
            BigInteger.class,
            BigDecimal.class,
            UUID.class,
            URI.class,
            Class.class);

    private static final ClassValue<Boolean> IS_IMMUTABLE = new ClassValue<>() {
        @Override
        protected Boolean computeValue(Class<?> type) {
            return type.isPrimitive()
                    || type.isEnum()
                    || IMMUTABLE.contains(type)
                    || type.getPackageName().equals("java.time")
                    || type.isRecord() && isRecordOfImmutables(type);
        }
    };

    private static boolean isRecordOfImmutables(Class<?> type) {
        for (RecordComponent component : type.getRecordComponents()) {
            // A record may hold its own kind: what else it holds decides.
            if (component.getType() != type && !IS_IMMUTABLE.get(component.getType())) {
                return false;
            }
        }
        return true;
    }

    /// The things themselves.
    static <K, V> Copies<K, V> none() {
        return new Copies<>(UnaryOperator.identity(), UnaryOperator.identity());
    }

    /// Copies in which the classes are those that a class loader knows.
    static <K, V> Copies<K, V> byValue(ClassLoader classLoader, @Nullable Codec<V> codec) {
        UnaryOperator<V> values = codec == null
                ? value -> serialized(value, classLoader)
                : value -> isImmutable(value) ? value : codec.decode(codec.encode(value));
        return new Copies<>(key -> serialized(key, classLoader), values);
    }

    private static boolean isImmutable(Object thing) {
        return thing instanceof Enum || IS_IMMUTABLE.get(thing.getClass());
    }

    @SuppressWarnings("unchecked")
    private static <T> T serialized(T thing, ClassLoader classLoader) {
        if (isImmutable(thing)) {
            return thing;
        }
        if (!(thing instanceof Serializable)) {
            throw new CacheException("a cache that stores by value cannot copy " + thing.getClass()
                    + ": make it Serializable, give TieredConfiguration a codec with .values(codec),"
                    + " or store by reference with .setStoreByValue(false)");
        }
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try {
            try (ObjectOutputStream out = new ObjectOutputStream(bytes)) {
                out.writeObject(thing);
            }
            try (ObjectInputStream in = new KnownClasses(new ByteArrayInputStream(bytes.toByteArray()), classLoader)) {
                return (T) in.readObject();
            }
        } catch (IOException | ClassNotFoundException e) {
            throw new CacheException("a cache that stores by value cannot copy " + thing.getClass(), e);
        }
    }

    /// Finds classes where the application has them.
    private static final class KnownClasses extends ObjectInputStream {
        private final ClassLoader classLoader;

        KnownClasses(InputStream in, ClassLoader classLoader) throws IOException {
            super(in);
            this.classLoader = classLoader;
        }

        @Override
        protected Class<?> resolveClass(ObjectStreamClass description) throws IOException, ClassNotFoundException {
            try {
                return Class.forName(description.getName(), false, classLoader);
            } catch (ClassNotFoundException e) {
                return super.resolveClass(description);
            }
        }
    }
}
