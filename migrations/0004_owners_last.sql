DROP INDEX `executions_status`;--> statement-breakpoint
DROP INDEX `executions_run`;--> statement-breakpoint
DROP INDEX `executions_session`;--> statement-breakpoint
DROP INDEX `executions_actor`;--> statement-breakpoint
DROP INDEX `executions_parent`;--> statement-breakpoint
CREATE INDEX `executions_status` ON `executions` (`tenant`,`status`,`created_at_ms`,`id`,`owner`);--> statement-breakpoint
CREATE INDEX `executions_run` ON `executions` (`tenant`,`run_id`,`created_at_ms`,`id`,`owner`);--> statement-breakpoint
CREATE INDEX `executions_session` ON `executions` (`tenant`,`session_id`,`created_at_ms`,`id`,`owner`) WHERE "executions"."session_id" is not null;--> statement-breakpoint
CREATE INDEX `executions_actor` ON `executions` (`tenant`,`actor_id`,`created_at_ms`,`id`,`owner`) WHERE "executions"."actor_id" is not null;--> statement-breakpoint
CREATE INDEX `executions_parent` ON `executions` (`tenant`,`parent_id`,`created_at_ms`,`id`,`owner`) WHERE "executions"."parent_id" is not null;