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
