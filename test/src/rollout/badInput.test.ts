import { describe, expect, test } from "vitest";
import { flagSpec } from "../../../src/rollout/config/flagSpec";
import { type Added, problems, READY } from "./small";

const CALENDAR = 'calendar: { zone: Europe/Berlin, days: [mon], open: "09:00", close: "17:30"';

test("the config of these tests is sound", () => {
  expect(problems({})).toEqual([]);
  expect(problems({ rollout: `${CALENDAR} }`, stage: calendar(HOURS) })).toEqual([]);
});

function calendar(says: string): string {
  return `entry: { W1: { source: calendar, title: It is time, ${says} } }`;
}
const HOURS = 'windows: [{ days: [mon], from: "09:00", to: "12:00" }]';
const W1 = "Pulumi.one.yaml:5 cutover:stage.entry.W1";

const week = (from: string, count: number, step = 7) =>
  Array.from({ length: count }, (_, at) =>
    new Date(Date.parse(from) + at * step * 86_400_000).toISOString().slice(0, 10),
  );
const HOLIDAYS = `holidays: [${week("2027-01-04", 54)
  .map((day) => `"${day}"`)
  .join(", ")}]`;

describe("hours that say nothing, or never come, are refused with what to write", () => {
  const YEAR =
    "leaves no time in the year after 2027-01-04: freezes and holidays cover all of it. End the freeze earlier, or correct calendar.holidays in cutover:rollout";
  const UNTIL = "Write it like until: 2027-01-04T08:00:00+01:00";
  test.each<[string, string, string, string]>([
    [
      "neither windows nor freezes",
      "}",
      "remedy: Wait",
      `${W1}: must be at least one of windows, freezes: without them it would hold at any time, got a map. Correct it`,
    ],
    [
      "a window of no length",
      "}",
      'windows: [{ days: [mon], from: "09:00", to: "09:00" }]',
      `${W1}.windows.0.to: must be another time than from: a window of no length never opens (a whole day is 00:00 to 24:00), got "09:00". Write it like to: 16:00`,
    ],
    [
      "a window on no day",
      "}",
      'windows: [{ days: [], from: "09:00", to: "10:00" }]',
      `${W1}.windows.0.days: must be at least 1 item, got a list. Write it like days: ["mon","tue","wed","thu"]`,
    ],
    [
      "a window on a day that there is not",
      "}",
      'windows: [{ days: [someday], from: "09:00", to: "10:00" }]',
      `${W1}.windows.0.days.0: must be one of mon, tue, wed, thu, fri, sat, sun, got "someday". Choose one of them`,
    ],
    [
      "a freeze without an end",
      "}",
      'freezes: [{ from: "2026-12-18T00:00:00Z", reason: Year end }]',
      `${W1}.freezes.0.until: is missing. ${UNTIL}`,
    ],
    [
      "a freeze without a reason",
      "}",
      'freezes: [{ from: "2026-12-18T00:00:00Z", until: "2026-12-19T00:00:00Z" }]',
      `${W1}.freezes.0.reason: is missing. Why, for whoever is held up by it.`,
    ],
    [
      "a freeze that ended before it began",
      "}",
      'freezes: [{ from: "2026-12-18T00:00:00Z", until: "2026-12-17T00:00:00Z", reason: Year end }]',
      `${W1}.freezes.0.until: must be later than from: it would be over before it began, got "2026-12-17T00:00:00Z". ${UNTIL}`,
    ],
    [
      "a freeze of no length",
      "}",
      'freezes: [{ from: "2026-12-18T00:00:00Z", until: "2026-12-18T00:00:00Z", reason: Year end }]',
      `${W1}.freezes.0.until: must be later than from: it would be over before it began, got "2026-12-18T00:00:00Z". ${UNTIL}`,
    ],
    [
      "a freeze of years",
      "}",
      'freezes: [{ from: "2027-01-04T00:00:00Z", until: "2029-01-04T00:00:00Z", reason: For good }]',
      `${W1}.freezes: ${YEAR}`,
    ],
    [
      "a freeze over each of its windows, for more than a year",
      "}",
      `${HOURS}, freezes: [{ from: "2027-01-04T00:00:00Z", until: "2028-01-05T00:00:00Z", reason: For good }]`,
      `${W1}.windows: ${YEAR}`,
    ],
    ["holidays on each of its days", `, ${HOLIDAYS} }`, HOURS, `${W1}.windows: ${YEAR}`],
  ])("%s", (_, end, says, expected) => {
    expect(problems({ rollout: CALENDAR + end, stage: calendar(says) })).toContain(expected);
  });

  describe("two gates of one promotion", () => {
    const both = (one: string, other: string): Added => ({
      rollout: `${CALENDAR} }`,
      stage: `entry: { W0: { source: calendar, title: It is time, ${one} }, W1: { source: calendar, title: It is, ${other} } }`,
    });
    const on = (days: string, from: string, to: string) =>
      `windows: [{ days: [${days}], from: "${from}", to: "${to}" }]`;
    const freeze = (from: string, until: string) =>
      `freezes: [{ from: "${from}T00:00:00Z", until: "${until}T00:00:00Z", reason: No time }]`;
    const NEVER = (year = "") =>
      `leaves no time that W0 leaves, too${year}: they are asked for one promotion, and it could never go up. Let their windows overlap, or end a freeze earlier`;

    test.each<[string, Added]>([
      ["windows that overlap", both(on("mon", "09:00", "12:00"), on("mon, tue", "11:00", "13:00"))],
      ["over midnight", both(on("mon", "22:00", "02:00"), on("tue", "01:00", "03:00"))],
      [
        "in one week of the year alone",
        both(freeze("2027-01-04", "2027-06-30"), freeze("2027-07-07", "2028-01-05")),
      ],
      [
        "windows that meet once a week among many",
        both(
          `windows: [{ days: [mon, tue, wed, thu, fri, sat, sun], from: "09:00", to: "10:00" }], ${freeze("2027-01-04", "2027-09-04")}`,
          `windows: [{ days: [mon, tue, wed, thu, fri, sat, sun], from: "11:00", to: "12:00" }, { days: [sun], from: "09:30", to: "09:31" }]`,
        ),
      ],
    ])("that are open together load: %s", (_, added) => {
      expect(problems(added)).toEqual([]);
    });

    test.each<[string, Added, string]>([
      [
        "on other days",
        both(on("mon", "09:00", "12:00"), on("tue", "09:00", "12:00")),
        `.windows: ${NEVER()}`,
      ],
      [
        "one after the other",
        both(on("mon", "09:00", "12:00"), on("mon", "12:00", "13:00")),
        `.windows: ${NEVER()}`,
      ],
      [
        "freezes that follow on each other for more than a year",
        both(freeze("2027-01-04", "2027-09-04"), freeze("2027-09-04", "2028-05-05")),
        `.freezes: ${NEVER(" in the year after 2027-01-04")}`,
      ],
      [
        "a freeze over all of the year but for times that are no window's",
        both(freeze("2027-01-05", "2028-01-04"), on("mon", "09:00", "12:00")),
        `.windows: ${NEVER(" in the year after 2027-01-05")}`,
      ],
    ])("that are never open together are refused: %s", (_, added, expected) => {
      expect(problems(added)).toEqual([`${W1}${expected}`]);
    });

    test("one that never opens by itself is told of once", () => {
      const frozen = both(freeze("2027-01-04", "2029-01-04"), on("mon", "09:00", "12:00"));
      expect(problems(frozen)).toEqual([`${W1.replace("W1", "W0")}.freezes: ${YEAR}`]);
    });
  });

  test("windows without a calendar, whose zone they are read in", () => {
    expect(problems({ stage: calendar(HOURS) })).toEqual([
      `${W1}.windows: has no zone: the rollout has no calendar. Add calendar: { zone, days, open, close } to cutover:rollout`,
    ]);
  });

  test("business cycles by a calendar whose days are all holidays", () => {
    const cycle = { rollout: `${CALENDAR}, ${HOLIDAYS} }`, stage: `${READY}\n    soak: 1 business cycle` };
    expect(problems(cycle)).toEqual([`Pulumi.baseline.yaml:6 cutover:rollout.calendar.holidays: ${YEAR}`]);
  });

  test("under smoke, where it is too late", () => {
    expect(
      problems({
        stage: `${READY}\n    smoke: { W1: { source: calendar, title: It is time, freezes: [{ from: "2026-12-18T00:00:00Z", until: "2026-12-19T00:00:00Z", reason: Year end }] } }`,
      }),
    ).toEqual([
      "Pulumi.one.yaml:6 cutover:stage.smoke.W1.source: calendar means nothing under smoke. Move it to entry",
    ]);
  });
});

