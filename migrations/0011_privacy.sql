-- Who agreed to what, who looked at what, and who was forgotten.

ALTER TABLE classes
  -- What students are asked to agree to; another text is another version, and asks them again.
  ADD COLUMN consent_version integer NOT NULL DEFAULT 1 CHECK (consent_version > 0),
  ADD COLUMN consent_text text NOT NULL DEFAULT '';

-- Every choice that a student made; the newest counts. A student may choose before any event told of them.
CREATE TABLE consents (
  id uuid PRIMARY KEY,
  class_id uuid NOT NULL REFERENCES classes (id) ON DELETE CASCADE,
  student_id uuid NOT NULL,
  version integer NOT NULL,
  choice text NOT NULL CHECK (choice IN ('accepted', 'refused')),
  at timestamptz NOT NULL DEFAULT clock_timestamp()
);
-- What a student chose last; what a class's object is told.
CREATE INDEX consents_student ON consents (class_id, student_id, at DESC);
-- Erasing a student everywhere.
CREATE INDEX consents_of_student ON consents (student_id);

CREATE FUNCTION raise_versions_of_chosen() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  UPDATE classes SET version = version + 1 WHERE id IN (SELECT class_id FROM chosen);
  RETURN NULL;
END $$;
CREATE TRIGGER consents_are_told AFTER INSERT ON consents
  REFERENCING NEW TABLE AS chosen FOR EACH STATEMENT EXECUTE FUNCTION raise_versions_of_chosen();

-- Who looked at a student's code and outputs, exported or erased.
CREATE TABLE audit_log (
  id uuid PRIMARY KEY,
  at timestamptz NOT NULL DEFAULT clock_timestamp(),
  -- A person, the first admin, or a student: the subject of their credential.
  actor text NOT NULL,
  actor_role text NOT NULL,
  action text NOT NULL,
  class_id uuid REFERENCES classes (id) ON DELETE CASCADE,
  -- Null where it was about the whole class, and once the student has been erased.
  student_id uuid,
  details jsonb NOT NULL DEFAULT '{}'
);
-- A class's entries, the newest first.
CREATE INDEX audit_log_class ON audit_log (class_id, at DESC, id);
-- A student's own.
CREATE INDEX audit_log_student ON audit_log (student_id, at DESC, id) WHERE student_id IS NOT NULL;

-- Receipts: what was erased where, and when. Of whom they do not say.
CREATE TABLE erasures (
  id uuid PRIMARY KEY,
  class_id uuid NOT NULL REFERENCES classes (id) ON DELETE CASCADE,
  requested_by text NOT NULL,
  requested_at timestamptz NOT NULL DEFAULT clock_timestamp(),
  erased jsonb NOT NULL,
  remains jsonb NOT NULL
);
-- A class's receipts, the newest first.
CREATE INDEX erasures_class ON erasures (class_id, requested_at DESC);

-- Of whom nothing is taken any more, by a hash that says nothing of who it was: what is still on its way must not bring
-- them back.
CREATE TABLE erased_students (
  class_id uuid NOT NULL REFERENCES classes (id) ON DELETE CASCADE,
  student_hash text NOT NULL,
  erased_at timestamptz NOT NULL DEFAULT clock_timestamp(),
  PRIMARY KEY (class_id, student_hash)
);

CREATE FUNCTION raise_consent_version() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  NEW.consent_version := OLD.consent_version + 1;
  RETURN NEW;
END $$;
CREATE TRIGGER consent_texts_have_versions BEFORE UPDATE OF consent_text ON classes
  FOR EACH ROW WHEN (OLD.consent_text IS DISTINCT FROM NEW.consent_text) EXECUTE FUNCTION raise_consent_version();
