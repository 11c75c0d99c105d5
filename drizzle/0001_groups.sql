CREATE TABLE "message_extension" (
	"timeline_key" bigint NOT NULL,
	"seq" bigint NOT NULL,
	"key" text NOT NULL,
	"value" text NOT NULL,
	CONSTRAINT "message_extension_timeline_key_seq_key_pk" PRIMARY KEY("timeline_key","seq","key")
);
--> statement-breakpoint
CREATE TABLE "reaction" (
	"timeline_key" bigint NOT NULL,
	"seq" bigint NOT NULL,
	"reaction_id" text NOT NULL,
	"account_key" bigint NOT NULL,
	"order" bigint GENERATED ALWAYS AS IDENTITY (sequence name "reaction_order_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 9223372036854775807 START WITH 1 CACHE 1),
	CONSTRAINT "reaction_timeline_key_seq_reaction_id_account_key_pk" PRIMARY KEY("timeline_key","seq","reaction_id","account_key")
);
--> statement-breakpoint
CREATE TABLE "chat_group" (
	"timeline_key" bigint PRIMARY KEY NOT NULL,
	"id" text NOT NULL,
	"type" text NOT NULL,
	"name" text NOT NULL,
	"avatar" text DEFAULT '' NOT NULL,
	"introduction" text DEFAULT '' NOT NULL,
	"notice" text DEFAULT '' NOT NULL,
	"founder_key" bigint NOT NULL,
	"request_id" text NOT NULL,
	"owner_key" bigint,
	"max_members" integer NOT NULL,
	"member_count" integer DEFAULT 0 NOT NULL,
	"join_option" text NOT NULL,
	"invite_option" text NOT NULL,
	"is_muted" boolean DEFAULT false NOT NULL,
	"custom" jsonb DEFAULT '[]'::jsonb NOT NULL,
	"attributes" jsonb DEFAULT '{}'::jsonb NOT NULL,
	"counters" jsonb DEFAULT '{}'::jsonb NOT NULL,
	"created_at_ms" bigint NOT NULL,
	"changed_at_ms" bigint NOT NULL,
	"dismissed_at_ms" bigint,
	CONSTRAINT "chat_group_id_unique" UNIQUE("id")
);
--> statement-breakpoint
CREATE TABLE "group_application" (
	"key" bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY (sequence name "group_application_key_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 9223372036854775807 START WITH 1 CACHE 1),
	"timeline_key" bigint NOT NULL,
	"applicant_key" bigint NOT NULL,
	"inviter_key" bigint,
	"text" text DEFAULT '' NOT NULL,
	"at_ms" bigint NOT NULL
);
--> statement-breakpoint
CREATE TABLE "group_restriction" (
	"timeline_key" bigint NOT NULL,
	"account_key" bigint NOT NULL,
	"banned_until_ms" bigint DEFAULT 0 NOT NULL,
	"muted_until_ms" bigint DEFAULT 0 NOT NULL,
	CONSTRAINT "group_restriction_timeline_key_account_key_pk" PRIMARY KEY("timeline_key","account_key")
);
--> statement-breakpoint
CREATE TABLE "pinned_message" (
	"timeline_key" bigint NOT NULL,
	"seq" bigint NOT NULL,
	"by_key" bigint NOT NULL,
	"at_ms" bigint NOT NULL,
	CONSTRAINT "pinned_message_timeline_key_seq_pk" PRIMARY KEY("timeline_key","seq")
);
--> statement-breakpoint
CREATE TABLE "blob" (
	"hash" text PRIMARY KEY NOT NULL,
	"loose_at" timestamp with time zone DEFAULT now(),
	"is_going" boolean DEFAULT false NOT NULL
);
--> statement-breakpoint
CREATE TABLE "file" (
	"id" text PRIMARY KEY NOT NULL,
	"owner_key" bigint NOT NULL,
	"kind" text NOT NULL,
	"name" text NOT NULL,
	"bytes" bigint NOT NULL,
	"hash" text,
	"format" text DEFAULT '' NOT NULL,
	"picture" json,
	"is_used" boolean DEFAULT false NOT NULL,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL
);
--> statement-breakpoint
CREATE TABLE "file_blob" (
	"file_id" text NOT NULL,
	"hash" text NOT NULL,
	CONSTRAINT "file_blob_file_id_hash_pk" PRIMARY KEY("file_id","hash")
);
--> statement-breakpoint
CREATE TABLE "file_use" (
	"file_id" text NOT NULL,
	"timeline_key" bigint NOT NULL,
	"seq" bigint NOT NULL,
	CONSTRAINT "file_use_file_id_timeline_key_seq_pk" PRIMARY KEY("file_id","timeline_key","seq")
);
--> statement-breakpoint
CREATE TABLE "receipt" (
	"timeline_key" bigint NOT NULL,
	"account_key" bigint NOT NULL,
	"seqs" "int8multirange" NOT NULL,
	CONSTRAINT "receipt_timeline_key_account_key_pk" PRIMARY KEY("timeline_key","account_key")
);
--> statement-breakpoint
ALTER TABLE "account" ADD COLUMN "details" jsonb DEFAULT '{}'::jsonb NOT NULL;--> statement-breakpoint
ALTER TABLE "account" ADD COLUMN "changed_at_ms" bigint DEFAULT 0 NOT NULL;--> statement-breakpoint
ALTER TABLE "member" ADD COLUMN "remind" text DEFAULT 'notify' NOT NULL;--> statement-breakpoint
ALTER TABLE "member" ADD COLUMN "role" smallint DEFAULT 2 NOT NULL;--> statement-breakpoint
ALTER TABLE "member" ADD COLUMN "name_card" text DEFAULT '' NOT NULL;--> statement-breakpoint
ALTER TABLE "member" ADD COLUMN "joined_seq" bigint DEFAULT 0 NOT NULL;--> statement-breakpoint
ALTER TABLE "member" ADD COLUMN "joined_offset" bigint DEFAULT 0 NOT NULL;--> statement-breakpoint
ALTER TABLE "member" ADD COLUMN "joined_at_ms" bigint DEFAULT 0 NOT NULL;--> statement-breakpoint
ALTER TABLE "member" ADD COLUMN "muted_until_ms" bigint DEFAULT 0 NOT NULL;--> statement-breakpoint
ALTER TABLE "member" ADD COLUMN "custom" jsonb DEFAULT '[]'::jsonb NOT NULL;--> statement-breakpoint
ALTER TABLE "message" ADD COLUMN "version" integer DEFAULT 0 NOT NULL;--> statement-breakpoint
ALTER TABLE "message" ADD COLUMN "receivers" bigint[];--> statement-breakpoint
ALTER TABLE "message" ADD COLUMN "receipt_at_ms" bigint;--> statement-breakpoint
CREATE INDEX "group_owner" ON "chat_group" USING btree ("owner_key");--> statement-breakpoint
CREATE UNIQUE INDEX "group_founded_once" ON "chat_group" USING btree ("founder_key","request_id");--> statement-breakpoint
CREATE INDEX "group_disbanding" ON "chat_group" USING btree ("timeline_key") WHERE "chat_group"."dismissed_at_ms" is not null and "chat_group"."member_count" > 0;--> statement-breakpoint
CREATE UNIQUE INDEX "application_of_one" ON "group_application" USING btree ("timeline_key","applicant_key");--> statement-breakpoint
CREATE INDEX "application_of_applicant" ON "group_application" USING btree ("applicant_key");--> statement-breakpoint
CREATE INDEX "blob_loose" ON "blob" USING btree ("loose_at") WHERE "blob"."loose_at" is not null;--> statement-breakpoint
CREATE INDEX "file_of_owner" ON "file" USING btree ("owner_key","created_at");--> statement-breakpoint
CREATE INDEX "file_content" ON "file" USING btree ("hash");--> statement-breakpoint
CREATE INDEX "file_unused" ON "file" USING btree ("created_at") WHERE not "file"."is_used";--> statement-breakpoint
CREATE INDEX "file_blob_of_content" ON "file_blob" USING btree ("hash");--> statement-breakpoint
CREATE INDEX "file_use_of_message" ON "file_use" USING btree ("timeline_key","seq");--> statement-breakpoint
CREATE INDEX "member_in_order" ON "member" USING btree ("timeline_key","role","joined_offset","account_key");--> statement-breakpoint
CREATE INDEX "message_wants_receipts" ON "message" USING btree ("timeline_key","seq") WHERE "message"."flags" & 4 <> 0;--> statement-breakpoint
CREATE INDEX "message_mentions" ON "message" USING btree ("timeline_key","seq") WHERE "message"."flags" & 8 <> 0;
--> statement-breakpoint
-- Written by hand from here. Who sends tips and notices; nobody can log in as it, since no user id begins like that.
INSERT INTO "account" ("key", "id", "is_disabled") OVERRIDING SYSTEM VALUE VALUES (1, '@system', true);--> statement-breakpoint
ALTER TABLE "chat_group" SET (fillfactor = 70);--> statement-breakpoint
ALTER TABLE "receipt" SET (fillfactor = 70);
