import { describe, expect, it, test } from "vitest";
import { rowProblems } from "../../../../src/rollout/checks/rows";
import { resolveShared, sharedProblems } from "../../../../src/rollout/checks/shared";
import { withSignals } from "../../../../src/rollout/config/signal";
import { rolloutConfig, stageConfig } from "../../../../src/rollout/config/stackFile";
import type { Stage } from "../../../../src/rollout/rollout";
import { type Locate, showProblem } from "../../../../src/text/problem";
import { alarm } from "../../../support/build";

const locate: Locate = (stack, path) => [stack, ...path].join(" › ");

const title = "What it demands";
const gate = (source: string, more: object = {}) => ({ source, title, ...more });
const GATES = {
  soak: gate("soak", { atLeast: "24h" }),
  sql: gate("sql", { query: "select 1", expect: { gt: 0 } }),
  metric: gate("metric", {
    namespace: "N",
    name: "M",
    statistic: "Sum",
    window: "10m",
    minSamples: 1,
    expect: { eq: 0 },
  }),
  alarms: gate("alarms"),
  http: gate("http", { request: { path: "/queue" } }),
  requests: gate("requests", { steps: [{ path: "/queue" }] }),
  check: gate("check", { check: "role-scoping" }),
  convergence: gate("convergence"),
  signOff: gate("signOff"),
  snapshot: gate("snapshot"),
  date: gate("date", { after: "2027-03-01T00:00:00Z" }),
  exit: gate("exit"),
} as const;
type Source = keyof typeof GATES;

const said = { by: "ada", at: "2026-11-21T10:00:00Z", statement: "none", attempt: 1 };

/** A rollout that declares all that any gate needs; a test takes something away. */
function sound() {
  return {
    rollout: {
      name: "ops-view",
      flags: { READ: { kind: "boolean" } },
      parameters: { workspace: "ws-ops" },
      database: { host: "db", name: "ops", reads: ["patches"] },
      service: { url: "https://ops.example.com" },
      servers: { urls: ["https://a.example.com"], path: "/flags" },
      topics: { onCall: [{ protocol: "email", endpoint: "on-call@example.com" }] },
      calendar: { zone: "Europe/Berlin", days: ["mon"], open: "09:00", close: "17:30" },
    } as Record<string, unknown>,
    baseline: {} as Record<string, unknown>,
    stageA: { predecessor: "baseline", abort: { XA1: alarm }, exit: { E0: GATES.sql } } as Record<
      string,
      unknown
    >,
    stageB: { predecessor: "stageA", snapshot: { instance: "ops-db" } } as Record<string, unknown>,
  };
}
type Sound = ReturnType<typeof sound>;

function problems(change: (of: Sound) => void): string[] {
  const of = sound();
  change(of);
  const config = rolloutConfig.parse(of.rollout);
  const asked = (["baseline", "stageA", "stageB"] as const).map((name) => ({
    name,
    config: stageConfig.parse({ flags: {}, ...of[name] }),
  }));
  const stages = asked.map(
    ({ name, config: own }): Stage => ({
      name,
      ...own,
      ...resolveShared(own, config.gates),
      abort: withSignals("ops-view", own.abort),
    }),
  );
  const found = rowProblems({ stages, asked, owner: "baseline", config, locate });
  return [...sharedProblems(asked, "baseline", config, locate), ...found].map(showProblem);
}

describe("each source has its place", () => {
  const places: Record<Source, string[]> = {
    soak: ["entry"],
    sql: ["entry", "exit", "smoke"],
    metric: ["entry", "exit", "smoke"],
    alarms: ["entry"],
    http: ["entry", "exit", "smoke"],
    requests: ["entry", "exit", "smoke"],
    check: ["entry", "exit", "smoke"],
    convergence: ["entry", "exit", "smoke"],
    signOff: ["entry", "exit"],
    snapshot: ["entry"],
    date: ["entry", "exit"],
    exit: ["entry"],
  };
  test.each(Object.entries(places) as [Source, string[]][])("%s: %j", (source, allowed) => {
    for (const section of ["entry", "exit", "smoke"]) {
      const found = problems((of) => {
        of.stageB[section] = { R1: GATES[source] };
      });
      expect(found).toEqual(
        allowed.includes(section)
          ? []
          : [
              `stageB › cutover:stage › ${section} › R1 › source: ${source} means nothing under ${section}. Move it to ${allowed.join(" or ")}`,
            ],
      );
    }
  });
});

