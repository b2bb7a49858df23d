package io.howdah;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

import com.tngtech.archunit.core.domain.JavaAccess;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.domain.properties.HasName;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The rules that keep the folders true; see docs/design.md. */
class ArchitectureTest {
  private static final JavaClasses CLASSES =
      new ClassFileImporter()
          .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
          .importPackages("io.howdah");

  private static final List<String> WORKLOADS =
      List.of(
          "io.howdah.kv..",
          "io.howdah.session..",
          "io.howdah.token..",
          "io.howdah.ratelimit..",
          "io.howdah.lock..",
          "io.howdah.cache..",
          "io.howdah.flag..",
          "io.howdah.channel..",
          "io.howdah.preference..",
          "io.howdah.config..",
          "io.howdah.job..");

  @Test
  void onlyTheEngineTheSchemaAndTheEntryTouchJdbc() {
    noClasses()
        .that()
        .resideOutsideOfPackages("io.howdah", "io.howdah.engine", "io.howdah.schema")
        .should()
        .dependOnClassesThat(
            new com.tngtech.archunit.base.DescribedPredicate<>(
                "are of JDBC, but for SQLException") {
              @Override
              public boolean test(com.tngtech.archunit.core.domain.JavaClass type) {
                return (type.getPackageName().startsWith("java.sql")
                        && !type.getSimpleName().equals("SQLException"))
                    || type.getPackageName().startsWith("javax.sql")
                    || type.getPackageName().startsWith("org.postgresql");
              }
            })
        .check(CLASSES);
  }

  @Test
  void theEngineKnowsNoWorkload() {
    noClasses()
        .that()
        .resideInAnyPackage("io.howdah.engine", "io.howdah.schema")
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage(WORKLOADS.toArray(String[]::new))
        .check(CLASSES);
  }

  @Test
  void workloadsDoNotKnowEachOther() {
    for (String workload : WORKLOADS) {
      noClasses()
          .that()
          .resideInAPackage(workload)
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage(
              WORKLOADS.stream()
                  .filter(other -> !other.equals(workload) && !mayKnow(workload, other))
                  .toArray(String[]::new))
          .check(CLASSES);
    }
  }

  /** A load, and a job, is renewed as a lock is; what happens to sessions is told on a channel. */
  private static boolean mayKnow(String workload, String other) {
    return switch (workload) {
      case "io.howdah.cache..", "io.howdah.job.." -> other.equals("io.howdah.lock..");
      case "io.howdah.session.." -> other.equals("io.howdah.channel..");
      default -> false;
    };
  }

  @Test
  void noPackageIsNamedAfterNothing() {
    classes()
        .should()
        .resideOutsideOfPackages("..util..", "..common..", "..helper..")
        .check(CLASSES);
  }

  @Test
  void theLibraryUsesNoClockOfItsOwn() {
    noClasses()
        .should()
        .callMethod(System.class, "currentTimeMillis")
        .orShould()
        .callMethodWhere(
            JavaAccess.Predicates.targetOwner(JavaClass.Predicates.resideInAPackage("java.time"))
                .and(JavaAccess.Predicates.target(HasName.Predicates.nameMatching("now|system.*"))))
        .orShould()
        .callConstructor(java.util.Date.class)
        .because("Postgres tells the time")
        .check(CLASSES);
  }

  @Test
  void nothingLocksAMonitor() {
    noClasses()
        .should(
            new com.tngtech.archunit.lang.ArchCondition<>("have synchronized methods") {
              @Override
              public void check(
                  com.tngtech.archunit.core.domain.JavaClass type,
                  com.tngtech.archunit.lang.ConditionEvents events) {
                type.getMethods().stream()
                    .filter(method ->
                        method
                            .getModifiers()
                            .contains(com.tngtech.archunit.core.domain.JavaModifier.SYNCHRONIZED))
                    .forEach(method ->
                        events.add(
                            com.tngtech.archunit.lang.SimpleConditionEvent.satisfied(
                                method, method.getFullName())));
              }
            })
        .because("a virtual thread that waits inside pins its carrier, on Java 21")
        .check(CLASSES);
  }
}
