import { join } from "node:path";
import { parse, stringify } from "yaml";
import { readStackFiles } from "../../../../src/rollout/load";
import { parseRollout, type StackFile } from "../../../../src/rollout/parse";

/** Weakenings of the shipped stacks, made by machine: everything in them taken out, eased, swapped and misplaced. */

const ROOT = join(__dirname, "..", "..", "..", "..");
const ROLLOUTS = { "ops-view": ROOT, "v2-pipeline": join(ROOT, "rollouts", "v2-pipeline") } as const;
type RolloutName = keyof typeof ROLLOUTS;

type Tree = Record<string, unknown>;

/** One weakening: the files with it, and what has to name it. */
export interface Weakened {
  readonly rollout: RolloutName;
  /** For people: what was done where. */
  readonly name: string;
  readonly files: readonly StackFile[];
  /** What it is named by. */
  readonly key: string;
}

const STAGE = "cutover:stage";
const ROLLOUT = "cutover:rollout";
const PHASES = ["entry", "exit", "smoke"] as const;
const SECTIONS = [...PHASES, "abort", "messages", "rollback"] as const;

export const shipped = (rollout: RolloutName) => readStackFiles(ROLLOUTS[rollout]);

/** Every weakening of one rollout's stacks. */
export function weakened(rollout: RolloutName): Weakened[] {
  const files = shipped(rollout);
  const trees = files.map(({ text }) => parse(text) as { config: Tree });
  const found: Weakened[] = [];
  const add = (index: number, key: string, name: string, change: (tree: { config: Tree }) => void) => {
    const tree = structuredClone(trees[index]) as { config: Tree };
    change(tree);
    const changed = files.map((file, at) => (at === index ? { ...file, text: stringify(tree) } : file));
    found.push({ rollout, key, name: `${files[index]?.stack}: ${name}`, files: changed });
  };
  for (const [index, { config }] of trees.entries()) {
    const stack = files[index]?.stack ?? "";
    const stage = (config[STAGE] ?? {}) as Tree;
    for (const section of SECTIONS)
      for (const [row, body] of Object.entries((stage[section] ?? {}) as Record<string, Tree>)) {
        const at = (tree: { config: Tree }) => (tree.config[STAGE] as Tree)[section] as Tree;
        add(index, row, `${section}.${row} is taken out`, (tree) => delete at(tree)[row]);
        add(index, row, `${section}.${row} is renamed`, (tree) => {
          at(tree)[`${row}x`] = at(tree)[row];
          delete at(tree)[row];
        });
        for (const [what, eased] of easings(section, body))
          add(index, row, `${section}.${row}: ${what}`, (tree) => {
            at(tree)[row] = eased;
          });
      }
    for (const section of SECTIONS) {
      const rows = Object.keys((stage[section] ?? {}) as Tree);
      if (rows.length === 0) continue;
      add(index, rows[0] ?? "", `all of ${section} is taken out`, ({ config: own }) => {
        delete (own[STAGE] as Tree)[section];
      });
    }
    moves(stage, (key, name, change) =>
      add(index, key, name, ({ config: own }) => change(own[STAGE] as Tree)),
    );
    for (const [field, easier] of [
      ["soak", ["1s", "1h"]],
      ["snapshot", [{ instance: "another-db" }]],
    ] as const) {
      if (stage[field] === undefined) continue;
      const own = ({ config: all }: { config: Tree }) => all[STAGE] as Tree;
      add(index, `${stack}.${field}`, `${field} is taken out`, (tree) => delete own(tree)[field]);
      for (const value of easier)
        add(index, `${stack}.${field}`, `${field} is ${JSON.stringify(value)}`, (tree) => {
          own(tree)[field] = value;
        });
    }
    if (config[ROLLOUT])
      settings(config[ROLLOUT] as Tree, (key, name, change) =>
        add(index, key, name, ({ config: own }) => change(own[ROLLOUT] as Tree)),
      );
  }
  return [...found, ...inserted(rollout)];
}

