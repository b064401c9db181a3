ALTER TABLE `approvals` ADD `lineage` text;--> statement-breakpoint
ALTER TABLE `approvals` ADD `reasked` integer DEFAULT 0 NOT NULL;