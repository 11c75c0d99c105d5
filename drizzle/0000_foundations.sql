CREATE TABLE "account" (
	"key" bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY (sequence name "account_key_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 9223372036854775807 START WITH 100001 CACHE 1),
	"id" text NOT NULL,
	"nick" text DEFAULT '' NOT NULL,
	"avatar" text DEFAULT '' NOT NULL,
	"is_disabled" boolean DEFAULT false NOT NULL,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "account_id_unique" UNIQUE("id")
);
--> statement-breakpoint
CREATE TABLE "login" (
	"key" bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY (sequence name "login_key_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 9223372036854775807 START WITH 1 CACHE 1),
	"account_key" bigint NOT NULL,
	"device" text NOT NULL,
	"instance_id" text NOT NULL,
	"opened_at" timestamp with time zone DEFAULT now() NOT NULL
);
--> statement-breakpoint
CREATE TABLE "member" (
	"timeline_key" bigint NOT NULL,
	"account_key" bigint NOT NULL,
	"own" bigint DEFAULT 0 NOT NULL,
	"base_seq" bigint DEFAULT 0 NOT NULL,
	"base_countable" bigint DEFAULT 0 NOT NULL,
	"base_own" bigint DEFAULT 0 NOT NULL,
	"read_seq" bigint DEFAULT 0 NOT NULL,
	"read_at_ms" bigint DEFAULT 0 NOT NULL,
	"cleared_seq" bigint DEFAULT 0 NOT NULL,
	"hidden_seq" bigint DEFAULT 0 NOT NULL,
	"pinned_at_ms" bigint,
	CONSTRAINT "member_timeline_key_account_key_pk" PRIMARY KEY("timeline_key","account_key")
);
--> statement-breakpoint
CREATE TABLE "deleted_message" (
	"account_key" bigint NOT NULL,
	"timeline_key" bigint NOT NULL,
	"seq" bigint NOT NULL,
	"counted" boolean NOT NULL,
	CONSTRAINT "deleted_message_account_key_timeline_key_seq_pk" PRIMARY KEY("account_key","timeline_key","seq")
);
--> statement-breakpoint
CREATE TABLE "message" (
	"timeline_key" bigint NOT NULL,
	"seq" bigint NOT NULL,
	"offset" bigint NOT NULL,
	"sender_key" bigint NOT NULL,
	"client_msg_id" text NOT NULL,
	"fingerprint" bigint NOT NULL,
	"sent_at_ms" bigint NOT NULL,
	"countable" bigint NOT NULL,
	"flags" smallint NOT NULL,
	"body" json NOT NULL,
	"revoked_by_key" bigint,
	"revoked_at_ms" bigint,
	"revoke_reason" text,
	CONSTRAINT "message_timeline_key_seq_pk" PRIMARY KEY("timeline_key","seq")
);
--> statement-breakpoint
CREATE TABLE "store" (
	"id" integer PRIMARY KEY DEFAULT 1 NOT NULL,
	"epoch" text NOT NULL,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "store_has_one_row" CHECK ("store"."id" = 1)
);
--> statement-breakpoint
CREATE TABLE "entry" (
	"timeline_key" bigint NOT NULL,
	"offset" bigint NOT NULL,
	"seq" bigint NOT NULL,
	"body" jsonb NOT NULL,
	"stored_at" timestamp with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "entry_timeline_key_offset_pk" PRIMARY KEY("timeline_key","offset")
);
--> statement-breakpoint
CREATE TABLE "timeline" (
	"key" bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY (sequence name "timeline_key_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 9223372036854775807 START WITH 1 CACHE 1),
	"id" text NOT NULL,
	"last_offset" bigint DEFAULT 0 NOT NULL,
	"last_seq" bigint DEFAULT 0 NOT NULL,
	"last_countable" bigint DEFAULT 0 NOT NULL,
	"last_sent_at_ms" bigint DEFAULT 0 NOT NULL,
	"moved_at" timestamp with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "timeline_id_unique" UNIQUE("id")
);
--> statement-breakpoint
CREATE UNIQUE INDEX "login_instance" ON "login" USING btree ("account_key","instance_id");--> statement-breakpoint
CREATE INDEX "member_of" ON "member" USING btree ("account_key");--> statement-breakpoint
CREATE UNIQUE INDEX "message_sent_once" ON "message" USING btree ("sender_key","client_msg_id");--> statement-breakpoint
CREATE INDEX "message_revoked" ON "message" USING btree ("timeline_key","seq") WHERE "message"."revoked_at_ms" is not null;--> statement-breakpoint
CREATE INDEX "timeline_moved" ON "timeline" USING btree ("moved_at");--> statement-breakpoint
-- Written by hand from here. Room in each page, so that the updates of the message path stay heap-only.
ALTER TABLE "timeline" SET (fillfactor = 50);--> statement-breakpoint
ALTER TABLE "member" SET (fillfactor = 70);--> statement-breakpoint
ALTER TABLE "login" SET (fillfactor = 70);--> statement-breakpoint
INSERT INTO "store" ("epoch") VALUES (gen_random_uuid()::text);
