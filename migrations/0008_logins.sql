-- How people and Hubs get in, and how what they were given ends.

ALTER TABLE class_keys
  ADD COLUMN name text NOT NULL DEFAULT '',
  -- What stands in the key itself: past it nobody has to remember the key.
  ADD COLUMN expires_at timestamptz,
  -- The end that a rotation set; what the key minted lives on, unlike after a revocation.
  ADD COLUMN ends_at timestamptz,
  ADD COLUMN replaced_by uuid REFERENCES class_keys (id) ON DELETE SET NULL;
UPDATE class_keys SET expires_at = created_at + interval '365 days';
ALTER TABLE class_keys ALTER COLUMN expires_at SET NOT NULL;
-- Keys that end before they expire: what the class is told.
CREATE INDEX class_keys_ending ON class_keys (class_id) WHERE ends_at IS NOT NULL;

ALTER TABLE login_links ADD COLUMN revoked_at timestamptz;
-- A class's links; removing a class or a person.
CREATE INDEX login_links_class ON login_links (class_id, created_at DESC);
CREATE INDEX login_links_instructor ON login_links (instructor_id);

-- Whether the class's join code lets anybody in.
ALTER TABLE classes ADD COLUMN join_open boolean NOT NULL DEFAULT true;

-- By whom a person is known at an OpenID provider. Noted at their first login, found by their verified address; from then
-- on only this counts, so that a mailbox which changes hands opens nothing.
CREATE TABLE instructor_identities (
  issuer text NOT NULL,
  subject text NOT NULL,
  instructor_id uuid NOT NULL REFERENCES instructors (id) ON DELETE CASCADE,
  -- Whether the provider's word made them an administrator at their last login; that is not kept anywhere else.
  is_admin boolean NOT NULL DEFAULT false,
  created_at timestamptz NOT NULL DEFAULT now(),
  last_login_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (issuer, subject),
  UNIQUE (instructor_id, issuer)
);
