-- What the audit trail needs before the service writes to the database: when an event happened (and not
-- only when its row was written), and indexes for the two questions asked of it.
alter table audit_events add column timestamp_iso timestamptz;
update audit_events set timestamp_iso = recorded_at;
alter table audit_events
  alter column timestamp_iso set default now(),
  alter column timestamp_iso set not null;

create index audit_events_timestamp_iso on audit_events (timestamp_iso);
create index audit_events_entity on audit_events (entity_kind, entity_id, entity_version);
