import { demands } from "../../../src/gates/kinds/requests.step";
import type { Locate, Problem } from "../../../src/text/problem";
import type { Answer } from "./answer";
import { reportIn } from "./flagReport";
import { givenProblems } from "./given";
import { type Plan, type PlanOptions, planOf, turning } from "./plan";
import { askingRows, isOneRequest, type Scripted } from "./serviceRows";
import type { Unmet } from "./system";
import type { Fault } from "./wrong";

/** One request that the service answers, and its answer. */
interface Route {
  readonly method: string;
  /** As it is sent, with every value in it. */
  readonly path: string;
  /** Whose token it comes with; absent for none. */
  readonly as?: string | undefined;
  /** The JSON that it comes with, as text. */
  readonly body?: string | undefined;
  readonly answer: Answer;
  /** The rows that ask it: `stageA.SA2`. */
  readonly rows: readonly string[];
}

/** All that a stand-in service has to answer. */
export interface Script {
  readonly routes: readonly Route[];
  /** What no answer was found for. A stand-in starts nevertheless, and answers the rest. */
  readonly problems: readonly Problem[];
  readonly plan: Plan;
}

export interface ScriptOptions extends PlanOptions {
  /** Where things are written, for problems. Default: the usual name of a stack's file. */
  readonly locate?: Locate | undefined;
}

const FILE: Locate = (stack, path) => {
  const at = path.map((one, index) =>
    typeof one === "number" ? `[${one}]` : `${index === 0 ? "" : "."}${one}`,
  );
  return `Pulumi.${stack}.yaml ${at.join("")}`;
};

/**
 * The answers that meet every gate of a rollout that asks its service, each held against the judge that gates have. Pure.
 */
export function scriptOf(rollout: Scripted, { clock, locate = FILE, answers = {} }: ScriptOptions): Script {
  const errors = givenProblems(answers, askingRows(rollout));
  // With errors in them, answers are not tried at all: what would be said of them would be about the errors.
  const plan = planOf(rollout, { clock, answers: errors.length > 0 ? {} : answers });
  const routes = plan.parts.flatMap(({ system }) =>
    [...system.answers].map(([key, answer]): Route => {
      const [request = "", as, body] = key.split("\n");
      const [method = "", path = ""] = request.split(" ");
      const rows = new Set(system.asked.get(key)?.map(({ row }) => row.row));
      return { method, path, ...(as ? { as } : {}), ...(body ? { body } : {}), answer, rows: [...rows] };
    }),
  );
  const problems = [
    ...errors,
    ...plan.parts.flatMap(({ system }) => system.unmet.map((unmet) => problemOf(unmet, locate))),
    ...sourceProblems(plan, rollout, locate),
  ];
  return { routes, problems, plan };
}

/** Rows that a fault can make fail. */
export const canTurn = (script: Script, fault: Fault): string[] =>
  script.plan.rows.map(({ row }) => row).filter((row) => turning(script.plan, row, fault) !== undefined);

/** The other rows that fail by what makes one fail: those that ask the same. Empty, too, where nothing makes it fail. */
export function alsoTurned(script: Script, row: string, fault: Fault = "wrong"): string[] {
  return (turning(script.plan, row, fault)?.turned ?? []).filter((other) => other !== row);
}

function problemOf({ asked, beside, given }: Unmet, locate: Locate): Problem {
  const { row, step, bad } = asked;
  const where = locate(row.stage, ["cutover:stage", row.section, row.id, ...placeOf(asked)]);
  const request = `${step.method} ${step.path}${step.as === undefined ? "" : ` as ${step.as}`}`;
  const remedy = "Say what it answers under `answers` in rehearsal.ts";
  if (bad)
    return {
      where,
      what: `no answer to ${request} was found that fails ${demands(step)}`,
      remedy: "Name a request that has to fail, or take prove out",
    };
  if (given)
    return {
      where,
      what: `the answer that rehearsal.ts gives does not meet ${demands(step)}`,
      remedy: "Correct it there",
    };
  if (beside.length === 0) return { where, what: `no answer was found that meets ${demands(step)}`, remedy };
  const others = [...new Set(beside.map(nameOf))].join(", ");
  return {
    where,
    what: `no one answer to ${request} was found that meets ${demands(step)}, and what ${others} asks of it`,
    remedy: `${remedy}, or have one of them ask something else`,
  };
}

const nameOf = ({ row, at, bad }: Unmet["asked"]) =>
  `${row.row}${row.steps.length > 1 ? ` step ${at + 1}` : ""}${bad ? " (prove)" : ""}`;

function placeOf({ row, at, step, bad }: Unmet["asked"]): (string | number)[] {
  if (bad) return ["prove", "request"];
  const part = step.value !== undefined ? "value" : step.headers ? "headers" : step.take ? "take" : "status";
  return isOneRequest(row.definition) ? [part] : ["steps", at, part];
}

function sourceProblems({ place }: Plan, { stages, servers }: Scripted, locate: Locate): Problem[] {
  const flags = stages[0].flags;
  if (reportIn(place, { flags, source: "appconfig" }) !== undefined || servers === undefined) return [];
  return [
    {
      where: locate(stages[0].name, ["cutover:rollout", "servers", "source"]),
      what: "names no place in an answer where a word could stand",
      remedy: "Write it as a path, such as data.source",
    },
  ];
}
