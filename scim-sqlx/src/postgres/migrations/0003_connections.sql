-- Provisioning connections of tenants. A key is looked up before anybody knows the tenant, so that there is no fence
-- around tenants here.
CREATE TABLE scim_connections (
    id text COLLATE "C" PRIMARY KEY,
    tenant text COLLATE "C" NOT NULL,
    provider text COLLATE "C" NOT NULL,
    name text COLLATE "C" NOT NULL,
    base_url text COLLATE "C",
    profile json,
    policy text COLLATE "C",
    state text COLLATE "C" NOT NULL,
    shares_resources boolean NOT NULL,
    created bigint NOT NULL,
    last_success bigint,
    last_failure bigint
);
CREATE INDEX scim_connections_by_tenant ON scim_connections (tenant, created, id);

-- Their keys, by the public part. The hash is the SHA-256 of the whole key.
CREATE TABLE scim_connection_keys (
    id text COLLATE "C" PRIMARY KEY,
    connection text COLLATE "C" NOT NULL REFERENCES scim_connections (id),
    hash bytea NOT NULL,
    scopes json NOT NULL,
    created bigint NOT NULL,
    expires bigint,
    revoked bigint,
    last_used bigint
);
CREATE INDEX scim_connection_keys_by_connection ON scim_connection_keys (connection, created, id);

-- What connections asked and were answered, in the order in which it was recorded; of each the last ones are kept.
CREATE TABLE scim_requests (
    connection text COLLATE "C" NOT NULL,
    seq bigint GENERATED ALWAYS AS IDENTITY,
    time bigint NOT NULL,
    tenant text COLLATE "C" NOT NULL,
    key_id text COLLATE "C",
    request_id text COLLATE "C" NOT NULL,
    method text COLLATE "C" NOT NULL,
    route text COLLATE "C" NOT NULL,
    resource text COLLATE "C",
    status bigint NOT NULL,
    scim_type text COLLATE "C",
    detail text COLLATE "C",
    ignored json NOT NULL,
    micros bigint NOT NULL,
    PRIMARY KEY (connection, seq)
);