/** Stages put in before each existing one that ask for less than it, from the flags before it to its own. */
function inserted(rollout: RolloutName): Weakened[] {
  const files = shipped(rollout);
  return files.flatMap((file, index) => {
    const tree = parse(file.text) as { config: { [STAGE]: Tree } };
    const stage = tree.config[STAGE];
    const { predecessor } = stage;
    if (predecessor === undefined) return [];
    const { [STAGE]: before = {} } = (
      parse(files.find(({ stack }) => stack === predecessor)?.text ?? "") as { config: Record<string, Tree> }
    ).config;
    const next = structuredClone(tree);
    next.config[STAGE].predecessor = "between";
    const less = (field: string): Tree => ({ ...stage, messages: {}, exit: {}, rollback: {}, [field]: {} });
    const bare = { title: "In between", predecessor, flags: stage.flags, snapshot: stage.snapshot };
    const kinds: readonly (readonly [string, Tree])[] = [
      ...["entry", "smoke", "abort"].flatMap((field) =>
        Object.keys((stage[field] ?? {}) as Tree).length === 0
          ? []
          : [[`without its ${field}`, less(field)] as const],
      ),
      ["with nothing", bare],
      ["with the flags before it", { ...bare, flags: before.flags, snapshot: undefined }],
      ...Object.entries(stage.flags as Tree).flatMap(([flag, value]) => {
        const from = (before.flags as Tree)[flag];
        return typeof value === "number" && typeof from === "number" && value > from + 1
          ? [from + 1, value - 1].map(
              (at) => [`at ${at}`, { ...bare, flags: { ...(stage.flags as Tree), [flag]: at } }] as const,
            )
          : [];
      }),
    ];
    return kinds.flatMap(([what, between]) => {
      // With no entry gate to lose, a stage that raises nothing goes without nothing.
      if (what === "with the flags before it" && stage.entry === undefined) return [];
      return [
        {
          rollout,
          key: `${file.stack}.predecessor`,
          name: `${file.stack}: a stage is put in before it, ${what}`,
          files: [
            ...files.map((one, at) => (at === index ? { ...one, text: stringify(next) } : one)),
            {
              stack: "between",
              file: "Pulumi.between.yaml",
              text: stringify({ config: { [STAGE]: between } }),
            },
          ],
        },
      ];
    });
  });
}

type Add = (key: string, name: string, change: (tree: Tree) => void) => void;

/** Rows that stand in another section, or under each other's ids. */
function moves(stage: Tree, add: Add): void {
  for (const [from, to] of [
    ["exit", "entry"],
    ["entry", "exit"],
    ["exit", "smoke"],
    ["smoke", "exit"],
  ] as const)
    for (const row of Object.keys((stage[from] ?? {}) as Tree))
      add(row, `${row} moves from ${from} to ${to}`, (own) => {
        own[to] = { ...(own[to] as Tree | undefined), [row]: (own[from] as Tree)[row] };
        delete (own[from] as Tree)[row];
      });
  for (const section of [...PHASES, "abort"] as const) {
    const rows = Object.keys((stage[section] ?? {}) as Tree);
    for (const [index, row] of rows.entries()) {
      const other = rows[index + 1];
      if (other === undefined) continue;
      const shared = [row, other].some((one) => ((stage[section] as Tree)[one] as Tree).source === "shared");
      if (shared) continue;
      add(row, `${row} and ${other} are swapped`, (own) => {
        const all = own[section] as Tree;
        [all[row], all[other]] = [all[other], all[row]];
      });
    }
  }
}

