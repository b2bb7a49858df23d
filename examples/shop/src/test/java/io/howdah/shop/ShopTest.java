package io.howdah.shop;

import static org.assertj.core.api.Assertions.assertThat;

import io.howdah.shop.demo.Demo;
import io.howdah.testing.Eventually;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Path;
import java.sql.SQLException;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

/** Both processes of {@code ./run}, a browser in front of them, and SQL from outside. */
@Tag("full")
class ShopTest {
  private static final String CACHED =
      "SELECT count(*) FROM howdah.cache_get_bytes('product', '~l:1')";

  @TempDir static Path folder;
  private static RunningShop shop;
  private static Chromium browser;

  @BeforeAll
  static void start() throws Exception {
    Chromium.require();
    shop = RunningShop.start(folder);
    browser = Chromium.start(folder.resolve("profile"));
    shop.awaitReady();
  }

  @AfterAll
  static void stop() throws Exception {
    try (RunningShop lastly = shop;
        Chromium first = browser) {
      if (lastly != null) {
        lastly.stop();
      }
    }
  }

  /** As on the first day, but for orders and jobs, which the tests count from where they are. */
  @BeforeEach
  void reset() throws SQLException {
    browser.forget();
    shop.sql(
        "SELECT howdah.session_revoke_user(name) FROM unnest('{ann,bob}'::text[]) AS name",
        "SELECT howdah.preference_forget(name) FROM unnest('{ann,bob}'::text[]) AS name",
        "SELECT howdah.flag_delete('shop.free-shipping', 'test', 'reset')",
        "SELECT howdah.rate_limit_reset(key) FROM howdah.rate_limit",
        "UPDATE product SET price_cents = 24900, stock = 12 WHERE id = 1",
        "UPDATE product SET stock = 2 WHERE id = 12");
    seesOnBoth(".banner", false);
  }

  @Test
  void oneLoginIsGoodForBothPortsUntilSqlEndsIt() throws Exception {
    browser.open(shop.one("/orders"));
    assertThat(browser.path()).isEqualTo("/login");
    browser.picture("login");
    browser.type("[name=username]", "ann");
    browser.type("[name=password]", "wrong");
    browser.follow("#submit");
    assertThat(browser.text("[role=alert]")).contains("no name and password");
    logIn("ann");

    browser.open(shop.two("/orders"));
    assertThat(browser.text("#customer")).isEqualTo("ann");
    assertThat(browser.text("#port")).isEqualTo(Integer.toString(browser.port()));
    assertThat(browser.port()).isEqualTo(shop.ports().get(1));

    assertThat(shop.number("SELECT howdah.session_revoke_user('ann')")).isPositive();
    browser.open(shop.two("/orders"));
    assertThat(browser.path()).isEqualTo("/login");
    browser.open(shop.one("/"));
    assertThat(browser.has("#customer")).isFalse();
    assertThat(browser.has("#login")).isTrue();
  }

  @Test
  void logoutOnOnePortIsOneOnTheOther() {
    browser.open(shop.one("/login"));
    logIn("ann");
    browser.open(shop.two("/"));
    browser.follow("#logout");
    browser.open(shop.one("/orders"));
    assertThat(browser.path()).isEqualTo("/login");
  }

  @Test
  void cachedProductFollowsItsTableOnBothPorts() throws Exception {
    for (String page : new String[] {shop.one("/"), shop.two("/")}) {
      browser.open(page);
      assertThat(browser.text("#product-1 .price")).isEqualTo("€249.00");
    }
    browser.picture("catalogue");
    browser.open(shop.one("/products/1"));
    assertThat(browser.text("#price")).isEqualTo("€249.00");
    browser.picture("product");
    assertThat(shop.number(CACHED)).isOne();

    shop.sql("UPDATE product SET price_cents = 19900, stock = 0 WHERE id = 1");
    assertThat(shop.number(CACHED)).isZero();
    for (String page : new String[] {shop.two("/"), shop.one("/")}) {
      browser.open(page);
      assertThat(browser.text("#product-1 .price")).isEqualTo("€199.00");
      assertThat(browser.text("#product-1 .stock")).isEqualTo("Sold out");
      assertThat(browser.has("#product-1 button")).isFalse();
    }
    for (String page : new String[] {shop.two("/products/1"), shop.one("/products/1")}) {
      browser.open(page);
      assertThat(browser.text("#price")).isEqualTo("€199.00");
    }
  }

