package io.howdah.shop;

import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.SpringBootApplication;
import org.springframework.boot.context.properties.ConfigurationPropertiesScan;
import org.springframework.cache.annotation.EnableCaching;

/** One instance of the shop. Any number of them work on one database, and as one shop. */
@SpringBootApplication(proxyBeanMethods = false)
@ConfigurationPropertiesScan
@EnableCaching
public class ShopApplication {
  public static void main(String[] args) {
    var unused = SpringApplication.run(ShopApplication.class, args);
  }
}
