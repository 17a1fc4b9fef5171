-- Every change, if the store is told to keep an audit trail: who changed what, when and by which request.
CREATE TABLE scim_audit (
    tenant text COLLATE "C" NOT NULL,
    seq bigint GENERATED ALWAYS AS IDENTITY,
    time bigint NOT NULL,
    connection text COLLATE "C",
    principal text COLLATE "C" NOT NULL,
    key_id text COLLATE "C",
    request_id text COLLATE "C" NOT NULL,
    resource_type text COLLATE "C" NOT NULL,
    resource text COLLATE "C" NOT NULL,
    kind text COLLATE "C" NOT NULL,
    changed json NOT NULL,
    members_added json NOT NULL,
    members_removed json NOT NULL,
    before json,
    after json,
    PRIMARY KEY (tenant, seq)
);
CREATE INDEX scim_audit_by_connection ON scim_audit (tenant, connection, seq);
CREATE INDEX scim_audit_by_resource ON scim_audit (tenant, resource, seq);

-- The trail of a tenant is that of all its partitions.
ALTER TABLE scim_audit ENABLE ROW LEVEL SECURITY;
CREATE POLICY scim_tenant ON scim_audit USING (tenant = current_setting('scim.tenant', true));
