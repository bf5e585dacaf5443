-- Where a class's object lives, and what became of raised hands.

ALTER TABLE help_requests
  -- A person, or the first admin; null where the student lowered the hand, or left.
  ADD COLUMN resolved_by text,
  ADD COLUMN resolution text;
