package io.howdah.jcache;

import io.howdah.testing.PgBouncerProcess;
import io.howdah.testing.Programs;
import io.howdah.testing.TestPostgres;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** The real PgBouncer in transaction mode, in front of {@link TestPostgres}. */
final class Pooler implements AutoCloseable {
  private final PgBouncerProcess process;
  private final int port;

  /** Fails where the program is missing. */
  Pooler() throws IOException {
    Path folder = Files.createTempDirectory("howdah-pgbouncer");
    this.port = PgBouncerProcess.freePort();
    Path users = Files.writeString(folder.resolve("users.txt"), "\"postgres\" \"\"\n");
    Path settings =
        Files.writeString(
            folder.resolve("pgbouncer.ini"),
            """
            [databases]
            postgres = host=127.0.0.1 port=%d dbname=postgres
            [pgbouncer]
            listen_addr = 127.0.0.1
            listen_port = %d
            auth_type = trust
            auth_file = %s
            pool_mode = transaction
            default_pool_size = 10
            unix_socket_dir =
            ignore_startup_parameters = extra_float_digits
            """
                .formatted(TestPostgres.port(), port, users));
    this.process = PgBouncerProcess.start(Programs.require("pgbouncer"), settings);
  }

  /** The server's database and user, through the pooler. */
  String url() {
    return "jdbc:postgresql://127.0.0.1:" + port + "/postgres?user=postgres";
  }

  @Override
  public void close() throws Exception {
    process.close();
  }
}
