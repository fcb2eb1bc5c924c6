import { describe, expect, test } from "vitest";
import { delivery } from "../../../../src/delivery/registry";
import { parseTwo, problemsIn } from "./twoStages";

const TASKS = { kind: "ssm", path: "/shop/flags", ecs: [{ cluster: "production", service: "shop" }] };
const WEB = { kind: "vercel", project: "prj_1", secret: "shop/vercel" };
const FLAGS = {
  READ: { kind: "boolean" },
  WRITE: { kind: "boolean", requires: ["READ"] },
  SHARE: { kind: "percentage", requires: ["WRITE"] },
};

/** What is wrong with a rollout of two stages, by where it carries its flags on to. */
function problems(delivery: unknown, rollout: object = {}, stage: object = {}): string[] {
  const off = { READ: false, WRITE: false, SHARE: 0 };
  const parsed = parseTwo(
    { flags: FLAGS, delivery, ...rollout },
    { flags: off },
    { flags: { ...off, READ: true }, ...stage },
  );
  return problemsIn(parsed);
}

test("platforms of every kind are sound", () => {
  expect(
    problems({
      tasks: TASKS,
      web: { ...WEB, flags: ["READ"], names: { READ: "NEXT_PUBLIC_READ" } },
      worker: { kind: "render", service: "srv-cabc123456789", secret: "shop/render" },
      own: { kind: "webhook", url: "https://deploy.example.com/shop", secret: "shop/deploy" },
    }),
  ).toEqual([]);
});

test("a flag whose variable would be one that servers need is given a name of its own", () => {
  const flags = { ...FLAGS, path: { kind: "boolean" } };
  const stage = { READ: false, WRITE: false, SHARE: 0, path: false };
  const found = problems({ tasks: TASKS }, { flags }, { flags: stage });
  expect(found).toContainEqual(expect.stringMatching(/give path the name PATH, which servers need/));
});

test("a slash behind a platform's address is taken off, and none of an endpoint's path", () => {
  const url = (config: object) => Reflect.get(delivery.parse(config), "url");
  expect(url({ ...WEB, url: "https://api.vercel.com/" })).toBe("https://api.vercel.com");
  expect(url({ kind: "webhook", secret: "shop/deploy", url: "https://deploy.example.com/shop/" })).toBe(
    "https://deploy.example.com/shop/",
  );
});

