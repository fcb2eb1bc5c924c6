-- Submitted files. The service derives `dedupe_key` from workspace, file and revision; the constraint is
-- on the key, so a service that derives it wrongly shows up as two rows with one (file, revision).
create table batches (
  id text primary key,
  workspace_id text not null references workspaces,
  file text not null,
  revision integer not null,
  dedupe_key text not null unique,
  submitted_by text not null references users,
  submitted_at timestamptz not null default now()
);
