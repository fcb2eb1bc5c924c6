import { expect, it } from "vitest";
import { appEnv } from "../../sandbox/appEnv";

it("an app finds its AWS, its database and its flags in its environment, and nothing that is not for it", () => {
  const env = {
    HOME: "/home/ada",
    PATH: "/usr/bin",
    PULUMI_CONFIG_PASSPHRASE: "p",
    AWS_ENDPOINT_URL: "http://127.0.0.1:4566",
    AWS_REGION: "us-east-1",
    AWS_DEFAULT_REGION: "us-east-1",
    AWS_ACCESS_KEY_ID: "test",
    AWS_SECRET_ACCESS_KEY: "test",
  };
  const postgres = {
    ...{ host: "127.0.0.1", port: 5433, database: "ops", user: "me@db", password: "a/b@c" },
    admin: { user: "admin", password: "c/d@e" },
    ...{ ssl: { ca: "PEM" }, caFile: "/sand box/authority.pem" },
  };
  const flags = { application: "search", environment: "live", profile: "flags" };
  expect(appEnv({ env, postgres }, flags, { "data-admin": "t" })).toEqual({
    AWS_ENDPOINT_URL: "http://127.0.0.1:4566",
    AWS_REGION: "us-east-1",
    AWS_DEFAULT_REGION: "us-east-1",
    AWS_ACCESS_KEY_ID: "test",
    AWS_SECRET_ACCESS_KEY: "test",
    PGHOST: "127.0.0.1",
    PGPORT: "5433",
    PGDATABASE: "ops",
    PGUSER: "me@db",
    PGPASSWORD: "a/b@c",
    PGSSLMODE: "verify-full",
    PGSSLROOTCERT: "/sand box/authority.pem",
    NODE_EXTRA_CA_CERTS: "/sand box/authority.pem",
    DATABASE_URL:
      "postgresql://me%40db:a%2Fb%40c@127.0.0.1:5433/ops?sslmode=verify-full&sslrootcert=%2Fsand%20box%2Fauthority.pem",
    APPCONFIG_APPLICATION: "search",
    APPCONFIG_ENVIRONMENT: "live",
    APPCONFIG_PROFILE: "flags",
    DATA_ADMIN_TOKEN: "t",
  });
});
