-- The operations view reads from here once OPS_VIEW_DB_READ is on: custody of RFIs, and the indexes that
-- keep the queue's counts cheap.
alter table rfis
  add column custody_status text not null default 'open'
    check (custody_status in ('open', 'awaiting_verifier', 'awaiting_analyst', 'resolved'));

create index patches_queue on patches (workspace_id, status);
create index patches_author on patches (workspace_id, author_id);
create index rfis_queue on rfis (workspace_id, custody_status);

-- Recorded by triggers and not by the service: a service that forgets an audit event cannot also hide
-- the transition that lacks it.
create function record_patch_transition() returns trigger language plpgsql as $$
begin
  insert into custody_transitions (workspace_id, entity_kind, entity_id, entity_version, from_status, to_status)
  values (new.workspace_id, 'patch', new.id, new.version, old.status, new.status);
  return null;
end $$;

create function record_rfi_transition() returns trigger language plpgsql as $$
begin
  insert into custody_transitions (workspace_id, entity_kind, entity_id, entity_version, from_status, to_status)
  values (new.workspace_id, 'rfi', new.id, new.version, old.custody_status, new.custody_status);
  return null;
end $$;

create trigger patch_transition after update on patches
  for each row when (old.status is distinct from new.status) execute function record_patch_transition();

create trigger rfi_transition after update on rfis
  for each row when (old.custody_status is distinct from new.custody_status) execute function record_rfi_transition();
