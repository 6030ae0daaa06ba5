package io.nuthatch.persistence;

import io.nuthatch.memory.Bytes;
import io.nuthatch.store.Entry;
import io.nuthatch.store.HashValue;
import io.nuthatch.store.Keyspace;
import io.nuthatch.store.ListValue;
import io.nuthatch.store.SetView;
import io.nuthatch.store.SortedSetValue;
import io.nuthatch.store.Tx;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;

/// A value as text: two values are equal if their texts are.
final class Content {
    private Content() {}

    /// Every key with its deadline and its value, in an order of its own.
    static Map<String, String> of(Keyspace keyspace, long nowMs) {
        Map<String, String> content = new TreeMap<>();
        Tx tx = keyspace.newTx(new Random(1));
        Bytes window = new Bytes();
        for (int db = 0; db < keyspace.databases(); db++) {
            int number = db;
            tx.begin(db, nowMs, false);
            tx.keys(entry -> content.put(
                    number + "/" + entry.key(window), entry.deadlineMs() + " " + entry.type() + " " + of(entry)));
            tx.end();
        }
        return content;
    }

    static String of(Entry entry) {
        List<String> parts = new ArrayList<>();
        switch (entry.type()) {
            case STRING -> parts.add(text(entry.value()));
            case LIST -> ListValue.forEach(entry, 0, ListValue.length(entry), element -> parts.add(text(element)));
            case SET -> SetView.of(entry).forEach(member -> parts.add(text(member)));
            case SORTED_SET ->
                SortedSetValue.forEach(
                        entry,
                        0,
                        SortedSetValue.length(entry),
                        (member, score) -> parts.add(text(member) + " " + score));
            case HASH -> HashValue.forEach(entry, (field, value) -> parts.add(text(field) + "=" + text(value)));
            case STREAM -> throw new IllegalStateException("not compared here: type=" + entry.type());
        }
        switch (entry.type()) {
            case SET, HASH -> Collections.sort(parts);
            case STRING, LIST, SORTED_SET, STREAM -> {
                // Their order is part of them.
            }
        }
        return String.join("|", parts);
    }

    static String text(Bytes bytes) {
        return new String(bytes.toArray(), StandardCharsets.ISO_8859_1);
    }
}
