CREATE TABLE audit (
	chain TEXT NOT NULL,
	seq BIGINT NOT NULL,
	record TEXT NOT NULL,
	hash TEXT NOT NULL,
	PRIMARY KEY (chain, seq)
)
 WITHOUT ROWID;
CREATE TABLE audit_before_chain (
	id INTEGER NOT NULL,
	at DOUBLE NOT NULL,
	job TEXT,
	run INTEGER,
	collection INTEGER,
	owner TEXT,
	token INTEGER,
	event TEXT NOT NULL,
	count INTEGER NOT NULL,
	size BIGINT NOT NULL,
	detail TEXT,
	PRIMARY KEY (id)
);
CREATE INDEX audit_job ON audit_before_chain (job, id);
CREATE TABLE audit_checkpoint (
	chain TEXT NOT NULL,
	seq BIGINT NOT NULL,
	signed TEXT NOT NULL,
	signature TEXT NOT NULL,
	PRIMARY KEY (chain, seq)
);
CREATE TABLE audit_head (
	chain TEXT NOT NULL,
	store TEXT NOT NULL,
	seq BIGINT NOT NULL,
	hash TEXT NOT NULL,
	PRIMARY KEY (chain)
);
CREATE TABLE audit_pepper (
	tenant TEXT NOT NULL,
	pepper TEXT NOT NULL,
	PRIMARY KEY (tenant)
);
CREATE TABLE connection (
	id TEXT NOT NULL,
	created_at DOUBLE NOT NULL,
	PRIMARY KEY (id)
);
CREATE TABLE grants (
	id TEXT NOT NULL,
	tenant TEXT NOT NULL,
	provider TEXT NOT NULL,
	project TEXT NOT NULL,
	radius TEXT NOT NULL,
	subject TEXT,
	account TEXT NOT NULL,
	state TEXT NOT NULL,
	requested TEXT NOT NULL,
	granted TEXT NOT NULL,
	state_hash TEXT,
	data_key TEXT,
	turn INTEGER NOT NULL,
	over_turn INTEGER,
	holders INTEGER NOT NULL,
	created_at DOUBLE NOT NULL,
	changed_at DOUBLE NOT NULL,
	timed_at DOUBLE NOT NULL,
	owed_at DOUBLE,
	struck_at DOUBLE,
	revoked_at DOUBLE,
	expires_at DOUBLE,
	until DOUBLE,
	deadline DOUBLE,
	attempts INTEGER NOT NULL,
	next_at DOUBLE NOT NULL,
	last_error TEXT,
	answer TEXT,
	verified BOOLEAN NOT NULL,
	owner TEXT,
	token INTEGER NOT NULL,
	lease_until DOUBLE,
	PRIMARY KEY (id),
	CONSTRAINT grants_holders CHECK (holders >= 0),
	CONSTRAINT grants_leased CHECK ((owner is null) = (lease_until is null)),
	CONSTRAINT grants_erased CHECK (data_key is null or state not in ('erased', 'closed'))
);
CREATE INDEX grants_due ON grants (next_at) WHERE state not in ('erased', 'closed');
CREATE UNIQUE INDEX grants_hash ON grants (state_hash) WHERE state_hash is not null;
CREATE INDEX grants_radius ON grants (tenant, provider, project, subject);
CREATE INDEX grants_turn ON grants (turn);
CREATE TABLE holder (
	grant_id TEXT NOT NULL,
	kind TEXT NOT NULL,
	ref TEXT NOT NULL,
	since DOUBLE NOT NULL,
	until DOUBLE,
	PRIMARY KEY (grant_id, kind, ref),
	FOREIGN KEY(grant_id) REFERENCES grants (id) ON DELETE CASCADE
);
CREATE INDEX holder_ref ON holder (kind, ref);
CREATE TABLE job (
	id TEXT NOT NULL,
	kind TEXT NOT NULL,
	source TEXT NOT NULL,
	destination TEXT NOT NULL,
	mirror BOOLEAN NOT NULL,
	options TEXT NOT NULL,
	source_connection TEXT NOT NULL,
	target_connection TEXT NOT NULL,
	state TEXT NOT NULL,
	want TEXT NOT NULL,
	phase TEXT NOT NULL,
	run INTEGER NOT NULL,
	created_at DOUBLE NOT NULL,
	started_at DOUBLE,
	ended_at DOUBLE,
	not_before DOUBLE NOT NULL,
	served_at DOUBLE NOT NULL,
	allow_deletions BOOLEAN NOT NULL,
	problem TEXT,
	learned TEXT NOT NULL,
	verified TEXT DEFAULT '{}' NOT NULL,
	owner TEXT,
	token INTEGER NOT NULL,
	lease_until DOUBLE,
	audit_seq BIGINT DEFAULT 0 NOT NULL,
	audit_hash TEXT DEFAULT '' NOT NULL,
	PRIMARY KEY (id),
	CONSTRAINT job_spec UNIQUE (kind, source, destination),
	CONSTRAINT job_leased_until CHECK ((state = 'leased') = (lease_until is not null)),
	CONSTRAINT job_leased_owner CHECK ((state = 'leased') = (owner is not null)),
	FOREIGN KEY(source_connection) REFERENCES connection (id),
	FOREIGN KEY(target_connection) REFERENCES connection (id)
);
CREATE INDEX job_ready ON job (served_at, token, id) WHERE state = 'ready';
CREATE UNIQUE INDEX job_source_leased ON job (source_connection) WHERE state = 'leased';
CREATE UNIQUE INDEX job_target_leased ON job (target_connection) WHERE state = 'leased';
CREATE TABLE sealed (
	grant_id TEXT NOT NULL,
	field TEXT NOT NULL,
	ciphertext BLOB NOT NULL,
	PRIMARY KEY (grant_id, field),
	FOREIGN KEY(grant_id) REFERENCES grants (id) ON DELETE CASCADE
);
CREATE TABLE collection (
	id INTEGER NOT NULL,
	job TEXT NOT NULL,
	source_id TEXT NOT NULL,
	kind TEXT NOT NULL,
	name TEXT NOT NULL,
	target_id TEXT,
	cursor TEXT,
	generation INTEGER NOT NULL,
	listing_run INTEGER,
	settled_run INTEGER NOT NULL,
	missing_runs INTEGER NOT NULL,
	properties TEXT NOT NULL,
	doubt TEXT NOT NULL,
	present INTEGER NOT NULL,
	copied INTEGER NOT NULL,
	skipped INTEGER NOT NULL,
	failed INTEGER NOT NULL,
	gone INTEGER NOT NULL,
	PRIMARY KEY (id),
	CONSTRAINT collection_source UNIQUE (job, source_id),
	FOREIGN KEY(job) REFERENCES job (id) ON DELETE CASCADE
);
CREATE TABLE item (
	collection INTEGER NOT NULL,
	id TEXT NOT NULL,
	revision TEXT,
	digest TEXT,
	size BIGINT,
	uid TEXT,
	day INTEGER,
	target_id TEXT,
	target_revision TEXT,
	target_digest TEXT,
	outcome TEXT NOT NULL,
	reason TEXT,
	detail TEXT,
	presence TEXT NOT NULL,
	attempts INTEGER NOT NULL,
	run INTEGER NOT NULL,
	seen INTEGER NOT NULL,
	fate TEXT,
	losses TEXT,
	PRIMARY KEY (collection, id),
	FOREIGN KEY(collection) REFERENCES collection (id) ON DELETE CASCADE
)
 WITHOUT ROWID;
CREATE INDEX item_fate ON item (collection, fate, id) WHERE fate is not null and outcome = 'copied' and presence = 'here';
CREATE INDEX item_gone ON item (collection, id) WHERE presence = 'gone';
CREATE INDEX item_problem ON item (collection, id) WHERE outcome <> 'copied';
CREATE INDEX item_uid ON item (collection, uid) WHERE uid is not null
