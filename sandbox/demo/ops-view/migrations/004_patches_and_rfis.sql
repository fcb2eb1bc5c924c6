-- What analysts work on: proposed changes to records, and questions about them.
-- `version` is the optimistic lock: it rises by one with every accepted change.
create table patches (
  id text primary key,
  workspace_id text not null references workspaces,
  author_id text not null references users,
  record_id text not null,
  field_key text not null,
  intent text not null,
  status text not null default 'Draft' check (status in ('Draft', 'Submitted', 'Verified', 'Rejected')),
  version integer not null default 1,
  updated_at timestamptz not null default now()
);

create table rfis (
  id text primary key,
  workspace_id text not null references workspaces,
  author_id text not null references users,
  question text not null,
  target_record_id text not null,
  version integer not null default 1,
  updated_at timestamptz not null default now()
);