describe("what could never hold is refused", () => {
  const SQL = (says: string): Added => ({
    rollout: "database: { host: db.internal, name: ops, reads: [patches] }",
    stage: `entry: { A1: { source: sql, title: There are patches, query: select 1, ${says} } }`,
  });
  const A1 = "Pulumi.one.yaml:5 cutover:stage.entry.A1";
  const MET = `${A1}.expect: must be something that a value can meet: no value meets all of this (less than 0 only with quantity: signed), got a map. Write it like expect: {"gt":0}`;
  const NOTHING = "must be longer than nothing, such as 1h; the last stage may leave it out";
  test.each<[string, Added, string]>([
    ["bounds that leave nothing between them", SQL("expect: { gt: 5, lt: 5 }"), MET],
    ["less than nothing", SQL("expect: { lt: 0 }"), MET],
    ["more than all", SQL("expect: { gt: 100, quantity: percent }"), MET],
    ["a value and not that value", SQL("expect: { eq: 5, ne: 5 }"), MET],
    ["text within bounds", SQL('expect: { eq: "a", gt: 1 }'), MET],
    [
      "bounds that are no numbers",
      SQL("expect: { gt: .nan }"),
      `${A1}.expect.gt: must be a number, got NaN. Greater than this number.`,
    ],
    [
      "a window of no length",
      SQL('window: 0s, expect: { gt: 1 }, values: ["{from}"]'),
      `${A1}.window: must be longer than nothing, got "0s". Write it like window: soak`,
    ],
    [
      "a soak of no length",
      { stage: `${READY}\n    soak: 0s` },
      `Pulumi.one.yaml:6 cutover:stage.soak: ${NOTHING}, got "0s". How long the stage must have been live, without a break, before the next one.`,
    ],
    [
      "a window of longer than anybody lives, whose end no clock can show",
      SQL('window: 999999999d, expect: { gt: 1 }, values: ["{from}"]'),
      `${A1}.window: must be no longer than 3650d, got "999999999d". Write it like window: soak`,
    ],
    [
      "such a soak",
      { stage: `${READY}\n    soak: 999999999d` },
      'Pulumi.one.yaml:6 cutover:stage.soak: must be no longer than 3650d, got "999999999d". How long the stage must have been live, without a break, before the next one.',
    ],
    [
      "a timeout that no timer can count, and that would be over at once",
      SQL("timeout: 25d, expect: { gt: 1 }"),
      `${A1}.timeout: must be at most 1d, got "25d". Write it like timeout: 5s`,
    ],
    [
      "a soak of no business cycle",
      { stage: `${READY}\n    soak: 0 business cycles` },
      'Pulumi.one.yaml:6 cutover:stage.soak: must be a duration such as 24h, or `1 business cycle`, got "0 business cycles". How long the stage must have been live, without a break, before the next one.',
    ],
    [
      "a gate on a soak of no length",
      { stage: "entry: { A1: { source: soak, title: It has soaked, atLeast: 00h } }" },
      `${A1}.atLeast: ${NOTHING}, got "00h". Write it like atLeast: 24h`,
    ],
    [
      "a lower to the first stage, which would lower nothing",
      { first: ", lower: { reason: Users see the wrong orders }" },
      'Pulumi.baseline.yaml:7 cutover:stage.lower: lowers nothing in the first stage, which is brought up once. Bring every flag down with cutover abort --all --reason "…"',
    ],
    [
      "a sign-off that expired before it was made",
      {
        stage: `${READY}\n    signOffs: { A1: { by: ada, at: "2026-11-21T10:00:00Z", expires: "2026-11-21T10:00:00Z", statement: fine, attempt: 1 } }`,
      },
      'Pulumi.one.yaml:6 cutover:stage.signOffs.A1.expires: must be later than at: it would have expired before it was made, got "2026-11-21T10:00:00Z". Until when it counts.',
    ],
  ])("%s", (_, added, expected) => {
    expect(problems(added)).toEqual([expected]);
  });
});

