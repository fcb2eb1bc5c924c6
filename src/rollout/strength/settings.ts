import {
  entry,
  type FlagSpec,
  nearer,
  type Requirement,
  requiredFlag,
  requiredValue,
} from "../../flags/flags";
import {
  another,
  brief,
  compareFields,
  demanded,
  type Fields,
  inAnyOrder,
  moreOf,
  neutral,
  type Order,
} from "../../gates/strength";
import { type Definitions, SECURE } from "./definitions";
import { both, compareOne, type Difference, others, told } from "./difference";

/** Every difference in what all stages of a rollout share. */
export function sharedDifferences(was: Definitions, now: Definitions): Difference[] {
  return [...flags(was, now), ...topics(was, now), ...parameters(was, now), ...rest(was, now)];
}

function flags(was: Definitions, now: Definitions): Difference[] {
  return Object.entries(was.flags).flatMap(([flag, before]): Difference[] => {
    const key = `flags.${flag}`;
    const after = entry(now.flags, flag);
    if (!after) return [{ key, says: `the flag ${flag} is gone`, strength: "weaker" }];
    return told(
      key,
      flag,
      compareFields(before, after, {
        title: neutral,
        writes: (writes) =>
          writes === true
            ? { strength: "weaker", words: "no longer says that it lets data be written" }
            : { strength: "stronger", words: "says that it lets data be written" },
        requires: requires(now.flags),
      }),
    );
  });
}

const requires =
  (specs: Definitions["flags"]): Order =>
  (was = [], now = []) => {
    const demands = (list: unknown) =>
      new Map((list as readonly Requirement[]).map((one) => [requiredFlag(one), one]));
    const [before, after] = [demands(was), demands(now)];
    const lacking = (of: typeof before, other: typeof before) =>
      [...of].filter(([flag, one]) => !isMetBy(specs[flag] as unknown as FlagSpec, one, other.get(flag)));
    const [eased, more] = [lacking(before, after), lacking(after, before)];
    if (eased.length === 0)
      return more.length === 0 ? undefined : { strength: "stronger", words: "requires more" };
    const words = eased
      .map(([flag, one]) => {
        const left = after.get(flag);
        return left === undefined
          ? `no longer requires ${flag}`
          : `requires ${flag} ${asked(left)}, was ${asked(one)}`;
      })
      .join("; ");
    return { strength: more.length === 0 ? "weaker" : "incomparable", words };
  };

/** Whether whatever meets a requirement of today meets the earlier one, too. */
function isMetBy(spec: FlagSpec | undefined, earlier: Requirement, today: Requirement | undefined): boolean {
  if (spec === undefined || today === undefined) return false;
  const [least, now] = [requiredValue(spec, earlier), requiredValue(spec, today)];
  return least === undefined || (now !== undefined && nearer(spec, least, now) === least);
}

function asked(requirement: Requirement): string {
  if (typeof requirement === "string") return "on at all";
  return typeof requirement.atLeast === "number"
    ? `${requirement.atLeast} points on`
    : `at ${requirement.atLeast}`;
}

interface Subscriber {
  readonly protocol: string;
  readonly hash: string;
  readonly secure: boolean;
}

function subscriber(written: string): Subscriber {
  const [protocol = "", where = ""] = written.split(" ");
  const secure = where.startsWith(SECURE);
  return { protocol, secure, hash: secure ? where.slice(SECURE.length) : where };
}

/**
 * Whom a topic reaches. Of a `secure:` endpoint only the ciphertext is known: another one may be the same address,
 * encrypted again, or lead anywhere else. What cannot be told counts as weaker, and says so.
 */
const reach: Order = (was, now) => {
  const [before, left] = both(was, now, (list) => ((list ?? []) as string[]).map(subscriber));
  const total = left.length;
  const take = (same: (one: Subscriber) => boolean) => {
    const at = left.findIndex(same);
    if (at >= 0) left.splice(at, 1);
    return at >= 0;
  };
  const gone = before.filter(
    ({ protocol, hash }) => !take((one) => one.protocol === protocol && one.hash === hash),
  );
  const added = left.length;
  const lost = gone.filter(
    ({ protocol, secure }) => !(secure && take((one) => one.protocol === protocol && one.secure)),
  );
  const sealed = gone.filter((one) => !lost.includes(one)).map(({ protocol }) => protocol);
  const words = `has another secure: endpoint (${sealed.join(", ")}), and whether it leads to the same subscriber cannot be seen`;
  if (lost.length === 0 && sealed.length > 0) return { strength: "incomparable", words };
  if (lost.length === 0)
    return left.length === 0 ? undefined : { strength: "stronger", words: "reaches more people" };
  const who = lost.map(({ protocol }) => protocol).join(", ");
  return {
    strength: added > 0 ? "incomparable" : "weaker",
    words: total === 0 ? `reaches nobody, and reached ${who}` : `no longer reaches a subscriber (${who})`,
  };
};

function topics(was: Definitions, now: Definitions): Difference[] {
  return Object.keys(was.topics).flatMap((topic) =>
    told(`topics.${topic}`, `the topic ${topic}`, compareOne(was.topics, now.topics, topic, reach)),
  );
}

