CREATE TABLE `shop_products` (
	`tenant` text NOT NULL,
	`sku` text NOT NULL,
	`name` text NOT NULL,
	`category` text NOT NULL,
	`cents` integer NOT NULL,
	`sold` integer NOT NULL,
	PRIMARY KEY(`tenant`, `sku`)
) WITHOUT ROWID;
--> statement-breakpoint
CREATE TABLE `shop_price_changes` (
	`tenant` text NOT NULL,
	`idempotency_key` text NOT NULL,
	`sku` text NOT NULL,
	`before_cents` integer NOT NULL,
	`after_cents` integer NOT NULL,
	PRIMARY KEY(`tenant`, `idempotency_key`)
) WITHOUT ROWID;
