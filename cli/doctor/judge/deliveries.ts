import type { Known } from "../../../src/aws/known";
import { deliveriesName, deliveryName } from "../../../src/aws/names";
import { callOf, describedAs } from "../../../src/delivery/declared";
import { type DeliveryConfig, deliveryKindOf } from "../../../src/delivery/registry";
import { type HeldVariables, VERSION, variablesOf } from "../../../src/delivery/variables";
import { allOff, type Flags, sameFlags } from "../../../src/flags/flags";
import { whereTo } from "../../../src/rollout/deliveries";
import { restore } from "../../../src/rollout/guardFault";
import type { Rollout } from "../../../src/rollout/rollout";
import { short } from "../../../src/text/command";
import { counted } from "../../../src/text/counted";
import type { Locate } from "../../../src/text/problem";
import { type Finding, finder } from "../finding";
import type { DeliveryFact, DeliveryFacts } from "../look/deliveries";
import { functionFault, wrongOf } from "./queued";

const { ok, fault, later, unknown } = finder("Deliveries");

/** What the ledger has live. */
interface Live {
  readonly flags: Flags;
  readonly deployment: number;
  /** The deployment that put these flags there: later ones, such as a hold, carry the same on. */
  readonly since: number;
}

/** Where flags are carried on to, and what is live. */
export interface DeliveriesSeen extends DeliveryFacts {
  readonly rollout: Rollout;
  /** Undefined where the ledger has nothing that is live. */
  readonly live: Known<Live | undefined>;
  readonly locate: Locate;
}

/** Whether each platform would be given the flags, and holds those that are live. Pure. */
export function judgeDeliveries(seen: DeliveriesSeen): Finding[] {
  const deliveries = Object.entries(seen.rollout.delivery ?? {});
  const found = deliveries.flatMap(([name, config]) => oneDelivery(seen, name, config));
  return deliveries.length === 0 ? [] : [...found, ...functionFindings(seen)];
}

/** What one delivery is looked at with. */
interface One {
  readonly name: string;
  readonly delivery: string;
  readonly config: DeliveryConfig;
  readonly fact: DeliveryFact;
  readonly first: string;
  readonly where: { readonly where: string };
}

function oneDelivery(seen: DeliveriesSeen, delivery: string, config: DeliveryConfig): Finding[] {
  const { rollout, deliveries, locate } = seen;
  const name = `delivery ${delivery}`;
  const first = rollout.stages[0].name;
  const where = { where: locate(first, ["cutover:rollout", "delivery", delivery]) };
  const fact = deliveries.get(delivery);
  if (!fact) return [unknown(name, "was not looked at", "Run doctor again")];
  const one: One = { name, delivery, config, fact, first, where };
  const made = isMade(one, seen);
  const wrong = [
    ...secretFindings(one),
    ...platformFindings(one),
    ...(made ? madeFindings(one, seen, deliveryName(rollout.name, delivery)) : []),
  ];
  if (wrong.length > 0) return wrong;
  if (!made)
    return [later(name, `${whereTo(config)}; made by the next ${short.ofStack("up", first)}`, where)];
  return [heldFinding(one, seen)];
}

/** False before the `up` that makes it. */
function isMade({ fact }: One, { fn, rollout }: DeliveriesSeen): boolean {
  if (!fact.waiting.ok || fact.waiting.value !== undefined) return true;
  return fn.ok && fn.value?.description === descriptionOf(rollout);
}

const descriptionOf = ({ name, flags, delivery = {} }: Rollout) => describedAs(name, flags, delivery);

function secretFindings({ name, fact, config, where }: One): Finding[] {
  const { secret } = fact;
  const found = secret && wrongOf(secret, "flags are refused");
  if (!secret || found === undefined) return [];
  const { title } = deliveryKindOf(config);
  if (!secret.text.ok) return [unknown(name, found, secret.text.remedy)];
  const remedy =
    secret.text.value === "none"
      ? `Create it in Secrets Manager, in the rollout's region, with the text that ${title} gave`
      : `Put the text that ${title} gave into it: it counts from the next try on`;
  return [fault(name, found, remedy, where)];
}

function platformFindings({ name, fact, config, where }: One): Finding[] {
  const { platform } = fact;
  if (!platform) return [];
  if (!platform.ok)
    return [
      unknown(
        name,
        `${whereTo(config)}, could not be asked from here: ${platform.why}`,
        "Run doctor again; where it is reached from AWS alone, run it there",
      ),
    ];
  return "problem" in platform.value
    ? [
        fault(
          name,
          `${platform.value.problem}: no flags are carried there`,
          "Mend what is declared here, what is there, or what the token may do",
          where,
        ),
      ]
    : [];
}

function madeFindings(one: One, { fed, fn }: DeliveriesSeen, called: string): Finding[] {
  const { name, delivery, fact, first, where } = one;
  const { waiting, deadLetters, queueArn } = fact;
  const mend = restore(first);
  if (!waiting.ok) return [unknown(name, `its queue ${called}: ${waiting.why}`, waiting.remedy)];
  if (waiting.value === undefined)
    return [fault(name, `its queue ${called} is not there: nobody can call it`, mend, where)];
  const state = fed.ok ? fed.value.get(queueArn) : undefined;
  return [
    ...deadLettersFound(name, deadLetters, called, delivery, mend, where),
    ...(!fed.ok
      ? [unknown(name, `whether its queue is read: ${fed.why}`, fed.remedy)]
      : // Of a function that is gone one line says enough.
        state === "Enabled" || (fn.ok && !fn.value)
        ? []
        : [
            fault(
              name,
              `nobody reads its queue: the event source mapping ${state === undefined ? "is not there" : `is ${state}`}`,
              mend,
              where,
            ),
          ]),
  ];
}

