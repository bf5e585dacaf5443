-- What gives access. Secrets are kept as hashes only.

CREATE TABLE class_keys (
  id uuid PRIMARY KEY,
  class_id uuid NOT NULL REFERENCES classes (id) ON DELETE CASCADE,
  scopes text[] NOT NULL CHECK (cardinality(scopes) > 0 AND scopes <@ ARRAY['mint', 'ingest']),
  key_version integer NOT NULL,
  created_at timestamptz NOT NULL DEFAULT now(),
  revoked_at timestamptz
);
-- A class's keys.
CREATE INDEX class_keys_class ON class_keys (class_id);

CREATE TABLE login_links (
  id uuid PRIMARY KEY,
  secret_hash text NOT NULL UNIQUE CHECK (secret_hash ~ '^[0-9a-f]{64}$'),
  instructor_id uuid NOT NULL REFERENCES instructors (id) ON DELETE CASCADE,
  -- Where the link leads, if to one class.
  class_id uuid REFERENCES classes (id) ON DELETE CASCADE,
  expires_at timestamptz NOT NULL,
  redeemed_at timestamptz,
  created_at timestamptz NOT NULL DEFAULT now()
);
