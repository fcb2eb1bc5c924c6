import fc from "fast-check";
import { describe, expect, it, test, vi } from "vitest";
import { parseRollout, type StackFile } from "../../../src/rollout/parse";
import { showProblem } from "../../../src/text/problem";

const BASELINE = `config:
  aws:region: eu-central-1
  cutover:rollout:
    name: ops-view
    flags:
      READ: { kind: boolean }
      WRITE:
        kind: boolean
        requires: [READ]
    parameters:
      workspace: ws-ops
    database: { host: db, name: ops, reads: [patches] }
    topics: { onCall: [{ protocol: email, endpoint: on-call@example.com }] }
  cutover:stage:
    flags: { READ: false, WRITE: false }
`;

const STAGE_A = `config:
  cutover:stage:
    predecessor: baseline
    flags:
      READ: true
      WRITE: false
    entry:
      A3:
        title: The workspace has patches
        source: sql
        query: select count(*) from patches
        values: ["{workspace}"]
        expect: { gt: 0 }
    abort:
      XA1:
        title: Errors
        metric: { namespace: Ops, name: Errors, statistic: Sum }
        threshold: { gt: 0 }
        missingData: notBreaching
        action: rollback
`;

function file(stack: string, text: string): StackFile {
  return { stack, file: `Pulumi.${stack}.yaml`, text };
}

function problems(...files: StackFile[]): string[] {
  const result = parseRollout(files, "/project");
  return result.ok ? [] : result.problems.map(showProblem);
}

/** Problems of stage A with one part of its text exchanged, beside a sound first stage. */
function broken(part: string | RegExp, by: string): string[] {
  const text = STAGE_A.replace(part, by);
  expect(text).not.toBe(STAGE_A);
  return problems(file("baseline", BASELINE), file("stageA", text));
}

const sound = [file("baseline", BASELINE), file("stageA", STAGE_A)];

