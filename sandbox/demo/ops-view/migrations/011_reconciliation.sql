-- Does the database hold what the servers told their clients? Each server checks, while it writes to the
-- database, and notes here that it did (`reconciliations`) and what it found (`divergences`). Both are
-- needed: no divergence in no checks proves nothing.
create table reconciliations (
  server text not null,
  checked_at timestamptz not null default now(),
  items_checked integer not null,
  divergent integer not null,
  primary key (server, checked_at)
);

create table divergences (
  id bigint generated always as identity primary key,
  server text not null,
  entity_kind text not null,
  entity_id text not null,
  local_version integer not null,
  local_status text not null,
  -- Null where the row is missing.
  database_version integer,
  database_status text,
  detected_at timestamptz not null default now(),
  -- Set by the person who reconciled it; the service never does.
  resolved_at timestamptz,
  unique (server, entity_kind, entity_id, local_version)
);
