CREATE TABLE state (
	id SERIAL NOT NULL,
	version INTEGER NOT NULL,
	pulse BIGINT NOT NULL,
	custody_seq BIGINT NOT NULL,
	custody_hash TEXT NOT NULL,
	PRIMARY KEY (id)
);

CREATE TABLE clients (
	code TEXT NOT NULL,
	name TEXT NOT NULL,
	family TEXT,
	product_update INTEGER,
	service_pack INTEGER,
	sql_release TEXT,
	edition TEXT,
	company_number TEXT,
	licence TEXT,
	search TEXT NOT NULL,
	PRIMARY KEY (code)
);

CREATE TABLE custody (
	seq BIGINT NOT NULL,
	at TIMESTAMP WITHOUT TIME ZONE NOT NULL,
	who TEXT NOT NULL,
	host TEXT NOT NULL,
	what TEXT NOT NULL,
	delivery TEXT,
	client TEXT,
	detail TEXT NOT NULL,
	hash TEXT NOT NULL,
	PRIMARY KEY (seq)
);

CREATE INDEX custody_client ON custody (client, seq);

CREATE INDEX custody_delivery ON custody (delivery, seq);

CREATE FUNCTION custody_only_added_to() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'custody is only added to'; END $$;

CREATE TRIGGER custody_no_change BEFORE UPDATE OR DELETE OR TRUNCATE ON custody FOR EACH STATEMENT EXECUTE FUNCTION custody_only_added_to();

CREATE TABLE worker (
	id SERIAL NOT NULL,
	pid INTEGER NOT NULL,
	host TEXT NOT NULL,
	started_at TIMESTAMP WITHOUT TIME ZONE NOT NULL,
	seen_at TIMESTAMP WITHOUT TIME ZONE NOT NULL,
	doing TEXT NOT NULL,
	PRIMARY KEY (id)
);

CREATE TABLE seen (
	who TEXT NOT NULL,
	seq BIGINT NOT NULL,
	at TIMESTAMP WITHOUT TIME ZONE NOT NULL,
	PRIMARY KEY (who)
);

CREATE TABLE administrations (
	client TEXT NOT NULL,
	number TEXT NOT NULL,
	name TEXT NOT NULL,
	search TEXT NOT NULL,
	PRIMARY KEY (client, number),
	FOREIGN KEY(client) REFERENCES clients (code)
);

CREATE INDEX administrations_number ON administrations (number);

CREATE TABLE logins (
	client TEXT NOT NULL,
	login TEXT NOT NULL,
	place INTEGER NOT NULL,
	PRIMARY KEY (client, login),
	FOREIGN KEY(client) REFERENCES clients (code)
);

CREATE TABLE deliveries (
	number BIGSERIAL NOT NULL,
	inbox TEXT NOT NULL,
	file_name BYTEA NOT NULL,
	file_shown TEXT NOT NULL,
	identity TEXT NOT NULL,
	stage TEXT NOT NULL,
	word TEXT NOT NULL,
	size BIGINT NOT NULL,
	arrived_at TIMESTAMP WITHOUT TIME ZONE NOT NULL,
	sealed_at TIMESTAMP WITHOUT TIME ZONE,
	gone_at TIMESTAMP WITHOUT TIME ZONE,
	client TEXT,
	bound_how TEXT,
	bound_by TEXT,
	bound_at TIMESTAMP WITHOUT TIME ZONE,
	sha256 TEXT,
	vault TEXT,
	kind TEXT NOT NULL,
	complete BOOLEAN NOT NULL,
	damaged BOOLEAN NOT NULL,
	fingerprint TEXT NOT NULL,
	opened INTEGER NOT NULL,
	administration_number TEXT,
	administration_name TEXT,
	product_update INTEGER,
	product_update_source TEXT,
	sql_release TEXT,
	best_target TEXT,
	work TEXT,
	back TEXT,
	rule INTEGER,
	more INTEGER NOT NULL,
	rules TEXT NOT NULL,
	media_guid TEXT,
	set_guid TEXT,
	base_guid TEXT,
	family_ordinal INTEGER,
	backup_at TEXT,
	search TEXT NOT NULL,
	PRIMARY KEY (number),
	FOREIGN KEY(client) REFERENCES clients (code)
);

CREATE INDEX deliveries_word ON deliveries (word, number);

CREATE INDEX deliveries_update ON deliveries (product_update, number);

CREATE INDEX deliveries_file ON deliveries (inbox, file_name);

CREATE INDEX deliveries_sha256 ON deliveries (sha256);

CREATE INDEX deliveries_media ON deliveries (media_guid);

CREATE INDEX deliveries_set ON deliveries (set_guid);

CREATE INDEX deliveries_stage ON deliveries (stage, fingerprint);

CREATE INDEX deliveries_base ON deliveries (base_guid);

CREATE INDEX deliveries_client ON deliveries (client, administration_number, number);

CREATE INDEX deliveries_number ON deliveries (administration_number, number);

CREATE INDEX deliveries_target ON deliveries (best_target, number);

CREATE UNIQUE INDEX deliveries_open ON deliveries (inbox, file_name) WHERE stage IN ('arriving', 'reading', 'unreadable');

CREATE TABLE papers (
	delivery BIGINT NOT NULL,
	evidence TEXT NOT NULL,
	members TEXT NOT NULL,
	verdicts TEXT NOT NULL,
	PRIMARY KEY (delivery),
	FOREIGN KEY(delivery) REFERENCES deliveries (number)
);

CREATE TABLE told (
	id BIGSERIAL NOT NULL,
	delivery BIGINT NOT NULL,
	fact TEXT NOT NULL,
	value TEXT NOT NULL,
	who TEXT NOT NULL,
	at TIMESTAMP WITHOUT TIME ZONE NOT NULL,
	PRIMARY KEY (id),
	FOREIGN KEY(delivery) REFERENCES deliveries (number)
);

CREATE INDEX ix_told_delivery ON told (delivery);

CREATE TABLE holdings (
	target TEXT NOT NULL,
	number TEXT NOT NULL,
	client TEXT NOT NULL,
	delivery BIGINT NOT NULL,
	since TIMESTAMP WITHOUT TIME ZONE NOT NULL,
	PRIMARY KEY (target, number),
	FOREIGN KEY(client) REFERENCES clients (code),
	FOREIGN KEY(delivery) REFERENCES deliveries (number)
);

CREATE INDEX holdings_client ON holdings (client, number);
