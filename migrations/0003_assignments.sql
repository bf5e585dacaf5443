-- Work that is given and handed in.

CREATE TABLE class_assignments (
  id uuid PRIMARY KEY,
  class_id uuid NOT NULL REFERENCES classes (id) ON DELETE CASCADE,
  notebook_id uuid NOT NULL REFERENCES notebooks (id) ON DELETE CASCADE,
  title text NOT NULL,
  description text,
  due_date timestamptz,
  points double precision CHECK (points >= 0),
  created_at timestamptz NOT NULL DEFAULT now(),
  updated_at timestamptz NOT NULL DEFAULT now()
);
-- A class's assignments.
CREATE INDEX class_assignments_class ON class_assignments (class_id, due_date);
-- Removing a notebook must not scan the table.
CREATE INDEX class_assignments_notebook ON class_assignments (notebook_id);

CREATE TABLE assignment_submissions (
  id uuid PRIMARY KEY,
  class_id uuid NOT NULL REFERENCES classes (id) ON DELETE CASCADE,
  assignment_id uuid NOT NULL REFERENCES class_assignments (id) ON DELETE CASCADE,
  student_id uuid NOT NULL REFERENCES students (id) ON DELETE CASCADE,
  notebook_content jsonb,
  submitted_at timestamptz NOT NULL DEFAULT now(),
  status text NOT NULL DEFAULT 'submitted' CHECK (status IN ('submitted', 'graded', 'returned')),
  grade double precision,
  feedback text,
  created_at timestamptz NOT NULL DEFAULT now(),
  updated_at timestamptz NOT NULL DEFAULT now()
);
-- An assignment's submissions, and one student's among them.
CREATE INDEX assignment_submissions_assignment ON assignment_submissions (assignment_id, student_id, submitted_at DESC);
-- A student's submissions; erasing a student.
CREATE INDEX assignment_submissions_student ON assignment_submissions (student_id, submitted_at DESC);
-- Removing a class.
CREATE INDEX assignment_submissions_class ON assignment_submissions (class_id);
