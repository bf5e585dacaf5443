-- Who teaches, who learns, and in which class. Ids are made by the callers: UUIDv7 for what people create,
-- UUIDv8 (SHA-256 of a natural key) for what events bring.

CREATE TABLE instructors (
  id uuid PRIMARY KEY,
  email text NOT NULL UNIQUE,
  name text NOT NULL,
  role text NOT NULL DEFAULT 'instructor' CHECK (role IN ('instructor', 'admin')),
  -- Raising it ends every session and token given out before.
  token_epoch integer NOT NULL DEFAULT 1,
  created_at timestamptz NOT NULL DEFAULT now(),
  updated_at timestamptz NOT NULL DEFAULT now()
);

CREATE TABLE classes (
  id uuid PRIMARY KEY,
  class_code text NOT NULL UNIQUE,
  name text NOT NULL,
  description text,
  instructor_id uuid REFERENCES instructors (id) ON DELETE SET NULL,
  start_date date,
  end_date date,
  is_active boolean NOT NULL DEFAULT true,
  capture_level text NOT NULL DEFAULT 'activity'
    CHECK (capture_level IN ('activity', 'errors', 'outputs', 'code')),
  join_code text UNIQUE,
  -- Tokens name the version they were signed under; raising it revokes all of the class's.
  key_version integer NOT NULL DEFAULT 1,
  settings jsonb NOT NULL DEFAULT '{}',
  retention_days integer NOT NULL DEFAULT 180 CHECK (retention_days > 0),
  -- Counts changes, so that the class's object takes a configuration once and never an older one.
  version bigint NOT NULL DEFAULT 1,
  created_at timestamptz NOT NULL DEFAULT now(),
  updated_at timestamptz NOT NULL DEFAULT now()
);

-- Which classes an instructor may see, and as what.
CREATE TABLE instructor_classes (
  instructor_id uuid NOT NULL REFERENCES instructors (id) ON DELETE CASCADE,
  class_id uuid NOT NULL REFERENCES classes (id) ON DELETE CASCADE,
  role text NOT NULL DEFAULT 'instructor' CHECK (role IN ('instructor', 'ta')),
  created_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (instructor_id, class_id)
);
-- The staff of a class.
CREATE INDEX instructor_classes_class ON instructor_classes (class_id);

CREATE TABLE teams (
  id uuid PRIMARY KEY,
  class_id uuid NOT NULL REFERENCES classes (id) ON DELETE CASCADE,
  name text NOT NULL,
  description text,
  created_at timestamptz NOT NULL DEFAULT now(),
  updated_at timestamptz NOT NULL DEFAULT now(),
  UNIQUE (class_id, name)
);

-- A student is one row in all classes; the id is made of who vouches for the name (issuer) and the name (subject).
CREATE TABLE students (
  id uuid PRIMARY KEY,
  name text NOT NULL DEFAULT '',
  email text,
  issuer text,
  subject text,
  -- Name and email come from a roster: what events say of them is not taken.
  rostered boolean NOT NULL DEFAULT false,
  -- For each column that events fill, the order key of the event that did.
  set_by jsonb NOT NULL DEFAULT '{}',
  created_at timestamptz NOT NULL DEFAULT now(),
  updated_at timestamptz NOT NULL DEFAULT now()
);

CREATE TABLE student_classes (
  student_id uuid NOT NULL REFERENCES students (id) ON DELETE CASCADE,
  class_id uuid NOT NULL REFERENCES classes (id) ON DELETE CASCADE,
  team_id uuid REFERENCES teams (id) ON DELETE SET NULL,
  role text NOT NULL DEFAULT 'student' CHECK (role IN ('student', 'ta', 'guest')),
  -- On the class's roster, as opposed to having turned up.
  rostered boolean NOT NULL DEFAULT false,
  set_by jsonb NOT NULL DEFAULT '{}',
  joined_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (class_id, student_id)
);
-- A student's classes; erasing a student.
CREATE INDEX student_classes_student ON student_classes (student_id);
-- A team's members; removing a team.
CREATE INDEX student_classes_team ON student_classes (team_id) WHERE team_id IS NOT NULL;
