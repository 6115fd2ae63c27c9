-- Accounts whose history was rewritten since a backup: restore the backup as the database `yesterday` beside
-- `stations`. No row means that every account's history until then is unchanged.
SELECT b.owner, b.unit FROM yesterday.account b
LEFT JOIN stations.entry e ON e.account_id = b.id AND e.number = b.entry_count
WHERE b.entry_count > 0 AND (e.chain IS NULL OR e.chain <> b.chain);
