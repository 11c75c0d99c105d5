-- hongyan: online
CREATE TABLE "retention_rule" (
	"timeline_key" bigint PRIMARY KEY NOT NULL,
	"days" integer,
	"held_because" text,
	"changed_at" timestamp with time zone DEFAULT now() NOT NULL
);
--> statement-breakpoint
ALTER TABLE "timeline" ADD COLUMN "cut_seq" bigint DEFAULT 0 NOT NULL;--> statement-breakpoint
ALTER TABLE "timeline" ADD COLUMN "cut_offset" bigint DEFAULT 0 NOT NULL;