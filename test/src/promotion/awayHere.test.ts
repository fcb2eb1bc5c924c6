import { afterEach, expect, test, vi } from "vitest";
import { respond } from "../../../src/lambda/measureWorld";
import type { Invoke } from "../../../src/measuring/call";
import { placesOf } from "../../../src/measuring/places";
import { awayHere } from "../../../src/promotion/awayHere";
import type { Rollout } from "../../../src/rollout/rollout";
import { rollout } from "../../support/build";
import { fakeAws, json, nobody, standIn } from "../../support/standIn";

const CODE = "c".repeat(64);
const VPC = { subnetIds: ["subnet-0a"], securityGroupIds: ["sg-0a"] };
const REGION = "eu-central-1";
const CALLER = `<GetCallerIdentityResponse><GetCallerIdentityResult>
<Arn>arn:aws:sts::123456789012:assumed-role/break-glass/ada</Arn><UserId>A</UserId><Account>123456789012</Account>
</GetCallerIdentityResult></GetCallerIdentityResponse>`;

afterEach(() => vi.unstubAllEnvs());

const withServers = (urls: readonly string[], more: object = {}): Rollout =>
  rollout({
    measure: { vpc: VPC, timeout: "5m" },
    servers: { urls: [...urls], ecs: [], path: "/flags", at: "data.flags", ...more },
  });

/** The function's own code, called as Lambda would call it, and the ARNs that were called. */
async function calling(of: Rollout, invoke?: Invoke) {
  await fakeAws({ GetCallerIdentity: () => CALLER });
  const arns: string[] = [];
  const own: Invoke = async (arn, payload) => {
    arns.push(arn);
    const settings = { rollout: of.name, region: REGION, places: placesOf(of) };
    const answer = await respond(JSON.parse(payload), settings, CODE, {
      getRemainingTimeInMillis: () => 9_000,
    });
    return { text: JSON.stringify(answer), broke: false };
  };
  return { arns, calling: { invoke: invoke ?? own, code: async () => CODE } };
}

test("servers are asked by the function of the caller's account, and nothing beside flags and token comes back", async () => {
  const { url } = await standIn((_, response) =>
    json(response, {
      data: { flags: { READ: true, PERCENT: 10, note: "a secret" }, drill: "t-1" },
      key: "k",
    }),
  );
  const of = withServers([url, await nobody()]);
  const { arns, calling: how } = await calling(of);
  const away = awayHere(of, REGION, how);
  const [told, dead] = (await away?.told("flags")) ?? [];
  expect(told).toEqual({ server: new URL(url).host, flags: { READ: true, PERCENT: 10 }, token: "t-1" });
  expect(dead).toMatchObject({ error: expect.stringMatching(/ECONNREFUSED/) });
  expect(arns).toEqual([`arn:aws:lambda:${REGION}:123456789012:function:${of.name}-measure`]);
});

test("a drill asks those alone that an abort does not restart", async () => {
  const { url } = await standIn((_, response) => json(response, { data: { flags: {} } }));
  const ecs = [{ cluster: "c", service: "s", port: 80, scheme: "http", restart: true, reachedBy: "urls" }];
  const of = withServers([url], { ecs });
  const { calling: how } = await calling(of);
  const away = awayHere(of, REGION, how);
  expect(await away?.told("drill")).toEqual([]);
  expect(await away?.told("flags")).toHaveLength(1);
});

test("where flags come from is said by the servers themselves", async () => {
  const { url } = await standIn((_, response) => json(response, { from: "AWS AppConfig" }));
  const of = withServers([url], { source: "from" });
  const { calling: how } = await calling(of);
  expect(await awayHere(of, REGION, how)?.sources()).toEqual([
    { server: new URL(url).host, kind: "appconfig", says: 'says "AWS AppConfig"' },
  ]);
});

test("no answer is told in words, and a count fails with them", async () => {
  const of = withServers(["http://127.0.0.1:1"]);
  const denied = Object.assign(new Error("User: x is not authorized"), { name: "AccessDeniedException" });
  const { calling: how } = await calling(of, () => Promise.reject(denied));
  const away = awayHere(of, REGION, how);
  await expect(away?.told("flags")).rejects.toThrow(
    /gives no answer that counts: .*may not call the function/,
  );
  expect(await away?.count("select 1", [], "10s")).toMatchObject({
    kind: "failure",
    failure: "unanswered",
    message: expect.stringMatching(/may not call the function/),
  });
});

test("a rollout without a function is asked from here", () => {
  expect(awayHere(rollout({}), REGION)).toBeUndefined();
});
