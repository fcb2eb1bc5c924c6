import { describe, expect, it } from "vitest";
import { z } from "zod";
import { aws } from "../../../sandbox/aws/plugin/plugin";
import { diffProps } from "../../../sandbox/plugin/diff";
import { TableProvider } from "../../../sandbox/plugin/provider";
import { archive, checkProps, json, set, specsOf } from "../../../sandbox/plugin/spec";
import type { Plugin, Row } from "../../../sandbox/plugin/table";
import { ARCHIVE, type Props, SIGNATURE, secret, UNKNOWN } from "../../../sandbox/plugin/values";
import { postgresql } from "../../../sandbox/postgres/plugin/plugin";

const zip = (hash: string) => ({ [SIGNATURE]: ARCHIVE, hash, assets: {} });

const specs = {
  name: z.string().meta({ named: 20, replaces: true }),
  size: z.number().default(1),
  mode: z.enum(["on", "off"]).optional(),
  on: z.boolean().optional(),
  policy: json().optional(),
  code: archive().optional(),
  steps: z
    .array(z.object({ at: z.number(), place: z.string().optional().meta({ replaces: true }) }))
    .optional(),
  accounts: set(z.string()).optional(),
  routes: z
    .array(z.object({ to: z.string(), note: z.string().optional().meta({ replaces: false }) }))
    .optional()
    .meta({ replaces: true }),
  tags: z.record(z.string(), z.string()).optional(),
  zone: z.string().optional().meta({ computed: true, replaces: true }),
  password: z.string().optional().meta({ secret: true }),
};

describe("specs", () => {
  it("can all be read", () => {
    for (const { config, rows } of [aws, postgresql] as Plugin<unknown>[]) {
      for (const inputs of [config, ...Object.values(rows).map((row) => row.inputs)]) specsOf(inputs);
    }
  });
  it("refuses a trait that there is not", () => {
    expect(() => specsOf({ name: z.string().meta({ replcaes: true }) })).toThrow("'replcaes' is nothing");
  });
  it("refuses a type that the wire does not carry", () => {
    expect(() => specsOf({ at: z.date() })).toThrow("the plugins know no input of type date");
  });
});

describe("check", () => {
  const check = (props: Props) => checkProps(specs, props, "t:i/x:X");
  const reasons = (props: Props) => check(props).failures.map(({ reason }) => reason);

  it("fills in defaults", () => expect(check({}).props).toEqual({ size: 1 }));
  it("refuses an unknown input, and says what there is", () => {
    const known = "accounts, code, mode, name, on, password, policy, routes, size, steps, tags, zone";
    expect(check({ foo: 1 }).failures).toEqual([
      {
        property: "foo",
        reason: `t:i/x:X: input 'foo' is not known to the sandbox's plugin; it knows: ${known}`,
      },
    ]);
  });
  it.each<[string, Props, string]>([
    ["an unknown nested input", { steps: [{ at: 1, foo: 1 }] }, "input 'steps[0].foo' is not known"],
    ["a missing nested input", { steps: [{}] }, "input 'steps[0].at' is required, and missing"],
    ["a number for a text", { name: 1 }, "input 'name' must be a string, not a number"],
    ["a text for a number", { size: "1" }, "input 'size' must be a number, not a string"],
    ["a text for a boolean", { on: "true" }, "input 'on' must be true or false, not a string"],
    ["another word", { mode: "auto" }, "input 'mode' must be one of on, off"],
    ["text that is no JSON", { policy: "{" }, "input 'policy' must be a JSON document"],
    ["a text for an archive", { code: "x" }, "input 'code' must be an archive"],
    ["a text for a list", { accounts: "x" }, "input 'accounts' must be a list, not a string"],
    ["a number in a map", { tags: { a: 1 } }, "input 'tags.a' must be a string, not a number"],
    ["a list for an object", { steps: [[]] }, "input 'steps[0]' must be an object, not a list"],
    ["an inherited name", { toString: 1 }, "input 'toString' is not known"],
    ["another inherited name", { constructor: "x" }, "input 'constructor' is not known"],
    ["a prototype", JSON.parse('{"__proto__":{"size":1}}'), "input '__proto__' is not known"],
    [
      "a nested prototype",
      { steps: [JSON.parse('{"at":1,"__proto__":1}')] },
      "input 'steps[0].__proto__' is not known",
    ],
  ])("refuses %s", (_, props, reason) => expect(reasons(props).join()).toContain(reason));
  it("reports everything at once", () => expect(reasons({ a: 1, b: 2, size: "x" })).toHaveLength(3));
  it("takes what is not known yet for anything", () => {
    expect(
      reasons({ size: UNKNOWN, policy: UNKNOWN, steps: UNKNOWN, tags: { a: UNKNOWN }, mode: UNKNOWN }),
    ).toEqual([]);
  });
  it("writes down a JSON document that is given as an object", () => {
    expect(check({ policy: { a: 1 } }).props.policy).toBe('{"a":1}');
  });
});

