CREATE TABLE `executions` (
	`tenant` text NOT NULL,
	`id` text NOT NULL,
	`seq` integer NOT NULL,
	`owner` text NOT NULL,
	`agent` text NOT NULL,
	`fn` text NOT NULL,
	`kind` text NOT NULL,
	`status` text NOT NULL,
	`reason` text,
	`run_id` text NOT NULL,
	`parent_id` text,
	`session_id` text,
	`actor_id` text,
	`created_at_ms` integer NOT NULL,
	`started_at_ms` integer,
	`finished_at_ms` integer,
	`updated_at_ms` integer NOT NULL,
	`error_code` text,
	`error_message` text,
	`turns` integer NOT NULL,
	`tokens` integer NOT NULL,
	`cost_usd` real NOT NULL,
	`next_wake_at_ms` integer,
	PRIMARY KEY(`tenant`, `id`)
);
--> statement-breakpoint
CREATE INDEX `executions_newest` ON `executions` (`tenant`,`created_at_ms`);--> statement-breakpoint
CREATE INDEX `executions_run` ON `executions` (`tenant`,`run_id`);--> statement-breakpoint
CREATE INDEX `executions_changed` ON `executions` (`tenant`,`updated_at_ms`);--> statement-breakpoint
CREATE INDEX `executions_wake` ON `executions` (`next_wake_at_ms`);--> statement-breakpoint
CREATE TABLE `keys` (
	`hash` text PRIMARY KEY NOT NULL,
	`id` text NOT NULL,
	`tenant` text NOT NULL,
	`subject` text NOT NULL,
	`name` text NOT NULL,
	`prefix` text NOT NULL,
	`scopes` text NOT NULL,
	`rate_limit_per_min` integer,
	`created_at_ms` integer NOT NULL,
	`created_by` text NOT NULL,
	`revoked_at_ms` integer,
	FOREIGN KEY (`tenant`) REFERENCES `tenants`(`id`) ON UPDATE no action ON DELETE no action
);
--> statement-breakpoint
CREATE UNIQUE INDEX `keys_id` ON `keys` (`id`);--> statement-breakpoint
CREATE INDEX `keys_newest` ON `keys` (`tenant`,`created_at_ms`);--> statement-breakpoint
CREATE TABLE `settings` (
	`name` text PRIMARY KEY NOT NULL,
	`value` text NOT NULL
);
--> statement-breakpoint
CREATE TABLE `tenants` (
	`id` text PRIMARY KEY NOT NULL,
	`created_at_ms` integer NOT NULL
);
