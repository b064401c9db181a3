CREATE TABLE `execution_links` (
	`tenant` text NOT NULL,
	`kind` text NOT NULL,
	`name` text NOT NULL,
	`created_at_ms` integer NOT NULL,
	`id` text NOT NULL,
	`owner` text NOT NULL,
	PRIMARY KEY(`tenant`, `kind`, `name`, `created_at_ms`, `id`)
) WITHOUT ROWID;--> statement-breakpoint
INSERT INTO `execution_links` SELECT `tenant`, 'session', `session_id`, `created_at_ms`, `id`, `owner` FROM `executions` WHERE `session_id` IS NOT NULL;--> statement-breakpoint
INSERT INTO `execution_links` SELECT `tenant`, 'actor', `actor_id`, `created_at_ms`, `id`, `owner` FROM `executions` WHERE `actor_id` IS NOT NULL;--> statement-breakpoint
INSERT INTO `execution_links` SELECT `tenant`, 'parent', `parent_id`, `created_at_ms`, `id`, `owner` FROM `executions` WHERE `parent_id` IS NOT NULL;--> statement-breakpoint
CREATE TABLE `__new_executions` (
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
	`input_tokens` integer,
	`output_tokens` integer,
	`cache_read_tokens` integer,
	`cache_write_tokens` integer,
	`chain_head` text,
	PRIMARY KEY(`tenant`, `id`)
) WITHOUT ROWID;--> statement-breakpoint
INSERT INTO `__new_executions` (`tenant`, `id`, `seq`, `owner`, `agent`, `fn`, `kind`, `status`, `reason`, `run_id`, `parent_id`, `session_id`, `actor_id`, `created_at_ms`, `started_at_ms`, `finished_at_ms`, `updated_at_ms`, `error_code`, `error_message`, `turns`, `tokens`, `cost_usd`, `next_wake_at_ms`, `input_tokens`, `output_tokens`, `cache_read_tokens`, `cache_write_tokens`, `chain_head`) SELECT `tenant`, `id`, `seq`, `owner`, `agent`, `fn`, `kind`, `status`, `reason`, `run_id`, `parent_id`, `session_id`, `actor_id`, `created_at_ms`, `started_at_ms`, `finished_at_ms`, `updated_at_ms`, `error_code`, `error_message`, `turns`, `tokens`, `cost_usd`, `next_wake_at_ms`, `input_tokens`, `output_tokens`, `cache_read_tokens`, `cache_write_tokens`, `chain_head` FROM `executions`;--> statement-breakpoint
DROP TABLE `executions`;--> statement-breakpoint
ALTER TABLE `__new_executions` RENAME TO `executions`;--> statement-breakpoint
CREATE INDEX `executions_newest` ON `executions` (`tenant`,`created_at_ms`,`id`);--> statement-breakpoint
CREATE INDEX `executions_owner` ON `executions` (`tenant`,`owner`,`created_at_ms`,`id`);--> statement-breakpoint
CREATE INDEX `executions_target` ON `executions` (`tenant`,`agent`,`fn`,`created_at_ms`,`id`);--> statement-breakpoint
CREATE INDEX `executions_changed` ON `executions` (`tenant`,`updated_at_ms`);--> statement-breakpoint
CREATE INDEX `executions_wake` ON `executions` (`next_wake_at_ms`) WHERE "executions"."next_wake_at_ms" is not null;--> statement-breakpoint
CREATE INDEX `executions_status` ON `executions` (`tenant`,`status`,`created_at_ms`,`id`,`owner`);--> statement-breakpoint
CREATE INDEX `executions_run` ON `executions` (`tenant`,`run_id`,`created_at_ms`,`id`,`owner`);--> statement-breakpoint
CREATE TABLE `__new_approvals` (
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
	`lineage` text,
	`reasked` integer DEFAULT 0 NOT NULL,
	PRIMARY KEY(`tenant`, `id`)
) WITHOUT ROWID;--> statement-breakpoint
INSERT INTO `__new_approvals` (`tenant`, `id`, `execution_id`, `seq`, `status`, `owner`, `agent`, `fn`, `run_id`, `session_id`, `kind`, `name`, `requested_at_ms`, `expires_at_ms`, `decided_at_ms`, `decided_by`, `claimed_until_ms`, `lineage`, `reasked`) SELECT `tenant`, `id`, `execution_id`, `seq`, `status`, `owner`, `agent`, `fn`, `run_id`, `session_id`, `kind`, `name`, `requested_at_ms`, `expires_at_ms`, `decided_at_ms`, `decided_by`, `claimed_until_ms`, `lineage`, `reasked` FROM `approvals`;--> statement-breakpoint
DROP TABLE `approvals`;--> statement-breakpoint
ALTER TABLE `__new_approvals` RENAME TO `approvals`;--> statement-breakpoint
CREATE INDEX `approvals_inbox` ON `approvals` (`tenant`,`status`,`requested_at_ms`,`id`);--> statement-breakpoint
CREATE INDEX `approvals_execution` ON `approvals` (`tenant`,`execution_id`);--> statement-breakpoint
CREATE INDEX `approvals_owner` ON `approvals` (`tenant`,`owner`,`status`,`requested_at_ms`,`id`);--> statement-breakpoint
CREATE TABLE `__new_chosen_ids` (
	`tenant` text NOT NULL,
	`id` text NOT NULL,
	PRIMARY KEY(`tenant`, `id`)
) WITHOUT ROWID;--> statement-breakpoint
INSERT INTO `__new_chosen_ids` (`tenant`, `id`) SELECT `tenant`, `id` FROM `chosen_ids`;--> statement-breakpoint
DROP TABLE `chosen_ids`;--> statement-breakpoint
ALTER TABLE `__new_chosen_ids` RENAME TO `chosen_ids`;--> statement-breakpoint
CREATE TABLE `__new_tombstones` (
	`tenant` text NOT NULL,
	`id` text NOT NULL,
	`owner` text NOT NULL,
	`target` text NOT NULL,
	`status` text NOT NULL,
	`finished_at_ms` integer NOT NULL,
	`archived_at_ms` integer NOT NULL,
	`digest` text,
	`archive` text,
	`head` text,
	PRIMARY KEY(`tenant`, `id`)
) WITHOUT ROWID;--> statement-breakpoint
INSERT INTO `__new_tombstones` (`tenant`, `id`, `owner`, `target`, `status`, `finished_at_ms`, `archived_at_ms`, `digest`, `archive`, `head`) SELECT `tenant`, `id`, `owner`, `target`, `status`, `finished_at_ms`, `archived_at_ms`, `digest`, `archive`, `head` FROM `tombstones`;--> statement-breakpoint
DROP TABLE `tombstones`;--> statement-breakpoint
ALTER TABLE `__new_tombstones` RENAME TO `tombstones`;