describe("what config may not say of a platform", () => {
  test.each<[string, unknown, RegExp]>([
    [
      "a flag that nobody declared",
      { tasks: { ...TASKS, flags: ["REED"] } },
      /delivery\.tasks\.flags.*REED, which is no flag.*READ, WRITE, SHARE/,
    ],
    [
      "a name for a flag that nobody declared",
      { tasks: { ...TASKS, names: { REED: "R" } } },
      /delivery\.tasks\.names.*REED/,
    ],
    [
      "one name for two flags",
      { tasks: { ...TASKS, names: { READ: "V2", WRITE: "V2" } } },
      /leave V2 for WRITE, and it says what READ is already/,
    ],
    [
      "its own name for a flag",
      { tasks: { ...TASKS, names: { READ: "CUTOVER_FLAGS_VERSION" } } },
      /leave CUTOVER_FLAGS_VERSION for READ/,
    ],
    ["a name that no shell takes", { tasks: { ...TASKS, names: { READ: "V-2" } } }, /a variable's name/],
    [
      "a key in place of the secret's name",
      { web: { ...WEB, secret: "a".repeat(40) } },
      /looks like a key itself/,
    ],
    [
      "a project that is a folder",
      { web: { ...WEB, project: ".." } },
      /web\.project.*a project's id or name/,
    ],
    [
      "a query where paths are added",
      { web: { ...WEB, url: "https://api.vercel.com?v=1" } },
      /delivery\.web\.url.*without a query/,
    ],
    [
      "a fragment, which nobody is sent",
      { own: { kind: "webhook", url: "https://deploy.example.com/shop#x", secret: "shop/deploy" } },
      /delivery\.own\.url.*without #/,
    ],
    [
      "a login in Render's address, with Render's own remedy",
      {
        worker: {
          kind: "render",
          service: "srv-cabc123456789",
          secret: "shop/render",
          url: "https://u:p@api.render.com/v1",
        },
      },
      /delivery\.worker\.url.*without a password.*Render/,
    ],
    [
      "a name that servers need",
      { tasks: { ...TASKS, names: { READ: "PATH" } } },
      /delivery\.tasks\.names: give READ the name PATH, which servers need.*names: \{ READ: /,
    ],
    [
      "a name that changes what servers load",
      { tasks: { ...TASKS, names: { READ: "LD_PRELOAD" } } },
      /delivery\.tasks\.names: give READ the name LD_PRELOAD.*/,
    ],
    ["AWS's own parameters", { tasks: { ...TASKS, path: "/aws/flags" } }, /not below \/aws/],
    [
      "an address that anybody reads",
      { own: { kind: "webhook", url: "http://deploy.example.com", secret: "s" } },
      /an https URL/,
    ],
    [
      "two that would wait for each other",
      { one: { ...TASKS, flags: ["READ", "SHARE"] }, other: { ...WEB, within: "1m", flags: ["WRITE"] } },
      /other|one/,
    ],
  ])("%s", (_, delivery, says) => {
    const found = problems(delivery);
    expect(found).toHaveLength(1);
    expect(found[0]).toMatch(says);
  });
});

describe("a rollback promises no more than platforms keep", () => {
  const R1 = { title: "Flags down", to: "predecessor" };
  test.each<[string, unknown, object, RegExp | undefined]>([
    [
      "two minutes, by a build of Vercel's",
      { web: WEB },
      { R1: { ...R1, within: "2m" } },
      /rollback\.R1\.within: promises 2m.*15 m only: web \(Vercel\) may take 15m/,
    ],
    [
      "what was measured and is declared",
      { web: { ...WEB, within: "90s" } },
      { R1: { ...R1, within: "2m" } },
      undefined,
    ],
    [
      "one after the other, where one waits",
      {
        tasks: { ...TASKS, flags: ["READ"], within: "90s" },
        web: { ...WEB, flags: ["WRITE"], within: "90s" },
      },
      { R1: { ...R1, within: "2m" } },
      /3 m only: web \(Vercel\) may take 90s, after which tasks \(SSM parameters\) may take 90s/,
    ],
    ["nothing, where no time is said", { web: WEB }, { R1 }, undefined],
    [
      "a script, which no platform is asked for",
      { web: WEB },
      { R1: { title: "Undo", sql: "undo.sql", within: "1m" } },
      undefined,
    ],
  ])("%s", (_, delivery, rollback, says) => {
    const found = problems(delivery, { rollback });
    expect(found).toHaveLength(says === undefined ? 0 : 1);
    if (says !== undefined) expect(found[0]).toMatch(says);
    const ofStage = problems(delivery, {}, { rollback });
    expect(ofStage).toHaveLength(says === undefined ? 0 : 1);
  });
});

describe("deliveries that contradict each other, or what else is declared", () => {
  const WORKER = { kind: "render", service: "srv-cabc123456789", secret: "shop/render" };
  const OWN = { kind: "webhook", url: "https://deploy.example.com/shop", secret: "shop/deploy" };
  const asks = (restart: boolean, cluster = "production") => ({
    servers: { ecs: [{ cluster, service: "shop", port: 80, restart }], path: "/flags" },
  });

  test.each<[string, unknown, object, RegExp]>([
    [
      "the same project twice",
      { web: WEB, other: { ...WEB, secret: "shop/other" } },
      {},
      /delivery\.other: writes where web does \(Vercel, project prj_1\).*Let web carry the flags of both/,
    ],
    [
      "the same service twice, each with flags of its own",
      { one: { ...WORKER, flags: ["READ"] }, two: { ...WORKER, flags: ["READ", "WRITE", "SHARE"] } },
      {},
      /delivery\.two: writes where one does/,
    ],
    [
      "the same path twice",
      { tasks: TASKS, more: { ...TASKS, ecs: [] } },
      {},
      /delivery\.more: writes where/,
    ],
    ["the same endpoint twice", { own: OWN, more: OWN }, {}, /delivery\.more: writes where own does/],
    [
      "the same endpoint, as nobody writes it",
      { own: OWN, more: { ...OWN, url: "https://Deploy.example.com.:443/shop" } },
      {},
      /delivery\.more: writes where own does/,
    ],
    [
      "the same project with its team and without",
      { web: WEB, other: { ...WEB, team: "team_12345678" } },
      {},
      /delivery\.other: writes where web does/,
    ],
    [
      "a project's name with a team and without, which may be one",
      { web: { ...WEB, project: "shop" }, other: { ...WEB, project: "shop", team: "team_12345678" } },
      {},
      /delivery\.other: may write where web does.*team of both, or name each project by its id/,
    ],
    [
      "the same platform by two spellings of its address",
      { web: WEB, other: { ...WEB, url: "https://api.vercel.com:443/" } },
      {},
      /delivery\.other: writes where web does/,
    ],
    [
      "a service that another delivery starts as well",
      { tasks: TASKS, more: { ...TASKS, path: "/shop/more" } },
      {},
      /delivery\.more\.ecs: names production\/shop, which tasks starts anew as well.*Let tasks carry the flags of both/,
    ],
    [
      "a service that the flip starts as well",
      { tasks: TASKS },
      asks(true),
      /delivery\.tasks\.ecs: names production\/shop, which servers\.ecs starts anew.*Take restart: true off/,
    ],
    [
      "the same by its cluster's ARN",
      { tasks: TASKS },
      asks(true, "arn:aws:ecs:eu-central-1:123456789012:cluster/production"),
      /names production\/shop, which servers\.ecs starts anew/,
    ],
    [
      "a service that is named twice",
      { tasks: { ...TASKS, ecs: [TASKS.ecs[0], TASKS.ecs[0]] } },
      {},
      /names production\/shop twice/,
    ],
    [
      "a flag without what it requires, anywhere",
      { web: { ...WEB, flags: ["WRITE"] } },
      {},
      /delivery\.web\.flags: carry WRITE without READ, which it requires and no delivery carries.*Add READ here/,
    ],
    [
      "a name for a flag that is not carried",
      { web: { ...WEB, flags: ["READ"], names: { WRITE: "W" } } },
      {},
      /delivery\.web\.names\.WRITE: gives WRITE a name, and flags leaves it out/,
    ],
    [
      "less time than passes between two looks",
      { web: { ...WEB, within: "4s" } },
      {},
      /delivery\.web\.within: is 4s, and servers that start are looked at every 5 s.*at least 5s/,
    ],
  ])("%s", (_, delivery, rollout, says) => {
    const found = problems(delivery, rollout);
    expect(found).toHaveLength(1);
    expect(found[0]).toMatch(says);
  });

  test.each<[string, unknown, object]>([
    [
      "one team's project and another one's",
      {
        a: { ...WEB, project: "shop", team: "team_87654321" },
        b: { ...WEB, project: "shop", team: "team_12345678" },
      },
      {},
    ],
    [
      "two paths",
      {
        tasks: TASKS,
        more: { ...TASKS, path: "/shop/more", ecs: [{ cluster: "production", service: "more" }] },
      },
      {},
    ],
    ["a slash behind a platform's address", { web: { ...WEB, url: "https://api.vercel.com/" } }, {}],
    ["a service that asks by itself at the flip", { tasks: TASKS }, asks(false)],
    ["another service that the flip starts", { tasks: TASKS }, asks(true, "staging")],
    [
      "what it requires, by another one",
      { a: { ...WEB, flags: ["WRITE"] }, b: { ...TASKS, flags: ["READ"] } },
      {},
    ],
    ["the time between two looks", { web: { ...WEB, within: "5s" } }, {}],
  ])("%s are sound", (_, delivery, rollout) => {
    expect(problems(delivery, rollout)).toEqual([]);
  });
});
