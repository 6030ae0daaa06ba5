package io.nuthatch.server;

import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;

/// When two replies to the same command say the same.
enum Likeness {
    /// Byte by byte.
    EQUAL {
        @Override
        boolean test(Reply one, Reply other) {
            return one.equals(other);
        }
    },
    /// Lists whose order is the server's own affair, at any depth.
    UNORDERED {
        @Override
        boolean test(Reply one, Reply other) {
            return sorted(one).equals(sorted(other));
        }
    },
    /// Numbers that depend on the moment: seconds or milliseconds apart, but both negative or both not.
    NEAR {
        @Override
        boolean test(Reply one, Reply other) {
            if (one instanceof Reply.Int(long here)
                    && other instanceof Reply.Int(long there)
                    && here >= 0
                    && there >= 0) {
                return Math.abs(here - there) <= NEAR_BY;
            }
            return one.equals(other);
        }
    },
    /// Replies of the same kind with whatever content.
    SAME_KIND {
        @Override
        boolean test(Reply one, Reply other) {
            return one instanceof Reply.Failure || other instanceof Reply.Failure
                    ? one.equals(other)
                    : one.getClass() == other.getClass();
        }
    },
    /// As many elements, whichever they are.
    SAME_SIZE {
        @Override
        boolean test(Reply one, Reply other) {
            return one instanceof Reply.Array(List<Reply> here) && other instanceof Reply.Array(List<Reply> there)
                    ? here.size() == there.size()
                    : one instanceof Reply.Members(List<Reply> some)
                                    && other instanceof Reply.Members(List<Reply> others)
                            ? some.size() == others.size()
                            : SAME_KIND.test(one, other);
        }
    },
    /// What is told of streams, but for the time since a pending entry was delivered; for how many nodes the
    /// tree has; and for what Redis 7.0 counts otherwise: consumers that have got nothing, and how far a group
    /// is behind a gap.
    STREAMS {
        private static final List<String> VARYING = List.of("radix-tree-nodes", "consumers", "entries-read", "lag");

        @Override
        boolean test(Reply one, Reply other) {
            return masked(one).equals(masked(other));
        }

        private static Reply masked(Reply reply) {
            return switch (reply) {
                case Reply.Array(List<Reply> items)
                when isPending(items) -> new Reply.Array(List.of(items.get(0), items.get(1), items.get(3)));
                case Reply.Array(List<Reply> items) -> new Reply.Array(maskedAll(items));
                case Reply.Pairs(List<Reply> items) -> new Reply.Pairs(maskedAll(items));
                default -> reply;
            };
        }

        /// ID, consumer, milliseconds, deliveries.
        private static boolean isPending(List<Reply> items) {
            return items.size() == 4
                    && items.get(1) instanceof Reply.Bulk
                    && items.get(2) instanceof Reply.Int
                    && items.get(3) instanceof Reply.Int;
        }

        private static List<Reply> maskedAll(List<Reply> items) {
            return IntStream.range(0, items.size())
                    .mapToObj(
                            i -> i > 0 && items.get(i - 1) instanceof Reply.Bulk(String name) && VARYING.contains(name)
                                    ? new Reply.Int(0)
                                    : masked(items.get(i)))
                    .toList();
        }
    },
    /// Names of encodings. To Redis 7.0 a list is a quicklist, a set that is not of integers a table, and a
    /// sorted set that was once sorted a skiplist, even if it is small; and it does not ask of how many words a
    /// set is made before it begins with integers.
    ENCODING {
        @Override
        boolean test(Reply one, Reply other) {
            return one.equals(other)
                    || one instanceof Reply.Bulk(String older)
                            && other instanceof Reply.Bulk(String newer)
                            && isSuccessor(older, newer);
        }

        private static boolean isSuccessor(String older, String newer) {
            return switch (older) {
                case "quicklist", "hashtable", "skiplist" -> newer.equals("listpack");
                case "intset" -> newer.equals("listpack") || newer.equals("hashtable");
                default -> false;
            };
        }
    };

    /// Milliseconds that may pass between the same command on two servers; more than a batch ever takes.
    private static final long NEAR_BY = 3_000;

    /// Whether the replies are alike.
    abstract boolean test(Reply one, Reply other);

    private static Reply sorted(Reply reply) {
        return switch (reply) {
            case Reply.Array(List<Reply> items) -> new Reply.Array(sorted(items));
            case Reply.Members(List<Reply> items) -> new Reply.Members(sorted(items));
            case Reply.Pairs(List<Reply> items) -> new Reply.Pairs(sorted(pairs(items)));
            default -> reply;
        };
    }

    private static List<Reply> sorted(List<Reply> items) {
        return items.stream()
                .map(Likeness::sorted)
                .sorted(Comparator.comparing(Reply::toString))
                .toList();
    }

    /// Each key with its value behind it.
    private static List<Reply> pairs(List<Reply> items) {
        return IntStream.range(0, items.size() / 2)
                .mapToObj(i -> (Reply) new Reply.Array(items.subList(2 * i, 2 * i + 2)))
                .toList();
    }
}
