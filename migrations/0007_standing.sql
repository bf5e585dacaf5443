-- Whether a credential still stands, asked in the same round trip as what it is used for; and versions of rows, so that
-- two people who edit one do not overwrite each other.

-- Credentials of a class that were given out before a moment and are void since. The subject is a student, a person who
-- teaches, or a class key, with which all go that it minted.
CREATE TABLE revocations (
  class_id uuid NOT NULL REFERENCES classes (id) ON DELETE CASCADE,
  subject text NOT NULL,
  revoked_before timestamptz NOT NULL,
  PRIMARY KEY (class_id, subject)
);

ALTER TABLE instructors
  DROP CONSTRAINT instructors_role_check,
  ADD CONSTRAINT instructors_role_check CHECK (role IN ('instructor', 'admin', 'researcher'));
ALTER TABLE instructor_classes
  DROP CONSTRAINT instructor_classes_role_check,
  ADD CONSTRAINT instructor_classes_role_check CHECK (role IN ('instructor', 'ta', 'researcher'));

-- Counts what people change of a row; what events bring does not count.
ALTER TABLE instructors ADD COLUMN version bigint NOT NULL DEFAULT 1;
ALTER TABLE students ADD COLUMN version bigint NOT NULL DEFAULT 1;
ALTER TABLE student_classes ADD COLUMN version bigint NOT NULL DEFAULT 1;
ALTER TABLE teams ADD COLUMN version bigint NOT NULL DEFAULT 1;
ALTER TABLE notebooks ADD COLUMN version bigint NOT NULL DEFAULT 1;
ALTER TABLE class_assignments ADD COLUMN version bigint NOT NULL DEFAULT 1;
ALTER TABLE assignment_submissions ADD COLUMN version bigint NOT NULL DEFAULT 1;

-- Raises CM401 unless the credential stands. A person's stands while their epoch is the one it was made under; a class's
-- while its keys have not been replaced and neither it nor the key that minted it was revoked since.
CREATE FUNCTION assert_person_stands(person uuid, epoch integer) RETURNS void LANGUAGE plpgsql STABLE AS $$
BEGIN
  IF NOT EXISTS (SELECT FROM instructors i WHERE i.id = person AND i.token_epoch = epoch) THEN
    RAISE EXCEPTION 'The credential has been revoked.' USING ERRCODE = 'CM401';
  END IF;
END $$;

CREATE FUNCTION assert_class_credential_stands(
  class uuid, made_under integer, subjects text[], issued_at timestamptz
) RETURNS void LANGUAGE plpgsql STABLE AS $$
BEGIN
  IF NOT EXISTS (SELECT FROM classes c WHERE c.id = class AND c.key_version <= made_under) OR EXISTS (
    SELECT FROM revocations r
    WHERE r.class_id = class AND r.subject = ANY (subjects) AND issued_at < r.revoked_before
  ) THEN
    RAISE EXCEPTION 'The credential has been revoked.' USING ERRCODE = 'CM401';
  END IF;
END $$;
