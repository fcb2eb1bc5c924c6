import { type Grant, REMOVES, type Role } from "./asked";

export const PROMOTER: readonly Role[] = ["promote"];
/** Nobody else takes the flag store away: without it, nothing can be lowered. */
export const RETIRING: readonly Role[] = ["retire"];
/** Whoever compares what is deployed with the state. */
const COMPARING: readonly Role[] = ["drift", "promote"];

/** That of a stage is gone before a rollout is retired: whoever promotes destroys it. */
export const OF_STAGES = { retired: false };

/**
 * What one kind of resource takes to be read, and to be made, changed and removed. Whoever retires a rollout removes what
 * its first stack has, and makes nothing.
 */
export function resource(
  sid: string,
  on: Grant["on"],
  reads: Grant["actions"],
  writes: Grant["actions"],
  { retired } = { retired: true },
): readonly Grant[] {
  const removes = Object.fromEntries(Object.entries(writes).filter(([, why]) => why === REMOVES));
  return [
    { sid: `Read${sid}`, for: retired ? [...COMPARING, ...RETIRING] : COMPARING, actions: reads, on },
    { sid: `Declare${sid}`, for: PROMOTER, actions: writes, on },
    ...(retired && Object.keys(removes).length > 0
      ? [{ sid: `Remove${sid}`, for: RETIRING, actions: removes, on }]
      : []),
  ];
}