  @Test
  void cartIsThereOnBothPortsAndAfterTheLogin() throws Exception {
    browser.open(shop.one("/products/3"));
    browser.type("[name=quantity]", "2");
    browser.follow("button.main");
    assertThat(browser.text("[role=status]")).isEqualTo("Silk parasol is in your cart.");
    browser.open(shop.two("/products/4"));
    browser.follow("button.main");
    assertThat(browser.text("#cart-size")).isEqualTo("3");
    assertThat(browser.text("#total")).isEqualTo("€132.90");

    browser.follow("a.button.main");
    logIn("ann");
    assertThat(browser.path()).isEqualTo("/cart");
    assertThat(browser.text("#total")).isEqualTo("€132.90");
    browser.picture("cart");
    browser.type("tbody tr:first-child [name=quantity]", "1");
    browser.follow("tbody tr:first-child .row button");
    assertThat(browser.text("#total")).isEqualTo("€78.90");
    browser.follow("tbody tr:first-child button.link");
    assertThat(browser.text("#total")).isEqualTo("€24.90");
  }

  @Test
  void orderTakesStockAndIsConfirmedByOneMail() throws Exception {
    long orders = shop.number("SELECT count(*) FROM customer_order");
    long done = done();
    browser.open(shop.one("/login"));
    logIn("ann");
    addToCart(1);
    browser.follow("#order");
    assertThat(browser.text("[role=status]")).startsWith("Thank you! Your order has the number");
    assertThat(browser.has("#cart-size")).isFalse();

    browser.open(shop.two("/products/1"));
    assertThat(browser.text("#stock")).isEqualTo("11 in stock");
    assertThat(shop.number("SELECT count(*) FROM customer_order")).isEqualTo(orders + 1);
    assertThat(
            shop.number(
                "SELECT sum(price_cents * quantity) FROM order_line WHERE order_id = " + last()))
        .isEqualTo(24900);
    Eventually.holds("the job is done", () -> done() == done + 1);
    assertThat(shop.number("SELECT count(*) FROM sent_mail WHERE order_id = " + last())).isOne();

    browser.open(shop.two("/orders"));
    assertThat(browser.text("#order-" + last() + " summary"))
        .isEqualTo("Confirmation sent to ann@shop.example");
    browser.press("#order-" + last() + " summary");
    assertThat(browser.text("#order-" + last() + " pre"))
        .contains("1 × Caravan rug, €249.00", "Shipping: €5.90", "Total: €254.90");
    browser.picture("orders");
  }

  /**
   * The trigger fails at the commit, and keeps in a sequence, which no rollback resets, what it
   * saw.
   */
  @Test
  void orderThatFailsAtItsCommitLeavesNothing() throws Exception {
    long orders = shop.number("SELECT count(*) FROM customer_order");
    long done = done();
    shop.sql(
        "CREATE SEQUENCE jobs_seen MINVALUE 0",
        """
        CREATE FUNCTION fail() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
          PERFORM setval('jobs_seen', (SELECT count(*) FROM howdah.job WHERE queue = 'order-mail'));
          RAISE EXCEPTION 'on purpose';
        END $$
        """,
        """
        CREATE CONSTRAINT TRIGGER fail AFTER INSERT ON customer_order
        DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION fail()
        """);
    try {
      browser.open(shop.one("/login"));
      logIn("ann");
      addToCart(1);
      browser.follow("#order");
      assertThat(browser.text("h1")).isEqualTo("Something went wrong");
      assertThat(browser.status()).isEqualTo(500);
      browser.picture("failed");
    } finally {
      shop.sql("DROP TRIGGER fail ON customer_order");
    }
    assertThat(shop.number("SELECT last_value FROM jobs_seen")).as("the job was enqueued").isOne();
    assertThat(shop.number("SELECT count(*) FROM howdah.job WHERE queue = 'order-mail'")).isZero();
    assertThat(done()).isEqualTo(done);
    assertThat(shop.number("SELECT count(*) FROM customer_order")).isEqualTo(orders);
    browser.open(shop.two("/products/1"));
    assertThat(browser.text("#stock")).isEqualTo("12 in stock");
    assertThat(browser.text("#cart-size")).as("the cart is as it was").isEqualTo("1");

    browser.open(shop.two("/cart"));
    browser.follow("#order");
    assertThat(browser.text("[role=status]")).startsWith("Thank you!");
  }

