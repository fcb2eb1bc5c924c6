import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { rowsOf } from "../../cli/rehearse/derived/rehearsedRows";
import { atPath, filesOf, foundRows, placesOf } from "../../cli/rows/table";
import type { Without } from "../../rollouts/planRow";
import { PLAN_TABLES } from "../../rollouts/rows";
import { loadRollout } from "../../src/rollout/load";
import { BEHAVIOURS } from "../behaviours/table";

const PROJECT = join(__dirname, "..", "..");
const COLUMNS = ["declared", "enforced", "tested", "rehearsed"] as const;

const text = (file: string) => readFileSync(join(PROJECT, file), "utf8");
/** A reference in its two parts: the file, and what it names in there. */
function parts(reference: string, separator: string): [file: string, name: string] {
  const at = reference.indexOf(separator);
  return [reference.slice(0, at), reference.slice(at + separator.length)];
}
const listed = (column: readonly string[] | Without): readonly string[] => ("why" in column ? [] : column);

describe.each(PLAN_TABLES.map((table) => [table.rollout, table] as const))("the table of %s", (_, table) => {
  const files = filesOf(table, PROJECT);
  const rows = foundRows(table, PROJECT);

  test("has each row once", () => {
    const ids = rows.map(({ id }) => id);
    expect(ids).toEqual([...new Set(ids)]);
  });

  test("has every row that the stack files have", () => {
    const ids = rows.map(({ id }) => id);
    const missing = placesOf(files).filter(({ id }) => !ids.includes(id));
    expect(missing.map(({ file, path }) => `${file} ${path}`)).toEqual([]);
  });

  test.each(rows.map((row) => [row.id, row] as const))(
    "%s has something in each column, or says why not",
    (_, row) => {
      expect(row.says).toMatch(/\w+ \w+|\w/);
      for (const column of COLUMNS) {
        const found = row[column];
        if ("why" in found) expect(found.why.length, `${row.id} ${column}`).toBeGreaterThan(10);
        else expect(found.length, `${row.id} ${column}`).toBeGreaterThan(0);
      }
    },
  );

  test("names paths that the stack files have", () => {
    const lost = table.rows.flatMap(({ id, declared = [] }) =>
      listed(declared)
        .filter((place) => atPath(files, place) === undefined)
        .map((place) => `${id}: ${place}`),
    );
    expect(lost).toEqual([]);
  });

  test("names code that is there", () => {
    const lost = rows.flatMap(({ id, enforced }) =>
      listed(enforced)
        .filter((reference) => {
          const [file, name] = parts(reference, ":");
          return (
            !existsSync(join(PROJECT, file)) ||
            !new RegExp(`^export (?:async )?(?:function|const|class) ${name}\\b`, "m").test(text(file))
          );
        })
        .map((reference) => `${id}: ${reference}`),
    );
    expect(lost).toEqual([]);
  });

  test("names tests that are there", () => {
    const own = BEHAVIOURS.filter(({ rollout }) => rollout === table.rollout);
    const lost = rows.flatMap(({ id, tested }) =>
      listed(tested)
        .filter((reference) => {
          const [file, title] = parts(reference, ": ");
          if (file === "test/behaviours") return !own.some((one) => one.title.startsWith(title));
          return (
            !existsSync(join(PROJECT, file)) || !/\.test\.ts$/.test(file) || !text(file).includes(title || id)
          );
        })
        .map((reference) => `${id}: ${reference}`),
    );
    expect(lost).toEqual([]);
  });

  test("names steps that the rehearsal has, and rows that it holds to be seen", () => {
    const seen = rowsOf(loadRollout(join(PROJECT, table.folder))).map(({ id }) => id);
    const lost = rows.flatMap(({ id, rehearsed }) =>
      listed(rehearsed)
        .filter((reference) => {
          const [file, step] = parts(reference, ": ");
          return file === "rehearse --rows" ? !seen.includes(id) : !text(file).includes(step);
        })
        .map((reference) => `${id}: ${reference}`),
    );
    expect(lost).toEqual([]);
  });
});