describe("diff", () => {
  const diff = (olds: Props, news: Props) => Object.fromEntries(diffProps(specs, olds, news));
  const update = { kind: "update", replaces: false };

  it.each<[string, Props, Props]>([
    ["the same JSON in other words", { policy: '{"a":1,"b":2}' }, { policy: '{ "b": 2, "a": 1 }' }],
    ["a set in another order", { accounts: ["a", "b"] }, { accounts: ["b", "a"] }],
    ["an empty list and none", { accounts: [] }, {}],
    ["an empty text and none", { mode: "" }, {}],
    ["an archive of the same content", { code: zip("a") }, { code: { ...zip("a"), path: "elsewhere" } }],
    ["what the service filled in", { zone: "a" }, {}],
  ])("sees no change in %s", (_, olds, news) => expect(diff(olds, news)).toEqual({}));

  it.each<[string, Props, Props, object]>([
    ["an update", { size: 1 }, { size: 2 }, { size: update }],
    ["zero and none", { size: 0 }, {}, { size: { kind: "delete", replaces: false } }],
    ["false and none", {}, { on: false }, { on: { kind: "add", replaces: false } }],
    ["a replacement", { name: "a" }, { name: "b" }, { name: { kind: "update", replaces: true } }],
    [
      "a list in another order",
      { steps: [{ at: 1 }, { at: 2 }] },
      { steps: [{ at: 2 }, { at: 1 }] },
      { "steps[0].at": update, "steps[1].at": update },
    ],
    [
      "a replacing part",
      { steps: [{ at: 1, place: "a" }] },
      { steps: [{ at: 1, place: "b" }] },
      { "steps[0].place": { kind: "update", replaces: true } },
    ],
    [
      "a part that replaces nothing, in what does",
      { routes: [{ to: "a", note: "x" }] },
      { routes: [{ to: "b", note: "y" }] },
      { "routes[0].to": { kind: "update", replaces: true }, "routes[0].note": update },
    ],
    [
      "a key of a map",
      { tags: { "a b": "1", c: "2" } },
      { tags: { "a b": "2", c: "2" } },
      { 'tags["a b"]': update },
    ],
    ["a part of a set", { accounts: ["a"] }, { accounts: ["a", "b"] }, { accounts: update }],
    ["an archive", { code: zip("a") }, { code: zip("b") }, { code: update }],
    ["what is not known yet", { name: "a" }, { name: UNKNOWN }, { name: { kind: "update", replaces: true } }],
    [
      "what the program now sets itself",
      { zone: "a" },
      { zone: "b" },
      { zone: { kind: "update", replaces: true } },
    ],
  ])("sees %s", (_, olds, news, changes) => expect(diff(olds, news)).toEqual(changes));
});

/** A service in memory, which says what it was told. */
function world(overrides: Partial<Row<unknown, typeof specs>> = {}) {
  const things = new Map<string, Props>();
  const row: Row<unknown, typeof specs> = {
    inputs: specs,
    outputs: ["arn", "version"],
    volatile: ["version"],
    async create(_, inputs) {
      things.set(inputs.name, { ...inputs, version: 1 });
      return inputs.name;
    },
    async read(_, id) {
      const thing = things.get(id);
      return thing && { zone: "z", ...thing, arn: `arn:${id}` };
    },
    async update(_, id, news) {
      things.set(id, { ...news, version: 2 });
    },
    async delete(_, id) {
      if (!things.delete(id)) throw new Error("missing");
    },
    ...overrides,
  };
  const plugin: Plugin<unknown> = {
    name: "t",
    version: "1.0.0",
    config: { region: z.string().optional(), retries: z.number().optional() },
    rows: { "t:i/x:X": row },
    functions: {},
    open: () => ({ defaultTags: {}, context: () => ({}) }),
    explain: (error) => (error as Error).message,
    isMissing: (error) => (error as Error).message === "missing",
  };
  const provider = new TableProvider(plugin);
  provider.configure({});
  return { provider, things };
}

