-- What a course is made of: its settings, sections, who of the staff is confined to which, and lessons.

ALTER TABLE classes
  -- Errors in a row on a cell that make a student stuck.
  ADD COLUMN stuck_after_errors integer NOT NULL DEFAULT 3 CHECK (stuck_after_errors > 0),
  ADD COLUMN idle_after_ms integer NOT NULL DEFAULT 300000 CHECK (idle_after_ms > 0),
  -- Path globs of the notebooks that belong to the class, as a list; with none of them the notebook's metadata says it.
  ADD COLUMN notebooks jsonb NOT NULL DEFAULT '[]',
  -- Set where removing has begun: whatever comes for the class finds none, and the removing can be asked for again.
  ADD COLUMN removing_since timestamptz,
  ADD CONSTRAINT classes_end_date_check CHECK (end_date >= start_date);
UPDATE classes SET
  stuck_after_errors = coalesce((settings->>'stuckAfterErrors')::integer, stuck_after_errors),
  idle_after_ms = coalesce((settings->>'idleAfterMs')::integer, idle_after_ms);
ALTER TABLE classes DROP COLUMN settings;

CREATE TABLE sections (
  id uuid PRIMARY KEY,
  class_id uuid NOT NULL REFERENCES classes (id) ON DELETE CASCADE,
  name text NOT NULL,
  description text,
  version bigint NOT NULL DEFAULT 1,
  created_at timestamptz NOT NULL DEFAULT now(),
  updated_at timestamptz NOT NULL DEFAULT now(),
  UNIQUE (class_id, name),
  UNIQUE (class_id, id)
);

-- A team or a section of another class is none.
ALTER TABLE teams ADD UNIQUE (class_id, id);
ALTER TABLE student_classes
  ADD COLUMN section_id uuid,
  DROP CONSTRAINT student_classes_team_id_fkey,
  ADD CONSTRAINT student_classes_team_id_fkey
    FOREIGN KEY (class_id, team_id) REFERENCES teams (class_id, id) ON DELETE SET NULL (team_id),
  ADD CONSTRAINT student_classes_section_id_fkey
    FOREIGN KEY (class_id, section_id) REFERENCES sections (class_id, id) ON DELETE SET NULL (section_id);
-- A section's students; removing a section.
CREATE INDEX student_classes_section ON student_classes (section_id) WHERE section_id IS NOT NULL;

ALTER TABLE instructor_classes
  -- To the sections below, even where there are none of them left.
  ADD COLUMN is_confined boolean NOT NULL DEFAULT false,
  ADD COLUMN version bigint NOT NULL DEFAULT 1;

CREATE TABLE instructor_sections (
  instructor_id uuid NOT NULL,
  class_id uuid NOT NULL,
  section_id uuid NOT NULL,
  PRIMARY KEY (instructor_id, class_id, section_id),
  FOREIGN KEY (instructor_id, class_id) REFERENCES instructor_classes (instructor_id, class_id) ON DELETE CASCADE,
  CONSTRAINT instructor_sections_section_ids_fkey
    FOREIGN KEY (class_id, section_id) REFERENCES sections (class_id, id) ON DELETE CASCADE
);
-- Removing a section.
CREATE INDEX instructor_sections_section ON instructor_sections (class_id, section_id);

CREATE TABLE lessons (
  id uuid PRIMARY KEY,
  class_id uuid NOT NULL REFERENCES classes (id) ON DELETE CASCADE,
  title text NOT NULL,
  description text,
  planned_start timestamptz,
  planned_end timestamptz,
  started_at timestamptz,
  stopped_at timestamptz,
  -- [[from, to], [from]]: Unix ms; the last may still go on.
  breaks jsonb NOT NULL DEFAULT '[]',
  -- File name of the reference notebook, and its cells of code as they were handed out.
  reference_notebook text,
  reference_cells jsonb,
  reference_size integer GENERATED ALWAYS AS (jsonb_array_length(reference_cells)) STORED,
  version bigint NOT NULL DEFAULT 1,
  created_at timestamptz NOT NULL DEFAULT now(),
  updated_at timestamptz NOT NULL DEFAULT now(),
  CHECK (stopped_at IS NULL OR started_at IS NOT NULL),
  CONSTRAINT lessons_planned_end_check CHECK (planned_end >= planned_start)
);
-- A class's lessons, and the one its object is told of.
CREATE INDEX lessons_class ON lessons (class_id, started_at DESC NULLS LAST);
-- A class has one lesson at a time.
CREATE UNIQUE INDEX lessons_going_on ON lessons (class_id) WHERE started_at IS NOT NULL AND stopped_at IS NULL;

-- What a class's object is told of stands in other tables, too: a change there is one of the class.
CREATE FUNCTION raise_class_version() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  UPDATE classes SET version = version + 1 WHERE id = coalesce(NEW.class_id, OLD.class_id);
  RETURN NULL;
END $$;

CREATE TRIGGER lessons_are_told AFTER INSERT OR UPDATE OR DELETE ON lessons
  FOR EACH ROW EXECUTE FUNCTION raise_class_version();
-- Of a statement once, not of each of the thousands of students that a roster brings.
CREATE FUNCTION raise_versions_of_placed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  UPDATE classes SET version = version + 1
  WHERE id IN (SELECT class_id FROM placed WHERE section_id IS NOT NULL);
  RETURN NULL;
END $$;

CREATE FUNCTION raise_versions_of_moved() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  UPDATE classes SET version = version + 1
  WHERE id IN (
    SELECT class_id FROM moved JOIN unmoved USING (class_id, student_id)
    WHERE moved.section_id IS DISTINCT FROM unmoved.section_id
  );
  RETURN NULL;
END $$;

CREATE TRIGGER sections_of_new_students_are_told AFTER INSERT ON student_classes
  REFERENCING NEW TABLE AS placed FOR EACH STATEMENT EXECUTE FUNCTION raise_versions_of_placed();
CREATE TRIGGER sections_of_students_are_told AFTER UPDATE ON student_classes
  REFERENCING OLD TABLE AS unmoved NEW TABLE AS moved FOR EACH STATEMENT EXECUTE FUNCTION raise_versions_of_moved();
