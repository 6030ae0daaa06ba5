package io.nuthatch.store;

import io.nuthatch.memory.Bytes;
import io.nuthatch.memory.Memory;

/// A place in the order of a sorted set: between two members, or at an end. All ranges are from one place to
/// another; each place is before as many members as its rank says.
///
/// A place by members alone makes sense where all scores are equal, as Redis's BYLEX.
public sealed interface Place {
    /// Whether a member stands before this place.
    boolean isAfter(double score, long member, int length);

    static Place beforeScore(double score) {
        return new BeforeScore(score);
    }

    static Place afterScore(double score) {
        return new AfterScore(score);
    }

    static Place beforeMember(Bytes member) {
        return new BeforeMember(member);
    }

    static Place afterMember(Bytes member) {
        return new AfterMember(member);
    }

    /// An end of the order.
    enum End implements Place {
        START {
            @Override
            public boolean isAfter(double score, long member, int length) {
                return false;
            }
        },
        END {
            @Override
            public boolean isAfter(double score, long member, int length) {
                return true;
            }
        }
    }

    /// Before all members of a score.
    record BeforeScore(double score) implements Place {
        @Override
        public boolean isAfter(double other, long member, int length) {
            return other < score;
        }
    }

    /// After all members of a score.
    record AfterScore(double score) implements Place {
        @Override
        public boolean isAfter(double other, long member, int length) {
            return other <= score;
        }
    }

    record BeforeMember(Bytes member) implements Place {
        @Override
        public boolean isAfter(double score, long other, int length) {
            return Memory.compare(other, length, member.address(), member.length()) < 0;
        }
    }

    record AfterMember(Bytes member) implements Place {
        @Override
        public boolean isAfter(double score, long other, int length) {
            return Memory.compare(other, length, member.address(), member.length()) <= 0;
        }
    }

    /// The place of a member with its score, to be moved about.
    final class Own implements Place, CountedTree.Probe {
        private final Bytes member = new Bytes();
        private double score;

        Own set(double score, Bytes member) {
            this.score = score;
            this.member.set(member);
            return this;
        }

        /// The place that a large set's member has.
        Own set(long block) {
            score = Member.score(block);
            Member.read(block, member);
            return this;
        }

        @Override
        public boolean isAfter(double other, long address, int length) {
            // By < and not by Double.compare: -0 and 0 are one score.
            return other < score
                    || other == score && Memory.compare(address, length, member.address(), member.length()) < 0;
        }

        @Override
        public boolean precedes(long block) {
            return isAfter(Member.score(block), Member.address(block), Member.length(block));
        }
    }
}
