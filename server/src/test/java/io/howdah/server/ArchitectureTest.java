package io.howdah.server;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import org.junit.jupiter.api.Test;

final class ArchitectureTest {
  private static final JavaClasses CLASSES =
      new ClassFileImporter()
          .withImportOption(new ImportOption.DoNotIncludeTests())
          .importPackages("io.howdah.server");

  @Test
  void onlyTheEmbeddedPostgresIsReachedWithoutTheLibrary() {
    noClasses()
        .that()
        .resideOutsideOfPackage("io.howdah.server.postgres")
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage("java.sql", "javax.sql")
        .check(CLASSES);
  }

  @Test
  void httpKnowsNothingOfTheEmbeddedPostgres() {
    noClasses()
        .that()
        .resideInAPackage("io.howdah.server.http")
        .should()
        .dependOnClassesThat()
        .resideInAPackage("io.howdah.server.postgres")
        .check(CLASSES);
  }
}