function deadLettersFound(
  name: string,
  deadLetters: Known<number | undefined>,
  called: string,
  delivery: string,
  mend: string,
  where: One["where"],
): Finding[] {
  if (!deadLetters.ok)
    return [unknown(name, `its dead-letter queue: ${deadLetters.why}`, deadLetters.remedy)];
  if (deadLetters.value === undefined)
    return [fault(name, `its dead-letter queue ${called}-dlq is not there`, mend, where)];
  if (deadLetters.value === 0) return [];
  return [
    fault(
      name,
      `${counted(deadLetters.value, "call")} ${deadLetters.value === 1 ? "lies" : "lie"} in its dead-letter queue ${called}-dlq: flags were refused`,
      `Read in each message's attribute why what it says, mend that, then redrive or purge the queue in SQS. Until then ${byHand(delivery)}`,
      where,
    ),
  ];
}

const byHand = (delivery: string) =>
  `set by hand what ${short.cutover("env", `-d ${delivery}`)} prints, and start servers anew`;

/** What the platform holds, beside what the ledger has. */
function heldFinding(one: One, { live, rollout }: DeliveriesSeen): Finding {
  const { name, delivery, config, fact, where } = one;
  const { platform, waiting, delivered } = fact;
  const words = whereTo(config);
  if (!platform?.ok || !("held" in platform.value)) return unknown(name, "was not asked", "Run doctor again");
  if (!live.ok) return unknown(name, `which flags it has to hold: ${live.why}`, live.remedy);
  if (!live.value) return later(name, `${words}, is given flags once there are any`);
  const { flags, deployment } = live.value;
  const { [VERSION]: _, ...wanted } = variablesOf(config, flags, deployment);
  const differ = Object.entries(wanted).flatMap(([variable, value]) =>
    told(variable, value, platform.value as { readonly held: HeldVariables }),
  );
  if (differ.length === 0) return runningFinding(one, live.value, rollout);
  const what = `${words}: ${differ.join("; ")}`;
  if (waiting.ok && (waiting.value ?? 0) > 0)
    return later(name, `${what}. They are under way: ${counted(waiting.value ?? 0, "call")} in its queue`);
  if (!delivered.ok)
    return unknown(name, `whether flags were carried on: ${delivered.why}`, delivered.remedy);
  if (delivered.value === undefined)
    return later(name, `${words}, holds none of them as they are live; the next flip carries them on`);
  return fault(
    name,
    `${what}. They were changed there by somebody else since deployment ${delivered.value} was carried on, or never were`,
    `Find out who writes them; then ${byHand(delivery)}`,
    where,
  );
}

/** Servers run with what the platform holds once they were started by it, and that is kept of each delivery. */
function runningFinding({ name, delivery, config, fact, where }: One, live: Live, rollout: Rollout): Finding {
  const { waiting, delivered } = fact;
  const words = whereTo(config);
  if (!delivered.ok)
    return unknown(
      name,
      `whether servers run with the flags that are live: ${delivered.why}`,
      delivered.remedy,
    );
  // Nobody calls a delivery before the first flip: servers without their variables have every flag off.
  const off = sameFlags(rollout.flags, live.flags, allOff(rollout.flags));
  if (delivered.value === undefined ? off : delivered.value >= live.since)
    return ok(name, `${words}, holds the flags that are live`);
  const holds = `${words}, holds the flags that are live since deployment ${live.since}`;
  const calls = waiting.ok ? (waiting.value ?? 0) : 0;
  if (calls > 0)
    return later(name, `${holds}, and servers start with them: ${counted(calls, "call")} in its queue`);
  const last =
    delivered.value === undefined
      ? "none was ever carried on"
      : `deployment ${delivered.value} was carried on last`;
  return fault(
    name,
    `${holds}, and nothing tells that servers run with them: ${last}, and no call is under way`,
    `Send its queue ${deliveryName(rollout.name, delivery)} the message ${callOf(rollout.name)} in SQS: servers are started anew then; or start them by hand`,
    where,
  );
}

function told(variable: string, wanted: string, { held }: { readonly held: HeldVariables }): string[] {
  const value = held[variable];
  if (value === wanted) return [];
  // What is there may be anything, a secret among it: what flags look like alone is shown.
  const shown = value !== undefined && /^(?:true|false|\d{1,3}(?:\.\d+)?)$/.test(value) ? value : undefined;
  const there =
    value === undefined
      ? "is not there, or not to be read"
      : shown === undefined
        ? "is no flag"
        : `is ${shown}`;
  return [`${variable} ${there}, and ${wanted} is live`];
}

/** The one function that carries flags to all of them. */
function functionFindings({ rollout, fn, deliveries }: DeliveriesSeen): Finding[] {
  const name = `function ${deliveriesName(rollout.name)}`;
  const first = rollout.stages[0].name;
  if (!fn.ok) return [unknown(name, fn.why, fn.remedy)];
  if (!fn.value) {
    const made = [...deliveries.values()].some(({ waiting }) => waiting.ok && waiting.value !== undefined);
    return made ? [fault(name, "is not there: no flags are carried on", restore(first))] : [];
  }
  const wrong = functionFault(fn.value);
  if (wrong !== undefined) return [fault(name, wrong, restore(first))];
  return fn.value.description === descriptionOf(rollout)
    ? [ok(name, "is active, and goes by the deliveries and flags of these stack files")]
    : [
        fault(
          name,
          "goes by deliveries or flags that are other ones than in these stack files",
          `Run ${short.ofStack("up", first)}: until then flags are carried on as declared before`,
        ),
      ];
}
