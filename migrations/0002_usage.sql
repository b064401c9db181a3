ALTER TABLE `executions` ADD `input_tokens` integer;--> statement-breakpoint
ALTER TABLE `executions` ADD `output_tokens` integer;--> statement-breakpoint
ALTER TABLE `executions` ADD `cache_read_tokens` integer;--> statement-breakpoint
ALTER TABLE `executions` ADD `cache_write_tokens` integer;