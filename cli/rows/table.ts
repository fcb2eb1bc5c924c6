import { join } from "node:path";
import { parse } from "yaml";
import type { PlanRow, Without } from "../../rollouts/planRow";
import type { PlanTable } from "../../rollouts/rows";
import { isShared } from "../../src/gates/kinds/shared";
import { readStackFiles } from "../../src/rollout/load";

/** A row with all that it refers to. */
export interface FoundRow {
  readonly id: string;
  readonly says: string;
  /** `FILE PATH`, as the stack files have it. */
  readonly declared: readonly string[] | Without;
  readonly enforced: readonly string[] | Without;
  readonly tested: readonly string[] | Without;
  readonly rehearsed: readonly string[] | Without;
}

/** A place in a stack file that has a row's id. */
export interface Place {
  readonly id: string;
  /** The file from the project's folder. */
  readonly file: string;
  readonly stack: string;
  readonly path: string;
  /** What stands there. */
  readonly value: unknown;
}

type Config = Readonly<Record<string, unknown>>;

interface ParsedFile {
  /** From the project's folder. */
  readonly file: string;
  readonly stack: string;
  readonly config: Config;
}

const PARTS: Readonly<Record<string, readonly string[]>> = {
  "cutover:rollout": ["gates", "rollback"],
  "cutover:stage": ["entry", "smoke", "exit", "abort", "messages", "rollback"],
};

/** Every place of a rollout's stack files that has an id of a row. */
export function placesOf(files: readonly ParsedFile[]): Place[] {
  return files.flatMap(({ file, stack, config }) =>
    Object.entries(PARTS).flatMap(([key, sections]) =>
      sections.flatMap((section) =>
        Object.entries(inside(config, [key, section]) ?? {}).map(([id, value]) => ({
          ...{ id, file, stack, value },
          path: `${key}.${section}.${id}`,
        })),
      ),
    ),
  );
}

/** What stands at a path of a stack file, such as `stageA cutover:stage.soak`; undefined where there is nothing. */
export function atPath(
  files: readonly ParsedFile[],
  place: string,
): { file: string; value: unknown } | undefined {
  const [stack, path = ""] = place.split(" ");
  const found = files.find((one) => one.stack === stack);
  const value = found && inside(found.config, path.split("."));
  return found && value !== undefined ? { file: found.file, value } : undefined;
}

/** The rows of a plan, with the places that the stack files have for each. */
export function foundRows(table: PlanTable, project: string): FoundRow[] {
  const files = filesOf(table, project);
  const places = placesOf(files);
  return table.rows.map((row): FoundRow => {
    const own = places.filter(({ id }) => id === row.id);
    return {
      id: row.id,
      says: row.says,
      declared: declaredIn(row, own, files),
      enforced: row.enforced ?? [...new Set(own.flatMap(enforcing))],
      tested: row.tested ?? [`test/behaviours: ${row.id}:`],
      rehearsed: row.rehearsed ?? [...new Set(own.flatMap(({ path }) => shownBy(path)))],
    };
  });
}

function declaredIn(
  { declared }: PlanRow,
  own: readonly Place[],
  files: readonly ParsedFile[],
): FoundRow["declared"] {
  if (declared === undefined) return own.map(({ file, path }) => `${file} ${path}`);
  if ("why" in declared) return declared;
  return declared.map((place) => {
    const found = atPath(files, place);
    return `${found?.file ?? "NOWHERE"} ${place.split(" ")[1] ?? place}`;
  });
}

/** What `rehearse --rows` has seen of a row once it ends well, by the section that it stands in. */
const SHOWN: Readonly<Record<string, string>> = {
  entry: "it blocks",
  exit: "it blocks",
  smoke: "it fails after a flip",
  abort: "it fires",
  messages: "it is sent",
};

function shownBy(path: string): string[] {
  // The rollout's own definition of a shared gate is shown where stages name it.
  const shown = SHOWN[path.split(".").at(-2) ?? ""];
  return shown === undefined ? [] : [`rehearse --rows: ${shown}`];
}

const GOES_BACK = ["src/abort/lower.ts:lowerFlags", "cli/runbook/back.ts:rollbackSections"];

/** What holds a row, by where it stands and what it is. */
function enforcing({ path, value }: Place): string[] {
  const { source, when, action } = value as { source?: string; when?: unknown; action?: string };
  if (path.includes(".messages.")) {
    if (when === "finish") return ["src/messages/finishing.ts:tellFinish", "src/promotion/finish.ts:finish"];
    return [when === "before" ? "src/messages/announce.ts:announce" : "src/messages/sendDue.ts:sendDue"];
  }
  if (path.includes(".rollback.")) return GOES_BACK;
  if (path.includes(".abort."))
    return [
      "src/rollout/signal.ts:alarmOn",
      `src/abort/switch.ts:handleEvent`,
      ...(action === "rollback" ? ["src/abort/decide.ts:decide"] : []),
    ];
  // The rollout's own definition says of which kind a shared gate is.
  return source === undefined || isShared({ source }) ? [] : [`src/gates/kinds/${source}.ts:${source}`];
}

/** The stack files of a rollout, parsed. */
export function filesOf({ folder }: Pick<PlanTable, "folder">, project: string): ParsedFile[] {
  return readStackFiles(join(project, folder)).map(({ file, stack, text }) => ({
    file: folder === "." ? file : `${folder}/${file}`,
    stack,
    config: (parse(text) as { config?: Config } | null)?.config ?? {},
  }));
}

function inside(config: Config, path: readonly string[]): Config | undefined {
  return path.reduce<unknown>((node, key) => (node as Config | undefined)?.[key], config) as
    | Config
    | undefined;
}