describe("a secret never travels in plain text", () => {
  const service = (url: string) => (of: Sound) => {
    of.rollout.service = { url };
    of.stageB.entry = { R1: GATES.check, R2: { ...GATES.http, request: { path: "/q", as: "admin" } } };
  };
  const database = (host: string, ssl?: string) => (of: Sound) => {
    of.rollout.database = { host, name: "ops", reads: ["patches"], ...(ssl ? { ssl } : {}) };
  };
  const clear = "is http, and not on this machine: the bearer tokens of R1, R2 would travel in plain text";
  const open = (host: string) =>
    `baseline › cutover:rollout › database › ssl: is disable, and ${host} is not this machine: the gate role's password would travel in plain text. Write verify-full, or require where the server's certificate has no known authority`;
  test.each<[string, (of: Sound) => void, string[]]>([
    ["https", service("https://ops.example.com"), []],
    ["http on this machine", service("http://127.0.0.1:8080"), []],
    [
      "http elsewhere",
      service("http://ops.example.com"),
      [`baseline › cutover:rollout › service › url: ${clear}. Write its https address`],
    ],
    [
      "http elsewhere, in capitals",
      service("HTTP://ops.example.com"),
      [`baseline › cutover:rollout › service › url: ${clear}. Write its https address`],
    ],
    [
      "http elsewhere without any token",
      (of) => {
        of.rollout.service = { url: "http://ops.example.com" };
        of.stageB.entry = { R1: GATES.http };
      },
      [],
    ],
    ["a database with TLS", database("db.example.com", "require"), []],
    ["a database without, on this machine", database("localhost", "disable"), []],
    ["a database without, on this machine by IPv6", database("::1", "disable"), []],
    ["a database without, by its socket", database("/var/run/postgresql", "disable"), []],
    ["a database without, elsewhere", database("db.example.com", "disable"), [open("db.example.com")]],
    [
      "a database that is called as this machine",
      database("127.0.0.1.evil.example", "disable"),
      [open("127.0.0.1.evil.example")],
    ],
  ])("%s", (_, change, expected) => {
    expect(problems(change)).toEqual(expected);
  });
});

describe("a window under smoke", () => {
  const where = "stageB › cutover:stage › smoke › R1 › window";
  test.each([
    ["14m", []],
    // It begins at the flip.
    ["soak", []],
    [
      "15m",
      [
        `${where}: is 15m, and nothing but what came after the flip counts: it could not be covered within the 15 m that smoke checks have. Write less than 15 m, or move the gate to exit`,
      ],
    ],
  ])("of %s is refused where it can never be covered", (window, expected) => {
    const refused = problems((of) => {
      of.stageB.smoke = { R1: { ...GATES.metric, window } };
    });
    expect(refused).toEqual(expected);
  });
});

describe("more than one window under smoke", () => {
  test.each([
    [{ lt: 9, inARow: 2 }, "7m", true],
    [{ lt: 9, inARow: 3 }, "5m", false],
    [{ lt: 9, noWorseThan: { first: "4m", by: "25%" } }, "4m", true],
    [{ lt: 9, noWorseThan: { first: "10m", by: "25%" } }, "10m", false],
  ])("is refused where all of them take too long: %j over %s", (expect_, window, fits) => {
    const refused = problems((of) => {
      of.stageB.smoke = { R1: { ...GATES.metric, window, expect: expect_ } };
    });
    expect(refused.filter((one) => one.includes("could not be covered"))).toEqual(
      fits
        ? []
        : [
            expect.stringMatching(
              /^stageB › cutover:stage › smoke › R1 › expect: takes (15|20) m in all, and nothing but what came after/,
            ),
          ],
    );
  });
});

