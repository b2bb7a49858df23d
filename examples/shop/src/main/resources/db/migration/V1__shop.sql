CREATE TABLE product (
  id          bigint PRIMARY KEY,
  name        text NOT NULL,
  description text NOT NULL,
  price_cents int NOT NULL CHECK (price_cents BETWEEN 0 AND 1000000),
  stock       int NOT NULL CHECK (stock >= 0)
);

CREATE TABLE customer_order (
  id             bigint GENERATED ALWAYS AS IDENTITY (START WITH 1001) PRIMARY KEY,
  customer       text NOT NULL,
  shipping_cents int NOT NULL,
  total_cents    int NOT NULL,
  ordered_at     timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX ON customer_order (customer, id);

CREATE TABLE order_line (
  order_id    bigint NOT NULL REFERENCES customer_order,
  product_id  bigint NOT NULL REFERENCES product,
  name        text NOT NULL,
  quantity    int NOT NULL CHECK (quantity > 0),
  price_cents int NOT NULL,
  PRIMARY KEY (order_id, product_id)
);

-- what a mail server would have got
CREATE TABLE sent_mail (
  order_id  bigint PRIMARY KEY REFERENCES customer_order,
  recipient text NOT NULL,
  subject   text NOT NULL,
  body      text NOT NULL,
  sent_at   timestamptz NOT NULL DEFAULT now()
);

INSERT INTO product (id, name, description, price_cents, stock) VALUES
  (1, 'Caravan rug', 'Hand-knotted wool, 120 by 180 cm, in the reds of the evening road.', 24900, 12),
  (2, 'Saddle blanket', 'Thick felt that keeps its shape under any load.', 8900, 30),
  (3, 'Silk parasol', 'Shade for two, with a bamboo handle.', 5400, 18),
  (4, 'Brass bell', 'Is heard from the other end of the caravan.', 1900, 60),
  (5, 'Travel cushion', 'Filled with kapok, with a cover that can be washed.', 3400, 40),
  (6, 'Storm lantern', 'Burns for twelve hours, in wind as well.', 4700, 25),
  (7, 'Water skin', 'Three litres, and cool until the afternoon.', 2900, 35),
  (8, 'Route map', 'Printed on linen: wells, fords and customs houses.', 2200, 50),
  (9, 'Camp stool', 'Folds to the size of an umbrella.', 3900, 20),
  (10, 'Spice box', 'Seven tins in walnut, filled.', 4500, 15),
  (11, 'Fringed tassel', 'For saddles, keys and bookmarks.', 700, 120),
  (12, 'Howdah for two', 'Teak and canvas, with rails. The elephant is not included.', 189000, 2);