describe("a secret that is written out is refused, and not shown", () => {
  const SECRET = "0123456789abcdefABCDEF";
  const source = (says: string): Added => ({ rollout: `sources: { dd: { ${says} } }` });
  const OUT =
    "has a secret written out, which stands in the repository so. Revoke it; write headers of the source with {ROLE} in its place: the secret config key cutover:token-ROLE";
  const AT = "Pulumi.baseline.yaml:6 cutover:rollout.sources.dd";
  const asked = (path: string): Added => ({
    ...source('url: "https://api.example.com"'),
    stage: `entry: { A1: { source: elsewhere, title: All is well, from: dd, path: "${path}", value: a, expect: { eq: 1 } } }`,
  });
  const PATH = "Pulumi.one.yaml:5 cutover:stage.entry.A1.path";
  const servers = (url: string, path = "/flags", stage = READY): Added => ({
    rollout: `servers: { urls: ["${url}"], path: "${path}" }`,
    stage,
  });
  const everyServer = (path: string) =>
    servers(
      "https://a.example.com",
      "/flags",
      `entry: { A1: { source: everyServer, title: All is new, path: "${path}", value: build, expect: { eq: a } } }`,
    );
  const requested = (request: string): Added => ({
    rollout: `service: { url: "https://shop.example.com" }`,
    stage: `entry: { A1: { source: http, title: It is empty, request: ${request}, expect: { eq: 0 } } }`,
  });
  const REQUEST = "Pulumi.one.yaml:5 cutover:stage.entry.A1.request";
  const SENT =
    "has a secret written out, which stands in the repository so. Revoke it; send it as a token: its role under as, and the secret config key cutover:token-ROLE";
  const service = (url: string): Added => ({ rollout: `service: { url: "${url}" }`, stage: READY });
  const SERVICE = "Pulumi.baseline.yaml:6 cutover:rollout.service.url";
  const SERVERS = "Pulumi.baseline.yaml:6 cutover:rollout.servers";
  const UNSIGNED =
    "has a secret written out, which stands in the repository so. Revoke it; take it out: servers are asked without a sign-in";
  test.each<[string, Added, string]>([
    [
      "in a header",
      source(`url: "https://a.example.com", headers: { DD-API-KEY: ${SECRET} }`),
      `${AT}.headers.DD-API-KEY: ${OUT}`,
    ],
    ["in a path", asked(`/monitors?api_key=${SECRET}`), `${PATH}: ${OUT}`],
    [
      "in a login",
      source(`url: "https://ops:${SECRET}@a.example.com"`),
      `${AT}.url: must be a URL without a password: sign-in belongs in headers, got "https://…@a.example.com". Write it like url: https://api.datadoghq.eu`,
    ],
    [
      "in the query of a URL",
      source(`url: "https://a.example.com?api_key=${SECRET}"`),
      `${AT}.url: must be a URL without ? and #: paths are added to it, got "https://a.example.com?api_key=[secret]". Write it like url: https://api.datadoghq.eu`,
    ],
    ["in the path of every server", everyServer(`/v?token=${SECRET}`), `${PATH}: ${UNSIGNED}`],
    [
      "in the path of the servers' flags",
      servers("https://a.example.com", `/flags?api_key=${SECRET}`),
      `${SERVERS}.path: ${UNSIGNED}`,
    ],
    [
      "in the path of a request",
      requested(`{ path: "/queue?api_key=${SECRET}" }`),
      `${REQUEST}.path: ${SENT}`,
    ],
    [
      "in the URL of another service",
      requested(`{ url: "https://a.example.com/ghp_${SECRET.repeat(2)}", path: /queue }`),
      `${REQUEST}.url: ${SENT}`,
    ],
    [
      "in the query of another service's URL",
      requested(`{ url: "https://a.example.com?key=${SECRET}", path: /queue }`),
      `${REQUEST}.url: must be a URL without a query: paths are added to it, got "https://a.example.com?key=[secret]". Write it like url: https://api.pagerduty.com`,
    ],
    [
      "in the URL of the service",
      service(`https://ops.example.com/ghp_${SECRET.repeat(2)}`),
      `${SERVICE}: has a secret written out, which stands in the repository so. Revoke it; sign-in belongs in the token of a request's role, under as`,
    ],
    [
      "in the login of the service",
      service(`https://ops:${SECRET}@ops.example.com`),
      `${SERVICE}: must be a URL without a password: sign-in belongs in the token of a request's role, under as, got "https://…@ops.example.com". Write it like url: https://ops.example.com`,
    ],
    [
      "in the URL of a server",
      servers(`https://a.example.com/ghp_${SECRET.repeat(2)}`),
      `${SERVERS}.urls.0: ${UNSIGNED}`,
    ],
    [
      "in the login of a server",
      servers(`https://ops:${SECRET}@a.example.com`),
      `${SERVERS}.urls.0: must be a URL without a password: servers are asked without a sign-in, got "https://…@a.example.com". Correct it`,
    ],
    [
      "in the query of a server's URL",
      servers(`https://a.example.com?api_key=${SECRET}`),
      `${SERVERS}.urls.0: must be a URL without ? and #: paths are added to it, got "https://a.example.com?api_key=[secret]". Correct it`,
    ],
  ])("%s", (_, added, expected) => {
    const found = problems(added);
    expect(found).toContain(expected);
    expect(found.join()).not.toContain(SECRET);
  });

  test("a path that leads to another server", () => {
    expect(problems(asked("//evil.example.com/a"))).toEqual([
      `${PATH}: must be a path of the server that is asked: this one leads to another, got "//evil.example.com/a". Write it like path: /api/v1/monitor/1234`,
    ]);
    const http = {
      rollout: 'service: { url: "https://shop.example.com" }',
      stage: `${READY}\n    smoke: { S1: { source: http, title: It works, request: { path: //evil.example.com } } }`,
    };
    expect(problems(http).join()).toContain(
      "Pulumi.one.yaml:6 cutover:stage.smoke.S1.request.path: must be a path of the server that is asked",
    );
  });
});