  @Test
  void priceThatChangedMeanwhileIsNotPaidUnseen() throws Exception {
    browser.open(shop.one("/login"));
    logIn("ann");
    addToCart(1);
    shop.sql("UPDATE product SET price_cents = 29900 WHERE id = 1");
    browser.follow("#order");
    assertThat(browser.text("[role=alert]")).contains("A price has changed: it is €304.90 now.");
    assertThat(browser.text("#total")).isEqualTo("€304.90");
    assertThat(shop.number("SELECT stock FROM product WHERE id = 1")).isEqualTo(12);
  }

  @Test
  void nobodyBuysMoreThanThereIs() throws Exception {
    browser.open(shop.one("/login"));
    logIn("ann");
    browser.open(shop.one("/products/12"));
    browser.type("[name=quantity]", "3");
    browser.follow("button.main");
    browser.follow("#order");
    assertThat(browser.text("[role=alert]")).isEqualTo("Howdah for two: only 2 left.");
    browser.picture("refused");
  }

  /** Bob's, because a process remembers for how long somebody is denied. */
  @Test
  void fourthOrderInAMinuteIsDenied() throws Exception {
    browser.open(shop.one("/login"));
    logIn("bob");
    for (int i = 0; i < 3; i++) {
      addToCart(4);
      browser.follow("#order");
      assertThat(browser.text("[role=status]")).startsWith("Thank you!");
    }
    long orders = shop.number("SELECT count(*) FROM customer_order");
    browser.open(shop.two("/products/4"));
    browser.follow("button.main");
    // as if the three had been made just now: a slow machine takes longer than one needs to flow
    // off
    shop.sql(
        """
        UPDATE howdah.rate_limit
        SET began = extract(epoch FROM clock_timestamp()) * 1000000, used = 3 * period,
            expires_at = clock_timestamp() + interval '1 minute'
        WHERE key LIKE 'checkout%bob'
        """);
    browser.follow("#order");
    assertThat(browser.text("h1")).isEqualTo("One moment, please");
    assertThat(browser.status()).isEqualTo(429);
    assertThat(browser.text("main strong")).matches("in (a second|[0-9]+ seconds)");
    assertThat(browser.text("#cart-size")).isEqualTo("1");
    browser.picture("too-many");
    assertThat(shop.number("SELECT count(*) FROM customer_order")).isEqualTo(orders);
  }

  @Test
  void flagChangesThePagesOfBothPorts() throws Exception {
    browser.open(shop.one("/login"));
    logIn("ann");
    addToCart(3);
    assertThat(browser.text("#shipping")).isEqualTo("€5.90");

    shop.sql(
        "SELECT howdah.flag_set('shop.free-shipping', '{\"enabled\": true}', 'me', 'to try it')");
    seesOnBoth(".banner", true);
    browser.open(shop.two("/cart"));
    assertThat(browser.text("#shipping")).isEqualTo("free");
    assertThat(browser.text("#total")).isEqualTo("€54.00");
    browser.picture("free-shipping");

    shop.sql(
        "SELECT howdah.flag_set('shop.free-shipping', '{\"enabled\": false}', 'me', 'enough')");
    seesOnBoth(".banner", false);
  }

