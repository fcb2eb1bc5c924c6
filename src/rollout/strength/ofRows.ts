import { type GateDefinition, gateDefinition, kindOf } from "../../gates/gate";
import {
  another,
  atMost,
  brief,
  type Change,
  compareFields,
  demanded,
  type Fields,
  inParts,
  instruction,
  lookback,
  moreOf,
  neutral,
  type Order,
} from "../../gates/strength";
import { abortThreshold } from "../config/abortRow";
import type { Section } from "./definitions";
import { both } from "./difference";

/** Every change of a row that has a bearing on its strength. */
type CompareRows = (was: Fields, now: Fields) => Change[];

const TYPED = instruction("no longer says what to type (`lookAt`)");
const lines = (list: unknown) => (Array.isArray(list) ? list.join("\n") : "");

/** Words ease nothing. Instructions may be put otherwise, and are missed where they are gone. */
const WORDS = {
  title: neutral,
  formerly: neutral,
  remedy: instruction("no longer says what to do when it does not pass"),
  runbook: instruction("no longer says what on-call does (`runbook`)"),
  lookAt: ((was, now, pair) => TYPED(lines(was), lines(now), pair)) satisfies Order,
  text: instruction("no longer tells people its `text`"),
  notes: instruction("no longer says what a person has to know or do (`notes`)"),
};

/** What an older version wrote down lacks the defaults of what came later: it is read as config is. */
function withDefaults(schema: { safeParse(value: unknown): { data?: unknown } }, row: Fields): Fields {
  return (schema.safeParse(row).data as Fields | undefined) ?? row;
}

const gates: CompareRows = (was, now) => {
  if (was.source !== now.source)
    return [
      { strength: "incomparable", words: `asks a gate of another kind: ${now.source}, was ${was.source}` },
    ];
  const orders = kindOf(now as GateDefinition).strength as Readonly<Record<string, Order>> | undefined;
  return compareFields(withDefaults(gateDefinition, was), withDefaults(gateDefinition, now), {
    ...WORDS,
    ...orders,
  });
};

/** When an alarm fires: the more values, the stronger. */
const fires: Order = (was, now) => {
  const [before, after] = [boundOf(was), boundOf(now)];
  const words = `fires ${after?.words ?? "otherwise"}, was ${before?.words ?? "otherwise"}`;
  if (!before || !after || before.up !== after.up) return { strength: "incomparable", words };
  const further = after.up ? after.at - before.at : before.at - after.at;
  if (further !== 0) return { strength: further > 0 ? "weaker" : "stronger", words };
  if (before.open === after.open) return undefined;
  return { strength: after.open ? "weaker" : "stronger", words };
};

const FIRES = { gt: "above", gte: "at and above", lt: "below", lte: "at and below" } as const;

function boundOf(threshold: unknown) {
  // What the value is said to be is held against the limit when config is read, and sets off nothing.
  const { quantity: _, ...limits } = (threshold ?? {}) as Fields;
  const [entry, second] = Object.entries(limits).filter(([, at]) => at !== undefined);
  const [operator, at] = entry ?? [];
  if (second || operator === undefined || !Object.hasOwn(FIRES, operator) || typeof at !== "number")
    return undefined;
  const says = FIRES[operator as keyof typeof FIRES];
  return { at, up: operator.startsWith("g"), open: !operator.endsWith("e"), words: `${says} ${brief(at)}` };
}

/** M of N: fewer that must breach, of more that are looked at, fire sooner. */
const datapoints: Order = (was, now) => {
  const [before, after] = both(was, now, (one) => {
    const { of = 1, breaching = 1 } = (one ?? {}) as { of?: number; breaching?: number };
    return { of, breaching };
  });
  const words = `fires after ${after.breaching} of ${after.of} periods, was ${before.breaching} of ${before.of}`;
  const sooner = after.breaching <= before.breaching && after.of >= before.of;
  const later = after.breaching >= before.breaching && after.of <= before.of;
  if (sooner && later) return undefined;
  return { strength: sooner ? "stronger" : later ? "weaker" : "incomparable", words };
};

