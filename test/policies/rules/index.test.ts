import { readdirSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { rules } from "../../../policies/rules";

const FOLDER = join(__dirname, "../../../policies/rules");
const files = readdirSync(FOLDER).filter((file) => file !== "index.ts");

/** What rules do, as their names' first word. */
const VERBS = ["promote", "keep", "snapshot", "soak", "page", "lower", "deploy", "count", "weaken"];

test("the pack holds every rule there is, once", async () => {
  const modules = await Promise.all(
    files.map((file) => import(join(FOLDER, file)) as Promise<Record<string, unknown>>),
  );
  const exported = modules.flatMap((module) => Object.values(module));
  expect(exported).toHaveLength(files.length);
  expect(new Set(rules)).toEqual(new Set(exported));
  expect(rules).toHaveLength(files.length);
});

test("every rule has a test of its own", () => {
  const tests = readdirSync(__dirname);
  expect(tests).toEqual(expect.arrayContaining(files.map((file) => file.replace(/\.ts$/, ".test.ts"))));
});

test("every file is named as its rule", async () => {
  for (const file of files) {
    const [rule] = Object.values((await import(join(FOLDER, file))) as Record<string, { name: string }>);
    const camel = rule?.name.replace(/-(\w)/g, (_, letter: string) => letter.toUpperCase());
    expect(`${camel}.ts`).toBe(file);
  }
});

test("names are unique", () => {
  expect(new Set(rules.map((rule) => rule.name)).size).toBe(rules.length);
});

describe.each(rules.map((rule) => [rule.name, rule] as const))("%s", (name, rule) => {
  test("is mandatory", () => {
    expect(rule.enforcementLevel).toBe("mandatory");
  });

  test("is named verb first", () => {
    expect(name).toMatch(/^[a-z]+(-[a-z]+)+$/);
    expect(VERBS).toContain(name.split("-")[0]);
  });

  test("says in a sentence what it makes sure of", () => {
    expect(rule.description).toMatch(/^[A-Z].{20,}\.$/);
  });

  test("blocks before anything is changed: remediates nothing", () => {
    expect(rule.validateResource).toBeTypeOf("function");
    expect(rule.remediateResource).toBeUndefined();
  });

  test("describes every setting, with a default of its type", () => {
    for (const setting of Object.values(rule.configSchema?.properties ?? {})) {
      expect(setting.description).toMatch(/\.$/);
      expect(setting.type).toBe("number");
      expect(setting.default).toBeTypeOf("number");
      expect(setting.minimum).toBeTypeOf("number");
    }
  });
});

test("the limits that an organisation may set, and what they are otherwise", () => {
  const settings = Object.fromEntries(
    rules.flatMap((rule) =>
      Object.entries(rule.configSchema?.properties ?? {}).map(
        ([key, { default: value, minimum, maximum }]) => [`${rule.name}.${key}`, { value, minimum, maximum }],
      ),
    ),
  );
  expect(settings).toEqual({
    "promote-only-on-passing-evidence.maxAgeMinutes": { value: 10, minimum: 0.1, maximum: 60 },
    "soak-long-enough.businessCycleHours": { value: 24, minimum: 0, maximum: undefined },
    "soak-long-enough.workingDayHours": { value: 8, minimum: 0, maximum: undefined },
    "soak-long-enough.hours": { value: 24, minimum: 0, maximum: undefined },
  });
});