  @Test
  void themeAndPageSizeAreTheCustomersOnBothPorts() throws Exception {
    browser.open(shop.one("/login"));
    logIn("ann");
    browser.open(shop.one("/"));
    assertThat(browser.elements(".card")).hasSize(8);
    assertThat(browser.theme()).isEqualTo("auto");
    String light = browser.ground();
    browser.open(shop.one("/settings"));
    browser.picture("settings");
    browser.press("[name=theme][value=DARK]");
    browser.press("[name=pageSize][value='4']");
    browser.follow("#save");
    assertThat(browser.text("[role=status]")).isEqualTo("Saved.");

    browser.open(shop.two("/?page=3"));
    assertThat(browser.theme()).isEqualTo("dark");
    assertThat(browser.ground()).isNotEqualTo(light);
    assertThat(browser.elements(".card")).hasSize(4);
    assertThat(browser.text(".pages")).contains("Page 3 of 3");
    browser.follow("[rel=prev]");
    assertThat(browser.text(".pages")).contains("Page 2 of 3");

    shop.sql("SELECT howdah.preference_set('ann', 'theme', '\"LIGHT\"')");
    browser.open(shop.two("/"));
    assertThat(browser.theme()).isEqualTo("light");
    assertThat(browser.ground()).isEqualTo(light);
  }

  @Test
  void formOfASessionThatHasEndedDoesNothingAndSaysSo() throws Exception {
    browser.open(shop.one("/login"));
    logIn("ann");
    addToCart(1);
    shop.sql("SELECT howdah.session_revoke_user('ann')");
    browser.follow("#order");
    assertThat(browser.status()).isEqualTo(403);
    assertThat(browser.text("h1")).isEqualTo("That form is too old");
    assertThat(shop.number("SELECT stock FROM product WHERE id = 1")).isEqualTo(12);
  }

  @Test
  void whatIsNotThereIsAPageToo() {
    for (String path : new String[] {"/products/99", "/nothing", "/?page=0", "/?page=1000"}) {
      browser.open(shop.one(path));
      assertThat(browser.status()).as(path).isEqualTo(404);
      assertThat(browser.text("h1")).isEqualTo("There is nothing here");
    }
  }

  @Test
  void pagesHaveNoScripts() {
    for (String path : new String[] {"/", "/products/1", "/cart", "/login"}) {
      browser.open(shop.one(path));
      assertThat(browser.has("script")).as(path).isFalse();
    }
  }

  @Test
  void folderAndDatabaseAreNotBothGiven() {
    StringWriter err = new StringWriter();
    int code =
        new CommandLine(new Demo())
            .setErr(new PrintWriter(err, true))
            .execute("--dir", "x", "--postgres", "jdbc:postgresql://localhost/shop");
    assertThat(code).isEqualTo(2);
    assertThat(err.toString()).contains("not together with --postgres");
  }

  /** From the page of the login. */
  private static void logIn(String name) {
    browser.type("[name=username]", name);
    browser.type("[name=password]", name.equals("ann") ? "ann-rides" : "bob-walks");
    browser.follow("#submit");
    assertThat(browser.text("#customer")).isEqualTo(name);
  }

  private static void addToCart(int product) {
    browser.open(shop.one("/products/" + product));
    browser.follow("button.main");
    assertThat(browser.path()).isEqualTo("/cart");
  }

  private static void seesOnBoth(String css, boolean there) {
    for (String page : new String[] {shop.one("/"), shop.two("/")}) {
      Eventually.holds(
          css + " is there: " + there,
          () -> {
            browser.open(page);
            return browser.has(css) == there;
          });
    }
  }

  private static long last() {
    return shop.number("SELECT max(id) FROM customer_order");
  }

  private static long done() {
    return shop.number("SELECT count(*) FROM howdah.job_list('order-mail', 'completed', 0, 1000)");
  }
}
