package io.nuthatch.server;

import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.core.domain.JavaModifier.SYNTHETIC;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.fields;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.methods;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Executor;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/// The rules of the house that neither the compiler nor the formatter knows. The walls between modules are not
/// among them: `module-info.java` builds those.
///
/// Sources are read of every module; classes of those that are built before this one.
class HouseRulesTest {
    private static final Path HOUSE = Path.of("..").toAbsolutePath().normalize();

    private static final JavaClasses CLASSES = new ClassFileImporter().importPaths(compiledModules());

    @Test
    void everyPackageSaysWhatItIs() {
        List<Path> silent = sources("src/main/java")
                .map(Path::getParent)
                .distinct()
                .filter(folder -> !folder.endsWith("java"))
                .filter(folder -> !Files.exists(folder.resolve("package-info.java")))
                .toList();
        assertThat(silent).as("packages without package-info.java").isEmpty();
    }

    @Test
    void sourcesLeaveNothingForLaterAndNameNoAuthor() {
        // Put together from halves, so that this file keeps the rule too.
        Pattern unwanted = Pattern.compile("\\b(TO" + "DO|FIX" + "ME|XX" + "X)\\b|@auth" + "or");
        List<String> found = sources("src")
                .flatMap(file -> lines(file)
                        .filter(line -> unwanted.matcher(line).find())
                        .map(line -> HOUSE.relativize(file) + ": " + line.strip()))
                .toList();
        assertThat(found).isEmpty();
    }

    @Test
    void packagesAreNamedAfterWhatTheyKnow() {
        noClasses()
                .should()
                .resideInAnyPackage("..util..", "..utils..", "..common..", "..impl..", "..helper..")
                .check(CLASSES);
    }

    @Test
    void classesAreNamedAfterWhatTheyAre() {
        classes()
                .that(resideInAPackage("io.nuthatch.."))
                .should()
                .haveNameNotMatching(".*(Manager|Helper|Utils?|Base|Impl)")
                .check(CLASSES);
    }

    /// But for those that stand for what JSR-107 and Spring have named.
    @Test
    void accessorsOfRecordsHaveNoGet() {
        methods()
                .that()
                .areDeclaredInClassesThat()
                .areRecords()
                .and()
                .areDeclaredInClassesThat()
                .resideOutsideOfPackages("io.nuthatch.cache.jcache", "io.nuthatch.cache.spring")
                .and()
                .haveRawParameterTypes(new Class<?>[0])
                .should()
                .haveNameNotMatching("get[A-Z].*")
                .allowEmptyShould(true)
                .check(CLASSES);
    }

    /// But for the process's memory, of which there is one.
    @Test
    void thereIsNoGlobalState() {
        fields().that()
                .areDeclaredInClassesThat()
                .resideOutsideOfPackage("io.nuthatch.memory..")
                .and()
                .areStatic()
                .and()
                .doNotHaveModifier(SYNTHETIC)
                .should()
                .beFinal()
                .check(CLASSES);
    }

    @Test
    void onlyTheMemoryModuleTouchesNativeMemory() {
        noClasses()
                .that()
                .resideOutsideOfPackage("io.nuthatch.memory..")
                .should()
                .dependOnClassesThat()
                .resideInAPackage("java.lang.foreign..")
                .check(CLASSES);
    }

    @Test
    void theStoreHasNoClockNoThreadAndNoSocket() {
        noClasses()
                .that()
                .resideInAPackage("io.nuthatch.store..")
                .should()
                .callMethod(System.class, "nanoTime")
                .orShould()
                .callMethod(System.class, "currentTimeMillis")
                .orShould()
                .dependOnClassesThat()
                .resideInAnyPackage("java.time..", "java.net..", "java.nio.channels..")
                .orShould()
                .callMethod(Thread.class, "start")
                .orShould()
                .callMethod(Thread.class, "sleep", long.class)
                .orShould()
                .dependOnClassesThat()
                .areAssignableTo(Executor.class)
                .check(CLASSES);
    }

    private static List<Path> compiledModules() {
        return modules()
                .map(module -> module.resolve("target/classes"))
                .filter(Files::isDirectory)
                .toList();
    }

    private static Stream<Path> sources(String root) {
        return modules()
                .map(module -> module.resolve(root))
                .filter(Files::isDirectory)
                .flatMap(HouseRulesTest::javaIn);
    }

    private static Stream<Path> modules() {
        return entries(HOUSE).stream().filter(folder -> Files.exists(folder.resolve("pom.xml")));
    }

    private static List<Path> entries(Path folder) {
        try (Stream<Path> entries = Files.list(folder)) {
            return entries.sorted().toList();
        } catch (IOException fault) {
            throw new UncheckedIOException(fault);
        }
    }

    private static Stream<Path> javaIn(Path folder) {
        try (Stream<Path> files = Files.walk(folder)) {
            return files.filter(file -> file.toString().endsWith(".java")).sorted().toList().stream();
        } catch (IOException fault) {
            throw new UncheckedIOException(fault);
        }
    }

    private static Stream<String> lines(Path file) {
        try {
            return Files.readAllLines(file).stream();
        } catch (IOException fault) {
            throw new UncheckedIOException(fault);
        }
    }
}
