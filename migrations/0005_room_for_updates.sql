-- Rows that every batch of events touches, in columns that no index has: with room on their page the new version stays
-- there, and no index is written.
ALTER TABLE sessions SET (fillfactor = 50);
ALTER TABLE notebooks SET (fillfactor = 50);
ALTER TABLE cells SET (fillfactor = 50);
