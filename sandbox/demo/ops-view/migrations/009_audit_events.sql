-- Who did what. Written in the transaction of the change itself.
create table audit_events (
  id bigint generated always as identity primary key,
  workspace_id text not null references workspaces,
  actor_id text not null references users,
  action text not null,
  entity_kind text not null,
  entity_id text not null,
  entity_version integer not null,
  recorded_at timestamptz not null default now()
);