describe("sound stack files", () => {
  it("become a rollout, with every default filled in", () => {
    const result = parseRollout(sound, "/project");
    expect(result.ok && result.rollout.stages.map((stage) => stage.name)).toEqual(["baseline", "stageA"]);
    expect(result.ok && result.rollout.flags.WRITE).toEqual({
      kind: "boolean",
      off: false,
      requires: ["READ"],
      writes: false,
    });
    expect(result.ok && result.rollout.database).toMatchObject({
      port: 5432,
      ssl: "verify-full",
      schema: "public",
    });
    expect(result.ok && result.rollout.stages[1]).toMatchObject({
      attempt: 1,
      exit: {},
      entry: { A3: { source: "sql", timeout: "5s" } },
      abort: { XA1: { datapoints: { of: 1, breaching: 1 }, metric: { period: "10s" } } },
    });
  });

  it("say how far down an abort goes, and what else a row of one leads to", () => {
    const text = STAGE_A.replace(
      "action: rollback",
      "action: rollback\n        to: off\n        incident: true\n      XA3:\n        title: Complaints\n        metric: { namespace: Ops, name: Complaints, statistic: Sum }\n        threshold: { gt: 0 }\n        missingData: notBreaching\n        action: page\n        remind: { after: 1h }\n        incident: { to: [onCall] }",
    );
    const result = parseRollout([file("baseline", BASELINE), file("stageA", text)], "/project");
    expect(result.ok && result.rollout.abortTo).toBe("predecessor");
    expect(result.ok && result.rollout.stages[1]?.abort).toMatchObject({
      XA1: { to: "off", incident: { to: ["ops", "stakeholders"] } },
      XA3: { remind: { after: "1h" }, incident: { to: ["onCall"] } },
    });
    expect(result.ok && Object.keys(result.rollout.stages[1]?.abort.XA3 ?? {})).not.toContain("to");
  });

  it.each([
    ["to: off", "page", /XA1\.to: .*nothing in a row that only pages/],
    ["remind: { after: 1h }", "rollback", /XA1\.remind: .*nothing in a row that rolls back by itself/],
    ["to: stageA", "rollback", /XA1\.to: is the stage itself/],
    ["incident: { to: [] }", "page", /XA1\.incident/],
    ["remind: { after: 1h, undecided: stay }", "page", /XA1\.remind\.undecided: .*rollback/],
    ["remind: { after: 1h }\n        to: off", "page", /XA1\.to: .*nothing in a row that only pages/],
    ["remind: { after: 0s }", "page", /XA1\.remind\.after: .*longer than nothing/],
    ["remind: { after: 90d }", "page", /XA1\.remind\.after: .*at most 30d/],
  ])("refuse %s where it means nothing", (line, action, told) => {
    const found = broken("action: rollback", `action: ${action}\n        ${line}`);
    expect(found).toHaveLength(1);
    expect(found[0]).toMatch(told);
  });

  it("may come in any order, beside files of another program", () => {
    const other = file("shop", "config:\n  aws:region: eu-west-1\n  shop:size: 3\n");
    const read = (files: StackFile[]) => {
      const result = parseRollout(files, "/project");
      return result.ok && result.rollout;
    };
    expect(read(sound)).toHaveProperty("name", "ops-view");
    expect(read([other, ...sound].reverse())).toEqual(read(sound));
  });

  it.each([
    ["", "nothing"],
    ["# later\n", "a comment"],
    ["config:\n", "no config"],
    ["config:\n  aws:region: eu-west-1\n", "a region"],
    ["encryptionsalt: v1:A0OZjp/BQkQ=\n", "what pulumi stack init leaves"],
    ["config:\n  cutover:timeScale: 1\n", "another key of ours"],
    ["config:\n  size: 3\n", "a key of no namespace"],
  ])("may not leave a stage out: %j (%s)", (text) => {
    expect(problems(...sound, file("stageB", text))).toEqual([
      "Pulumi.stageB.yaml: declares no cutover:stage, and the rollout would go on without this stage. Declare it there; or take the file away, where it is no stage",
    ]);
  });

  it("tell of such a file beside what is wrong with the rollout", () => {
    const broken = file("baseline", BASELINE.replace("name: ops-view", "name: Ops"));
    expect(problems(broken, file("stageB", ""))).toEqual([
      expect.stringContaining("cutover:rollout.name: must be a name"),
      expect.stringContaining("Pulumi.stageB.yaml: declares no cutover:stage"),
    ]);
  });

  it.each([
    ["Windows line ends", STAGE_A.replace(/\n/g, "\r\n")],
    ["a byte order mark", `\uFEFF${STAGE_A}`],
    ["comments", STAGE_A.replace("entry:", "# why\n    entry: # because")],
    [
      "anchors",
      STAGE_A.replace("{ gt: 0 }\n    abort", "&positive { gt: 0 }\n    abort").replace(
        "threshold: { gt: 0 }",
        "threshold: *positive",
      ),
    ],
    [
      "JSON, which is YAML",
      JSON.stringify({
        config: { "cutover:stage": { predecessor: "baseline", flags: { READ: true, WRITE: false } } },
      }),
    ],
  ])("may be written with %s", (_, text) => {
    expect(problems(file("baseline", BASELINE), file("stageA", text))).toEqual([]);
  });
});

