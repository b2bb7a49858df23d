package io.howdah.shop;

import static org.assertj.core.api.Assertions.assertThat;

import io.howdah.testing.Eventually;
import io.howdah.testing.Programs;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.logging.Level;
import java.util.logging.Logger;
import org.openqa.selenium.By;
import org.openqa.selenium.WebElement;
import org.openqa.selenium.chrome.ChromeDriver;
import org.openqa.selenium.chrome.ChromeDriverService;
import org.openqa.selenium.chrome.ChromeOptions;

/** A real Chromium without a window, and one person in front of it. */
final class Chromium implements AutoCloseable {
  private static final Duration PATIENCE = Duration.ofSeconds(60);
  private static final Path SCREENSHOTS = Path.of("target", "screenshots");
  private static final int WIDE = 1280;
  private static final int NARROW = 390;

  /** It warns that it does not know this version's protocol for what is not used here. */
  private static final Logger SELENIUM = Logger.getLogger("org.openqa.selenium");

  private final ChromeDriver driver;

  private Chromium(ChromeDriver driver) {
    this.driver = driver;
  }

  /** Skips the test where there is none; with CI=true fails it. */
  static void require() {
    Path unused = Programs.require("chromium");
    unused = Programs.require("chromedriver");
  }

  static Chromium start(Path profile) {
    SELENIUM.setLevel(Level.SEVERE);
    ChromeOptions options = new ChromeOptions();
    options.setBinary(Programs.require("chromium").toFile());
    options.addArguments(
        "--headless=new",
        "--hide-scrollbars",
        "--lang=en",
        "--disable-dev-shm-usage",
        "--user-data-dir=" + profile,
        // it does not start as root otherwise, and sees no pages but those of this test
        "--no-sandbox");
    ChromeDriverService service =
        new ChromeDriverService.Builder()
            .usingDriverExecutable(Programs.require("chromedriver").toFile())
            .usingAnyFreePort()
            .build();
    ChromeDriver driver = new ChromeDriver(service, options);
    driver.manage().timeouts().implicitlyWait(PATIENCE).pageLoadTimeout(PATIENCE);
    return new Chromium(driver);
  }

  void open(String url) {
    driver.get(url);
  }

  /** Forgets logins and carts. */
  void forget() {
    driver.manage().deleteAllCookies();
  }

  String path() {
    return driver.getCurrentUrl().replaceFirst("^http://localhost:\\d+", "");
  }

  int port() {
    return Integer.parseInt(
        driver.getCurrentUrl().replaceFirst("^http://localhost:(\\d+).*", "$1"));
  }

  /** The status of the answer that made this page. */
  long status() {
    return (Long)
        driver.executeScript("return performance.getEntriesByType('navigation')[0].responseStatus");
  }

  String text(String css) {
    return element(css).getText();
  }

  WebElement element(String css) {
    return driver.findElement(By.cssSelector(css));
  }

  List<WebElement> elements(String css) {
    return driver.findElements(By.cssSelector(css));
  }

  /** Whether it is there now. */
  boolean has(String css) {
    return (Boolean)
        driver.executeScript("return document.querySelector(arguments[0]) !== null", css);
  }

  /** For what stays on the page. */
  void press(String css) {
    element(css).click();
  }

  /** For what leads to another page, or to this one again: returns when that is there. */
  void follow(String css) {
    driver.executeScript("window.isLeft = true");
    press(css);
    Eventually.holds(
        "another page comes",
        () ->
            Boolean.TRUE.equals(
                driver.executeScript(
                    "return window.isLeft === undefined && document.readyState === 'complete'")));
  }

  void type(String css, String text) {
    WebElement field = element(css);
    field.clear();
    field.sendKeys(text);
  }

  String theme() {
    return element("html").getDomAttribute("data-theme");
  }

  /** The colour behind the page. */
  String ground() {
    return (String) driver.executeScript("return getComputedStyle(document.body).backgroundColor");
  }

  /**
   * Keeps pictures of the page, wide and narrow, in the light and in the dark, and checks what can
   * be of how it looks: nothing sticks out at the side.
   */
  void picture(String name) throws IOException {
    Files.createDirectories(SCREENSHOTS);
    for (String colours : List.of("light", "dark")) {
      for (int width : List.of(WIDE, NARROW)) {
        picture(name, colours, width);
      }
    }
    driver.executeCdpCommand("Emulation.clearDeviceMetricsOverride", Map.of());
    driver.executeCdpCommand("Emulation.setEmulatedMedia", Map.of("features", List.of()));
  }

  private void picture(String name, String colours, int width) throws IOException {
    driver.executeCdpCommand(
        "Emulation.setDeviceMetricsOverride",
        Map.of("width", width, "height", 800, "deviceScaleFactor", 1, "mobile", false));
    driver.executeCdpCommand(
        "Emulation.setEmulatedMedia",
        Map.of("features", List.of(Map.of("name", "prefers-color-scheme", "value", colours))));
    assertThat((Long) driver.executeScript("return document.documentElement.scrollWidth"))
        .as(name + " at " + width)
        .isLessThanOrEqualTo(width);
    Map<String, Object> shot =
        driver.executeCdpCommand("Page.captureScreenshot", Map.of("captureBeyondViewport", true));
    Files.write(
        SCREENSHOTS.resolve(name + "-" + colours + "-" + width + ".png"),
        Base64.getDecoder().decode((String) shot.get("data")));
  }

  @Override
  public void close() {
    driver.quit();
  }
}
