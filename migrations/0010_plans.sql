CREATE TABLE `plan_parts` (
	`tenant` text NOT NULL,
	`id` text NOT NULL,
	`version` integer NOT NULL,
	`part` integer NOT NULL,
	`text` text NOT NULL,
	PRIMARY KEY(`tenant`, `id`, `version`, `part`)
);
--> statement-breakpoint
CREATE TABLE `plan_usage` (
	`tenant` text PRIMARY KEY NOT NULL,
	`bytes` integer NOT NULL
);
--> statement-breakpoint
CREATE TABLE `plan_versions` (
	`tenant` text NOT NULL,
	`id` text NOT NULL,
	`version` integer NOT NULL,
	`about` text NOT NULL,
	`tasks` integer NOT NULL,
	`subtasks` integer NOT NULL,
	`bytes` integer NOT NULL,
	`updated_at_ms` integer NOT NULL,
	`updated_by` text NOT NULL,
	PRIMARY KEY(`tenant`, `id`, `version`)
) WITHOUT ROWID;
--> statement-breakpoint
CREATE TABLE `plans` (
	`tenant` text NOT NULL,
	`id` text NOT NULL,
	`owner` text NOT NULL,
	`version` integer NOT NULL,
	`about` text NOT NULL,
	`tasks` integer NOT NULL,
	`subtasks` integer NOT NULL,
	`created_at_ms` integer NOT NULL,
	`updated_at_ms` integer NOT NULL,
	`updated_by` text NOT NULL,
	PRIMARY KEY(`tenant`, `id`)
) WITHOUT ROWID;
--> statement-breakpoint
CREATE INDEX `plans_newest` ON `plans` (`tenant`,`created_at_ms`,`id`);--> statement-breakpoint
CREATE INDEX `plans_owner` ON `plans` (`tenant`,`owner`,`created_at_ms`,`id`);