describe("a file that is not a stack's config", () => {
  test.each<[string, string, RegExp]>([
    ["broken YAML", "config:\n  a: [1\n  b: 2\n", /^Pulumi\.stageA\.yaml:\d+: is not YAML: /],
    ["a tab", "config:\n\tcutover:stage: {}\n", /^Pulumi\.stageA\.yaml:2: is not YAML: a tab stands/],
    [
      "a key that stands there twice",
      `${STAGE_A}  cutover:stage: {}\n`,
      /^Pulumi\.stageA\.yaml:21: is not YAML: Map keys must be unique/,
    ],
    [
      "two documents",
      `${STAGE_A}---\n${STAGE_A}`,
      /^Pulumi\.stageA\.yaml:21: is not YAML: .*multiple documents/,
    ],
    ["a word", "nothing of note", /^Pulumi\.stageA\.yaml: must be a map/],
    ["a list", "- a\n- b\n", /^Pulumi\.stageA\.yaml: must be a map/],
    ["a list as config", "config: [a]\n", /^Pulumi\.stageA\.yaml: config must be a map/],
    ["a word as config", "config: later\n", /^Pulumi\.stageA\.yaml: config must be a map/],
    [
      "an alias to nothing",
      "config:\n  cutover:stage: *later\n",
      /^Pulumi\.stageA\.yaml: cannot be read: Unresolved alias/,
    ],
    [
      "aliases that multiply",
      `a: &a [${"1,".repeat(20)}]\nb: &b [${"*a,".repeat(20)}]\nc: &c [${"*b,".repeat(20)}]\nconfig: { "cutover:stage": *c }\n`,
      /^Pulumi\.stageA\.yaml: cannot be read: Excessive alias count/,
    ],
    [
      "a map that holds itself",
      "config:\n  cutover:stage: &self\n    flags: *self\n",
      /^Pulumi\.stageA\.yaml:3 cutover:stage\.flags/,
    ],
    ["bytes", "\u0000\u0001\u0002", /^Pulumi\.stageA\.yaml/],
  ])("%s", (_, text, expected) => {
    const found = problems(file("baseline", BASELINE), file("stageA", text));
    expect(found.length).toBeGreaterThan(0);
    expect(found[0]).toMatch(expected);
  });

  it("tells the first thing that is out of place, not all that follows from it", () => {
    const text = STAGE_A.replace("predecessor: baseline", "predecessor: ] baseline");
    expect(problems(file("baseline", BASELINE), file("stageA", text))).toEqual([
      "Pulumi.stageA.yaml:3: is not YAML: Unexpected flow-seq-end token in YAML stream. Correct the syntax",
    ]);
  });

  it("tells a tab in the indentation, wherever it is, and not what follows from it", () => {
    const lines =
      `${STAGE_A}        runbook: |\n          Look at the log,\n          and at the database\n  other:list:\n    steps:\n      - path: one\n`.split(
        "\n",
      );
    for (const [index, line] of lines.entries()) {
      const [, blanks = "", words = ""] = /^( *)(.*)$/.exec(line) ?? [];
      if (blanks === "") continue;
      for (const tabs of ["\t", `${blanks}\t`, "\t".repeat(blanks.length / 2)]) {
        const text = lines.with(index, `${tabs}${words}`).join("\n");
        const found = problems(file("baseline", BASELINE), file("stageA", text));
        // Deep enough in a text of several lines, a tab is a part of the text.
        if (found.length === 0 && /Look|database/.test(words)) continue;
        expect(found, JSON.stringify(text)).toEqual([
          `Pulumi.stageA.yaml:${index + 1}: is not YAML: a tab stands in the indentation. Indent with spaces: YAML takes no tabs there`,
        ]);
      }
    }
  });

  it("tells what is out of place before a tab", () => {
    const text = STAGE_A.replace("      READ: true", "      READ: true\n      READ: true").replace(
      "    abort:",
      "\tabort:",
    );
    expect(problems(file("baseline", BASELINE), file("stageA", text))).toEqual([
      expect.stringMatching(/^Pulumi\.stageA\.yaml:6: is not YAML: Map keys must be unique/),
      expect.stringMatching(/^Pulumi\.stageA\.yaml:15: is not YAML: a tab stands/),
    ]);
  });

  it("never ends in an exception, whatever the text", () => {
    const piece = fc.constantFrom(
      ...STAGE_A.split(/(?<=[\s:{}[\],])/),
      "*a",
      "&a ",
      "!!binary ",
      "\t",
      "- ",
      "? ",
      "| ",
      "<<: ",
      '"',
      "'",
    );
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string(),
          fc.array(piece, { maxLength: 40 }).map((list) => list.join("")),
        ),
        (text) => {
          const result = parseRollout([file("baseline", BASELINE), file("stageA", text)], "/project");
          if (!result.ok) expect(result.problems.length).toBeGreaterThan(0);
        },
      ),
      { numRuns: 300 },
    );
  });
});

