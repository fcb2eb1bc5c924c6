import { another, type Change, compareFields, type Fields, type Order } from "../../gates/strength";

/** One difference between two definitions of a rollout, as a sentence without a full stop. */
export interface Difference {
  /** A row's id; else what it is about, such as `stageA.soak`. What `weakened:` names it by. */
  readonly key: string;
  readonly says: string;
  readonly strength: Change["strength"];
}

/** Changes of one thing, as sentences about it. */
export function told(key: string, subject: string, list: readonly Change[]): Difference[] {
  return list.map(({ strength, words }) => ({ key, says: `${subject} ${words}`, strength }));
}

/** The same read from what was and from what is. */
export function both<T>(was: unknown, now: unknown, read: (value: unknown) => T): [was: T, now: T] {
  return [read(was), read(now)];
}

/** Every change of one part. */
export function compareOne(was: Fields, now: Fields, field: string, order: Order): Change[] {
  return compareFields({ [field]: was[field] }, { [field]: now[field] }, { [field]: order });
}

/** What has no order of its own: any change of it may be an easing. */
export function others(
  where: string,
  subject: string,
  was: Fields,
  now: Fields,
  compared: readonly string[],
): Difference[] {
  const names = [...new Set([...Object.keys(was), ...Object.keys(now)])];
  return names
    .filter((name) => !compared.includes(name))
    .flatMap((name) =>
      told(
        where === "rollout" ? name : `${where}.${name}`,
        subject,
        compareOne(was, now, name, another(`\`${name}\``)),
      ),
    );
}
