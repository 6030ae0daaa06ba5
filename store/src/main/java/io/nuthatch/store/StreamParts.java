package io.nuthatch.store;

import io.nuthatch.memory.Bytes;

/// Is handed what a stream has beside its entries, in this order: figures, then each group by name with its pending
/// entries by ID, its consumers by name, and what each of these has, by ID.
///
/// ```
///   figures  { group  { pending }  consumers  { consumer  { owned } } }
/// ```
public interface StreamParts {
    /// Figures of a stream ([StreamValue]).
    ///
    /// @param groups how many groups follow
    record Figures(
            long length, StreamId lastId, StreamId firstId, StreamId maxDeletedId, long entriesAdded, long groups) {
        /// Of a stream as it is now.
        public static Figures of(StreamValue stream) {
            return new Figures(
                    stream.length(),
                    stream.lastId(),
                    stream.firstId(),
                    stream.maxDeletedId(),
                    stream.entriesAdded(),
                    stream.groupCount());
        }
    }

    void figures(Figures figures);

    /// @param pending how many pending entries follow
    void group(Bytes name, StreamId lastId, long entriesRead, long pending);

    void pending(StreamId id, long deliveredMs, long deliveries);

    /// @param count how many consumers of the group follow
    void consumers(long count);

    /// What was returned and belongs to nobody is told of as a consumer's who has no name.
    ///
    /// @param owned how many entries follow that it has not acknowledged
    void consumer(Bytes name, long seenMs, long owned);

    /// A pending entry of the consumer's, by its ID.
    void owned(StreamId id);

    /// Hands out all of a stream's parts at once.
    static void tell(StreamValue stream, StreamParts to) {
        to.figures(Figures.of(stream));
        for (StreamGroup group = stream.firstGroup(); group != null; group = group.next()) {
            tell(group, to);
        }
    }

    private static void tell(StreamGroup group, StreamParts to) {
        Bytes window = new Bytes();
        to.group(group.name(window), group.lastId(), group.entriesRead(), group.pendingCount());
        PendingEntry pending = group.pending();
        for (boolean more = pending.seek(StreamId.MIN); more; more = pending.next()) {
            to.pending(pending.id(), pending.deliveredMs(), pending.deliveries());
        }
        StreamConsumer first = group.firstConsumer();
        boolean hasNameless = first != null && first.name(window).isEmpty();
        boolean addsNameless = group.returnedCount() > 0 && !hasNameless;
        to.consumers(group.consumerCount() + (addsNameless ? 1 : 0));
        if (addsNameless) {
            to.consumer(new Bytes(), 0, group.returnedCount());
            tellNameless(group, to);
        }
        for (StreamConsumer each = first; each != null; each = each.next()) {
            boolean isNameless = hasNameless && each.name(window).isEmpty();
            to.consumer(
                    each.name(window), each.seenMs(), each.pendingCount() + (isNameless ? group.returnedCount() : 0));
            if (isNameless) {
                tellNameless(group, to);
            } else {
                tellOwned(each, to);
            }
        }
    }

    private static void tellOwned(StreamConsumer consumer, StreamParts to) {
        PendingEntry pending = consumer.pending();
        for (boolean more = pending.seek(StreamId.MIN); more; more = pending.next()) {
            to.owned(pending.id());
        }
    }

    /// What nobody has, and what a consumer without a name has.
    private static void tellNameless(StreamGroup group, StreamParts to) {
        Bytes window = new Bytes();
        PendingEntry pending = group.pending();
        for (boolean more = pending.seek(StreamId.MIN); more; more = pending.next()) {
            if (pending.consumerName(window).isEmpty()) {
                to.owned(pending.id());
            }
        }
    }
}
