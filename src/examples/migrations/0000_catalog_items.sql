CREATE TABLE `catalog_items` (
	`tenant` text NOT NULL,
	`item` integer NOT NULL,
	`content` text NOT NULL,
	PRIMARY KEY(`tenant`, `item`)
) WITHOUT ROWID;
