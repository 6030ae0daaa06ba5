package io.nuthatch.persistence;

import io.nuthatch.memory.Bytes;
import io.nuthatch.store.Entry;
import io.nuthatch.store.ListValue;
import io.nuthatch.store.PackedBlock;
import io.nuthatch.store.SetValue;
import io.nuthatch.store.Tx;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// A list or a set in RDB. It is gone through twice, first to check it and then to store it, so that its elements need
/// no room in between; the input must stay where it is until then.
///
/// ```
///   LIST, SET            count, string ...
///   LIST_ZIPLIST         string: a ziplist of elements
///   LIST_QUICKLIST       count of nodes, string ...           a ziplist of elements
///   LIST_QUICKLIST_2     count of nodes, (form, string) ...   form 1: an element; 2: a listpack of elements
///   SET_INTSET           string: an intset
///   SET_LISTPACK         string: a listpack
/// ```
///
/// The first is what is written, for every server reads it; the others are what servers write, or once wrote.
final class RdbElements implements RdbValue {
    private static final int PLAIN_NODE = 1;
    private static final int PACKED_NODE = 2;

    private final RdbType form;
    private final RdbInput elements;
    private final long count;

    private RdbElements(RdbType form, RdbInput elements, long count) {
        this.form = form;
        this.elements = elements;
        this.count = count;
    }

    /// Checks the elements, and steps over them.
    ///
    /// @throws RdbCorruption if they are none, or not what they should be
    static RdbElements read(RdbType form, RdbInput input) {
        RdbInput elements = input.fork();
        long[] count = {0};
        visit(form, input, _ -> count[0]++);
        if (count[0] == 0) {
            throw RdbCorruption.empty(form);
        }
        return new RdbElements(form, elements, count[0]);
    }

    private static void visit(RdbType form, RdbInput input, Consumer<Bytes> visit) {
        switch (form) {
            case LIST, SET -> {
                for (int left = input.length(); left > 0; left--) {
                    visitString(input, visit);
                }
            }
            case LIST_ZIPLIST -> visitZiplist(input, visit);
            case LIST_QUICKLIST -> {
                for (int left = input.length(); left > 0; left--) {
                    visitZiplist(input, visit);
                }
            }
            case LIST_QUICKLIST_2 -> {
                for (int left = input.length(); left > 0; left--) {
                    visitNode(input, visit);
                }
            }
            case SET_LISTPACK -> visitListpack(input, visit);
            case SET_INTSET -> visitIntset(input, visit);
            default -> throw new IllegalStateException("neither list nor set: type=" + form);
        }
    }

    private static void visitNode(RdbInput input, Consumer<Bytes> visit) {
        int node = input.length();
        switch (node) {
            case PLAIN_NODE -> visitString(input, visit);
            case PACKED_NODE -> visitListpack(input, visit);
            default -> throw new RdbCorruption("no such node of a list: form=" + node);
        }
    }

    private static void visitString(RdbInput input, Consumer<Bytes> visit) {
        try (RdbString string = input.string()) {
            visit.accept(string.bytes());
        }
    }

    private static void visitZiplist(RdbInput input, Consumer<Bytes> visit) {
        try (RdbString block = input.string()) {
            Ziplist.visit(block.bytes(), visit);
        }
    }

    private static void visitListpack(RdbInput input, Consumer<Bytes> visit) {
        try (RdbString block = input.string()) {
            if (!PackedBlock.visitListpack(block.bytes(), visit)) {
                throw new RdbCorruption("not a listpack: bytes=" + block.bytes().length());
            }
        }
    }

    private static void visitIntset(RdbInput input, Consumer<Bytes> visit) {
        try (RdbString block = input.string()) {
            if (!PackedBlock.visitIntset(block.bytes(), visit)) {
                throw new RdbCorruption("not an intset: bytes=" + block.bytes().length());
            }
        }
    }

    @Override
    public void store(Tx tx, Bytes key, long deadlineMs) {
        Target target = new Target(tx, key);
        switch (form) {
            case LIST, LIST_ZIPLIST, LIST_QUICKLIST, LIST_QUICKLIST_2 -> visit(form, elements, target::push);
            default -> visit(form, elements, target::add);
        }
        if (deadlineMs != Tx.NO_DEADLINE && target.entry != null) {
            target.entry.deadlineMs(deadlineMs);
        }
    }

    /// Writes commands that make it.
    void tell(Bytes key, CommandWriter commands) {
        String name = switch (form) {
            case LIST, LIST_ZIPLIST, LIST_QUICKLIST, LIST_QUICKLIST_2 -> "RPUSH";
            default -> "SADD";
        };
        long[] told = {0};
        visit(form, elements, element -> {
            if (told[0] % BaseOfCommands.MOST_ELEMENTS == 0) {
                commands.command(name, 2 + Math.min(BaseOfCommands.MOST_ELEMENTS, count - told[0]))
                        .word(key);
            }
            commands.word(element);
            told[0]++;
        });
    }

    /// The key that is being filled: it comes to be with the first element.
    private final class Target {
        private final Tx tx;
        private final Bytes key;
        private @Nullable Entry entry;

        private Target(Tx tx, Bytes key) {
            this.tx = tx;
            this.key = key;
        }

        void push(Bytes element) {
            Entry list = entry == null ? ListValue.create(tx, key) : entry;
            entry = list;
            ListValue.expect(list, element.length(), 1);
            ListValue.push(list, ListValue.End.TAIL, element);
        }

        void add(Bytes member) {
            Entry set = entry == null ? SetValue.create(tx, key, member, count) : entry;
            entry = set;
            SetValue.add(set, member);
        }
    }

    @Override
    public void close() {}
}
