import { aheadOf, carriedBy, circleIn, circleInStep } from "../../delivery/order";
import { type DeliveryMap, deliveryKindOf, withinOf } from "../../delivery/registry";
import { isNeeded, VERSION, variableOf } from "../../delivery/variables";
import { changes, type FlagSpecs } from "../../flags/flags";
import { milliseconds, showDuration } from "../../text/duration";
import { type Problem, tellWhere } from "../../text/problem";
import type { RollbackMap } from "../config/rollback";
import { predecessorOf } from "../rollout";
import { deliveryClashes } from "./deliveryClashes";
import type { Rows } from "./ids";

/** What is carried on where nobody could say what it means, in no order that keeps flags together, or too slowly. */
export function deliveryProblems(rows: Rows): Problem[] {
  const { owner, config, locate } = rows;
  const { delivery, flags } = config;
  if (!delivery) return [];
  const at = (...path: string[]) => locate(owner, ["cutover:rollout", "delivery", ...path]);
  return [
    ...Object.entries(delivery).flatMap(([name, one]) => namesOf(flags, one, (...path) => at(name, ...path))),
    ...circles(flags, delivery, at),
    ...deliveryClashes(config, delivery, at),
    ...circlesInSteps(rows, delivery),
    ...slow(rows, delivery),
  ];
}

function namesOf(specs: FlagSpecs, one: DeliveryMap[string], at: (...path: string[]) => string): Problem[] {
  const known = Object.keys(specs);
  const unknown = (list: readonly string[], key: string): Problem[] =>
    list
      .filter((flag) => !known.includes(flag))
      .map((flag) => ({
        where: at(key),
        what: `names ${flag}, which is no flag of this rollout`,
        remedy: `Its flags: ${known.join(", ")}`,
      }));
  const problems = [...unknown(one.flags ?? [], "flags"), ...unknown(Object.keys(one.names ?? {}), "names")];
  const seen = new Map([[VERSION, "which deployment of the ledger the flags are of"]]);
  for (const flag of known) {
    const variable = variableOf(one, flag);
    if (variable === undefined) continue;
    if (isNeeded(variable)) {
      problems.push({
        where: at("names"),
        what: `give ${flag} the name ${variable}, which servers need for something else: with a flag in it they do not start, or not as they should`,
        remedy: `Give ${flag} a name of its own: names: { ${flag}: FLAG_${variable} }`,
      });
      continue;
    }
    const taken = seen.get(variable);
    if (taken !== undefined)
      problems.push({
        where: at("names"),
        what: `leave ${variable} for ${flag}, and it says ${taken} already`,
        remedy: `Give ${flag} a name of its own: names: { ${flag}: OTHER_NAME }`,
      });
    seen.set(variable, `what ${flag} is`);
  }
  return problems;
}

function circles(specs: FlagSpecs, delivery: DeliveryMap, at: () => string): Problem[] {
  const circle = circleIn(specs, carriedBy(specs, delivery));
  return tellWhere(circle !== undefined, {
    where: at(),
    what: `${circle?.join(", ")} would wait for each other: each carries a flag that requires one of the other's`,
    remedy: "Let one of them carry both flags: servers that have both are never without the required one",
  });
}

/** Each way by itself may be in order, and a step that goes both ways at once in none. */
function circlesInSteps({ stages, config: { flags }, locate }: Rows, delivery: DeliveryMap): Problem[] {
  return stages.flatMap((stage): Problem[] => {
    const before = stage.contracts && predecessorOf({ stages }, stage);
    if (!before) return [];
    const circle = circleInStep(flags, carriedBy(flags, delivery), changes(flags, before.flags, stage.flags));
    return tellWhere(circle !== undefined, {
      where: locate(stage.name, ["cutover:stage", "contracts"]),
      what: `${circle?.join(", ")} would wait for each other in this step: what goes up waits for one of them, and what comes down for the other`,
      remedy: "Contract in a stage of its own, which raises nothing",
    });
  });
}

/** R1 to R3 promise a time, and what a platform needs alone is more. */
function slow({ owner, stages, config, locate }: Rows, delivery: DeliveryMap): Problem[] {
  const slowest = slowestOf(config.flags, delivery);
  if (!slowest) return [];
  const stepsOf = (stack: string, section: string, steps: RollbackMap) =>
    Object.entries(steps).map(([id, step]) => ({
      ...step,
      where: locate(stack, [section, "rollback", id, "within"]),
    }));
  const steps = [
    ...stepsOf(owner, "cutover:rollout", config.rollback),
    ...stages.flatMap(({ name, rollback }) => stepsOf(name, "cutover:stage", rollback)),
  ];
  return steps.flatMap(({ where, to, within }): Problem[] => {
    return tellWhere(to !== undefined && within !== undefined && milliseconds(within) < slowest.ms, {
      where,
      what: `promises ${within}, and servers follow within ${showDuration(slowest.ms)} only: ${slowest.words}`,
      remedy:
        "Promise what can be kept; or let servers ask AppConfig themselves, which takes seconds; or, where you measured less, write it as the delivery's within",
    });
  });
}

/** The deliveries that follow one another and take longest together, on the way down. */
function slowestOf(
  specs: FlagSpecs,
  delivery: DeliveryMap,
): { readonly ms: number; readonly words: string } | undefined {
  const carried = carriedBy(specs, delivery);
  const chainOf = (name: string, behind: readonly string[]): string[] => {
    if (behind.includes(name)) return [];
    const first = aheadOf(specs, carried, name, "lower");
    const chains = first.map((one) => chainOf(one, [...behind, name]));
    const longest = chains.toSorted((a, b) => sum(b) - sum(a))[0] ?? [];
    return [...longest, name];
  };
  const sum = (names: readonly string[]) =>
    names.reduce((ms, name) => ms + milliseconds(withinOf(delivery[name] as DeliveryMap[string])), 0);
  const [slowest] = Object.keys(delivery)
    .map((name) => chainOf(name, []))
    .toSorted((a, b) => sum(b) - sum(a));
  if (!slowest) return undefined;
  const words = slowest.map((name) => {
    const one = delivery[name] as DeliveryMap[string];
    return `${name} (${deliveryKindOf(one).title}) may take ${withinOf(one)}`;
  });
  return { ms: sum(slowest), words: words.join(", after which ") };
}