/** All that can be eased of what the stages share. */
function settings(rollout: Tree, add: Add): void {
  for (const [flag, spec] of Object.entries(rollout.flags as Record<string, Tree>)) {
    for (const field of ["requires", "writes"])
      if (spec[field] !== undefined)
        add(`flags.${flag}`, `${flag}.${field} is taken out`, (own) => {
          delete (own.flags as Record<string, Tree>)[flag]?.[field];
        });
    if (JSON.stringify(spec.requires ?? "").includes("atLeast"))
      add(`flags.${flag}`, `${flag} requires less`, (own) => {
        const [required] = (own.flags as Record<string, { requires: Tree[] }>)[flag]?.requires ?? [];
        if (required) required.atLeast = 1;
      });
  }
  for (const topic of Object.keys(rollout.topics as Tree)) {
    add(`topics.${topic}`, `${topic} reaches nobody`, (own) => {
      (own.topics as Tree)[topic] = [];
    });
    add(`topics.${topic}`, `${topic} reaches somebody else`, (own) => {
      (own.topics as Tree)[topic] = [{ protocol: "email", endpoint: "nobody@example.com" }];
    });
  }
  add("topics.onCall", "all topics are taken out", (own) => {
    own.topics = {};
  });
  for (const name of Object.keys((rollout.parameters ?? {}) as Tree))
    add(`parameters.${name}`, `the parameter ${name} is another`, (own) => {
      (own.parameters as Tree)[name] = "2000-01-01T00:00:00Z";
    });
  add("service", "the service is another", (own) => {
    own.service = { url: "https://example.org" };
  });
  add("rollout.name", "the rollout is renamed", (own) => {
    own.name = "another";
  });
  add("service", "the service is asked without TLS", (own) => {
    own.service = { url: String((own.service as Tree).url).replace("https:", "http:") };
  });
  add("servers", "a server is asked without TLS", (own) => {
    const servers = own.servers as { urls: string[] };
    servers.urls = servers.urls.map((url, at) => (at === 0 ? url.replace("https:", "http:") : url));
  });
  add("servers", "a server is taken out", (own) => {
    (own.servers as { urls: unknown[] }).urls.pop();
  });
  add("servers", "servers tell their flags elsewhere", (own) => {
    (own.servers as Tree).path = "/elsewhere";
  });
  for (const [field, value] of [
    ["host", "elsewhere"],
    ["name", "another"],
    ["ssl", "disable"],
    ["schema", "empty"],
  ] as const)
    add("database", `database.${field} is ${value}`, (own) => {
      (own.database as Tree)[field] = value;
    });
  add("reservedConcurrency", "less room for aborts", (own) => {
    own.reservedConcurrency = 1;
  });
  add("reservedConcurrency", "no room for aborts", (own) => {
    own.reservedConcurrency = 0;
  });
  if (rollout.abortTo === "off")
    add("percent50.abortTo", "an abort goes down less far", (own) => {
      delete own.abortTo;
    });
  if (rollout.afterAbort)
    add("afterAbort", "nothing follows an abort", (own) => {
      delete own.afterAbort;
    });
  for (const [map, section] of [
    ["gates", "exit"],
    ["rollback", "rollback"],
  ] as const)
    for (const [row, body] of Object.entries((rollout[map] ?? {}) as Record<string, Tree>)) {
      if (section === "rollback")
        add(row, `${row} is taken out`, (own) => {
          delete (own[map] as Tree)[row];
        });
      for (const [what, eased] of easings(section, body))
        add(row, `${map}.${row}: ${what}`, (own) => {
          (own[map] as Tree)[row] = eased;
        });
    }
}

type Easing = readonly [what: string, body: Tree];

