-- Resources of every type. `document` is kept as its text is, `search` is the same in the form that filters compare,
-- `members` counts a group's rows in scim_memberships, and seq is the order of creation.
CREATE TABLE scim_resources (
    tenant text COLLATE "C" NOT NULL,
    id text COLLATE "C" NOT NULL,
    seq bigint GENERATED ALWAYS AS IDENTITY,
    resource_type text COLLATE "C" NOT NULL,
    version bigint NOT NULL,
    created bigint NOT NULL,
    modified bigint NOT NULL,
    members bigint NOT NULL,
    document json NOT NULL,
    search jsonb NOT NULL,
    PRIMARY KEY (tenant, id)
);
CREATE INDEX scim_resources_by_type ON scim_resources (tenant, resource_type, seq);

-- What resources are found by. The distinguisher is empty for a unique key and the resource's id for any other.
CREATE TABLE scim_keys (
    tenant text COLLATE "C" NOT NULL,
    scope text COLLATE "C" NOT NULL,
    attribute text COLLATE "C" NOT NULL,
    key text COLLATE "C" NOT NULL,
    distinguisher text COLLATE "C" NOT NULL,
    resource text COLLATE "C" NOT NULL,
    PRIMARY KEY (tenant, scope, attribute, key, distinguisher),
    FOREIGN KEY (tenant, resource) REFERENCES scim_resources (tenant, id) ON DELETE CASCADE
);
CREATE INDEX scim_keys_by_resource ON scim_keys (tenant, resource);

-- Who is in which group, in the order in which they came.
CREATE TABLE scim_memberships (
    tenant text COLLATE "C" NOT NULL,
    group_id text COLLATE "C" NOT NULL,
    member_id text COLLATE "C" NOT NULL,
    place bigint GENERATED ALWAYS AS IDENTITY,
    type text COLLATE "C" NOT NULL,
    type_key text COLLATE "C" NOT NULL,
    display text COLLATE "C",
    display_key text COLLATE "C",
    PRIMARY KEY (tenant, group_id, member_id),
    FOREIGN KEY (tenant, group_id) REFERENCES scim_resources (tenant, id) ON DELETE CASCADE,
    FOREIGN KEY (tenant, member_id) REFERENCES scim_resources (tenant, id) ON DELETE CASCADE
);
CREATE INDEX scim_memberships_by_place ON scim_memberships (tenant, group_id, place);
CREATE INDEX scim_memberships_by_member ON scim_memberships (tenant, member_id, group_id);

-- A second fence around a tenant, for every role but the owner of the tables.
ALTER TABLE scim_resources ENABLE ROW LEVEL SECURITY;
ALTER TABLE scim_keys ENABLE ROW LEVEL SECURITY;
ALTER TABLE scim_memberships ENABLE ROW LEVEL SECURITY;
CREATE POLICY scim_tenant ON scim_resources USING (tenant = current_setting('scim.tenant', true));
CREATE POLICY scim_tenant ON scim_keys USING (tenant = current_setting('scim.tenant', true));
CREATE POLICY scim_tenant ON scim_memberships USING (tenant = current_setting('scim.tenant', true));
