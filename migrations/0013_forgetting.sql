-- What a class keeps no longer is removed by its age: the one table of what students did that had no index by class and time.
CREATE INDEX notebook_accesses_class ON notebook_accesses (class_id, accessed_at);