const target = { type: "t:i/x:X", name: "thing" };
const seed = new Uint8Array([7]);

describe("provider", () => {
  it("refuses an unknown type, and says what there is", () => {
    const { failures } = world().provider.check({ type: "t:i/y:Y", name: "n" }, {}, {}, { seed });
    expect(failures[0]?.reason).toBe("t:i/y:Y is not known to the sandbox's t plugin; it knows: t:i/x:X");
  });

  it("refuses unknown and ill-typed settings", () => {
    const { provider } = world();
    expect(provider.checkConfig({ version: "1", retries: "3", __internal: {} })).toEqual([]);
    expect(provider.checkConfig({ foo: "x", retries: "many" })).toHaveLength(2);
  });

  it("names a resource by its seed, and keeps the name", () => {
    const { provider } = world();
    const first = provider.check(target, {}, {}, { seed }).inputs;
    expect(first.name).toMatch(/^thing-[0-9a-f]{7}$/);
    expect(first.__defaults).toEqual(["name"]);
    expect(provider.check(target, {}, {}, { seed }).inputs.name).toBe(first.name);
    expect(provider.check(target, first, {}, { seed: new Uint8Array([8]) }).inputs.name).toBe(first.name);
    expect(provider.check(target, { name: "given" }, {}, { seed }).inputs.name).toBe(first.name);
    const long = provider.check({ ...target, name: "a".repeat(99) }, {}, {}, { seed }).inputs.name as string;
    expect(long).toHaveLength(20);
  });

  it("names as the stack's config wants it", () => {
    const { provider } = world();
    const named = provider.check(target, {}, {}, { seed, mode: "enforce", proposed: "exact" });
    expect(named.inputs.name).toBe("exact");
    expect(provider.check(target, {}, {}, { seed, mode: "disable" }).failures).toHaveLength(1);
  });

  it("deletes first what keeps its given name", () => {
    const { provider } = world();
    const dbr = (olds: Props, news: Props) => provider.diff(target, olds, news).deleteBeforeReplace;
    expect(dbr({ name: "a", zone: "1" }, { name: "a", zone: "2" })).toBe(true);
    expect(dbr({ name: "a" }, { name: "b" })).toBe(false);
    const __defaults = ["name"];
    expect(dbr({ name: "a", zone: "1", __defaults }, { name: "a", zone: "2", __defaults })).toBe(false);
  });

  it("previews what is known, and marks the rest as unknown", async () => {
    const { provider, things } = world();
    const { id, state } = await provider.create(target, { name: "a", size: 2 }, true);
    expect([id, state]).toEqual(["", { name: "a", size: 2, zone: UNKNOWN, arn: UNKNOWN, version: UNKNOWN }]);
    const olds = { ...state, zone: "z", arn: "arn:a", version: 1 };
    const next = await provider.update(target, "a", olds, { name: "a", size: 3 }, true);
    expect(next).toEqual({ name: "a", size: 3, zone: "z", arn: "arn:a", version: UNKNOWN });
    expect(things.size).toBe(0);
  });

  it("keeps secrets secret, at their own place", async () => {
    const { provider } = world();
    const inputs = { name: "a", tags: { open: "1", hidden: secret("2") }, password: "p" };
    const checked = provider.check(target, {}, inputs, { seed }).inputs;
    expect(checked).toEqual({ ...inputs, size: 1, password: secret("p") });
    const { id, state } = await provider.create(target, checked, false);
    expect(state).toEqual({ ...checked, zone: "z", arn: "arn:a", version: 1 });
    const found = await provider.read(target, id, state, checked);
    expect(found).toEqual({ id, state, inputs: checked });
    expect((await provider.update(target, id, state, checked, false)).tags).toEqual(inputs.tags);
  });

  it("tells no secret in an error", async () => {
    const { provider } = world({
      create: async (_, { password }) => {
        throw new Error(`no such word: ${password}`);
      },
    });
    const made = provider.create(target, { name: "a", password: secret("hush") }, false);
    await expect(made).rejects.toThrow('t:i/x:X "thing" could not be created: no such word: [secret]');
  });

  it("hands over what exists but did not settle", async () => {
    const { provider } = world({
      settle: async () => {
        throw new Error('it is in state "failed"');
      },
    });
    const made = provider.create(target, { name: "a" }, false);
    await expect(made).rejects.toMatchObject({
      id: "a",
      properties: { name: "a" },
      message: 't:i/x:X "thing" could not be created: it is in state "failed"',
    });
  });

  it("tells a service nothing when only tags change, and settles again what did not", async () => {
    const calls: string[] = [];
    const { provider } = world({
      tagging: {
        by: "arn",
        list: async () => ({ x: "1", "aws:owner": "aws" }),
        tag: async (_, arn, tags) => calls.push(`tag ${arn} ${JSON.stringify(tags)}`),
        untag: async (_, arn, keys) => calls.push(`untag ${arn} ${keys}`),
      },
      update: async () => calls.push("update"),
      settle: async () => calls.push("settle"),
    });
    const olds = { name: "a", size: 1, arn: "arn:a", tags: { x: "1" }, tagsAll: { x: "1" } };
    await provider.create(target, { name: "a", size: 1, tags: { x: "1" } }, false);
    await provider.update(target, "a", olds, { name: "a", size: 1, tags: { y: "2" } }, false);
    expect(calls).toEqual(["settle", "settle", "untag arn:a x", 'tag arn:a {"y":"2"}']);
  });

  it("sees when the provider's default tags change", async () => {
    const { provider } = world({
      tagging: { by: "arn", list: async () => ({}), tag: async () => {}, untag: async () => {} },
    });
    const diff = (state: Props, news: Props) => [
      ...provider.diff(target, { tags: { x: "1" }, ...state }, news).changes.keys(),
    ];
    const tags = { x: "1" };
    expect(diff({ tagsAll: { x: "1" } }, { tags })).toEqual([]);
    expect(diff({ tagsAll: { x: "1", team: "ops" } }, { tags })).toEqual(["tagsAll"]);
    expect(diff({ tagsAll: { x: "1", team: "ops" } }, { tags: { x: "2" } })).toEqual(["tags.x"]);
  });

  it("finds at the next up, without a refresh, what the service keeps in other words", async () => {
    const { provider } = world({
      read: async (_, id) => ({ name: id, mode: "off", accounts: null, on: false, size: 1, arn: "a" }),
    });
    const inputs = { name: "a", size: 1, mode: "on", accounts: ["b"], on: false };
    const { state } = await provider.create(target, inputs, false);
    expect(state).toEqual({ name: "a", size: 1, mode: "off", on: false, arn: "a" });
    const { changes } = provider.diff(target, state, inputs);
    expect([...changes.keys()]).toEqual(["mode", "accounts"]);
    const after = await provider.update(target, "a", state, inputs, false);
    expect([...provider.diff(target, after, inputs).changes.keys()]).toEqual(["mode", "accounts"]);
  });

  it("leaves alone what is ignored, and all that is in it", () => {
    const { provider } = world();
    const olds = { name: "a", mode: "on", steps: [{ at: 1 }], tags: { x: "1" } };
    const news = { name: "a", mode: "off", steps: [{ at: 2 }], tags: { x: "2" } };
    const changed = (...ignored: string[]) => [...provider.diff(target, olds, news, ignored).changes.keys()];
    expect(changed()).toEqual(["mode", "steps[0].at", "tags.x"]);
    expect(changed("mode", "steps")).toEqual(["tags.x"]);
    expect(changed("mod", "tags.x")).toEqual(["mode", "steps[0].at"]);
  });

  it("finds drift, and what is gone", async () => {
    const { provider, things } = world();
    const inputs = { name: "a", size: 1, accounts: ["a"] };
    const { state } = await provider.create(target, inputs, false);
    things.set("a", { ...things.get("a"), size: 5, accounts: null, mode: "off" });
    const found = await provider.read(target, "a", state, inputs);
    expect(found?.inputs).toEqual({ name: "a", size: 5, mode: "off" });
    things.clear();
    expect(await provider.read(target, "a", state, inputs)).toBeUndefined();
    await provider.delete(target, "a", state);
  });
});
