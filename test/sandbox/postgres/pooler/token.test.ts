import { expect, it } from "vitest";
import { tokenFault } from "../../../../sandbox/postgres/pooler/token";

const NOW = new Date("2026-11-29T21:10:00Z");
const ADDRESS = "127.0.0.1:6432";

function token(changes: Record<string, string> = {}, address = ADDRESS): string {
  const said = {
    Action: "connect",
    DBUser: "gate",
    "X-Amz-Algorithm": "AWS4-HMAC-SHA256",
    "X-Amz-Credential": "AKIDEXAMPLE/20261129/us-east-1/rds-db/aws4_request",
    "X-Amz-Date": "20261129T210000Z",
    "X-Amz-Expires": "900",
    "X-Amz-SignedHeaders": "host",
    "X-Amz-Signature": "0".repeat(64),
    ...changes,
  };
  return `${address}/?${new URLSearchParams(said)}`;
}

it.each<[string, string, RegExp | undefined]>([
  ["as the SDKs make it", token(), undefined],
  ["of temporary credentials", token({ "X-Amz-Security-Token": "a/b+c=" }), undefined],
  ["a quarter of an hour old", token({ "X-Amz-Date": "20261129T205500Z" }), undefined],
  ["older", token({ "X-Amz-Date": "20261129T205459Z" }), /expired/],
  ["of the day after", token({ "X-Amz-Date": "20261130T210000Z" }), /expired/],
  ["of another login", token({ DBUser: "owner" }), /another login/],
  ["for another server", token({}, "db.example.com:5432"), /db\.example\.com/],
  ["for something else", token({ Action: "reboot" }), /something else/],
  [
    "of another service",
    token({ "X-Amz-Credential": "A/20261129/us-east-1/s3/aws4_request" }),
    /another service/,
  ],
  ["without a signature", token({ "X-Amz-Signature": "" }), /not signed/],
  ["that is valid for a day", token({ "X-Amz-Expires": "86400" }), /how long/],
  ["that is a password", "hunter2", /something else|for hunter2/],
  ["that is nothing", "", /no token/],
  ["without a date", token({ "X-Amz-Date": "" }), /how long/],
])("a token %s", (_, given, fault) => {
  const found = tokenFault(given, "gate", ADDRESS, NOW);
  if (fault === undefined) expect(found).toBeUndefined();
  else expect(found).toMatch(fault);
});
