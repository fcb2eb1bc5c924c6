import type { FlagSpecs, Flags, FlagValue } from "../flags/flags";
import { CARRYING, type Ledger, type LedgerEntry } from "../flags/ledger";
import type { SourceSaid } from "../gates/flagSource";
import { abortAll, finish, ofStack, type Place, reopenAll, status } from "../text/command";
import { counted } from "../text/counted";
import { type Problem, tellWhere } from "../text/problem";
import { finishOf } from "./finished";
import type { Named } from "./rollout";
import { deployedSince } from "./sinceFinish";
import { unknownStages } from "./stops";

/** A stack, as far as a retirement asks: how many resources it holds of the world, or why that is not known. */
export type Holds =
  | { readonly stack: string; readonly holds: number }
  | { readonly stack: string; readonly unread: string };

/** What AppConfig holds of a rollout. */
export type StoreStands =
  | { readonly kind: "whole"; readonly application: string; readonly ledger: Ledger }
  /** All of it is there, and what is live cannot be read. */
  | { readonly kind: "unread"; readonly application: string; readonly why: string }
  /** The application is there, without the environment or the profile: nobody can fetch the flags any more. */
  | { readonly kind: "part"; readonly application: string }
  | { readonly kind: "gone" };

/** The first stage's stack, as its state has it. */
export interface FoundationStands {
  readonly stack: string;
  readonly holds: number;
  /** The AppConfig application that it made; absent where it holds none. */
  readonly application?: { readonly id: string; readonly protected: boolean } | undefined;
}

/** Who says that no server asks for the flags any more: each server by itself, or a person, where none is declared. */
export type ServersStand =
  | { readonly kind: "asked"; readonly said: readonly SourceSaid[] }
  | { readonly kind: "unlisted"; readonly why: string }
  | { readonly kind: "undeclared"; readonly statement?: string | undefined };

/** All that decides whether a rollout's foundation may be taken away. */
export interface RetireStands {
  /** Absent where its stack's state could not be read. */
  readonly foundation: FoundationStands | { readonly stack: string; readonly unread: string };
  readonly stages: readonly Holds[];
  readonly store: StoreStands;
  readonly servers: ServersStand;
}

interface Subject {
  readonly name: string;
  readonly flags: FlagSpecs;
  readonly stages: readonly Named[];
}

type Stacked = Pick<RetireStands, "foundation" | "store" | "stages">;

/** True where this account, region and backend hold nothing to take away. */
export function isEmptyHere({ foundation, store, stages }: Stacked): boolean {
  return "holds" in foundation && foundation.holds === 0 && store.kind === "gone" && stages.every(isEmpty);
}

/** True where nothing is left, and no server makes one doubt that it was looked for in the right place. */
export function isGone(stands: RetireStands): boolean {
  return isEmptyHere(stands) && ofDoubt(stands.servers).length === 0;
}

const isEmpty = (one: Holds) => "holds" in one && one.holds === 0;

/**
 * Why a rollout's foundation may not be taken away: every reason at once, none where it may (pure). What is not known is
 * a reason. Where the environment or the profile is gone, no ledger can be read, and none is needed: nobody can fetch
 * the flags any more, and only an earlier retirement or a person took it away. The stages' stacks and the servers are
 * looked at all the same, and the application has to be the stack's own: of another account or region, nothing is known.
 */
export function refusals(stands: RetireStands, rollout: Subject, place: Place): Problem[] {
  return [
    ...ofPlace(stands),
    ...ofLedger(stands.store, rollout, place),
    ...ofFoundation(stands, place),
    ...stands.stages.flatMap((one) => ofStage(one, place)),
    ...ofServers(stands.servers),
  ];
}

/** An empty place, and servers that may still fetch: they fetch from somewhere. */
function ofPlace(stands: RetireStands): Problem[] {
  return tellWhere(isEmptyHere(stands) && !isGone(stands), {
    where: "rollout",
    what: "nothing of it is here, and not every server says that its flags come from elsewhere: the region, the account or the Pulumi backend may be another one than it was brought up with",
    remedy:
      "Use those. If they are right, all of it is gone, and only the servers below are left to be looked at",
  });
}

function ofLedger(store: StoreStands, rollout: Subject, place: Place): Problem[] {
  if (store.kind === "unread")
    return [
      {
        where: "ledger",
        what: `does not say what is live: ${store.why}`,
        remedy:
          "Make it readable, or delete the environment in AppConfig, too, where its documents were deleted by hand",
      },
    ];
  if (store.kind !== "whole") return [];
  const { ledger } = store;
  const underWay = ledger.history.find(({ state }) => state === "under-way");
  const busy = tellWhere(underWay !== undefined, {
    where: "ledger",
    what: `deployment ${underWay?.deployment} is under way`,
    remedy: "Wait for its end, then run the same command again",
  });
  return [...busy, ...ofEnd(rollout, ledger, place), ...ofStrangers(rollout, ledger, place)];
}

