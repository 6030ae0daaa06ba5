package io.nuthatch.persistence;

import io.nuthatch.memory.Bytes;
import io.nuthatch.store.Entry;
import io.nuthatch.store.HashValue;
import io.nuthatch.store.ListValue;
import io.nuthatch.store.SetView;
import io.nuthatch.store.SortedSetValue;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/// A value as text: two values are equal if their texts are.
final class Content {
    private Content() {}

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
