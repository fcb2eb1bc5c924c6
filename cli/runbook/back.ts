import { floorIn, reachOf } from "../../src/abort/inForce";
import { isAtMost, lowerTo } from "../../src/flags/flags";
import { restartsOf } from "../../src/flags/restart";
import { psql, serverLines } from "../../src/gates/byHand";
import { fillIn } from "../../src/gates/placeholders";
import { toReconcile } from "../../src/rollout/byHand";
import type { RollbackMap, RollbackStep } from "../../src/rollout/config/rollback";
import { DOWN_WORDS } from "../../src/rollout/config/rowConfig";
import { downTo, floorOf, type Rollout, type Stage, stagesUpTo } from "../../src/rollout/rollout";
import {
  abort,
  abortAll,
  abortBack,
  abortTo,
  addressed,
  addressedLine,
  cutover,
  type Place,
  quoted,
} from "../../src/text/command";
import { block, quoted as code, shell, words as text } from "../../src/text/markdown";
import { DATABASE_OWNER_URL, LIVE_SINCE } from "../../src/text/shell";
import { deliveredLine } from "./delivered";
import { downSinceLine } from "./setup";

/** The scripts that the rollback's rows name, by file. */
export type Scripts = Readonly<Record<string, string>>;

interface Back {
  readonly row: string;
  readonly step: RollbackStep;
  /** The stage that declares it; none for one of the rollout. */
  readonly owner?: Stage | undefined;
  /** The stage that it goes by: that one, or the one that is live. */
  readonly by: Stage;
}

/** Whoever types one phase back names no stage: it goes by what is live alone, however far down that leads. */
const goesBy = (owner: Stage, { to }: RollbackStep): Stage =>
  to === "previous" ? { ...owner, predecessor: undefined } : owner;

/**
 * The ways back while a stage is live: those of the stages before it, which stay open, its own, and those from every
 * stage. By their ids, as a plan has them.
 */
export function rollbackOf(rollout: Rollout, stage: Stage): Back[] {
  const ways = new Map<string, Back>();
  const add = (map: RollbackMap, owner?: Stage) => {
    for (const [row, step] of Object.entries(map))
      ways.set(row, { row, step, owner, by: goesBy(owner ?? stage, step) });
  };
  for (const one of stagesUpTo(rollout, stage)) add(one.rollback, one);
  add(rollout.rollback ?? {});
  return [...ways.values()]
    .filter((way) => leadsDown(rollout, stage, way))
    .sort((a, b) => a.row.localeCompare(b.row, "en", { numeric: true }));
}

/**
 * Whether there is such a way from a stage: not from one that it leads to, or before that, and not where it does nothing but
 * lower flags that are down already. Of what a door keeps up it tells.
 */
function leadsDown(rollout: Rollout, stage: Stage, { step, by }: Back): boolean {
  const { to, flags, notes, lookAt } = step;
  // Down to all off is where on-call goes whatever is live.
  if (to === undefined || (to === "off" && !flags)) return true;
  const before = stagesUpTo(rollout, stage).filter((one) => one !== stage);
  if (!DOWN_WORDS.includes(to) && !before.some(({ name }) => name === to)) return false;
  const { floor, kept } = floorIn(rollout, stage, floorOf(rollout, by, { to, flags }, stage), {
    only: flags,
  });
  const tells = [notes, lookAt, kept].some((one) => one !== undefined);
  return tells || !isAtMost(rollout.flags, stage.flags, floor);
}

export function rollbackSections(rollout: Rollout, stage: Stage, scripts: Scripts, place: Place): string[] {
  return [...waysBack(rollout, stage, scripts, place), ...byHand(rollout, stage)];
}

/** What a rollback leaves to people: rows that two sources do not agree about. */
function byHand(rollout: Rollout, stage: Stage): string[] {
  const all = stagesUpTo(rollout, stage).flatMap((one) => toReconcile(rollout, one));
  if (all.length === 0) return [];
  return [
    "### Reconcile by hand",
    "",
    `What was written while the flags were up stays written. Once they are down, and nothing is on its way any more, look at what the sources do not agree about. Leave ${code(LIVE_SINCE)} as it was before the rollback.`,
    "",
    ...all.flatMap(({ title, differing, written }) => [
      `- ${text(title)}: the first hundred rows that differ, with what each source has${written === undefined ? "" : ", and how many rows were written since the flip"}`,
      "",
      ...shell([differing, ...(written === undefined ? [] : [written])]),
      "",
    ]),
  ];
}

