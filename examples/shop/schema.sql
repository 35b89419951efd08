-- The tables of a shop bot, for SQLite, PostgreSQL and MariaDB. Money is a binary float and time is naive UTC, as the
-- bot has them.
CREATE TABLE users (
  id INTEGER PRIMARY KEY,
  telegram_id BIGINT NOT NULL,
  telegram_username VARCHAR(64)
);
CREATE TABLE categories (
  id INTEGER PRIMARY KEY,
  name VARCHAR(80) NOT NULL
);
CREATE TABLE subcategories (
  id INTEGER PRIMARY KEY,
  name VARCHAR(80) NOT NULL
);
CREATE TABLE orders (
  id INTEGER PRIMARY KEY,
  user_id INTEGER NOT NULL,
  status VARCHAR(40) NOT NULL,
  total_price DOUBLE PRECISION NOT NULL,
  wallet_used DOUBLE PRECISION NOT NULL DEFAULT 0,
  is_refunded BOOLEAN NOT NULL DEFAULT FALSE,
  refunded_amount DOUBLE PRECISION,
  shipping_address VARCHAR(200),
  created_at TIMESTAMP NOT NULL,
  FOREIGN KEY (user_id) REFERENCES users (id)
);
CREATE INDEX orders_created_at ON orders (created_at);
CREATE TABLE items (
  id INTEGER PRIMARY KEY,
  order_id INTEGER,
  category_id INTEGER NOT NULL,
  subcategory_id INTEGER NOT NULL,
  price DOUBLE PRECISION NOT NULL,
  is_physical BOOLEAN NOT NULL DEFAULT FALSE,
  is_sold BOOLEAN NOT NULL DEFAULT FALSE,
  private_data VARCHAR(200) NOT NULL,
  FOREIGN KEY (order_id) REFERENCES orders (id),
  FOREIGN KEY (category_id) REFERENCES categories (id),
  FOREIGN KEY (subcategory_id) REFERENCES subcategories (id)
);
CREATE INDEX items_order_id ON items (order_id);
CREATE TABLE buys (
  id INTEGER PRIMARY KEY,
  buyer_id INTEGER NOT NULL,
  quantity INTEGER NOT NULL,
  total_price DOUBLE PRECISION NOT NULL,
  is_refunded BOOLEAN NOT NULL DEFAULT FALSE,
  buy_datetime TIMESTAMP NOT NULL,
  FOREIGN KEY (buyer_id) REFERENCES users (id)
);
CREATE INDEX buys_buy_datetime ON buys (buy_datetime);