function easings(section: (typeof SECTIONS)[number], body: Tree): Easing[] {
  if (body.source === "shared")
    return [["is a date", { source: "date", title: "A date", after: "2000-01-01T00:00:00Z" }]];
  const list: Easing[] = [];
  const set = (field: string, value: unknown) =>
    list.push([`${field} is ${JSON.stringify(value)}`, { ...body, [field]: value }]);
  const drop = (field: string) => {
    if (body[field] === undefined) return;
    const { [field]: _, ...rest } = body;
    list.push([`${field} is taken out`, rest]);
  };
  for (const field of ["remedy", "runbook", "text"]) drop(field);
  if (section === "rollback" && (body.to ?? body.sql) !== undefined) drop("notes");
  if (body.text !== undefined) list.push(["says nothing", { ...body, title: "Nothing happens", text: " " }]);
  if (body.source === "signOff") set("title", "Somebody has seen it");
  const expect = (body.expect ?? {}) as Tree;
  const { quantity, ...bounds } = expect;
  const open = (...operators: string[]) => operators.every((one) => expect[one] === undefined);
  // What no value can be passes where it may be less than nothing, or more than all.
  if (body.expect !== undefined && quantity !== "signed" && open("eq", "ne", "gt", "gte"))
    set("expect", { ...bounds, quantity: "signed" });
  if (quantity === "percent" && open("eq", "ne", "lt", "lte")) set("expect", bounds);
  if (section === "messages") {
    for (const one of body.to as string[])
      if ((body.to as string[]).length > 1)
        set(
          "to",
          (body.to as string[]).filter((other) => other !== one),
        );
    set("to", ["stakeholders"].filter((one) => JSON.stringify(body.to) !== JSON.stringify([one])).concat([]));
    set("when", { after: "29d" });
    drop("soakSummary");
    return list.filter(([, { to }]) => (to as string[]).length > 0);
  }
  if (section === "rollback") {
    if (body.within !== undefined) set("within", "9d");
    if (body.to !== undefined) set("to", body.to === "off" ? "predecessor" : "off");
    if (body.sql !== undefined) set("sql", "elsewhere.sql");
    return list;
  }
  if (section === "abort") {
    if (body.action === "rollback") {
      const { to: _, ...rest } = body;
      list.push(["action is page", { ...rest, action: "page" }]);
    }
    const [operator = "gt"] = Object.keys(body.threshold as Tree);
    const far = operator.startsWith("g") ? 1e15 : -1e15;
    set("threshold", { [operator]: far });
    set("threshold", { [operator.startsWith("g") ? "lt" : "gt"]: -far });
    set("datapoints", { of: 10, breaching: 10 });
    if (body.metric) {
      const metric = body.metric as Tree;
      set("metric", { ...metric, name: `${metric.name}x` });
      set("metric", { ...metric, namespace: "Elsewhere" });
      set("metric", { ...metric, statistic: metric.statistic === "Minimum" ? "Maximum" : "Minimum" });
      set("metric", { ...metric, period: "5m" });
      set("missingData", "ignore");
      if (body.missingData === "breaching") set("missingData", "notBreaching");
    }
    if (body.probe) {
      const probe = body.probe as Tree;
      set("probe", { query: "select 0" });
      set("probe", { ...probe, timeout: "10s" });
      if (probe.window !== undefined) set("probe", { ...probe, window: "1s" });
    }
    drop("incident");
    if (body.incident) set("incident", { to: ["ops"] });
    drop("remind");
    if (body.remind) {
      const remind = body.remind as Tree;
      set("remind", { ...remind, after: "30d" });
      if (remind.undecided !== undefined) set("remind", { after: remind.after });
    }
    return list;
  }
  if (section !== "smoke")
    list.push(["is a date", { source: "date", title: "A date", after: "2000-01-01T00:00:00Z" }]);
  if (section === "entry" && body.source !== "signOff")
    list.push(["is a sign-off", { source: "signOff", title: "Somebody says so" }]);
  if (body.expect) {
    const operators = Object.entries(body.expect as Tree);
    for (const [operator, value] of operators) {
      if (operator === "eq" && typeof value === "number") set("expect", { gte: -1e15 });
      if (operator === "eq") set("expect", { ne: typeof value === "number" ? 1e15 : "x" });
      if (operator.startsWith("l")) set("expect", { [operator]: Number(value) + 1e9 });
      if (operator.startsWith("g")) set("expect", { [operator]: Number(value) - 1e9 });
      if (/^(lt|gt)$/.test(operator)) set("expect", { [`${operator}e`]: value });
    }
    set("expect", { gt: -1e15 });
  }
  if (body.window !== undefined) {
    set("window", "1s");
    if (body.window !== "soak") set("window", "soak");
  }
  if (body.minSamples !== undefined && body.minSamples !== 1) set("minSamples", 1);
  if (body.timeout === undefined && ["sql", "http", "requests", "check"].includes(String(body.source)))
    set("timeout", "9d");
  drop("prove");
  drop("samplesFrom");
  if (body.source === "metric") {
    set("name", `${body.name}x`);
    set("namespace", "Elsewhere");
    set("statistic", body.statistic === "Minimum" ? "Maximum" : "Minimum");
  }
  if (body.source === "sql") set("query", "select 0 from one");
  if (Array.isArray(body.values) && body.values.length > 0)
    set(
      "values",
      (body.values as unknown[]).map((value) =>
        value === "{from}" ? "{to}" : value === "{to}" ? "{from}" : "x",
      ),
    );
  if (body.source === "http") {
    const request = body.request as Tree;
    set("request", { ...request, path: "/elsewhere" });
    if (request.as !== undefined) set("request", { ...request, as: "nobody" });
    set("status", 404);
    if (body.within !== undefined) set("within", "9s");
    drop("within");
    if (body.value !== undefined) {
      set("value", "elsewhere");
      const { value: _, expect: __, ...rest } = body;
      list.push(["expects nothing", rest]);
    }
  }
  if (body.source === "requests") for (const steps of easedSteps(body.steps as Tree[])) set("steps", steps);
  drop("known");
  if (body.source === "check") set("check", "another");
  if (body.source === "convergence") set("within", "14m");
  if (body.source === "soak") {
    set("atLeast", "1s");
    set("atLeast", "1 business cycle");
    drop("atLeast");
  }
  if (body.source === "snapshot") set("maxAge", "999d");
  if (body.source === "drill") {
    set("maxAge", "999d");
    // Without one, the rollback's own promise is the limit: one that is longer changes nothing.
    if (body.within !== undefined) set("within", "9d");
  }
  if (body.source === "date") set("after", "2000-01-01T00:00:00Z");
  return list;
}