const silence: Order = (was, now) => {
  const words = `takes silence as ${brief(now)}, was ${brief(was)}`;
  if (now === "breaching") return { strength: "stronger", words };
  return { strength: was === "breaching" ? "weaker" : "incomparable", words };
};

const action: Order = (was, now) => {
  if (was === "rollback" && now === "page") return { strength: "weaker", words: "no longer rolls back" };
  if (was === "page" && now === "rollback") return { strength: "stronger", words: "rolls back by itself" };
  return another("action")(was, now, { was: {}, now: {} });
};

/** How far down a row goes beside its stage: all off is as far as can be. */
const floor: Order = (was, now) => {
  const words = `goes down to ${now === undefined ? "the stage's floor" : brief(now)}, was ${was === undefined ? "the stage's floor" : brief(was)}`;
  if (now === "off") return { strength: "stronger", words };
  return { strength: was === "off" ? "weaker" : "incomparable", words };
};

/** What it does where there is no way back. Nobody but a person knows which is the safe one. */
const behindDoor: Order = (was = "revert", now = "revert") =>
  was === now
    ? undefined
    : { strength: "incomparable", words: `where there is no way back does ${brief(now)}, was ${brief(was)}` };

const reminder: Order = (was, now, pair) => {
  const [before, after] = [was, now] as ({ after?: unknown; undecided?: unknown } | undefined)[];
  // What rolls back by itself, at once, has no decision to wait for.
  if (!after && pair.now.action === "rollback") return undefined;
  const rolledBack = before?.undecided === "rollback";
  const rollsBack = after?.undecided === "rollback";
  if (rolledBack && !rollsBack)
    return { strength: "weaker", words: "no longer rolls back where nobody decided" };
  if (!after) return { strength: "weaker", words: "no longer reminds on-call" };
  const time = atMost(rollsBack ? "rolls back undecided after" : "reminds on-call after");
  const later = time(before?.after, after.after, pair);
  if (rolledBack === rollsBack || (later && later.strength !== "stronger")) return later;
  return { strength: "stronger", words: `rolls back where nobody decided within ${brief(after.after)}` };
};

const incident: Order = (was, now, pair) => {
  if (now === undefined) return { strength: "weaker", words: "no longer opens an incident" };
  if (was === undefined) return { strength: "stronger", words: "opens an incident" };
  return moreOf((lost) => `no longer opens an incident with ${lost.join(", ")}`)(
    (was as Fields).to,
    (now as Fields).to,
    pair,
  );
};

const probe = inParts("signal", { window: lookback(() => false), timeout: atMost("may take") });

const aborts: CompareRows = (was, now) =>
  compareFields(withDefaults(abortThreshold, was), withDefaults(abortThreshold, now), {
    ...WORDS,
    threshold: fires,
    datapoints,
    missingData: silence,
    action,
    to: floor,
    whenIrreversible: behindDoor,
    remind: reminder,
    incident,
    metric: inParts("signal"),
    probe,
    elsewhere: probe,
  });

const messages: CompareRows = (was, now) =>
  compareFields(was, now, {
    ...WORDS,
    to: moreOf((lost) => `is no longer sent to ${lost.join(", ")}`),
    when: another("time at which it is sent"),
    soakSummary: (before, _, pair) =>
      before === true ? demanded("no longer sums up the soak", "")(before, undefined, pair) : undefined,
    queries: moreOf((lost) => `no longer carries ${lost.join(", ")}`),
  });

const rollbacks: CompareRows = (was, now) =>
  compareFields(was, now, { ...WORDS, within: atMost("is to take") });

/** How rows of each section are compared. */
export const COMPARE: Readonly<Record<Section, CompareRows>> = {
  entry: gates,
  exit: gates,
  smoke: gates,
  abort: aborts,
  messages,
  rollback: rollbacks,
};
