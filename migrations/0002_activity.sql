-- What students do, as their events tell it. Rows are written by the class's object again and again, in any order
-- and in any cut; columns named *_order and set_by hold order keys, compared by bytes, which make the outcome the
-- same. Times are by the server's clock; client_time is what the client's own said.
-- Counts are bigint and durations double precision because that is what JSON numbers can hold.

CREATE TABLE notebooks (
  id uuid PRIMARY KEY,
  class_id uuid NOT NULL REFERENCES classes (id) ON DELETE CASCADE,
  -- Null when events name the notebook by an id of their own only.
  path text,
  external_id text,
  name text NOT NULL,
  kernel_name text,
  last_modified timestamptz,
  set_by jsonb NOT NULL DEFAULT '{}',
  created_at timestamptz NOT NULL,
  updated_at timestamptz NOT NULL,
  UNIQUE (class_id, path)
);

CREATE TABLE cells (
  id uuid PRIMARY KEY,
  class_id uuid NOT NULL REFERENCES classes (id) ON DELETE CASCADE,
  notebook_id uuid REFERENCES notebooks (id) ON DELETE CASCADE,
  cell_id text NOT NULL,
  cell_type text CHECK (cell_type IN ('code', 'markdown', 'raw')),
  position bigint,
  grade_id text,
  cell_tags jsonb,
  set_by jsonb NOT NULL DEFAULT '{}',
  created_at timestamptz NOT NULL,
  updated_at timestamptz NOT NULL,
  UNIQUE (notebook_id, cell_id)
);
-- A class's cells: the per-cell view.
CREATE INDEX cells_class ON cells (class_id);

-- A page load of JupyterLab. A row appears with the first event that names the session.
CREATE TABLE sessions (
  id uuid PRIMARY KEY,
  class_id uuid NOT NULL REFERENCES classes (id) ON DELETE CASCADE,
  student_id uuid NOT NULL REFERENCES students (id) ON DELETE CASCADE,
  session_id text NOT NULL,
  start_event_id text,
  end_event_id text,
  start_time timestamptz,
  end_time timestamptz,
  is_active boolean GENERATED ALWAYS AS (end_time IS NULL) STORED,
  first_event_at timestamptz NOT NULL,
  last_event_at timestamptz NOT NULL,
  last_sequence bigint,
  -- Versions of JupyterLab, the extension and the front end, as the start tells them.
  client jsonb,
  end_details jsonb,
  start_order text COLLATE "C",
  end_order text COLLATE "C",
  UNIQUE (class_id, student_id, session_id),
  UNIQUE (class_id, student_id, start_event_id),
  UNIQUE (class_id, student_id, end_event_id)
);
-- Erasing a student.
CREATE INDEX sessions_student ON sessions (student_id);

-- A run of a cell, made of its start and its end in whichever order they come.
CREATE TABLE cell_executions (
  id uuid PRIMARY KEY,
  class_id uuid NOT NULL REFERENCES classes (id) ON DELETE CASCADE,
  student_id uuid NOT NULL REFERENCES students (id) ON DELETE CASCADE,
  session_id uuid REFERENCES sessions (id) ON DELETE SET NULL,
  notebook_id uuid REFERENCES notebooks (id) ON DELETE SET NULL,
  cell_id uuid REFERENCES cells (id) ON DELETE SET NULL,
  execution_id text NOT NULL,
  start_event_id text,
  end_event_id text,
  status text NOT NULL CHECK (status IN ('running', 'ok', 'error', 'aborted', 'interrupted', 'killed')),
  -- The earliest that is known of the run: its start, or what its end lets one reckon.
  executed_at timestamptz NOT NULL,
  finished_at timestamptz,
  client_time timestamptz NOT NULL,
  queued_ms double precision,
  duration_ms double precision,
  execution_count bigint,
  cell_index bigint,
  cell_type text COLLATE "C" CHECK (cell_type IN ('code', 'markdown', 'raw')),
  source_hash text COLLATE "C",
  error_name text,
  error_message text,
  error_traceback text,
  error_line bigint,
  error_fingerprint text,
  code_content text COLLATE "C",
  output text,
  output_types jsonb,
  truncated boolean NOT NULL DEFAULT false,
  -- What the two events said beyond these columns.
  start_metadata jsonb,
  end_metadata jsonb,
  start_order text COLLATE "C",
  end_order text COLLATE "C",
  UNIQUE (class_id, student_id, start_event_id),
  UNIQUE (class_id, student_id, end_event_id)
);
-- A student's recent runs; erasing a student.
CREATE INDEX cell_executions_student ON cell_executions (student_id, class_id, executed_at DESC);
-- A class's runs by time: the timeline, exports, retention.
CREATE INDEX cell_executions_class ON cell_executions (class_id, executed_at);
-- A cell's runs.
CREATE INDEX cell_executions_cell ON cell_executions (cell_id, executed_at);
-- A class's errors, like with like.
CREATE INDEX cell_executions_error ON cell_executions (class_id, error_fingerprint, executed_at)
  WHERE error_fingerprint IS NOT NULL;
