-- Provisioning connections of tenants. The profile is JSON.
CREATE TABLE scim_connections (
    id TEXT NOT NULL PRIMARY KEY,
    tenant TEXT NOT NULL,
    provider TEXT NOT NULL,
    name TEXT NOT NULL,
    base_url TEXT,
    profile TEXT,
    policy TEXT,
    state TEXT NOT NULL,
    shares_resources INTEGER NOT NULL,
    created INTEGER NOT NULL,
    last_success INTEGER,
    last_failure INTEGER
) STRICT;
CREATE INDEX scim_connections_by_tenant ON scim_connections (tenant, created, id);

-- Their keys, by the public part. The hash is the SHA-256 of the whole key, the scopes are JSON.
CREATE TABLE scim_connection_keys (
    id TEXT NOT NULL PRIMARY KEY,
    connection TEXT NOT NULL REFERENCES scim_connections (id),
    hash BLOB NOT NULL,
    scopes TEXT NOT NULL,
    created INTEGER NOT NULL,
    expires INTEGER,
    revoked INTEGER,
    last_used INTEGER
) STRICT;
CREATE INDEX scim_connection_keys_by_connection ON scim_connection_keys (connection, created, id);

-- What connections asked and were answered, in the order in which it was recorded; of each the last ones are kept.
CREATE TABLE scim_requests (
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    time INTEGER NOT NULL,
    tenant TEXT NOT NULL,
    connection TEXT NOT NULL,
    key_id TEXT,
    request_id TEXT NOT NULL,
    method TEXT NOT NULL,
    route TEXT NOT NULL,
    resource TEXT,
    status INTEGER NOT NULL,
    scim_type TEXT,
    detail TEXT,
    ignored TEXT NOT NULL,
    micros INTEGER NOT NULL
) STRICT;
CREATE INDEX scim_requests_by_connection ON scim_requests (connection, seq);
