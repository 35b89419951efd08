-- The tables of a token wallet, as a team keeps them in MariaDB or MySQL. Times are of UTC.
CREATE TABLE users (
  id INT UNSIGNED NOT NULL PRIMARY KEY,
  username VARCHAR(100) NOT NULL,
  email VARCHAR(255) NOT NULL,
  role ENUM('user', 'admin', 'service') NOT NULL DEFAULT 'user',
  balance_regular BIGINT UNSIGNED NOT NULL DEFAULT 0,
  balance_promo BIGINT UNSIGNED NOT NULL DEFAULT 0,
  created_at TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP,
  updated_at TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP ON UPDATE CURRENT_TIMESTAMP,
  UNIQUE KEY (email), KEY (created_at), KEY (updated_at)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4;

CREATE TABLE wallet_ledger (
  id CHAR(26) NOT NULL PRIMARY KEY,
  user_id INT UNSIGNED NOT NULL,
  token_type ENUM('regular', 'promo') NOT NULL,
  direction ENUM('credit', 'debit') NOT NULL,
  reason VARCHAR(64) NOT NULL,
  amount BIGINT UNSIGNED NOT NULL,
  balance_after_regular BIGINT UNSIGNED NULL,
  balance_after_promo BIGINT UNSIGNED NULL,
  reference_id VARCHAR(100) NULL,
  metadata JSON NULL,
  occurred_at TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP,
  KEY (occurred_at), KEY (user_id, occurred_at),
  FOREIGN KEY (user_id) REFERENCES users (id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4;

CREATE TABLE purchases (
  id CHAR(26) NOT NULL PRIMARY KEY,
  user_id INT UNSIGNED NOT NULL,
  provider ENUM('razorpay', 'stripe') NULL,
  status ENUM('created', 'pending', 'paid', 'failed', 'refunded') NOT NULL DEFAULT 'created',
  tokens BIGINT UNSIGNED NOT NULL,
  amount_in_inr DECIMAL(12, 2) NOT NULL,
  refunded_in_inr DECIMAL(12, 2) NULL,
  created_at TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP,
  paid_at TIMESTAMP NULL,
  refunded_at TIMESTAMP NULL,
  updated_at TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP ON UPDATE CURRENT_TIMESTAMP,
  KEY (created_at), KEY (paid_at), KEY (refunded_at), KEY (updated_at),
  FOREIGN KEY (user_id) REFERENCES users (id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4;

CREATE TABLE referrals (
  id CHAR(26) NOT NULL PRIMARY KEY,
  campaign_id VARCHAR(64) NULL,
  referrer_user_id INT UNSIGNED NOT NULL,
  referred_user_id INT UNSIGNED NOT NULL,
  status ENUM('pending', 'credited') NOT NULL DEFAULT 'pending',
  bonus_amount BIGINT UNSIGNED NULL,
  created_at TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP,
  updated_at TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP ON UPDATE CURRENT_TIMESTAMP,
  KEY (created_at), KEY (updated_at),
  FOREIGN KEY (referrer_user_id) REFERENCES users (id),
  FOREIGN KEY (referred_user_id) REFERENCES users (id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4;

CREATE TABLE authorizations (
  id CHAR(26) NOT NULL PRIMARY KEY,
  user_id INT UNSIGNED NOT NULL,
  feature VARCHAR(64) NOT NULL,
  status ENUM('created', 'held', 'captured', 'voided', 'expired') NOT NULL DEFAULT 'created',
  amount BIGINT UNSIGNED NOT NULL,
  captured_amount BIGINT UNSIGNED NULL,
  created_at TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP,
  updated_at TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP ON UPDATE CURRENT_TIMESTAMP,
  KEY (created_at), KEY (updated_at),
  FOREIGN KEY (user_id) REFERENCES users (id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4;
