-- Imports, as the rollout's config maps them. One row is one import, whichever pipeline runs it.
create table if not exists import_jobs (
  id uuid primary key,
  user_id text not null,
  file text not null,
  status text not null check (status in ('queued', 'running', 'completed', 'failed')),
  pipeline_version text not null,
  error_message text,
  -- When it was accepted.
  started_at timestamptz not null default now(),
  finished_at timestamptz,
  -- The file's own checksum, and that of what was stored: they must be the same.
  file_sha256 text not null,
  stored_sha256 text,
  verified_at timestamptz
);

create index if not exists import_jobs_started_at on import_jobs (started_at);
create index if not exists import_jobs_queued on import_jobs (pipeline_version, started_at) where status = 'queued';
create index if not exists import_jobs_unverified on import_jobs (finished_at)
  where status = 'completed' and verified_at is null;

-- When v1 was deprecated, and when it ends. One row, or none while nobody has decided.
create table if not exists v1_retirement (
  only_one boolean primary key default true check (only_one),
  deprecated_at timestamptz not null,
  sunset_at timestamptz not null
);
