-- Tables of the first release, as it made them.
CREATE TABLE meta (
	name TEXT NOT NULL,
	value TEXT NOT NULL,
	PRIMARY KEY (name)
);
CREATE TABLE schema_id (
	id INTEGER NOT NULL,
	subject TEXT NOT NULL,
	version INTEGER NOT NULL,
	event TEXT NOT NULL,
	body TEXT NOT NULL,
	PRIMARY KEY (id),
	UNIQUE (subject, version)
);
CREATE TABLE content (
	digest BLOB NOT NULL,
	event_ms BIGINT,
	unit TEXT,
	body BLOB NOT NULL,
	UNIQUE (digest)
);
CREATE TABLE statement (
	event TEXT NOT NULL,
	"key" TEXT NOT NULL,
	version TEXT NOT NULL,
	observed TEXT NOT NULL,
	digest BLOB NOT NULL,
	state INTEGER NOT NULL,
	export INTEGER NOT NULL,
	PRIMARY KEY (event, "key", version, observed, digest)
)
 WITHOUT ROWID
;
CREATE INDEX statement_new ON statement (event, "key", version) WHERE state = 0;
CREATE TABLE subject (
	kind TEXT NOT NULL,
	"key" TEXT NOT NULL,
	observed TEXT NOT NULL,
	export INTEGER NOT NULL,
	PRIMARY KEY (kind, "key")
)
 WITHOUT ROWID
;
CREATE INDEX subject_export ON subject (export);
CREATE TABLE export (
	id INTEGER NOT NULL,
	source TEXT NOT NULL,
	kind TEXT NOT NULL,
	file TEXT NOT NULL,
	observed TEXT NOT NULL,
	at_ms BIGINT NOT NULL,
	traceparent TEXT,
	rows INTEGER,
	event_id TEXT,
	PRIMARY KEY (id),
	UNIQUE (event_id)
);
CREATE TABLE outbox (
	id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
	topic TEXT NOT NULL,
	partition INTEGER NOT NULL,
	size INTEGER NOT NULL,
	block BLOB NOT NULL
);
CREATE TABLE generation (
	id INTEGER NOT NULL,
	consumer TEXT NOT NULL,
	state TEXT NOT NULL,
	made_ms BIGINT NOT NULL,
	why TEXT NOT NULL,
	PRIMARY KEY (id)
);
CREATE TABLE position (
	generation INTEGER NOT NULL,
	topic TEXT NOT NULL,
	partition INTEGER NOT NULL,
	next_offset BIGINT NOT NULL,
	recorded_ms BIGINT NOT NULL,
	PRIMARY KEY (generation, topic, partition)
)
 WITHOUT ROWID
;
CREATE TABLE inbox (
	generation INTEGER NOT NULL,
	event_id TEXT NOT NULL,
	PRIMARY KEY (generation, event_id)
)
 WITHOUT ROWID
;
CREATE TABLE fact (
	generation INTEGER NOT NULL,
	node TEXT NOT NULL,
	event TEXT NOT NULL,
	"key" TEXT NOT NULL,
	version TEXT NOT NULL,
	observed TEXT NOT NULL,
	event_ms BIGINT,
	recorded_ms BIGINT NOT NULL,
	event_id TEXT NOT NULL,
	digest TEXT NOT NULL,
	payload BLOB NOT NULL
);
CREATE INDEX fact_node ON fact (generation, node);
CREATE TABLE dirty (
	generation INTEGER NOT NULL,
	node TEXT NOT NULL,
	PRIMARY KEY (generation, node)
)
 WITHOUT ROWID
;
CREATE TABLE view_row (
	generation INTEGER NOT NULL,
	"view" TEXT NOT NULL,
	node TEXT NOT NULL,
	ref TEXT,
	body TEXT NOT NULL,
	evidence TEXT NOT NULL
);
CREATE INDEX view_row_node ON view_row (generation, node);
CREATE INDEX view_row_ref ON view_row (generation, ref) WHERE ref is not null;
CREATE TABLE dead_letter (
	id TEXT NOT NULL,
	state TEXT NOT NULL,
	origin TEXT NOT NULL,
	reason TEXT NOT NULL,
	source TEXT NOT NULL,
	event TEXT,
	topic TEXT,
	"key" TEXT,
	node TEXT,
	place TEXT NOT NULL,
	message TEXT NOT NULL,
	context TEXT NOT NULL,
	original BLOB NOT NULL,
	attempts INTEGER NOT NULL,
	at_ms BIGINT NOT NULL,
	closed_ms BIGINT,
	because TEXT,
	PRIMARY KEY (id)
);
CREATE INDEX dead_letter_node ON dead_letter (node) WHERE state = 'open';
insert into meta values ('schema', '3');
