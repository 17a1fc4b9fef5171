-- Every change, if the store is told to keep an audit trail: who changed what, when and by which request. Lists and
-- documents are JSON.
CREATE TABLE scim_audit (
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    time INTEGER NOT NULL,
    tenant TEXT NOT NULL,
    connection TEXT,
    principal TEXT NOT NULL,
    key_id TEXT,
    request_id TEXT NOT NULL,
    resource_type TEXT NOT NULL,
    resource TEXT NOT NULL,
    kind TEXT NOT NULL,
    changed TEXT NOT NULL,
    members_added TEXT NOT NULL,
    members_removed TEXT NOT NULL,
    before TEXT,
    after TEXT
) STRICT;
CREATE INDEX scim_audit_by_tenant ON scim_audit (tenant, seq);
CREATE INDEX scim_audit_by_connection ON scim_audit (tenant, connection, seq);
CREATE INDEX scim_audit_by_resource ON scim_audit (tenant, resource, seq);
