-- Workspaces, people, and what each person may do where.
-- Numbers jump: the ones between belong to parts of the service that this demo leaves out.
create table workspaces (
  id text primary key,
  name text not null
);

create table users (
  id text primary key,
  display_name text not null
);

create table user_workspace_roles (
  workspace_id text not null references workspaces,
  user_id text not null references users,
  role text not null check (role in ('analyst', 'verifier', 'admin')),
  -- Only a hash: whoever can read the table must not be able to act as the person.
  token_sha256 text unique,
  primary key (workspace_id, user_id)
);

-- Under row-level security, as tables with people in them are. The service owns it, and sees every row. Whoever else may
-- read it, such as gates, sees real workspaces alone.
alter table user_workspace_roles enable row level security;
create policy real_workspaces on user_workspace_roles for select using (workspace_id not like 'test-%');