function parameters(was: Definitions, now: Definitions): Difference[] {
  return Object.keys(was.parameters).flatMap((name) =>
    told(
      `parameters.${name}`,
      `the parameter ${name}`,
      compareOne(was.parameters, now.parameters, name, (before, after) => ({
        strength: "incomparable",
        words: `is ${brief(after)}, was ${brief(before)}`,
      })),
    ),
  );
}

const TLS = ["disable", "require", "verify-full"];

/** A server's address: https is stronger. What an older version wrote down does not say which of them it was. */
function address(text: string) {
  const [, scheme, name = text] = /^([a-z+.-]+:)\/\/(.*)$/.exec(text) ?? [];
  return { scheme, name };
}

/** Whether `now` is the same server as `was`, asked as safely. */
function asSafe(was: string, now: string): boolean {
  const [before, after] = [address(was), address(now)];
  if (before.name !== after.name) return false;
  return before.scheme === undefined || before.scheme === after.scheme || after.scheme === "https:";
}

const urls: Order = (was, now, pair) => {
  const [before, left] = both(was, now, (list) => [...new Set((list ?? []) as string[])]);
  const lost = before.filter((one) => {
    const at = left.findIndex((other) => asSafe(one, other));
    if (at >= 0) left.splice(at, 1);
    return at < 0;
  });
  return moreOf((gone) => `no longer list ${gone.join(", ")}`)(lost, left, pair);
};

const service: Order = (was, now, pair) => {
  const [before, after] = both(was, now, (one) => (one as { url?: string } | undefined)?.url);
  if (before === undefined || after === undefined || !asSafe(before, after))
    return another("`service`")(was, now, pair);
  return undefined;
};

/** Parts of the rollout that are compared part by part. */
const PARTS: Readonly<Record<string, Readonly<Record<string, Order>>>> = {
  servers: {
    urls,
    ecs: moreOf((lost) => `no longer list ${lost.length} of the services as they were`),
    drillAt: neutral,
    source: neutral,
  },
  calendar: {
    days: inAnyOrder(another("`days`")),
    // They close windows, and make business cycles longer.
    holidays: moreOf((lost) => `no longer leaves out ${lost.join(", ")}`),
  },
  database: {
    reads: neutral,
    vpc: neutral,
    // As whom it is asked changes nothing of what has to be seen.
    login: neutral,
    ssl: (was, now) => ({
      strength: TLS.indexOf(String(now)) > TLS.indexOf(String(was)) ? "stronger" : "weaker",
      words: `is reached with ssl ${brief(now)}, was ${brief(was)}`,
    }),
    ca: (was, now) => ({
      // Of what is named instead nobody can say here whether it believes less.
      strength: was === undefined ? "stronger" : "weaker",
      words: `is reached as a server of ${now === undefined ? "any authority that is known" : "another authority"}`,
    }),
  },
};

interface BackupFields {
  readonly dumps?: unknown;
  readonly queries?: Readonly<Record<string, unknown>>;
}

/** Parts of the rollout that are compared as a whole. */
const WHOLE: Readonly<Record<string, Order>> = {
  service,
  // From where it is looked at changes nothing of what has to be seen.
  measure: neutral,
  // Elsewhere lie other dumps. Further questions ease nothing.
  backup: (was, now, pair) => {
    const [before, after] = both(was, now, (one) => one as BackupFields | undefined);
    const kept = Object.entries(before?.queries ?? {}).every(
      ([name, query]) => after?.queries?.[name] === query,
    );
    if (before && after && before.dumps === after.dumps && kept)
      return { strength: "stronger", words: "asks more of a backup" };
    return demanded("no longer says where dumps lie", "where dumps lie and what they are asked")(
      was,
      now,
      pair,
    );
  },
  afterAbort: (was, now, pair) =>
    demanded("no longer says what follows an abort", "what follows an abort")(was, now, pair),
  // None that is kept leaves what the account has left; none at all lets no abort run.
  reservedConcurrency: (was, now) => {
    const [before, after] = both(was, now, (one) => (one === 0 ? -2 : Number(one)));
    const words = `keeps room for ${now === -1 ? "no" : brief(now)} aborts at once, was ${brief(was)}`;
    return { strength: after > before ? "stronger" : "weaker", words };
  },
};

function rest({ rest: was }: Definitions, { rest: now }: Definitions): Difference[] {
  const parts = Object.entries(PARTS).flatMap(([part, orders]) => {
    const [before, after] = [was[part], now[part]] as (Fields | undefined)[];
    if (!before || !after) return told(part, "the rollout", compareOne(was, now, part, another(part)));
    return told(part, `the ${part}`, compareFields(before, after, orders));
  });
  const left = others("rollout", "the rollout", was, now, [...Object.keys(PARTS), ...Object.keys(WHOLE)]);
  const whole = Object.entries(WHOLE).flatMap(([part, order]) =>
    told(part, "the rollout", compareOne(was, now, part, order)),
  );
  return [...parts, ...whole, ...left];
}