describe("what changes something in the app", () => {
  const row = "stageB › cutover:stage";
  const post = (more: object = {}) => ({ ...GATES.http, request: { path: "/q", method: "POST" }, ...more });
  const probe = { request: { path: "/q", method: "DELETE" } };
  const WRITING = [
    post({ writes: true }),
    { ...GATES.check, writes: true },
    { ...GATES.http, writes: true },
    { ...GATES.requests, writes: true },
  ];
  const refused = (stage: string, section: string) =>
    `${stage} › cutover:stage › ${section} › R1 › writes: is true, and under ${section} a gate only looks. Move it to smoke, or to the exit of the last stage, or look at the same without changing anything`;
  test.each<[string, string, object, string[]]>([
    ["a smoke check that says so", "smoke", post({ writes: true }), []],
    ["a sequence of requests that says so", "smoke", { ...GATES.check, writes: true }, []],
    [
      "one of several requests that does not say so",
      "smoke",
      { ...GATES.requests, steps: [{ path: "/q" }, { path: "/q", method: "PATCH" }] },
      [
        `${row} › smoke › R1 › steps › 1 › method: is PATCH, which changes something in the app, and the gate does not say so. Read with GET; or add writes: true, under smoke or the exit of the last stage: it is run where somebody acts on it alone`,
      ],
    ],
    [
      "a smoke check that does not",
      "smoke",
      post(),
      [
        `${row} › smoke › R1 › request › method: is POST, which changes something in the app, and the gate does not say so. Read with GET; or add writes: true, under smoke or the exit of the last stage: it is run where somebody acts on it alone`,
      ],
    ],
    ["an exit gate of the last stage that says so", "exit", post({ writes: true }), []],
    ...WRITING.map((gate): [string, string, object, string[]] => [
      `${gate.source} where one only looks`,
      "entry",
      gate,
      [refused("stageB", "entry")],
    ]),
    [
      "a probe",
      "smoke",
      post({ writes: true, prove: probe }),
      [
        `${row} › smoke › R1 › prove › request › method: is DELETE, and a probe only looks. Name a GET whose answer must fail the gate, or take prove out`,
      ],
    ],
  ])("%s, under %s", (_, section, gate, expected) => {
    expect(
      problems((of) => {
        of.stageB[section] = { R1: gate };
      }),
    ).toEqual(expected);
  });

  test.each(WRITING)("is refused under the exit of a stage that another one follows: $source", (gate) => {
    const found = problems((of) => {
      Object.assign(of.stageA, { exit: { R1: gate } });
    });
    expect(found).toEqual([refused("stageA", "exit")]);
  });
});

describe("what a gate needs is declared", () => {
  test.each<[Source, string, (of: Sound) => void, string]>([
    [
      "sql",
      "a database",
      (of) => delete of.rollout.database,
      "needs a database, and the rollout declares none. Add database: to cutover:rollout",
    ],
    [
      "http",
      "a service",
      (of) => delete of.rollout.service,
      "needs the service's address, and the rollout declares none. Add service: { url: … } to cutover:rollout",
    ],
    [
      "convergence",
      "servers",
      (of) => delete of.rollout.servers,
      "needs the servers, and the rollout declares none. Add servers: to cutover:rollout",
    ],
    [
      "snapshot",
      "a snapshot",
      (of) => delete of.stageB.snapshot,
      "needs a snapshot, and the stage declares none. Add snapshot: to cutover:stage",
    ],
    [
      "alarms",
      "abort alarms before it",
      (of) => delete of.stageA.abort,
      "needs abort alarms, and no stage before declares one. Add abort: to the predecessor, or take the gate out",
    ],
    [
      "exit",
      "exit gates before it",
      (of) => delete of.stageA.exit,
      "stands for the predecessor's exit gates, and it has none. Add exit: to the predecessor, or take the gate out",
    ],
  ])("%s: %s", (source, _, take, words) => {
    const declare = (of: Sound) => {
      of.stageB.entry = { R1: GATES[source] };
    };
    expect(problems(declare)).toEqual([]);
    const found = problems((of) => {
      declare(of);
      take(of);
    });
    // The exit gate that stands in the fixture needs the database, too.
    expect(found.filter((one) => one.includes("R1"))).toEqual([
      `stageB › cutover:stage › entry › R1 › source: ${words}`,
    ]);
  });

  test.each<[string, string[], boolean]>([
    ["29d", ["mon"], true],
    ["30d", ["mon"], false],
    ["22 business cycles", ["mon", "tue", "wed", "thu", "fri"], true],
    ["23 business cycles", ["mon", "tue", "wed", "thu", "fri"], false],
    ["5 business cycles", ["mon"], true],
    ["9 business cycles", ["mon"], false],
  ])("alarms: their history over a soak of %s, on %j: %s", (soak, days, kept) => {
    const found = problems((of) => {
      of.rollout.calendar = { zone: "Europe/Berlin", days, open: "09:00", close: "17:30" };
      of.stageA.soak = soak;
      of.stageB.entry = { R1: GATES.alarms };
    });
    const what =
      "looks back over a soak that is longer than the 30 days for which CloudWatch keeps an alarm's history";
    expect(found).toEqual(
      kept
        ? []
        : [
            `stageB › cutover:stage › entry › R1 › source: ${what}. Shorten the predecessor's soak, or take the gate out`,
          ],
    );
  });

  it("by the stage itself or its predecessor, not by anyone else", () => {
    const found = problems((of) => {
      of.stageA.snapshot = { instance: "ops-db" };
      delete of.stageB.snapshot;
      of.stageB.entry = { R1: GATES.snapshot };
      of.stageA.entry = { R2: GATES.alarms, R3: GATES.exit };
      of.stageB.abort = { XB1: alarm };
      of.stageB.exit = { F1: GATES.sql };
    });
    expect(found.map((one) => one.split(":")[1])).toHaveLength(3);
    for (const row of ["R1", "R2", "R3"]) expect(found.join("\n")).toContain(row);
  });
});

