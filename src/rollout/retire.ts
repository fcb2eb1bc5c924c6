import type { FlagSpecs, Flags, FlagValue } from "../flags/flags";
import { rank } from "../flags/flags";
import type { Ledger } from "../flags/ledger";
import type { SourceSaid } from "../gates/flagSource";
import { abortAll, finish, ofStack, type Place, status } from "../text/command";
import type { Problem } from "../text/problem";
import { finishOf } from "./finished";

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
}

/** True where there is nothing to take away any more. */
export function isGone({ foundation, store, stages }: RetireStands): boolean {
  return "holds" in foundation && foundation.holds === 0 && store.kind === "gone" && stages.every(isEmpty);
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
    ...ofLedger(stands.store, rollout, place),
    ...ofFoundation(stands, place),
    ...stands.stages.flatMap((one) => ofStage(one, place)),
    ...ofServers(stands.servers),
  ];
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
  const busy = underWay
    ? [
        {
          where: "ledger",
          what: `deployment ${underWay.deployment} is under way`,
          remedy: "Wait for its end, then run the same command again",
        },
      ]
    : [];
  return isOver(rollout, ledger)
    ? busy
    : [
        ...busy,
        {
          where: "rollout",
          what: "it is not finished, and not every flag is off",
          remedy: `End it: ${finish(place)}; or give it up: ${abortAll(place)}`,
        },
      ];
}

/** True where nothing of a rollout is left to be decided: it is finished, or given up with every flag off. */
export function isOver(rollout: Subject, ledger: Pick<Ledger, "live" | "history">): boolean {
  if (finishOf(rollout, ledger)) return true;
  const { live } = ledger;
  return (
    live !== undefined && Object.entries(rollout.flags).every(([flag, spec]) => isOff(spec, live.flags[flag]))
  );
}

function isOff(spec: FlagSpecs[string], value: FlagValue | undefined): boolean {
  return value !== undefined && typeof value === typeof spec.off && rank(spec, value) === 0;
}

function ofFoundation({ foundation, store }: RetireStands, place: Place): Problem[] {
  const { stack } = foundation;
  if ("unread" in foundation) return [unread(foundation)];
  const { application } = foundation;
  if (store.kind === "gone")
    return application?.protected
      ? [
          {
            where: `stack ${stack}`,
            what: `holds the AppConfig application ${application.id}, protected, and none of the rollout's name is there`,
            remedy: `Look with the account and the region that it is in: ${status(place)}`,
          },
        ]
      : [];
  return store.application === application?.id
    ? []
    : [
        {
          where: `stack ${stack}`,
          what: application
            ? `holds the AppConfig application ${application.id}, and the rollout's is ${store.application}`
            : `holds no AppConfig application, and there is ${store.application}: it cannot take that away`,
          remedy: "Use the account, the region and the Pulumi backend that it was brought up with",
        },
      ];
}

const unread = ({ stack, unread: why }: { readonly stack: string; readonly unread: string }): Problem => ({
  where: `stack ${stack}`,
  what: `what it holds is not known: ${why}`,
  remedy: "Make its state readable, then run the same command again",
});

function ofStage(one: Holds, place: Place): Problem[] {
  if ("unread" in one) return [unread(one)];
  const { stack, holds } = one;
  if (holds === 0) return [];
  return [
    {
      where: `stack ${stack}`,
      what: `still holds ${holds} ${holds === 1 ? "resource" : "resources"}`,
      remedy: `Take it away: ${ofStack(place, "up", stack)}; then ${ofStack(place, "destroy", stack)}`,
    },
  ];
}

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
      return servers.statement === undefined
        ? [
            {
              where: "servers",
              what: "the rollout declares none, so nobody can be asked whether the flags are still fetched",
              remedy: 'Look for yourself, then say so: --servers-done "…"',
            },
          ]
        : [];
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
