-- Undoes migrations 012 and 013 (row R4; Release Runbook §3.1/3.2). Run it only with both flags off: the operations view reads what
-- this drops. Turning a flag off never needs it, since both migrations only add.
--
--   psql "$DATABASE_OWNER_URL" -v ON_ERROR_STOP=1 -f rollouts/ops-view/rollback-012-013.sql
--
-- RFI custody is lost; patches, RFIs, audit events and recorded transitions stay.
begin;
set local lock_timeout = '10s';

drop trigger patch_transition on patches;
drop trigger rfi_transition on rfis;
drop function record_patch_transition();
drop function record_rfi_transition();
drop index patches_queue, patches_author, rfis_queue;
alter table rfis drop column custody_status;

drop index audit_events_timestamp_iso, audit_events_entity;
alter table audit_events drop column timestamp_iso;

delete from schema_migrations where version in ('012', '013');
commit;
