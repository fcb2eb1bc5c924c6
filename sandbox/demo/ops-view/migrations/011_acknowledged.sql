-- What the servers told their clients that the database holds, as they told it: held against the tables themselves
-- by whoever reconciles them. Written after the commit, so it may be a moment behind.
create table acknowledged (
  id text primary key,
  version integer not null,
  status text not null,
  told_at timestamptz not null default now()
);

create index acknowledged_told_at on acknowledged (told_at);

-- What changed is read by its time.
create index patches_updated_at on patches (updated_at);
create index rfis_updated_at on rfis (updated_at);
