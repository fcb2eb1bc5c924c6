import { expect, test } from "vitest";
import { openSubscriptions } from "../../components/endpoints";
import { rollout } from "../support/build";

const topics = (onCall: object[]) => rollout({ topics: { onCall, ops: [], stakeholders: [] } as never });
const SECRET = { protocol: "https", endpoint: { secure: "v1:cipher" } };
const OPEN = { protocol: "email", endpoint: "ops@example.com" };
const given = (onCall: object[]) => ({ "cutover:rollout": JSON.stringify({ topics: { onCall } }) });

test("an endpoint that the file holds encrypted is the one that the engine decrypted", () => {
  const config = given([OPEN, { protocol: "https", endpoint: "https://pager.example/KEY" }]);
  expect(openSubscriptions(topics([OPEN, SECRET]), "onCall", config)).toEqual([
    { ...OPEN, secret: false },
    { protocol: "https", endpoint: "https://pager.example/KEY", secret: true },
  ]);
});

test.each<[string, Record<string, string>]>([
  ["there is no config", {}],
  ["it has no topics", { "cutover:rollout": "{}" }],
  ["it is still encrypted", given([{ endpoint: { secure: "v1:cipher" } }])],
  ["it is empty", given([{ endpoint: "" }])],
])("one that cannot be decrypted is a problem that says where: %s", (_, config) => {
  expect(() => openSubscriptions(topics([SECRET]), "onCall", config)).toThrow(
    /cutover:rollout\.topics\.onCall\[0\]\.endpoint: is secret, and this run was given no value/,
  );
});
