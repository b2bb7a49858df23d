package io.howdah.shop.order;

/** The job of the queue {@value #QUEUE}: confirm this order. */
record OrderMail(long order) {
  static final String QUEUE = "order-mail";
}