describe("a parameter is declared", () => {
  const unknown = (row: string, section = "entry") =>
    `stageB › cutover:stage › ${section} › ${row}: names the parameter {tenant}, which is not declared. Add it to parameters: of cutover:rollout, or correct the name`;
  test.each<[string, object]>([
    ["a query's values", { ...GATES.sql, values: ["{workspace}", "{tenant}"] }],
    [
      "the values of what proves a query",
      { ...GATES.sql, prove: { query: "select 1", values: ["{tenant}"] } },
    ],
    ["a request's path", { ...GATES.http, request: { path: "/{workspace}/{tenant}/{tenant}" } }],
    ["the path of what proves a request", { ...GATES.http, prove: { request: { path: "/{tenant}" } } }],
  ])("in %s", (_, definition) => {
    for (const section of ["entry", "exit", "smoke"]) {
      const found = problems((of) => {
        of.stageB[section] = { R1: definition };
      });
      expect(found).toEqual([unknown("R1", section)]);
    }
    expect(
      problems((of) => {
        of.stageB.entry = { R1: definition };
        of.rollout.parameters = { workspace: "ws-ops", tenant: 7 };
      }),
    ).toEqual([]);
  });

  it("and not one that every object has", () => {
    const found = problems((of) => {
      of.stageB.entry = { R1: { ...GATES.http, request: { path: "/{constructor}" } } };
    });
    expect(found).toHaveLength(1);
  });

  it("but nothing in a query's own text, which is never filled in", () => {
    const found = problems((of) => {
      of.stageB.entry = { R1: { ...GATES.sql, query: "select '{tenant}'" } };
    });
    expect(found).toEqual([]);
  });
});

describe("a row's id", () => {
  const sections = ["entry", "exit", "smoke", "abort"];
  const row = (section: string) => (section === "abort" ? alarm : GATES.sql);

  test.each(sections.flatMap((one) => sections.map((other) => [one, other] as const)))(
    "is not used under %s of one stage and %s of another",
    (one, other) => {
      const found = problems((of) => {
        of.stageA[one] = { R1: row(one) };
        of.stageB[other] = { R1: row(other) };
      });
      expect(found).toContain(
        `stageB › cutover:stage › ${other} › R1: the row id R1 is used twice, first at stageA › cutover:stage › ${one} › R1. Row ids are unique in a rollout: reports and alarms are named by them`,
      );
    },
  );

  it("is not used twice in one stage", () => {
    const found = problems((of) => {
      of.stageB.entry = { R1: GATES.sql };
      of.stageB.smoke = { R1: GATES.sql };
      of.stageB.abort = { R1: alarm };
    });
    expect(found).toHaveLength(2);
  });
});

