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

-- Transitions of custody, to be held against the events. Filled from migration 012 on.
create table custody_transitions (
  id bigint generated always as identity primary key,
  workspace_id text not null references workspaces,
  entity_kind text not null,
  entity_id text not null,
  entity_version integer not null,
  from_status text not null,
  to_status text not null,
  occurred_at timestamptz not null default now()
);

create index custody_transitions_occurred_at on custody_transitions (occurred_at);