describe("blanks are no words", () => {
  const BLANK = '"            "';
  const SHORT = (least: number) => `must be at least ${least} characters, got ${BLANK}. `;
  const signed = (by: string, says: string): Added => ({
    stage: `${READY}\n    signOffs: { A1: { by: ${by}, at: "2026-11-21T10:00:00Z", statement: ${says}, attempt: 1 } }`,
  });
  const freeze = `freezes: [{ from: "2026-12-18T00:00:00Z", until: "2026-12-19T00:00:00Z", reason: ${BLANK} }]`;
  test.each<[string, Added, string]>([
    [
      "of a gate",
      { stage: `entry: { A1: { source: signOff, title: ${BLANK} } }` },
      `entry.A1.title: ${SHORT(3)}`,
    ],
    [
      "of a row",
      { stage: `${READY}\n    abort: { X1: { title: ${BLANK} } }` },
      `abort.X1.title: ${SHORT(3)}`,
    ],
    ["of who signs", signed(BLANK, "fine"), `signOffs.A1.by: ${SHORT(2)}`],
    ["of what is signed", signed("ada", BLANK), `signOffs.A1.statement: ${SHORT(3)}`],
    [
      "of why something may be weaker",
      { stage: `${READY}\n    weakened: { A1: { reason: ${BLANK} } }` },
      `weakened.A1.reason: ${SHORT(10)}`,
    ],
    [
      "of why flags go down",
      { stage: `${READY}\n    lower: { reason: ${BLANK} }` },
      `lower.reason: ${SHORT(10)}`,
    ],
    ["of why nothing goes up", { stage: calendar(freeze) }, `entry.W1.freezes.0.reason: ${SHORT(3)}`],
  ])("%s", (_, added, expected) => {
    expect(problems(added).join("\n")).toContain(`cutover:stage.${expected}`);
  });
});