describe("a sign-off is asked for", () => {
  const stray = (remedy: string) =>
    `stageB › cutover:stage › signOffs › R9: no gate of this promotion asks for it. ${remedy}`;
  test.each<[string, (of: Sound) => void, string[]]>([
    [
      "by an entry gate",
      (of) => {
        of.stageB.entry = { R9: GATES.signOff };
      },
      [],
    ],
    [
      "by an exit gate of the predecessor",
      (of) => {
        of.stageA.exit = { R9: GATES.signOff };
      },
      [],
    ],
    [
      "by an exit gate of its own, where it is the last stage",
      (of) => {
        of.stageB.exit = { R9: GATES.signOff };
      },
      [],
    ],
    ["by nobody", () => {}, [stray("Take it out")]],
    [
      "by a gate under another id",
      (of) => {
        of.stageB.entry = { R8: GATES.signOff };
      },
      [stray("Gates that ask for a sign-off: R8")],
    ],
    [
      "by a gate of another source",
      (of) => {
        of.stageB.entry = { R9: GATES.sql };
      },
      [stray("Take it out")],
    ],
  ])("%s", (_, ask, expected) => {
    expect(
      problems((of) => {
        of.stageB.signOffs = { R9: said };
        ask(of);
      }),
    ).toEqual(expected);
  });

  it("in the stage to be promoted: an exit gate's statement does not stand in the stage that is left", () => {
    const found = problems((of) => {
      of.stageA.exit = { R9: GATES.signOff };
      of.stageA.signOffs = { R9: said };
    });
    expect(found).toEqual([
      "stageA › cutover:stage › signOffs › R9: no gate of this promotion asks for it. Take it out",
    ]);
  });
});

describe("a calendar", () => {
  const calendar = (change: object) => (of: Sound) => {
    of.rollout.calendar = { ...(of.rollout.calendar as object), ...change };
  };
  test.each<[string, (of: Sound) => void, string]>([
    [
      "in no known zone",
      calendar({ zone: "Europe/Nowhere" }),
      "baseline › cutover:rollout › calendar › zone: Europe/Nowhere is not a time zone. Write an IANA name such as Europe/Berlin",
    ],
    [
      "that closes before it opens",
      calendar({ open: "17:00", close: "09:00" }),
      "baseline › cutover:rollout › calendar › close: must be later than open (17:00), got 09:00. Write times of the same day",
    ],
    [
      "that closes the moment it opens",
      calendar({ open: "09:00", close: "09:00" }),
      "baseline › cutover:rollout › calendar › close: must be later than open (09:00), got 09:00. Write times of the same day",
    ],
    [
      "of working days that are none",
      calendar({ open: "09:00", close: "09:30" }),
      "baseline › cutover:rollout › calendar › close: makes a working day of 30 minutes (09:00 to 09:30), and a business cycle is never shorter than 6 h. Write when the office opens and when it closes",
    ],
    [
      "that is missing, though a stage soaks by it",
      (of) => {
        delete of.rollout.calendar;
        of.stageA.soak = "1 business cycle";
      },
      "stageA › cutover:stage › soak: counts business cycles, and the rollout has no calendar. Add calendar: { zone, days, open, close } to cutover:rollout",
    ],
    [
      "that is missing, though a gate waits by it",
      (of) => {
        delete of.rollout.calendar;
        of.stageB.entry = { R1: { ...GATES.soak, atLeast: "2 business cycles" } };
      },
      "stageB › cutover:stage › entry › R1 › atLeast: counts business cycles, and the rollout has no calendar. Add calendar: { zone, days, open, close } to cutover:rollout",
    ],
  ])("%s", (_, change, expected) => {
    expect(problems(change)).toEqual([expected]);
  });

  it("is not needed where nothing soaks by it", () => {
    expect(problems((of) => delete of.rollout.calendar)).toEqual([]);
  });
});

test("all that is wrong is told at once", () => {
  const found = problems((of) => {
    delete of.rollout.service;
    of.stageA.smoke = { R1: GATES.http, R2: GATES.soak };
    of.stageB.entry = { R1: GATES.sql };
    of.stageB.signOffs = { R9: said };
  });
  expect(found).toHaveLength(4);
});

