package io.nuthatch.commands;

import static io.nuthatch.engine.Command.row;
import static io.nuthatch.engine.CommandFlag.DENYOOM;
import static io.nuthatch.engine.CommandFlag.READONLY;
import static io.nuthatch.engine.CommandFlag.WRITE;

import io.nuthatch.engine.Args;
import io.nuthatch.engine.Family;
import io.nuthatch.engine.KeySpec;
import io.nuthatch.resp.ReplySink;
import io.nuthatch.store.Tx;
import java.util.Set;

/// SORT and SORT_RO; what they do is in [Sorting].
public final class SortCommands {
    private static final String OPTIONS =
            " [BY pattern] [LIMIT offset count] [GET pattern [GET pattern ...]] [ASC | DESC] [ALPHA]";
    private static final String COST = "O(N + M log M), N being the size of the collection, M the number of elements "
            + "sorted; O(1) more for each key that a pattern names.";

    private SortCommands() {}

    public static Family family() {
        return Family.of(
                "generic",
                Set.of("set", "sortedset", "list", "dangerous"),
                row("SORT @key" + OPTIONS + " [STORE @destination]")
                        .is(WRITE, DENYOOM)
                        .keySpec(first(), one(), "RO access")
                        .keySpec(KeySpec.Begin.Unknown.NOWHERE, new KeySpec.Find.Unknown(), "RO access")
                        .keySpec(new KeySpec.Begin.Unknown(Sorting::targetAt), new KeySpec.Find.Unknown(), "OW update")
                        .reachesAnyKey(Sorting::reachesAnyKey)
                        .since("1.0.0")
                        .brief("Sorts a list, a set or a sorted set, and returns or stores the result.")
                        .cost(COST)
                        .does(SortCommands::sort),
                row("SORT_RO @key" + OPTIONS)
                        .is(READONLY)
                        .keySpec(first(), one(), "RO access")
                        .keySpec(KeySpec.Begin.Unknown.NOWHERE, new KeySpec.Find.Unknown(), "RO access")
                        .reachesAnyKey(Sorting::reachesAnyKey)
                        .since("7.0.0")
                        .brief("Sorts a list, a set or a sorted set, and returns the result.")
                        .cost(COST)
                        .does(SortCommands::sortRo));
    }

    private static KeySpec.Begin first() {
        return new KeySpec.Begin.Index(1);
    }

    private static KeySpec.Find one() {
        return new KeySpec.Find.Range(0, 1, 0);
    }

    private static void sort(Args args, Tx tx, ReplySink reply) {
        Sorting.storing(args, tx).run(reply);
    }

    private static void sortRo(Args args, Tx tx, ReplySink reply) {
        Sorting.reading(args, tx).run(reply);
    }
}