describe("servers that stand for others are refused", () => {
  const SERVERS = "Pulumi.baseline.yaml:6 cutover:rollout.servers";
  test.each<[string, string, string]>([
    [
      "the same one twice",
      'urls: ["https://a.example.com", "https://A.example.com:443/"], path: /flags',
      `${SERVERS}.urls: must be each server once: one that is asked twice counts for two, got a list. Base URL of each server.`,
    ],
    [
      "by a path that leads to another",
      'urls: ["https://a.example.com"], path: //evil.example.com/flags',
      `${SERVERS}.path: must be a path of the server that is asked: this one leads to another, got "//evil.example.com/flags". Write it like path: /api/v2.5/feature-flags`,
    ],
  ])("%s", (_, says, expected) => {
    expect(problems({ rollout: `servers: { ${says} }` })).toEqual([expected]);
  });

  test("nothing is said of those of one host under different paths", () => {
    const says = 'urls: ["https://a.example.com/1", "https://a.example.com/2"], path: /flags';
    expect(problems({ rollout: `servers: { ${says} }` })).toEqual([]);
  });
});

/** What every object of JavaScript has. */
const TAKEN = Object.getOwnPropertyNames(Object.prototype);

describe.each(TAKEN)("nothing can be called %s", (name) => {
  const REFUSED = "is a name that nothing can have. Choose another";
  test.each<[string, Added]>([
    ["entry", { stage: `entry: { ${name}: { source: signOff, title: Everybody is ready } }` }],
    ["exit", { stage: `exit: { ${name}: { source: signOff, title: Everybody is ready } }` }],
    ["smoke", { stage: `smoke: { ${name}: { source: check, title: It works, check: works } }` }],
    ["abort", { stage: `abort: { ${name}: { title: Errors } }` }],
    ["messages", { stage: `messages: { ${name}: { title: It begins, to: [ops], when: before } }` }],
    ["reconcile", { stage: `reconcile: { ${name}: { title: Orders } }` }],
    ["rollback", { stage: `rollback: { ${name}: { title: Trouble, to: off, within: 2m } }` }],
    ["signOffs", { stage: `${READY}\n    signOffs: { ${name}: { by: ada } }` }],
    ["weakened", { stage: `${READY}\n    weakened: { ${name}: { reason: It is meant to be so } }` }],
    ["parameters", { rollout: `parameters: { ${name}: 1 }` }],
    ["gates", { rollout: `gates: { ${name}: { source: signOff, title: Everybody is ready } }` }],
    ["channels", { rollout: `channels: { ${name}: { kind: slack } }` }],
    ["delivery", { rollout: `delivery: { ${name}: { kind: render } }` }],
  ])("under %s", (_, added) => {
    const found = problems(added).filter((problem) => problem.includes(`.${name}: `));
    expect(found.some((problem) => problem.endsWith(REFUSED))).toBe(true);
  });

  test("a flag", () => {
    expect(problems({}, "one", name)).toContain(
      `Pulumi.baseline.yaml:4 cutover:rollout.flags.${name}: ${REFUSED}`,
    );
  });

  test("a state", () => {
    const parsed = flagSpec.safeParse({ kind: "states", states: ["low", name, "high"] });
    expect(parsed.error?.issues.map(({ path }) => path.join("."))).toContain("states.1");
  });

  test("a stage", () => {
    const found = problems({}, name);
    expect(found.join()).toMatch(/is a name that nothing can have|cannot be a stage under this name/);
  });
});

test("what a request sends is the app's to name", () => {
  const added = {
    rollout: 'service: { url: "https://shop.example.com" }',
    stage: `${READY}\n    smoke: { S1: { source: http, title: It works, writes: true, request: { method: POST, path: /orders, body: { toString: yes, items: { constructor: 1 } } } } }`,
  };
  expect(problems(added)).toEqual([]);
});
