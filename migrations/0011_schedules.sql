CREATE TABLE `schedules` (
	`tenant` text NOT NULL,
	`id` text NOT NULL,
	`owner` text NOT NULL,
	`rev` integer NOT NULL,
	`status` text NOT NULL,
	`reason` text,
	`target` text NOT NULL,
	`declared` integer NOT NULL,
	`spec` text NOT NULL,
	`anchor_ms` integer NOT NULL,
	`created_at_ms` integer NOT NULL,
	`updated_at_ms` integer NOT NULL,
	PRIMARY KEY(`tenant`, `id`)
);
--> statement-breakpoint
CREATE INDEX `schedules_newest` ON `schedules` (`tenant`,`created_at_ms`,`id`);--> statement-breakpoint
CREATE INDEX `schedules_owner` ON `schedules` (`tenant`,`owner`,`created_at_ms`,`id`);
