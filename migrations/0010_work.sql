-- Work that is handed in, and where a class sits.

-- An assignment's notebook is one of its own class; a submission's assignment as well.
ALTER TABLE notebooks ADD UNIQUE (class_id, id);
ALTER TABLE class_assignments
  DROP CONSTRAINT class_assignments_notebook_id_fkey,
  ADD CONSTRAINT class_assignments_notebook_id_fkey
    FOREIGN KEY (class_id, notebook_id) REFERENCES notebooks (class_id, id) ON DELETE CASCADE,
  ADD UNIQUE (class_id, id);
ALTER TABLE assignment_submissions
  DROP CONSTRAINT assignment_submissions_assignment_id_fkey,
  ADD CONSTRAINT assignment_submissions_assignment_id_fkey
    FOREIGN KEY (class_id, assignment_id) REFERENCES class_assignments (class_id, id) ON DELETE CASCADE,
  -- jsonb would refuse some of what notebooks hold.
  ALTER COLUMN notebook_content TYPE json,
  -- Counts a student's submissions to an assignment, from 1.
  ADD COLUMN attempt integer NOT NULL DEFAULT 1 CHECK (attempt > 0),
  -- After the due date as it was then.
  ADD COLUMN is_late boolean NOT NULL DEFAULT false,
  ADD COLUMN graded_at timestamptz,
  -- A person, or the first admin.
  ADD COLUMN graded_by text,
  ADD CONSTRAINT assignment_submissions_grade_check CHECK (grade >= 0),
  -- Whether the class's object has been told of it.
  ADD COLUMN is_told boolean NOT NULL DEFAULT false,
  ADD CONSTRAINT assignment_submissions_attempt_key UNIQUE (assignment_id, student_id, attempt);
-- What a class's object is still to be told.
CREATE INDEX assignment_submissions_untold ON assignment_submissions (class_id) WHERE NOT is_told;

-- Where the class sits: a floor plan, and where on it each team is.
CREATE TABLE classroom_maps (
  class_id uuid PRIMARY KEY REFERENCES classes (id) ON DELETE CASCADE,
  content_type text NOT NULL CHECK (content_type IN ('image/png', 'image/jpeg', 'image/webp')),
  image bytea NOT NULL,
  -- SHA-256 of the image, in hex: by it browsers know whether they have it.
  digest text NOT NULL,
  updated_at timestamptz NOT NULL DEFAULT now()
);
CREATE TABLE team_positions (
  class_id uuid NOT NULL,
  team_id uuid NOT NULL,
  -- Parts of the plan's width and height, from its upper left corner.
  x double precision NOT NULL CHECK (x BETWEEN 0 AND 1),
  y double precision NOT NULL CHECK (y BETWEEN 0 AND 1),
  PRIMARY KEY (class_id, team_id),
  FOREIGN KEY (class_id, team_id) REFERENCES teams (class_id, id) ON DELETE CASCADE
);
