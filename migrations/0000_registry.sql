CREATE TABLE `agents` (
	`id` text PRIMARY KEY NOT NULL,
	`kind` text NOT NULL,
	`version` text NOT NULL,
	`functions` text NOT NULL,
	`created_at_ms` integer NOT NULL,
	`updated_at_ms` integer NOT NULL,
	`retired_at_ms` integer
);
--> statement-breakpoint
CREATE TABLE `approvals` (
	`tenant` text NOT NULL,
	`id` text NOT NULL,
	`execution_id` text NOT NULL,
	`seq` integer NOT NULL,
	`status` text NOT NULL,
	`owner` text NOT NULL,
	`agent` text NOT NULL,
	`fn` text NOT NULL,
	`run_id` text NOT NULL,
	`session_id` text,
	`kind` text NOT NULL,
	`name` text NOT NULL,
	`requested_at_ms` integer NOT NULL,
	`expires_at_ms` integer,
	`decided_at_ms` integer,
	`decided_by` text,
	`claimed_until_ms` integer,
	PRIMARY KEY(`tenant`, `id`)
);
--> statement-breakpoint
CREATE INDEX `approvals_inbox` ON `approvals` (`tenant`,`status`,`requested_at_ms`,`id`);--> statement-breakpoint
CREATE INDEX `approvals_execution` ON `approvals` (`tenant`,`execution_id`);--> statement-breakpoint
CREATE INDEX `approvals_owner` ON `approvals` (`tenant`,`owner`,`status`,`requested_at_ms`,`id`);--> statement-breakpoint
CREATE TABLE `catalog_items` (
	`tenant` text NOT NULL,
	`item` integer NOT NULL,
	`content` text NOT NULL,
	PRIMARY KEY(`tenant`, `item`)
);
--> statement-breakpoint
CREATE TABLE `chosen_ids` (
	`tenant` text NOT NULL,
	`id` text NOT NULL,
	PRIMARY KEY(`tenant`, `id`)
);
--> statement-breakpoint
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
CREATE INDEX `executions_newest` ON `executions` (`tenant`,`created_at_ms`,`id`);--> statement-breakpoint
CREATE INDEX `executions_owner` ON `executions` (`tenant`,`owner`,`created_at_ms`,`id`);--> statement-breakpoint
CREATE INDEX `executions_status` ON `executions` (`tenant`,`status`,`created_at_ms`,`id`);--> statement-breakpoint
CREATE INDEX `executions_agent` ON `executions` (`tenant`,`agent`,`created_at_ms`,`id`);--> statement-breakpoint
CREATE INDEX `executions_target` ON `executions` (`tenant`,`agent`,`fn`,`created_at_ms`,`id`);--> statement-breakpoint
CREATE INDEX `executions_run` ON `executions` (`tenant`,`run_id`,`created_at_ms`,`id`);--> statement-breakpoint
CREATE INDEX `executions_session` ON `executions` (`tenant`,`session_id`,`created_at_ms`,`id`) WHERE "executions"."session_id" is not null;--> statement-breakpoint
CREATE INDEX `executions_actor` ON `executions` (`tenant`,`actor_id`,`created_at_ms`,`id`) WHERE "executions"."actor_id" is not null;--> statement-breakpoint
CREATE INDEX `executions_parent` ON `executions` (`tenant`,`parent_id`,`created_at_ms`,`id`) WHERE "executions"."parent_id" is not null;--> statement-breakpoint
CREATE INDEX `executions_live` ON `executions` (`tenant`,`created_at_ms`,`id`) WHERE "executions"."finished_at_ms" is null;--> statement-breakpoint
CREATE INDEX `executions_changed` ON `executions` (`tenant`,`updated_at_ms`);--> statement-breakpoint
CREATE INDEX `executions_wake` ON `executions` (`next_wake_at_ms`) WHERE "executions"."next_wake_at_ms" is not null;--> statement-breakpoint
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
CREATE INDEX `keys_newest` ON `keys` (`tenant`,`created_at_ms`,`id`);--> statement-breakpoint
CREATE TABLE `parked` (
	`kind` text NOT NULL,
	`tenant` text NOT NULL,
	`id` text NOT NULL,
	`seq` integer NOT NULL,
	`row` text NOT NULL,
	`error` text NOT NULL,
	`parked_at_ms` integer NOT NULL,
	PRIMARY KEY(`kind`, `tenant`, `id`)
);
--> statement-breakpoint
CREATE TABLE `settings` (
	`name` text PRIMARY KEY NOT NULL,
	`value` text NOT NULL
);
--> statement-breakpoint
CREATE TABLE `tenants` (
	`id` text PRIMARY KEY NOT NULL,
	`created_at_ms` integer NOT NULL
);