describe("a wrong value is told with file, line, YAML path, what was expected, what was found, and what to do", () => {
  test.each<[string, string | RegExp, string, string[]]>([
    [
      "text for a boolean",
      "READ: true",
      "READ: yes",
      ['Pulumi.stageA.yaml:5 cutover:stage.flags.READ: must be a boolean, got "yes". Write true or false'],
    ],
    [
      "a log that CloudWatch Logs has not",
      "metric: { namespace: Ops, name: Errors, statistic: Sum }",
      "logs: { group: 'my logs', pattern: 'ERROR: lost' }",
      [
        'Pulumi.stageA.yaml:17 cutover:stage.abort.XA1.logs.group: must be a name of letters, digits and _ - / . # alone, such as /ecs/ops-view; no ARN, got "my logs". Write it like group: /ecs/ops-view',
        'Pulumi.stageA.yaml:17 cutover:stage.abort.XA1.logs.pattern: must be a filter pattern of CloudWatch Logs, got "ERROR: lost". Put double quotes around all but letters, digits and _: pattern: \'"lost: the database"\'',
      ],
    ],
    [
      "a percentage that is too great",
      "READ: true",
      "READ: 101",
      ["Pulumi.stageA.yaml:5 cutover:stage.flags.READ: must be at most 100, got 101. Correct it"],
    ],
    [
      "no number",
      "READ: true",
      "READ: .nan",
      [
        "Pulumi.stageA.yaml:5 cutover:stage.flags.READ: must be true or false or a number or text, got NaN. Write one of these",
      ],
    ],
    [
      "nothing for a map",
      /flags:\n.*\n.*\n/,
      "flags:\n",
      [
        "Pulumi.stageA.yaml:4 cutover:stage.flags: must be a map, got nothing. Every flag's value while this stage is live.",
      ],
    ],
    [
      "a list for a map",
      /flags:\n.*\n.*\n/,
      "flags: [READ]\n",
      [
        "Pulumi.stageA.yaml:4 cutover:stage.flags: must be a map, got a list. Every flag's value while this stage is live.",
      ],
    ],
    [
      "a map that is missing",
      / {4}flags:\n.*\n.*\n/,
      "",
      ["Pulumi.stageA.yaml:2 cutover:stage.flags: is missing. Every flag's value while this stage is live."],
    ],
    [
      "half an attempt",
      "predecessor: baseline",
      "predecessor: baseline\n    attempt: 1.5",
      [
        "Pulumi.stageA.yaml:4 cutover:stage.attempt: must be a whole number, got 1.5. Promoted once per attempt. Raise it to promote again after an abort.",
      ],
    ],
    [
      "attempt 0",
      "predecessor: baseline",
      "predecessor: baseline\n    attempt: 0",
      [
        "Pulumi.stageA.yaml:4 cutover:stage.attempt: must be more than 0, got 0. Promoted once per attempt. Raise it to promote again after an abort.",
      ],
    ],
    [
      "no duration",
      "source: sql",
      "source: sql\n        timeout: 1 minute",
      [
        'Pulumi.stageA.yaml:11 cutover:stage.entry.A3.timeout: must be a duration: a whole number and a unit, such as 30s, 15m, 24h or 7d, got "1 minute". Write it like timeout: 5s',
      ],
    ],
    [
      "an expectation that everything meets",
      "expect: { gt: 0 }",
      "expect: {}",
      [
        'Pulumi.stageA.yaml:13 cutover:stage.entry.A3.expect: must be at least one of eq, ne, gt, gte, lt, lte: an expectation without one would let everything pass, got a map. Write it like expect: {"gt":0}',
      ],
    ],
    [
      "text for a bound",
      "expect: { gt: 0 }",
      'expect: { gt: "0" }',
      [
        'Pulumi.stageA.yaml:13 cutover:stage.entry.A3.expect.gt: must be a number, got "0". Greater than this number.',
      ],
    ],
    [
      "a row id that is none",
      "A3:",
      "3A:",
      [
        "Pulumi.stageA.yaml:8 cutover:stage.entry.3A: must be a row id: a letter, then up to 23 letters, digits or dashes, such as A1 or XB2. Correct it",
      ],
    ],
    [
      "an unknown choice",
      "missingData: notBreaching",
      "missingData: fine",
      [
        'Pulumi.stageA.yaml:19 cutover:stage.abort.XA1.missingData: must be one of breaching, notBreaching, ignore, missing, got "fine". Choose one of them',
      ],
    ],
    [
      "a choice that is missing",
      "        action: rollback\n",
      "",
      ["Pulumi.stageA.yaml:15 cutover:stage.abort.XA1.action: is missing. Choose one of: rollback, page"],
    ],
    [
      "a metric whose silence means nothing",
      "        missingData: notBreaching\n",
      "",
      [
        "Pulumi.stageA.yaml:15 cutover:stage.abort.XA1.missingData: must be breaching, notBreaching, ignore or missing: what silence of the metric means. What silence means: `breaching` for a signal that must be there, `notBreaching` for one that only errors publish.",
      ],
    ],
    [
      "an unknown statistic",
      "statistic: Sum",
      "statistic: P95",
      [
        'Pulumi.stageA.yaml:17 cutover:stage.abort.XA1.metric.statistic: must be Sum, Average, Minimum, Maximum, SampleCount or a percentile such as p95, got "P95". Write it like statistic: Sum',
      ],
    ],
    [
      "two bounds for one alarm",
      "threshold: { gt: 0 }",
      "threshold: { gt: 0, lt: 5 }",
      [
        'Pulumi.stageA.yaml:18 cutover:stage.abort.XA1.threshold: must be exactly one of gt, gte, lt, lte, got a map. Write it like threshold: {"gt":0}',
      ],
    ],
    [
      "an item of a list",
      'values: ["{workspace}"]',
      'values: ["{workspace}", [1]]',
      [
        "Pulumi.stageA.yaml:12 cutover:stage.entry.A3.values.1: must be text or a number or true or false, got a list. Write one of these",
      ],
    ],
  ])("%s", (_, part, by, expected) => {
    expect(broken(part, by)).toEqual(expected);
  });

  it("names the known sources where one is missing or unknown", () => {
    expect(broken("source: sql", "source: sqll")[0]).toMatch(
      /^Pulumi\.stageA\.yaml:10 cutover:stage\.entry\.A3\.source: got "sqll", which is not known\. Choose one of: soak, sql/,
    );
    expect(broken("        source: sql\n", "")[0]).toMatch(
      /^Pulumi\.stageA\.yaml:8 cutover:stage\.entry\.A3\.source: is missing\. Choose one of: soak, sql/,
    );
  });
});