/** Steps of which one is another, or demands less; without the last one, where there are several. */
function easedSteps(steps: readonly Tree[]): Tree[][] {
  const eased = steps.flatMap((step, at) => {
    const { expect, value, within, headers, take, ...request } = step;
    const less: Tree[] = [
      { ...step, path: "/elsewhere" },
      { ...step, status: "any" },
      ...(step.as === undefined ? [] : [{ ...step, as: "nobody" }]),
      ...(step.body === undefined ? [] : [{ ...step, body: {} }]),
      ...(within === undefined ? [] : [{ ...step, within: "9s" }]),
      ...(expect === undefined
        ? []
        : [
            { ...step, expect: easedExpectation(expect as Tree) },
            { ...step, value: "elsewhere" },
          ]),
      ...([expect, within, headers].every((one) => one === undefined)
        ? []
        : [{ ...request, ...(take === undefined ? {} : { take }) }]),
    ];
    return less
      .filter((one) => JSON.stringify(one) !== JSON.stringify(step))
      .map((one) => steps.map((other, index) => (index === at ? one : other)));
  });
  return [...eased, ...(steps.length > 1 ? [steps.slice(0, -1)] : [])];
}

function easedExpectation({ eq, ...bounds }: Tree): Tree {
  if (eq !== undefined) return { ne: typeof eq === "number" ? 1e15 : "x" };
  return { ...Object.fromEntries(Object.keys(bounds).map((operator) => [operator, -1])), quantity: "signed" };
}

/** Every section of every stack at a place where nothing reads it. */
export function misplaced(rollout: RolloutName): (Weakened & { readonly section: string })[] {
  const files = shipped(rollout);
  return files.flatMap((file, index) => {
    const tree = parse(file.text) as { config: Tree };
    return [STAGE, ROLLOUT].flatMap((owner) => {
      const own = (tree.config[owner] ?? {}) as Tree;
      return Object.keys(own).flatMap((section) =>
        (["under config", "at the top"] as const).map((place) => {
          const moved = structuredClone(tree) as { config: Tree } & Tree;
          delete (moved.config[owner] as Tree)[section];
          (place === "under config" ? moved.config : moved)[section] = own[section];
          return {
            rollout,
            section,
            key: section,
            name: `${file.stack}: ${owner}.${section} stands ${place}`,
            files: files.map((one, at) => (at === index ? { ...one, text: stringify(moved) } : one)),
          };
        }),
      );
    });
  });
}

/** What these files declare, or why not. */
export function read(files: readonly StackFile[]) {
  return parseRollout(files, "folder");
}