describe("a gate that stages share", () => {
  const shared = { source: "shared" };
  const G1 = GATES.sql;
  const row = "stageA › cutover:stage › exit › G1";
  const inRollout = "baseline › cutover:rollout › gates › G1";

  test.each<[string, (of: Sound) => void, string[]]>([
    [
      "is asked for under its id by as many as need it",
      (of) => {
        of.rollout.gates = { G1 };
        of.stageA.exit = { G1: shared };
        of.stageB.exit = { G1: shared };
      },
      [],
    ],
    [
      "must be declared",
      (of) => {
        of.rollout.gates = { G1 };
        of.stageA.exit = { G1: shared, toString: shared };
      },
      [
        "stageA › cutover:stage › exit › toString: is shared, but no gate of this id is declared in gates: of cutover:rollout. Shared gates: G1",
      ],
    ],
    [
      "must be declared, where there are none",
      (of) => {
        of.stageA.exit = { G1: shared };
      },
      [
        `${row}: is shared, but no gate of this id is declared in gates: of cutover:rollout. Declare it there, or here`,
      ],
    ],
    [
      "must be asked for",
      (of) => {
        of.rollout.gates = { G1 };
      },
      [
        `${inRollout}: is a shared gate that no stage asks for. Name it in a stage as { source: shared }, or take it out`,
      ],
    ],
    [
      "shares its id with no other gate",
      (of) => {
        of.rollout.gates = { G1 };
        of.stageA.exit = { G1: GATES.http };
      },
      [
        `${row}: has the id of the shared gate at ${inRollout}. Write { source: shared } to mean that one, or choose another id`,
      ],
    ],
    [
      "stands once in a stage",
      (of) => {
        of.rollout.gates = { G1 };
        of.stageA.exit = { G1: shared };
        of.stageA.smoke = { G1: shared };
      },
      [
        `stageA › cutover:stage › smoke › G1: the row id G1 is used twice, first at ${row}. Row ids are unique in a rollout: reports and alarms are named by them`,
      ],
    ],
    [
      "stands once in a promotion",
      (of) => {
        of.rollout.gates = { G1 };
        of.stageA.exit = { G1: shared };
        of.stageB.entry = { G1: shared };
      },
      [
        "stageB › cutover:stage › entry › G1: is asked for twice in one promotion: stageA has it under exit. Take it out here, or there",
      ],
    ],
    [
      "is told to be wrong once, where it is written",
      (of) => {
        of.rollout.gates = { G1: { ...GATES.sql, values: ["{tenant}"] } };
        of.stageA.exit = { G1: shared };
        of.stageB.exit = { G1: shared };
      },
      [
        `${inRollout}: names the parameter {tenant}, which is not declared. Add it to parameters: of cutover:rollout, or correct the name`,
      ],
    ],
    [
      "is told to stand in the wrong place where it stands",
      (of) => {
        of.rollout.gates = { G1: GATES.soak };
        of.stageA.exit = { G1: shared };
      },
      [`${row} › source: soak means nothing under exit. Move it to entry`],
    ],
  ])("%s", (_, change, expected) => {
    expect(problems(change)).toEqual(expected);
  });
});

describe("a window", () => {
  const windowed = (more: object) => ({ ...GATES.sql, ...more });
  const at = "stageB › cutover:stage › entry › R1";
  const probe = (more: object) => {
    const { metric: _, missingData: __, ...rest } = alarm;
    return { ...rest, probe: { query: "select $1", ...more } };
  };

  test("that the query looks at is fine", () => {
    expect(
      problems((of) => {
        of.stageB.entry = { R1: windowed({ window: "soak", values: ["{from}", "{to}", "{workspace}"] }) };
        of.stageB.abort = { T1: probe({ window: "1h", values: ["{from}"] }) };
      }),
    ).toEqual([]);
  });

  test("that nobody looks at is an error, and so are ends without a window", () => {
    expect(
      problems((of) => {
        of.stageB.entry = { R1: windowed({ window: "soak" }), R2: windowed({ values: ["{to}"] }) };
        of.stageB.abort = { T1: probe({ window: "1h" }), T2: probe({ values: ["{from}"] }) };
      }),
    ).toEqual([
      `stageB › cutover:stage › abort › T1 › probe › window: is not looked at: no value is {from} or {to}. Write values: ["{from}", "{to}"], and $1 and $2 in the query`,
      "stageB › cutover:stage › abort › T2 › probe › values: names the ends of a window, and the row has none. Add window: with a duration, such as 24h",
      `${at} › window: is not looked at: no value is {from} or {to}. Write values: ["{from}", "{to}"], and $1 and $2 in the query`,
      "stageB › cutover:stage › entry › R2 › values: names the ends of a window, and the row has none. Add window: with a duration, such as 24h",
    ]);
  });

  test("keeps its names from parameters", () => {
    expect(
      problems((of) => {
        of.rollout.parameters = { from: "x" };
      }),
    ).toEqual([
      "baseline › cutover:rollout › parameters › from: cannot be called from: queries name the ends of their window so. Choose another name",
    ]);
  });
});

