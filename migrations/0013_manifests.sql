CREATE TABLE `manifest_usage` (
	`tenant` text PRIMARY KEY NOT NULL,
	`bytes` integer NOT NULL
);
--> statement-breakpoint
CREATE TABLE `manifest_versions` (
	`tenant` text NOT NULL,
	`id` text NOT NULL,
	`version` text NOT NULL,
	`seq` integer NOT NULL,
	`status` text NOT NULL,
	`bytes` integer NOT NULL,
	`created_at_ms` integer NOT NULL,
	`updated_at_ms` integer NOT NULL,
	`updated_by` text NOT NULL,
	`about` text NOT NULL,
	`document` text NOT NULL,
	PRIMARY KEY(`tenant`, `id`, `version`)
);
--> statement-breakpoint
CREATE UNIQUE INDEX `manifest_versions_order` ON `manifest_versions` (`tenant`,`id`,`seq`);--> statement-breakpoint
CREATE TABLE `manifests` (
	`tenant` text NOT NULL,
	`id` text NOT NULL,
	`owner` text NOT NULL,
	`versions` integer NOT NULL,
	`current` text NOT NULL,
	`created_at_ms` integer NOT NULL,
	`updated_at_ms` integer NOT NULL,
	PRIMARY KEY(`tenant`, `id`)
);
--> statement-breakpoint
CREATE INDEX `manifests_owner` ON `manifests` (`tenant`,`owner`,`id`);