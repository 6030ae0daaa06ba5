package io.nuthatch.cache;

import java.lang.reflect.Type;
import tools.jackson.databind.ObjectReader;
import tools.jackson.databind.ObjectWriter;
import tools.jackson.databind.json.JsonMapper;

/// Values as JSON. Fields that a reader does not know are left out, so that programs of two versions can share a
/// tier.
final class JsonCodec<V> implements Codec<V> {
    static final JsonMapper MAPPER = JsonMapper.builder()
            .disable(tools.jackson.databind.DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
            .build();

    private final ObjectWriter writer;
    private final ObjectReader reader;

    JsonCodec(Type type) {
        var javaType = MAPPER.constructType(type);
        writer = MAPPER.writerFor(javaType);
        reader = MAPPER.readerFor(javaType);
    }

    @Override
    public byte[] encode(V value) {
        return writer.writeValueAsBytes(value);
    }

    @Override
    public V decode(byte[] bytes) {
        return reader.readValue(bytes);
    }
}
