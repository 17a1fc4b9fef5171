-- Resources of every type. `partition` is the key of the part of a tenant's resources that it is in, `document` is kept as its text is, `search` is the same in the form that filters compare,
-- `members` counts a group's rows in scim_memberships, and seq is the order of creation.
CREATE TABLE scim_resources (
    partition text COLLATE "C" NOT NULL,
    id text COLLATE "C" NOT NULL,
    seq bigint GENERATED ALWAYS AS IDENTITY,
    resource_type text COLLATE "C" NOT NULL,
    version bigint NOT NULL,
    created bigint NOT NULL,
    modified bigint NOT NULL,
    members bigint NOT NULL,
    document json NOT NULL,
    search jsonb NOT NULL,
    PRIMARY KEY (partition, id)
);
CREATE INDEX scim_resources_by_type ON scim_resources (partition, resource_type, seq);

-- What resources are found by. The distinguisher is empty for a unique key and the resource's id for any other.
CREATE TABLE scim_keys (
    partition text COLLATE "C" NOT NULL,
    scope text COLLATE "C" NOT NULL,
    attribute text COLLATE "C" NOT NULL,
    key text COLLATE "C" NOT NULL,
    distinguisher text COLLATE "C" NOT NULL,
    resource text COLLATE "C" NOT NULL,
    PRIMARY KEY (partition, scope, attribute, key, distinguisher),
    FOREIGN KEY (partition, resource) REFERENCES scim_resources (partition, id) ON DELETE CASCADE
);
CREATE INDEX scim_keys_by_resource ON scim_keys (partition, resource);

-- Who is in which group, in the order in which they came.
CREATE TABLE scim_memberships (
    partition text COLLATE "C" NOT NULL,
    group_id text COLLATE "C" NOT NULL,
    member_id text COLLATE "C" NOT NULL,
    place bigint GENERATED ALWAYS AS IDENTITY,
    type text COLLATE "C" NOT NULL,
    type_key text COLLATE "C" NOT NULL,
    display text COLLATE "C",
    display_key text COLLATE "C",
    PRIMARY KEY (partition, group_id, member_id),
    FOREIGN KEY (partition, group_id) REFERENCES scim_resources (partition, id) ON DELETE CASCADE,
    FOREIGN KEY (partition, member_id) REFERENCES scim_resources (partition, id) ON DELETE CASCADE
);
CREATE INDEX scim_memberships_by_place ON scim_memberships (partition, group_id, place);
CREATE INDEX scim_memberships_by_member ON scim_memberships (partition, member_id, group_id);

-- Values that are unique beyond a partition. The space is a tenant or the platform. Without a foreign key, so that the
-- table may be distributed by another column than the others.
CREATE TABLE scim_claims (
    space text COLLATE "C" NOT NULL,
    scope text COLLATE "C" NOT NULL,
    attribute text COLLATE "C" NOT NULL,
    key text COLLATE "C" NOT NULL,
    partition text COLLATE "C" NOT NULL,
    resource text COLLATE "C" NOT NULL,
    PRIMARY KEY (space, scope, attribute, key)
);
CREATE INDEX scim_claims_by_resource ON scim_claims (partition, resource);

-- A second fence around a partition, for every role but the owner of the tables.
ALTER TABLE scim_resources ENABLE ROW LEVEL SECURITY;
ALTER TABLE scim_keys ENABLE ROW LEVEL SECURITY;
ALTER TABLE scim_memberships ENABLE ROW LEVEL SECURITY;
ALTER TABLE scim_claims ENABLE ROW LEVEL SECURITY;
CREATE POLICY scim_partition ON scim_resources USING (partition = current_setting('scim.partition', true));
CREATE POLICY scim_partition ON scim_keys USING (partition = current_setting('scim.partition', true));
CREATE POLICY scim_partition ON scim_memberships USING (partition = current_setting('scim.partition', true));
-- Claims of others are not seen; what they keep out is refused by the primary key.
CREATE POLICY scim_partition ON scim_claims USING (partition = current_setting('scim.partition', true));