describe("a metric's soak", () => {
  const soaked = { ...GATES.metric, window: "soak" };
  const rare = { ...soaked, every: "5m" };
  const found = (change: (of: Sound) => void) =>
    problems((of) => {
      of.stageA.soak = "29d";
      change(of);
    }).map((one) => one.replace(/ › cutover:stage › /, " ").replace(/\. .*/, ""));

  test("is at an exit the stage's own", () => {
    const forgotten =
      "window: is a soak of 29 d or more, which is longer than CloudWatch remembers data of every 1 m";
    expect(found((of) => (of.stageA.exit = { E1: rare }))).toEqual([]);
    expect(found((of) => (of.stageA.exit = { E1: soaked }))).toEqual([`stageA exit › E1 › ${forgotten}`]);
    expect(found((of) => (of.stageB.exit = { F1: soaked }))).toEqual([]);
    expect(found((of) => (of.stageB.exit = { F1: rare }))).toEqual([
      "stageB exit › F1 › every: is 5m, and a gap of 1 m or more would not be seen",
    ]);
  });

  test("is at an entry the predecessor's", () => {
    expect(found((of) => (of.stageB.entry = { R1: rare }))).toEqual([]);
    expect(found((of) => (of.stageB.entry = { R1: soaked }))).toHaveLength(1);
    expect(found((of) => (of.stageA.entry = { R1: soaked }))).toEqual([]);
  });

  test("has hardly begun under smoke", () => {
    expect(found((of) => (of.stageA.smoke = { S1: soaked }))).toEqual([]);
    expect(found((of) => (of.stageB.smoke = { S1: soaked }))).toEqual([]);
    expect(found((of) => (of.stageA.smoke = { S1: rare }))).toHaveLength(1);
  });
});

test("a date is a time, by itself or as a parameter", () => {
  const found = (after: string, sunset: unknown) =>
    problems((of) => {
      of.rollout.parameters = { sunset };
      of.stageB.entry = { R1: { ...GATES.date, after } };
    });
  const at = "stageB › cutover:stage › entry › R1";
  const remedy = "Write a time such as 2027-03-01T00:00:00Z";
  expect(found("2027-03-01T00:00:00+01:00", 1)).toEqual([]);
  expect(found("{sunset}", "2027-03-01T00:00:00Z")).toEqual([]);
  expect(found("{sunset}", "in March")).toEqual([`${at} › after: must be a time, got "in March". ${remedy}`]);
  expect(found("2027-03-01", 1)).toEqual([`${at} › after: must be a time, got "2027-03-01". ${remedy}`]);
  expect(found("{sunst}", 1)).toEqual([
    `${at}: names the parameter {sunst}, which is not declared. Add it to parameters: of cutover:rollout, or correct the name`,
  ]);
});

describe("a row that follows an alarm", () => {
  const following = (alarm: string) => ({ title: "Follows", alarm, action: "rollback" });
  const abort = (rows: Record<string, string>) =>
    problems((of) => {
      of.stageB.abort = Object.fromEntries(Object.entries(rows).map(([row, name]) => [row, following(name)]));
    }).filter((one) => one.includes("alarm"));

  test.each<[string, Record<string, string>, RegExp[]]>([
    ["of somebody else's", { X1: "theirs" }, []],
    ["of another row", { X1: "ops-view-stageB-X2", X2: "theirs" }, []],
    [
      "of its own",
      { X1: "ops-view-stageB-X1" },
      [/X1 › alarm: is ops-view-stageB-X1, the row's own: it would follow itself/],
    ],
    [
      "of a row that follows it",
      { X1: "ops-view-stageB-X2", X2: "ops-view-stageB-X1" },
      [/X1 › alarm: is ops-view-stageB-X2, and leads back to the row's own/, /X2 › alarm: /],
    ],
    [
      "of two that follow each other, which it is no part of",
      { X1: "ops-view-stageB-X2", X2: "ops-view-stageB-X2" },
      [/X2 › alarm: /],
    ],
  ])("%s", (_, rows, said) => {
    expect(abort(rows)).toEqual(said.map((one) => expect.stringMatching(one)));
  });
});
