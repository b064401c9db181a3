ALTER TABLE `tenants` ADD `registry` integer DEFAULT 0 NOT NULL;--> statement-breakpoint
ALTER TABLE `tenants` ADD `moving_from` integer;--> statement-breakpoint
ALTER TABLE `tenants` ADD `moved_at_ms` integer;--> statement-breakpoint
ALTER TABLE `tenants` ADD `move_cursor` text;