/** The rollout is finished, and what was finished is live; or it is given up, and nothing but its flags is live. */
function ofEnd(rollout: Subject, ledger: Ledger, place: Place): Problem[] {
  const finished = finishOf(rollout, ledger);
  if (finished)
    return since(finished, rollout, ledger).map(({ deployment, foreign }) => ({
      where: "ledger",
      what: `deployment ${deployment} came after the finish (deployment ${finished.deployment}) and does not carry its flags on${foreign ? `: ${foreign}` : ""}. Which flags belong in code is not known`,
      remedy: `Find out who made it. Then deploy version ${finished.configurationVersion}, which was finished, once more; or end the finish, with every flag off: ${reopenAll(place)}`,
    }));
  if (!isOff(rollout, ledger))
    return [
      {
        where: "rollout",
        what: "it is not finished, and not every flag is off",
        remedy: `End it: ${finish(place)}; or give it up: ${abortAll(place)}`,
      },
    ];
  const others = ledger.live?.undeclared ?? [];
  return tellWhere(others.length > 0, {
    where: "flags",
    what: `every declared flag is off, and the live document holds what the rollout does not declare: ${others.join(", ")}`,
    remedy: "Declare it under flags: in cutover:rollout, or remove it from the document",
  });
}

/** What was deployed after a finish, unless it is known to have left the flags as they were; newest first. */
function since(finished: LedgerEntry, { name }: Subject, ledger: Ledger): LedgerEntry[] {
  // Taken back, or put back: what is live is the very version that was finished.
  if (ledger.live?.configurationVersion === finished.configurationVersion) return [];
  return deployedSince(ledger, finished.deployment).filter(
    ({ note }) => !(note?.rollout === name && CARRYING.includes(note.kind)),
  );
}

/** Stages whose stacks no file names: they may still hold alarms and a switch, and nobody looks at them. */
function ofStrangers(rollout: Subject, ledger: Ledger, place: Place): Problem[] {
  return unknownStages(rollout, ledger).map((stage) => ({
    where: "ledger",
    what: `knows a stage ${stage}, which no stack file declares: its stack may still hold alarms and a switch`,
    remedy: `Bring its file back, then take it away: ${ofStack(place, "up", stage)}; then ${ofStack(place, "destroy", stage)}. If it was renamed, say so in its config (formerly: [${stage}])`,
  }));
}

/** True where every declared flag is live, and off. */
function isOff({ flags }: Subject, { live }: Ledger): boolean {
  return live !== undefined && Object.entries(flags).every(([flag, { off }]) => live.flags[flag] === off);
}

function ofFoundation({ foundation, store }: RetireStands, place: Place): Problem[] {
  const { stack } = foundation;
  if ("unread" in foundation) return [unread(foundation)];
  const { application } = foundation;
  if (store.kind === "gone")
    return tellWhere(application?.protected === true, {
      where: `stack ${stack}`,
      what: `holds the AppConfig application ${application?.id}, protected, and none of the rollout's name is there`,
      remedy: `Look with the account and the region that it is in: ${status(place)}`,
    });
  return tellWhere(store.application !== application?.id, {
    where: `stack ${stack}`,
    what: application
      ? `holds the AppConfig application ${application.id}, and the rollout's is ${store.application}`
      : `holds no AppConfig application, and there is ${store.application}: it cannot take that away`,
    remedy: "Use the account, the region and the Pulumi backend that it was brought up with",
  });
}

const unread = ({ stack, unread: why }: { readonly stack: string; readonly unread: string }): Problem => ({
  where: `stack ${stack}`,
  what: `what it holds is not known: ${why}`,
  remedy: "Make its state readable, then run the same command again",
});

function ofStage(one: Holds, place: Place): Problem[] {
  if ("unread" in one) return [unread(one)];
  const { stack, holds } = one;
  return tellWhere(holds !== 0, {
    where: `stack ${stack}`,
    what: `still holds ${counted(holds, "resource")}`,
    remedy: `Take it away: ${ofStack(place, "up", stack)}; then ${ofStack(place, "destroy", stack)}`,
  });
}

/** What servers say against a rollout's being gone. Where none is declared, nothing does. */
const ofDoubt = (servers: ServersStand) => (servers.kind === "undeclared" ? [] : ofServers(servers));

function ofServers(servers: ServersStand): Problem[] {
  switch (servers.kind) {
    case "unlisted":
      return [
        {
          where: "servers",
          what: `cannot be listed: ${servers.why}`,
          remedy: "Make them answer, then run the same command again",
        },
      ];
    case "undeclared":
      return tellWhere(servers.statement === undefined, {
        where: "servers",
        what: "the rollout declares none, so nobody can be asked whether the flags are still fetched",
        remedy: 'Look for yourself, then say so: --servers-done "…"',
      });
    case "asked":
      return servers.said
        .filter(({ kind }) => kind !== "done")
        .map(({ server, kind, says }) => ({
          where: `server ${server}`,
          what: `${says}${kind === "appconfig" ? " as the source of its flags" : ""}`,
          remedy:
            kind === "appconfig"
              ? "Deploy it with the flags in its code"
              : "Until it says that its flags come from elsewhere, it may still fetch them: let it say so where servers.source points, or answer 410 at servers.path once its report is gone",
        }));
  }
}

/** What one flag has to be in code, before its store goes. */
export interface FlagInCode {
  readonly flag: string;
  /** Absent where the ledger is gone. */
  readonly value: FlagValue | undefined;
  readonly title: string | undefined;
}

/** What each flag has to be in code: as it is live. */
export function flagsInCode(flags: FlagSpecs, live: Flags | undefined): FlagInCode[] {
  return Object.entries(flags).map(([flag, { title }]) => ({ flag, value: live?.[flag], title }));
}
