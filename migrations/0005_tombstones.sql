CREATE TABLE `tombstones` (
	`tenant` text NOT NULL,
	`id` text NOT NULL,
	`owner` text NOT NULL,
	`target` text NOT NULL,
	`status` text NOT NULL,
	`finished_at_ms` integer NOT NULL,
	`archived_at_ms` integer NOT NULL,
	`digest` text,
	`archive` text,
	PRIMARY KEY(`tenant`, `id`)
);
