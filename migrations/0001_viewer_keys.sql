ALTER TABLE `keys` ADD `draws_on` text DEFAULT '[]' NOT NULL;--> statement-breakpoint
ALTER TABLE `keys` ADD `masked` integer DEFAULT false NOT NULL;