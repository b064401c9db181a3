ALTER TABLE `executions` ADD `chain_head` text;--> statement-breakpoint
ALTER TABLE `tombstones` ADD `head` text;