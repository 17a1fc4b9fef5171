-- Resources of every type. `search` is the document in the form that filters compare, `members` counts a group's rows in
-- scim_memberships, and seq is the order of creation; AUTOINCREMENT gives none twice.
CREATE TABLE scim_resources (
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    tenant TEXT NOT NULL,
    id TEXT NOT NULL,
    resource_type TEXT NOT NULL,
    version INTEGER NOT NULL,
    created INTEGER NOT NULL,
    modified INTEGER NOT NULL,
    members INTEGER NOT NULL,
    document TEXT NOT NULL,
    search TEXT NOT NULL,
    UNIQUE (tenant, id)
) STRICT;
CREATE INDEX scim_resources_by_type ON scim_resources (tenant, resource_type, seq);

-- What resources are found by. The distinguisher is empty for a unique key and the resource's id for any other.
CREATE TABLE scim_keys (
    tenant TEXT NOT NULL,
    scope TEXT NOT NULL,
    attribute TEXT NOT NULL,
    key TEXT NOT NULL,
    distinguisher TEXT NOT NULL,
    resource TEXT NOT NULL,
    PRIMARY KEY (tenant, scope, attribute, key, distinguisher),
    FOREIGN KEY (tenant, resource) REFERENCES scim_resources (tenant, id) ON DELETE CASCADE
) STRICT, WITHOUT ROWID;
CREATE INDEX scim_keys_by_resource ON scim_keys (tenant, resource);

-- Who is in which group, in the order in which they came.
CREATE TABLE scim_memberships (
    place INTEGER PRIMARY KEY AUTOINCREMENT,
    tenant TEXT NOT NULL,
    group_id TEXT NOT NULL,
    member_id TEXT NOT NULL,
    type TEXT NOT NULL,
    type_key TEXT NOT NULL,
    display TEXT,
    display_key TEXT,
    UNIQUE (tenant, group_id, member_id),
    FOREIGN KEY (tenant, group_id) REFERENCES scim_resources (tenant, id) ON DELETE CASCADE,
    FOREIGN KEY (tenant, member_id) REFERENCES scim_resources (tenant, id) ON DELETE CASCADE
) STRICT;
CREATE INDEX scim_memberships_by_place ON scim_memberships (tenant, group_id, place);
CREATE INDEX scim_memberships_by_member ON scim_memberships (tenant, member_id, group_id);
