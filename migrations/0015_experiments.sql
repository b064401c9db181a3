CREATE TABLE `experiments` (
	`tenant` text NOT NULL,
	`target` text NOT NULL,
	`versions` text NOT NULL,
	`since_ms` integer NOT NULL,
	`updated_by` text NOT NULL,
	PRIMARY KEY(`tenant`, `target`)
);
--> statement-breakpoint
ALTER TABLE `executions` ADD `version` text;