-- A row is known by its id alone, which is made of what the event is known by: student, session and number, or student
-- and the event's own id where it has no number. An id that a client gave to two numbered events makes two rows.
ALTER TABLE sessions
  DROP CONSTRAINT sessions_class_id_student_id_start_event_id_key,
  DROP CONSTRAINT sessions_class_id_student_id_end_event_id_key;
ALTER TABLE cell_executions
  DROP CONSTRAINT cell_executions_class_id_student_id_start_event_id_key,
  DROP CONSTRAINT cell_executions_class_id_student_id_end_event_id_key;
ALTER TABLE notebook_accesses DROP CONSTRAINT notebook_accesses_class_id_student_id_event_id_key;
ALTER TABLE help_requests
  DROP CONSTRAINT help_requests_class_id_student_id_open_event_id_key,
  DROP CONSTRAINT help_requests_class_id_student_id_close_event_id_key;
ALTER TABLE progress_events DROP CONSTRAINT progress_events_class_id_student_id_event_id_key;
