-- What the application has had all along: numeric keys, names, an address, a status, and what SCIM knows nothing of.
CREATE TABLE IF NOT EXISTS users (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    login TEXT NOT NULL,
    given_name TEXT,
    family_name TEXT,
    mail TEXT,
    enabled INTEGER,
    theme TEXT NOT NULL DEFAULT 'light',
    -- What SCIM needs besides: names in the form they are compared in, an external id, and five columns of its own.
    login_key TEXT NOT NULL UNIQUE,
    given_key TEXT,
    family_key TEXT,
    external_id TEXT,
    scim_document TEXT NOT NULL,
    scim_search TEXT NOT NULL,
    scim_created INTEGER NOT NULL,
    scim_modified INTEGER NOT NULL,
    scim_version INTEGER NOT NULL
);
CREATE INDEX IF NOT EXISTS users_by_external_id ON users (external_id);

CREATE TABLE IF NOT EXISTS teams (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    name TEXT,
    name_key TEXT UNIQUE,
    external_id TEXT,
    scim_document TEXT NOT NULL,
    scim_search TEXT NOT NULL,
    scim_created INTEGER NOT NULL,
    scim_modified INTEGER NOT NULL,
    scim_version INTEGER NOT NULL
);
CREATE INDEX IF NOT EXISTS teams_by_external_id ON teams (external_id);
-- No team has the id of a user: in SCIM an id is unique among all resources (RFC 7643 s3.1).
INSERT INTO sqlite_sequence (name, seq)
SELECT 'teams', 1000000000 WHERE NOT EXISTS (SELECT 1 FROM sqlite_sequence WHERE name = 'teams');

CREATE TABLE IF NOT EXISTS team_members (
    place INTEGER PRIMARY KEY,
    team_id INTEGER NOT NULL REFERENCES teams (id) ON DELETE CASCADE,
    user_id INTEGER NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    UNIQUE (team_id, user_id)
);
CREATE INDEX IF NOT EXISTS team_members_by_user ON team_members (user_id);
