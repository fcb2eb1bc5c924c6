import { nearest } from "../../text/nearest";
import { type Problem, tellWhere } from "../../text/problem";
import { rolloutConfig, stageConfig } from "./stackFile";

type Tree = Readonly<Record<string, unknown>>;

const OURS = "cutover";
const STAGE = Object.keys(stageConfig.shape);
const ROLLOUT = Object.keys(rolloutConfig.shape);
const KEYS = ["stage", "rollout"];

/**
 * Sections that look like ours and stand where nothing reads them: under `config:` itself, in another namespace, or
 * beside `config:`. A whole `abort:` at the wrong indentation would be gone without a word.
 *
 * @param locate the place of a path under `config:`
 */
export function misplacedProblems(
  root: Tree,
  config: Tree,
  locate: (path: readonly string[]) => string,
): Problem[] {
  const inside = Object.entries(config).flatMap(([key, value]): Problem[] =>
    tellWhere(!key.startsWith(`${OURS}:`) && looksOurs(key, value), {
      where: locate([key]),
      what: "stands where cutover does not read it",
      remedy: remedyFor(key),
    }),
  );
  const beside = Object.entries(root).flatMap(([key, value]): Problem[] =>
    tellWhere(key !== "config" && (key.startsWith(`${OURS}:`) || looksOurs(key, value)), {
      where: `${locate([])} ${key}`,
      what: "stands beside config:, where cutover does not read it",
      remedy: key.startsWith(`${OURS}:`) ? "Indent it, so that it stands under config:" : remedyFor(key),
    }),
  );
  return [...inside, ...beside];
}

function looksOurs(key: string, value: unknown): boolean {
  const { space, name } = partsOf(key);
  const ours = [...KEYS, ...STAGE, ...ROLLOUT].includes(name);
  const map = typeof value === "object" && value !== null;
  if (space === undefined)
    return ours || (map && (isRow(value) || nearest(name, [...STAGE, ...ROLLOUT]).length > 0));
  return nearest(space.toLowerCase(), [OURS]).length > 0 || (ours && map);
}

/** A row by itself: a gate, an abort row, or a message. */
function isRow(value: object): boolean {
  return (
    ["source", "threshold", "when"].some((field) => Object.hasOwn(value, field)) &&
    Object.hasOwn(value, "title")
  );
}

function partsOf(key: string): { readonly space?: string; readonly name: string } {
  const at = key.lastIndexOf(":");
  return at < 0 ? { name: key } : { space: key.slice(0, at), name: key.slice(at + 1) };
}

function remedyFor(key: string): string {
  const { name } = partsOf(key);
  if (KEYS.includes(name)) return `Call it ${OURS}:${name}`;
  const owners = [
    ...(STAGE.includes(name) || !ROLLOUT.includes(name) ? [`${OURS}:stage`] : []),
    ...(ROLLOUT.includes(name) ? [`${OURS}:rollout`] : []),
  ];
  return `Indent it, so that it stands under ${owners.join(" or ")}; or take it out`;
}
