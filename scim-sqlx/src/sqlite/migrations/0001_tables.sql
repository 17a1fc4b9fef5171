-- Resources of every type. `partition` is the key of the part of a tenant's resources that it is in, `search` is the document in the form that filters compare, `members` counts a group's rows in
-- scim_memberships, and seq is the order of creation; AUTOINCREMENT gives none twice.
CREATE TABLE scim_resources (
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    partition TEXT NOT NULL,
    id TEXT NOT NULL,
    resource_type TEXT NOT NULL,
    version INTEGER NOT NULL,
    created INTEGER NOT NULL,
    modified INTEGER NOT NULL,
    members INTEGER NOT NULL,
    document TEXT NOT NULL,
    search TEXT NOT NULL,
    UNIQUE (partition, id)
) STRICT;
CREATE INDEX scim_resources_by_type ON scim_resources (partition, resource_type, seq);

-- What resources are found by. The distinguisher is empty for a unique key and the resource's id for any other.
CREATE TABLE scim_keys (
    partition TEXT NOT NULL,
    scope TEXT NOT NULL,
    attribute TEXT NOT NULL,
    key TEXT NOT NULL,
    distinguisher TEXT NOT NULL,
    resource TEXT NOT NULL,
    PRIMARY KEY (partition, scope, attribute, key, distinguisher),
    FOREIGN KEY (partition, resource) REFERENCES scim_resources (partition, id) ON DELETE CASCADE
) STRICT, WITHOUT ROWID;
CREATE INDEX scim_keys_by_resource ON scim_keys (partition, resource);

-- Who is in which group, in the order in which they came.
CREATE TABLE scim_memberships (
    place INTEGER PRIMARY KEY AUTOINCREMENT,
    partition TEXT NOT NULL,
    group_id TEXT NOT NULL,
    member_id TEXT NOT NULL,
    type TEXT NOT NULL,
    type_key TEXT NOT NULL,
    display TEXT,
    display_key TEXT,
    UNIQUE (partition, group_id, member_id),
    FOREIGN KEY (partition, group_id) REFERENCES scim_resources (partition, id) ON DELETE CASCADE,
    FOREIGN KEY (partition, member_id) REFERENCES scim_resources (partition, id) ON DELETE CASCADE
) STRICT;
CREATE INDEX scim_memberships_by_place ON scim_memberships (partition, group_id, place);
CREATE INDEX scim_memberships_by_member ON scim_memberships (partition, member_id, group_id);

-- Values that are unique beyond a partition. The space is a tenant or the platform.
CREATE TABLE scim_claims (
    space TEXT NOT NULL,
    scope TEXT NOT NULL,
    attribute TEXT NOT NULL,
    key TEXT NOT NULL,
    partition TEXT NOT NULL,
    resource TEXT NOT NULL,
    PRIMARY KEY (space, scope, attribute, key),
    FOREIGN KEY (partition, resource) REFERENCES scim_resources (partition, id) ON DELETE CASCADE
) STRICT, WITHOUT ROWID;
CREATE INDEX scim_claims_by_resource ON scim_claims (partition, resource);
