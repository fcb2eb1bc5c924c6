import {
  type Behind,
  type Bound,
  boundBy,
  boundOf,
  type Door,
  doorNames,
  keptWords,
  marksFor,
} from "../flags/doors";
import { allOff, type FlagSpecs, type Flags, isAtMost, sameFlags } from "../flags/flags";
import type { Ledger } from "../flags/ledger";
import type { GateDefinition } from "../gates/gate";
import { short } from "../text/command";
import type { Problem } from "../text/problem";
import type { Irreversible } from "./config/irreversible";
import { type Rollout, type Stage, stageNamed, stagesUpTo } from "./rollout";

/** What is asked of whoever goes through a door: the id of its gate, and of its sign-off. */
export const DOOR_GATE = "irreversible";

type Line = {
  readonly flags: FlagSpecs;
  readonly stages: readonly Pick<
    Stage,
    "name" | "formerly" | "predecessor" | "flags" | "contracts" | "irreversible"
  >[];
};

/** The doors of a rollout, in the order of its stages. */
export function doorsOf(rollout: Line): Door[] {
  return rollout.stages.flatMap((stage): Door[] => {
    const { name, formerly = [], flags, contracts, irreversible } = stage;
    if (!irreversible) return [];
    return [
      {
        stage: name,
        ...(formerly.length > 0 ? { formerly } : {}),
        because: irreversible.because,
        floor: doorFloor(rollout, irreversible),
        flags,
        ...(contracts ? { contracts } : {}),
      },
    ];
  });
}

/** The doors that are behind a stage while it is live: its own, and those before it. */
export function doorsUpTo<R extends Line>(rollout: R, stage: R["stages"][number]): Door[] {
  const line = stagesUpTo(rollout, stage).map(({ name }) => name);
  return doorsOf(rollout).filter((door) => line.includes(door.stage));
}

/** How far down flags go as the ledger stands. */
export function boundNow(rollout: Line, { live, history }: Pick<Ledger, "live" | "history">): Bound {
  const coming = history.filter(({ state }) => state === "under-way").map(({ flags }) => flags);
  return boundBy(rollout.flags, doorsOf(rollout), { settled: live, all: [live?.flags, ...coming] });
}

/** What whoever brings this stage up is told where it is a door. */
export function showDoor(rollout: Line, { name }: Pick<Stage, "name">): string | undefined {
  const door = doorsOf(rollout).find(({ stage }) => stage === name);
  if (!door) return undefined;
  const bound = { behind: marksFor([door]), kept: door.floor };
  return `Once this is promoted ${keptWords(rollout.flags, bound)}, whoever asks.`;
}

/**
 * The doors that are behind what a promotion of a stage deploys: those up to it, and all that are behind what is live. As
 * config has them: what it calls irreversible no more is left behind by a promotion, which says so.
 */
export function doorsThrough(rollout: Rollout, stage: Stage, live: Behind | undefined): Door[] {
  const passed = live ? boundOf(rollout.flags, doorsOf(rollout), live).behind : {};
  const upTo = doorsUpTo(rollout, stage).map((door) => door.stage);
  return doorsOf(rollout).filter(({ stage: name }) => upTo.includes(name) || Object.hasOwn(passed, name));
}

/** The flags that stay, each of them; a stage that nobody declares keeps none. */
export function doorFloor(rollout: Line, { floor }: Pick<Irreversible, "floor">): Flags {
  const own = typeof floor === "string" ? stageNamed(rollout, floor)?.flags : floor;
  return { ...allOff(rollout.flags), ...own };
}

/** The gate that asks whoever goes through a door whether they know that it is one. */
export function doorGate({ because }: Irreversible): GateDefinition {
  return {
    source: "signOff",
    title: "There is no way back from this stage, and that is meant",
    remedy: `Know this, then sign it under signOffs: ${because}`,
  } as GateDefinition;
}

/** A door that was gone through, and the stage whose flags are its floor. */
interface FloorBehind {
  readonly door: Door;
  readonly floor: Stage;
}

/** The doors that a live document is behind, where it has all of their floors. */
export function floorsBehind(rollout: Rollout, { flags, doors }: Behind): FloorBehind[] {
  const { flags: specs } = rollout;
  return doorsOf(rollout).flatMap((door) => {
    const passed = doorNames(door).some((name) => Object.hasOwn(doors, name));
    const line = stagesUpTo(rollout, stageNamed(rollout, door.stage));
    const floor = line.findLast((one) => sameFlags(specs, one.flags, door.floor));
    return passed && flags && floor && isAtMost(specs, door.floor, flags) ? [{ door, floor }] : [];
  });
}

/**
 * Behind a stage that there is no way back from, its floor stands: what came before that is not promoted again, as what was
 * contracted since would go up.
 */
export function backThroughDoor(rollout: Rollout, stage: Stage, floors: readonly FloorBehind[]): Problem[] {
  return floors
    .filter(({ floor }) => stagesUpTo(rollout, floor).some((one) => one !== floor && one.name === stage.name))
    .map(({ door, floor }) => ({
      where: `stage ${stage.name}`,
      what: `there is no way back to it from ${door.stage}${floor.name === door.stage ? "" : `, whose floor is ${floor.name}`}: ${door.because}`,
      remedy: `Go on from ${floor.name}: ${short.ofStack("up", floor.name)}, or a stage after it`,
    }));
}

/** No `up` goes below what there is no way back from: it fails loudly, where an abort stops at the floor. */
export function belowDoor(rollout: Rollout, stage: Stage, live: Behind): Problem | undefined {
  const { flags: specs } = rollout;
  const bound = boundOf(specs, doorsOf(rollout), live);
  const { kept } = bound;
  if (isAtMost(specs, kept, stage.flags)) return undefined;
  return {
    where: `stage ${stage.name}`,
    what: `would lower flags below their floor: ${keptWords(specs, bound)}`,
    remedy:
      "Leave the flags where they are. Where there is a way back after all, take irreversible out of that stage's config, say why under weakened, and promote it in a new attempt, the first stage's stack first",
  };
}
