CREATE TABLE `notifications` (
	`tenant` text NOT NULL,
	`owner` text NOT NULL,
	`target` text NOT NULL,
	`updated_at_ms` integer NOT NULL,
	PRIMARY KEY(`tenant`, `owner`)
) WITHOUT ROWID;