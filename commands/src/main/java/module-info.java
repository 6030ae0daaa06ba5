import org.jspecify.annotations.NullMarked;

/// Nuthatch's module for the command families.
@NullMarked
module io.nuthatch.commands {
    requires static transitive org.jspecify;
    requires transitive io.nuthatch.engine;
    requires com.dynatrace.hash4j;
    requires java.management;
    requires org.slf4j;

    exports io.nuthatch.commands;
}