-- A session played back; a notebook's runs. Without them the end of a session or a notebook scans the table.
CREATE INDEX cell_executions_session ON cell_executions (session_id);
CREATE INDEX cell_executions_notebook ON cell_executions (notebook_id);

CREATE TABLE notebook_accesses (
  id uuid PRIMARY KEY,
  class_id uuid NOT NULL REFERENCES classes (id) ON DELETE CASCADE,
  student_id uuid NOT NULL REFERENCES students (id) ON DELETE CASCADE,
  session_id uuid REFERENCES sessions (id) ON DELETE SET NULL,
  notebook_id uuid NOT NULL REFERENCES notebooks (id) ON DELETE CASCADE,
  event_id text NOT NULL,
  action text NOT NULL CHECK (action IN ('open', 'save', 'close')),
  accessed_at timestamptz NOT NULL,
  client_time timestamptz NOT NULL,
  metadata jsonb,
  UNIQUE (class_id, student_id, event_id)
);
-- A student's activity; erasing a student.
CREATE INDEX notebook_accesses_student ON notebook_accesses (student_id, class_id, accessed_at DESC);
-- Who has a notebook open; removing a notebook.
CREATE INDEX notebook_accesses_notebook ON notebook_accesses (notebook_id);
-- Removing a session must not scan the table.
CREATE INDEX notebook_accesses_session ON notebook_accesses (session_id);

-- A raised hand that its client named; others are progress events.
CREATE TABLE help_requests (
  id uuid PRIMARY KEY,
  class_id uuid NOT NULL REFERENCES classes (id) ON DELETE CASCADE,
  student_id uuid NOT NULL REFERENCES students (id) ON DELETE CASCADE,
  help_id text NOT NULL,
  -- Of the newest `help` and the newest `help_stop`.
  open_event_id text,
  close_event_id text,
  -- When the hand was first raised; null while only its end is known.
  requested_at timestamptz,
  closed_at timestamptz,
  is_open boolean GENERATED ALWAYS AS
    (open_order IS NOT NULL AND (close_order IS NULL OR open_order > close_order)) STORED,
  note text,
  close_reason text,
  notebook_id uuid REFERENCES notebooks (id) ON DELETE SET NULL,
  cell_id uuid REFERENCES cells (id) ON DELETE SET NULL,
  set_by jsonb NOT NULL DEFAULT '{}',
  open_order text COLLATE "C",
  close_order text COLLATE "C",
  UNIQUE (class_id, student_id, help_id),
  UNIQUE (class_id, student_id, open_event_id),
  UNIQUE (class_id, student_id, close_event_id)
);
-- The queue of a class.
CREATE INDEX help_requests_open ON help_requests (class_id, requested_at) WHERE is_open;
-- A student's requests; erasing a student.
CREATE INDEX help_requests_student ON help_requests (student_id, class_id, requested_at DESC);

-- Every event that has no table of its own, with all it carried.
CREATE TABLE progress_events (
  id uuid PRIMARY KEY,
  class_id uuid NOT NULL REFERENCES classes (id) ON DELETE CASCADE,
  student_id uuid NOT NULL REFERENCES students (id) ON DELETE CASCADE,
  session_id uuid REFERENCES sessions (id) ON DELETE SET NULL,
  event_id text NOT NULL,
  event_type text NOT NULL,
  event_time timestamptz NOT NULL,
  client_time timestamptz NOT NULL,
  payload jsonb NOT NULL,
  UNIQUE (class_id, student_id, event_id)
);
-- A student's activity; erasing a student.
CREATE INDEX progress_events_student ON progress_events (student_id, class_id, event_time DESC);
-- A class's events by time: the timeline, exports, retention.
CREATE INDEX progress_events_class ON progress_events (class_id, event_time);
-- Removing a session must not scan the table.
CREATE INDEX progress_events_session ON progress_events (session_id);