it("quotes no more of a long name or value than anybody reads", () => {
  const long = "x".repeat(100_000);
  const calendar = `calendar: { zone: ${long}, days: [mon], open: "09:00", close: "17:30" }`;
  const zone = BASELINE.replace("name: ops-view", `name: ops-view\n    ${calendar}`);
  for (const found of [
    broken("A3:", `${long}:`),
    broken("query:", `${long}:`),
    broken("statistic: Sum", `statistic: ${long}`),
    problems(file("baseline", zone), file("stageA", STAGE_A)),
  ]) {
    expect(found).not.toEqual([]);
    for (const one of found) expect(one).not.toContain("x".repeat(100));
  }
});

describe("a name that JavaScript takes for a prototype is refused by name", () => {
  test.each<[string, string, string]>([
    ["a gate", "A3:", "Pulumi.stageA.yaml:8 cutover:stage.entry.__proto__"],
    ["an abort row", "XA1:", "Pulumi.stageA.yaml:15 cutover:stage.abort.__proto__"],
    ["a section", "entry:", "Pulumi.stageA.yaml:7 cutover:stage.__proto__"],
  ])("%s", (_, key, where) => {
    const found = broken(key, "__proto__:");
    expect(found).toContain(`${where}: is a name that nothing can have. Choose another`);
    expect(found.join("\n")).not.toMatch(/\[object|native code/);
  });

  it.each([
    ["__proto__", "Remove it; known here: title, "],
    ["constructor", "Did you mean contracts"],
    ["toString", "Remove it; known here: title, "],
  ])("%s, as a key that is not known", (key, remedy) => {
    expect(broken("predecessor: baseline", `predecessor: baseline\n    ${key}: {}`)).toContainEqual(
      expect.stringContaining(`cutover:stage.${key}: is not known here. ${remedy}`),
    );
  });
});

describe("an unknown key", () => {
  test.each<[string, string, string, string]>([
    [
      "near a known one, in a stage",
      "predecessor: baseline",
      "predecesor: baseline",
      "Pulumi.stageA.yaml:3 cutover:stage.predecesor: is not known here. Did you mean predecessor?",
    ],
    [
      "near a known one, in a gate of that source",
      "query:",
      "querry:",
      "Pulumi.stageA.yaml:11 cutover:stage.entry.A3.querry: is not known here. Did you mean query?",
    ],
    [
      "near a known one, in a metric",
      "statistic: Sum",
      "statistik: Sum",
      "Pulumi.stageA.yaml:17 cutover:stage.abort.XA1.metric.statistik: is not known here. Did you mean statistic?",
    ],
    [
      "in another case",
      "missingData:",
      "missingdata:",
      "Pulumi.stageA.yaml:19 cutover:stage.abort.XA1.missingdata: is not known here. Did you mean missingData?",
    ],
    [
      "like nothing known",
      "{ gt: 0 }\n    abort",
      "{ gt: 0, percentage: 5 }\n    abort",
      "Pulumi.stageA.yaml:13 cutover:stage.entry.A3.expect.percentage: is not known here. Remove it; known here: eq, ne, gt, gte, lt, lte, quantity, inARow, noWorseThan",
    ],
    [
      "too short to be near anything",
      "{ gt: 0 }\n    abort",
      "{ gt: 0, ok: 5 }\n    abort",
      "Pulumi.stageA.yaml:13 cutover:stage.entry.A3.expect.ok: is not known here. Remove it; known here: eq, ne, gt, gte, lt, lte, quantity, inARow, noWorseThan",
    ],
  ])("%s", (_, part, by, expected) => {
    expect(broken(part, by)).toContain(expected);
  });

  it("of the cutover namespace is told, with those that are known", () => {
    expect(broken("  cutover:stage:", "  cutover:stages: {}\n  cutover:stage:")).toEqual([
      "Pulumi.stageA.yaml:2 cutover:stages: is not a key that cutover knows. Known keys: cutover:rollout, cutover:stage, cutover:timeScale, cutover:token-ROLE",
    ]);
  });

  it("of another namespace is none of its business", () => {
    const text = STAGE_A.replace(
      "  cutover:stage:",
      "  other:stages: {}\n  aws:region: x\n  cutover:timeScale: 5\n  cutover:stage:",
    );
    expect(problems(file("baseline", BASELINE), file("stageA", text))).toEqual([]);
  });
});

describe("problems are told all at once", () => {
  it("of one file and of several", () => {
    const a = STAGE_A.replace("READ: true", "READ: yes please")
      .replace("{ gt: 0 }\n    abort", "{}\n    abort")
      .replace("Sum", "sum");
    const found = problems(
      file("baseline", BASELINE.replace("name: ops-view", "name: Ops View")),
      file("stageA", a),
      file("stageB", "config: ["),
    );
    expect(found.map((one) => one.split(" ")[0])).toEqual([
      "Pulumi.baseline.yaml:4",
      "Pulumi.stageA.yaml:5",
      "Pulumi.stageA.yaml:13",
      "Pulumi.stageA.yaml:17",
      expect.stringMatching(/^Pulumi\.stageB\.yaml:\d+:/),
    ]);
  });

  it("between files, with the line in the file that has to change", () => {
    const a = STAGE_A.replace("predecessor: baseline", "predecessor: base")
      .replace('"{workspace}"', '"{tenant}"')
      .replace("WRITE: false", "WRITES: false");
    const found = problems(file("baseline", BASELINE), file("stageA", a)).map((one) => one.split(": ")[0]);
    expect(found).toEqual([
      "Pulumi.stageA.yaml:3 cutover:stage.predecessor",
      "Pulumi.stageA.yaml:6 cutover:stage.flags.WRITES",
      "Pulumi.stageA.yaml:4 cutover:stage.flags",
      expect.stringMatching(/^Pulumi\.stageA\.yaml:(8|12) cutover:stage\.entry\.A3/),
    ]);
  });

  it("names the folder where no file declares a rollout", () => {
    expect(problems(file("stageA", STAGE_A))[0]).toMatch(/^\/project: no stack declares cutover:rollout/);
    expect(problems()[0]).toMatch(/^\/project: no stack declares cutover:rollout/);
  });
});

describe("secrets", () => {
  const CIPHER = "v1:Zm9vYmFy:hunter2";
  const everywhere: [string, string][] = [
    ["as the whole key", `config:\n  cutover:stage:\n    secure: ${CIPHER}\n`],
    ["as one value", STAGE_A.replace("predecessor: baseline", `predecessor: { secure: "${CIPHER}" }`)],
    ["deep inside", STAGE_A.replace("{ gt: 0 }\n    abort", `{ gt: { secure: "${CIPHER}" } }\n    abort`)],
    ["in a list", STAGE_A.replace('["{workspace}"]', `[1, { secure: "${CIPHER}" }]`)],
    [
      "beside other mistakes",
      STAGE_A.replace("predecessor: baseline", `predecessor: 5\n    x: { secure: "${CIPHER}" }`),
    ],
  ];
  test.each(everywhere)("in a structured key are refused and not shown: %s", (_, text) => {
    const found = problems(file("baseline", BASELINE), file("stageA", text));
    expect(found).toEqual([
      "Pulumi.stageA.yaml:2 cutover:stage: holds a secret. Secrets belong in keys of their own; set this one as plain values",
    ]);
  });

  it("may be endpoints of topics, which hold keys, and nothing else of the rollout", () => {
    const topics = (more: string) => `    topics: { onCall: [${more}] }\n`;
    const secret = `{ protocol: https, endpoint: { secure: "${CIPHER}" } }`;
    const text = BASELINE.replace(/ {4}topics: .*\n/, topics(secret));
    expect(text).toContain(CIPHER);
    expect(problems(file("baseline", text), file("stageA", STAGE_A))).toEqual([]);
    const wrong = text.replace(secret, `{ protocol: { secure: "${CIPHER}" }, endpoint: a@b.example }`);
    expect(problems(file("baseline", wrong), file("stageA", STAGE_A))).toEqual([
      expect.stringMatching(/^Pulumi\.baseline\.yaml:\d+ cutover:rollout: holds a secret\./),
    ]);
  });

  it("are not shown where an endpoint or a host is no such thing", () => {
    const text = BASELINE.replace(
      / {4}topics: .*\n/,
      '    topics: { onCall: [{ protocol: https, endpoint: "http://x/hunter2" }] }\n',
    );
    expect(problems(file("baseline", text), file("stageA", STAGE_A))).toEqual([
      expect.stringMatching(
        /onCall\.0\.endpoint: must be a URL that begins with https:\/\/ beside protocol: https\. Write it like endpoint: https:[^ ]*$/,
      ),
    ]);
    const host = BASELINE.replace(/host: \S+?(?=[,\s])/, 'host: "ops:hunter2@db:5432"');
    expect(problems(file("baseline", host), file("stageA", STAGE_A))).toEqual([
      expect.stringMatching(
        /database\.host: must be a host alone[^"]*Write it like host: ops-db\.example\.com/,
      ),
    ]);
  });

  it("are refused in plain text under a key that is for a secret, and not shown", () => {
    const text = `${STAGE_A}  cutover:token-admin: hunter2\n`;
    const found = problems(file("baseline", BASELINE), file("stageA", text));
    expect(found).toHaveLength(1);
    expect(found[0]).toMatch(/^Pulumi\.stageA\.yaml:21 cutover:token-admin: is a token in plain text/);
    expect(found[0]).not.toContain("hunter2");
    const safe = `${STAGE_A}  cutover:token-admin: { secure: "${CIPHER}" }\n`;
    expect(problems(file("baseline", BASELINE), file("stageA", safe))).toEqual([]);
  });

  test.each([
    ["an unknown key of the namespace", `  cutover:apiToken: { secure: "${CIPHER}" }\n`],
    ["a plain value under an unknown key", "  cutover:apiToken: hunter2\n"],
    ["a key of another namespace", `  aws:secretKey: { secure: "${CIPHER}" }\n`],
  ])("are not shown: %s", (_, line) => {
    const text = STAGE_A.replace("READ: true", "READ: yes please");
    const found = problems(file("baseline", BASELINE), file("stageA", `${text}${line}`)).join("\n");
    expect(found).toContain("READ");
    expect(found).not.toContain("hunter2");
    expect(found).not.toContain("Zm9vYmFy");
  });

  test.each([
    ["a password under a key that is not known", "{ host: db, name: ops, reads: [x], password: hunter2 }"],
    [
      "a password inside a map of the wrong place",
      "{ host: { name: db, password: hunter2 }, name: ops, reads: [x] }",
    ],
    ["a password in a list of the wrong place", "[db, hunter2]"],
    ["a connection string", "postgres://ops:hunter2@db/ops"],
    ["a connection string with an at sign in its password", "postgres://ops:hun@hunter2@db/ops"],
    ["a connection string with a slash in its password", "postgres://ops:hun/hunter2@db/ops"],
    [
      "a connection string as the port",
      "{ host: db, port: 'postgres://ops:hunter2@db', name: ops, reads: [x] }",
    ],
  ])("that somebody wrote in plain text are not shown: %s", (_, database) => {
    const text = BASELINE.replace("{ host: db, name: ops, reads: [patches] }", database);
    const found = problems(file("baseline", text), file("stageA", STAGE_A));
    expect(found[0]).toMatch(/^Pulumi\.baseline\.yaml:12 cutover:rollout\.database/);
    expect(found.join("\n")).not.toContain("hunter2");
  });

  it("are not shown in a warning of the YAML parser", () => {
    const warn = vi.spyOn(process, "emitWarning").mockImplementation(() => {});
    problems(file("stageA", "config:\n  ? { token: hunter2 }\n  : !secret hunter2\n"));
    expect(warn).not.toHaveBeenCalled();
    warn.mockRestore();
  });

  it("are not shown with a syntax error beside them", () => {
    const text = `config:\n  cutover:token: hunter2secret\n${STAGE_A.slice("config:\n".length)}`;
    const from = text.indexOf("hunter2secret");
    fc.assert(
      fc.property(
        fc.constantFrom(
          "*",
          "&",
          "!",
          "[",
          "]",
          "{",
          "}",
          '"',
          "'",
          "\t",
          "%",
          "@",
          "`",
          ": ",
          "|",
          ">",
          "\n",
          "? ",
          "- ",
          "\\",
          "#",
        ),
        fc.constantFrom(from - 1, from, from + "hunter2secret".length),
        (character, at) => {
          const found = problems(
            file("baseline", BASELINE),
            file("stageA", text.slice(0, at) + character + text.slice(at)),
          );
          expect(found.join("\n")).not.toContain("hunter2");
        },
      ),
      { numRuns: 200 },
    );
  });
});