function waysBack(rollout: Rollout, stage: Stage, scripts: Scripts, place: Place): string[] {
  const declared = rollbackOf(rollout, stage);
  const undeclared: RollbackStep = { title: "Flags down", to: downTo(rollout, stage) };
  const steps: Back[] =
    declared.length > 0 ? declared : [{ row: "", step: undeclared, by: goesBy(stage, undeclared) }];
  return steps.flatMap(({ row, step, by: owner }) => {
    const { title, to, flags, sql, within: limit, notes, lookAt } = step;
    // A row without flags of its own tells of what follows once they are all down.
    const { kept } = floorIn(rollout, stage, floorOf(rollout, owner, { to: to ?? "off", flags }, stage), {
      only: flags,
    });
    const within = kept === undefined ? limit : undefined;
    return [
      row === "" ? `### ${text(title)}` : `### ${text(row)}: ${text(title)}`,
      "",
      ...(kept === undefined
        ? []
        : [
            `Kept: ${text(kept)}. There is no way back from here: what this row says of these flags does not come about.`,
            "",
          ]),
      ...(within === undefined ? [] : [`In less than ${within}.`, ""]),
      ...(notes === undefined ? [] : [text(addressed(notes, place)), ""]),
      ...(to === undefined ? [] : [...flagsDown(rollout, { stage, owner }, { to, flags }, place), ""]),
      ...(sql === undefined ? [] : [...script(sql, scripts, place), ""]),
      ...(lookAt === undefined ? [] : [...shell(lookAt.map((line) => addressedLine(line, place))), ""]),
    ];
  });
}

type Down = Pick<RollbackStep, "to" | "flags">;

/** What is typed to go down as far as a step says. */
function typedFor(rollout: Rollout, { to = "predecessor", flags }: Down, owner: Stage, place: Place): string {
  if (flags) return abortTo(place, owner.name, to, flags);
  if (to === "off") return abortAll(place);
  if (to === "previous") return abortBack(place);
  return to === downTo(rollout, owner) ? abort(place, owner.name) : abortTo(place, owner.name, to);
}

/** AWS credentials are enough: break-glass is not held up by Pulumi. */
function flagsDown(
  rollout: Rollout,
  { stage, owner }: { readonly stage: Stage; readonly owner: Stage },
  step: Down,
  place: Place,
): string[] {
  const { floor, kept } = floorIn(rollout, stage, floorOf(rollout, owner, step, stage), { only: step.flags });
  const { reach } = reachOf(rollout, { owner, live: stage }, step);
  // What the stage contracts is below the floor already.
  const flags = Object.entries(lowerTo(rollout.flags, stage.flags, floor)).map(
    ([flag, value]) => `${code(`${flag}=${value}`)}`,
  );
  const servers = serverLines(rollout);
  const line = typedFor(rollout, step, owner, place);
  if (kept !== undefined) {
    const more = isAtMost(rollout.flags, stage.flags, floor)
      ? "lowers no flag, so nobody is told of it"
      : `leaves at most ${flags.join(", ")}`;
    return [
      `What follows stops the attempt, and ${more}. It takes AWS credentials alone.`,
      "",
      ...shell([line]),
    ];
  }
  return [
    `${reach === undefined ? "" : `${text(reach)[0]?.toUpperCase()}${text(reach).slice(1)}. `}At most ${flags.join(", ")} from then on. It takes AWS credentials alone: no Pulumi lock, state or policy is in the way. On-call, ops and stakeholders are told. ${restarted(rollout)}`,
    "",
    ...shell([`${line}${rollout.afterAbort ? " --follow" : ""}`]),
    ...(servers.length === 0 ? [] : ["", "Then every server says so:", "", ...shell(servers)]),
    ...followed(rollout, place),
  ];
}

/** What an abort does about servers whose flags come from their environment. */
function restarted(rollout: Rollout): string {
  const own = restartsOf(rollout).map(({ cluster, service }) => code(`${cluster}/${service}`));
  const restarts = own.length > 0 ? `It restarts ${own.join(", ")}.` : undefined;
  const told = [restarts, deliveredLine(rollout)].flatMap((one) => one ?? []).join(" ");
  return told || "Restart any server that reads its flags from its environment.";
}

/** What is waited for once the flags are down, and looked at first. */
function followed({ afterAbort, parameters, database }: Rollout, place: Place): string[] {
  const { inFlight, lookAt = [] } = afterAbort ?? {};
  const values = inFlight?.values.map((value) => fillIn(value, parameters)) ?? [];
  return [
    ...(inFlight
      ? [
          "",
          `Then ${text(inFlight.title)} come to an end, for which ${code("--follow")} waits up to ${inFlight.limit}:`,
          "",
          ...shell([
            ...(values.includes("{down}") ? [downSinceLine(place)] : []),
            psql({ query: inFlight.query, values }, { schema: database?.schema }),
          ]),
        ]
      : []),
    ...(lookAt.length > 0
      ? ["", "To look at first:", "", ...shell(lookAt.map((line) => addressedLine(line, place)))]
      : []),
  ];
}

function script(file: string, scripts: Scripts, place: Place): string[] {
  const content = scripts[file];
  return [
    `Only with the flags down, and as the owner of the tables. The script is ${code(file)}:`,
    "",
    // Without an address psql would go to whatever database is at hand.
    ...shell([
      cutover(place, "in", `psql "\${${DATABASE_OWNER_URL}:?}" -X -v ON_ERROR_STOP=1 -f ${quoted(file)}`),
    ]),
    ...(content === undefined ? [] : ["", ...block("sql", content)]),
  ];
}
