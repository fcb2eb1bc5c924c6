import { randomUUID } from "node:crypto";
import { bringDown } from "../../src/abort/bringDown";
import { doorsIn, type LooseConfig, promisedIn, readLoosely } from "../../src/abort/looseConfig";
import { type AskedPhase, previousPhase, showPhase } from "../../src/abort/previous";
import { neverStarted, remainsOf, storeDeleted } from "../../src/abort/remains";
import type { AbortOutcome } from "../../src/abort/request";
import { floorOrOff, type Asked as Named, regionOf, rolloutOf } from "../../src/abort/target";
import { unwatched } from "../../src/abort/unwatched";
import { callerOf } from "../../src/aws/caller";
import { AppConfigStore, appConfigClient } from "../../src/flags/appConfigStore";
import { findFlagStore, NoFlagStore } from "../../src/flags/find";
import { allOff, type FlagSpecs, type Flags, showFlags } from "../../src/flags/flags";
import { ALL_STAGES } from "../../src/flags/ledger";
import { specsOfDocument, specsOfSchema } from "../../src/flags/specs";
import { showFinish } from "../../src/rollout/finished";
import { abort, abortAll, ofStack, type Place, reopen, reopenAll } from "../../src/text/command";
import { UserError } from "../../src/text/problem";
import { within } from "../../src/text/within";
import { EXIT } from "../exit";
import { fitting } from "../fitting";
import { CHECKOUT, foldersOf, placeOf, rolloutsIn, showFound } from "../locate";
import { showFailed, showOutcome, showStopped, showUnwatched } from "./said";

export interface AbortOptions extends Named {
  /** Why, for the ledger and for the people who are told. */
  readonly reason?: string | undefined;
  /** Also where the rollout is finished: it ends the finish. */
  readonly reopen?: boolean | undefined;
  /** Follows it to its end: servers, work in flight, and what to look at first. */
  readonly follow?: boolean | undefined;
  /** Between two looks while it is followed, in ms. */
  readonly followPause?: number;
  /** The folder with the stack files. It may be missing or broken. */
  readonly folder: string;
  readonly env?: NodeJS.ProcessEnv;
  readonly print?: (line: string) => void;
}

/**
 * Break-glass: brings the flags down with AWS credentials alone. Reads no Pulumi state, takes no lock, asks no
 * policy. Returns the exit code: 0 when the flags are at or below the floor, or as far down as there is a way back, 1
 * when they may not be, 2 for wrong usage, which the abort of a finished rollout is that does not say that it is to be
 * reopened.
 */
export async function abortCommand(options: AbortOptions): Promise<number> {
  const { env = process.env, print = console.log } = options;
  const started = performance.now();
  const wrong = wrongUsage(options);
  if (wrong !== undefined) {
    print(fitting(wrong, process.stdout));
    return EXIT.usage;
  }
  const here = readLoosely(options.folder);
  const rollout = rolloutOf(options, here, showFound(rolloutsIn(CHECKOUT)));
  const { config, folder } = configOf(rollout, options.folder, here);
  const region = regionOf(env, config);
  const place = placeOf(rollout, folder ?? options.folder, region);
  const client = appConfigClient(region);
  const caller = callerOf(region);
  try {
    const store = new AppConfigStore(client, await findFlagStore(client, rollout));
    const ours = await namedIn(store, rollout, config.specs ?? (await specsFrom(store)), options.flags);
    const step =
      options.to === "previous" ? await phaseDown(store, { rollout, specs: ours }, place) : undefined;
    if (step) print(`${rollout}: ${showPhase(step)}`);
    const { specs } = step ?? { specs: ours };
    const floor = step?.floor ?? floorFor(options, { place, folder, config, specs }, print);
    const reason = options.reason?.trim() || "no reason was given";
    const stage = step?.stage ?? (options.all ? ALL_STAGES : (options.stage ?? ALL_STAGES));
    const note = {
      rollout,
      stage,
      // Gone by only where the ledger does not tell.
      attempt: config.stages.get(stage)?.attempt ?? 1,
      reason,
      by: await within(CALLER_MS, caller),
      id: randomUUID(),
    };
    const asked = {
      region,
      specs,
      floor,
      only: options.flags,
      doors: doorsIn(config),
      note,
      title: reason,
      followers: config.followers,
      existing: config.existing,
      promised: promisedIn(config, options.all ? undefined : options.stage),
      formerly: config.stages.get(stage)?.formerly,
      ...(options.reopen ? {} : { yields: {} }),
    };
    const { outcome, warnings } = await bringDown(store, asked, (lowered) => {
      if (lowered.finished) return;
      for (const line of showOutcome(rollout, lowered, performance.now() - started)) print(line);
    });
    if (outcome.finished) {
      for (const line of refusal(place, stage, outcome)) print(line);
      return EXIT.usage;
    }
    for (const warning of warnings) print(`WARNING: ${warning}`);
    for (const line of showStopped(place, stage, outcome, options.flags)) print(line);
    if (options.reopen) {
      const missing = await unwatched(region, rollout, config);
      const stages = [...config.stages].flatMap(([name, { abort }]) => (abort ? [name] : []));
      for (const line of showUnwatched(place, missing, stages)) print(line);
    }
    if (options.follow) {
      const { followOutcome } = await import("./follow");
      const { followPause: pause } = options;
      await followOutcome(outcome, {
        ...{ rollout, region, print, pause },
        folder: folder ?? options.folder,
      });
    }
    return 0;
  } catch (error) {
    if (error instanceof NoFlagStore) throw await storeIsGone(error, { rollout, region, folder, config });
    if (error instanceof UserError) throw error;
    for (const line of showFailed(rollout, error, noLower(config))) print(line);
    return 1;
  } finally {
    client.destroy();
  }
}

/** What the rollout's own stack files say, wherever they are; nothing where they are not at hand. */
function configOf(
  rollout: string,
  folder: string,
  here: LooseConfig,
): { readonly config: LooseConfig; readonly folder?: string } {
  if (here.rollout === rollout) return { config: here, folder };
  // A folder that cannot be read may well be the one that is meant: no other one stands in for it.
  const broken = here.rollouts.length === 0 && here.problems.length > 0;
  const [found, another] = broken ? [] : foldersOf(rollout, folder);
  if (found !== undefined && another === undefined) return { config: readLoosely(found), folder: found };
  const problem = broken
    ? here.problems.join("; ")
    : another === undefined
      ? `the stack files of ${rollout} are not at hand`
      : `${rollout} is declared in more than one folder`;
  return {
    config: { rollouts: [], stages: new Map(), followers: { restart: [], deliver: [] }, problems: [problem] },
  };
}

/** What no version that is deployed by hand may be below, as far as it is known. */
function noLower(config: LooseConfig): string {
  const each = doorsIn(config).map(
    ({ stage, because, floor }) => `${showFlags(floor)} once ${stage} was live (${because})`,
  );
  return each.length === 0 ? "" : `, one that is not below ${each.join(", nor below ")}`;
}

/** What is wrong with the words that were typed; undefined where nothing is. */
function wrongUsage({ all, stage, to, flags }: AbortOptions): string | undefined {
  if (all && (to !== undefined || flags !== undefined))
    return "--all is every flag, all the way: leave --to and --flags out, or leave --all out.";
  if (to === "previous")
    return stage === undefined && flags === undefined
      ? undefined
      : "--to previous is one phase below whatever is live: leave -s and --flags out, or say another --to.";
  if (all || stage !== undefined || (to === "off" && flags === undefined)) return undefined;
  return "Say what to bring down: -s STAGE for one stage, --to previous for one phase, or --all for every flag.";
}

/** For so long a command that is typed again is the same one, in ms. */
const SAME_COMMAND_MS = 120_000;

/** One phase below what is live. Throws a `UserError` that says what to type where the ledger does not tell. */
async function phaseDown(store: AppConfigStore, of: Pick<AskedPhase, "rollout" | "specs">, place: Place) {
  const rang = { at: Date.now(), span: SAME_COMMAND_MS, byHand: true };
  const found = await previousPhase(store, { ...of, rang });
  if (found) return found;
  throw new UserError("NOTHING WAS LOWERED: which phase is below the live one cannot be told:", [
    {
      where: "--to previous",
      what: "the ledger does not say, within a few seconds, what was live before, or nothing was",
      remedy: `Name the stage that is to come down: ${abort(place, "STAGE")}. Or all of them: ${abortAll(place)}`,
    },
  ]);
}

/** A page is read where no stack files may be: lowering does not wait for them, and goes further down instead. */
function floorFor(
  asked: AbortOptions,
  of: Pick<Subject, "folder" | "config"> & {
    readonly place: Place;
    readonly specs: FlagSpecs;
  },
  print: (line: string) => void,
): Flags {
  const { place, folder, config, specs } = of;
  const { all, stage, to, flags: only } = asked;
  const known = folder !== undefined || all || stage === undefined || to === "off";
  if (!known)
    print(
      `How far down ${stage} goes is not known: ${config.problems.join("; ")}. ${only ? `${only.join(", ")} go` : "Every flag goes"} off, but for what there is no way back from.`,
    );
  return known ? floorOrOff(asked, config, specs, place) : allOff(specs);
}

/**
 * The list of flags with those that are named: one that the stack files at hand do not know may have come with newer ones,
 * and is in the store's own list. Throws a `UserError` where it is in neither.
 */
async function namedIn(
  store: AppConfigStore,
  rollout: string,
  ours: FlagSpecs,
  named: readonly string[] = [],
): Promise<FlagSpecs> {
  if (named.every((flag) => Object.hasOwn(ours, flag))) return ours;
  const specs = { ...specsOfSchema(await store.schema().catch(() => undefined), ours), ...ours };
  const unknown = named.filter((flag) => !Object.hasOwn(specs, flag));
  if (unknown.length === 0) return specs;
  throw new UserError("NOTHING WAS LOWERED:", [
    {
      where: "--flags",
      what: `${unknown.join(", ")} is no flag of ${rollout}`,
      remedy: `Known flags: ${Object.keys(specs).join(", ")}`,
    },
  ]);
}

interface Subject {
  readonly rollout: string;
  readonly region: string;
  readonly folder?: string | undefined;
  readonly config: LooseConfig;
}

/** Nothing can be lowered where there is no flag store. Says whether there was one, and what is left to be done. */
async function storeIsGone(
  error: NoFlagStore,
  { rollout, region, folder, config }: Subject,
): Promise<UserError> {
  const remains = await remainsOf(region, rollout, error);
  if (remains.left.length === 0) return neverStarted(error, remains);
  const first = [...config.stages].find(([, { predecessor }]) => predecessor === undefined)?.[0];
  const place = placeOf(rollout, folder ?? "", region);
  return storeDeleted(rollout, region, remains, {
    up: first === undefined || folder === undefined ? undefined : ofStack(place, "up", first),
    restart: config.followers.restart.map(({ service }) => service),
  });
}

/** An abort that was not meant for a finished rollout did nothing. */
function refusal(place: Place, stage: string, { finished, after }: AbortOutcome): string[] {
  const every = stage === ALL_STAGES;
  return [
    `${place.rollout} is ${finished ? showFinish(finished) : "finished"}. NOTHING WAS LOWERED: ${after ? showFlags(after) : "the flags"} stay`,
    "An abort now takes users back from what was announced as finished, and ends the finish: to go on, it is promoted anew",
    `If that is what you want: ${every ? reopenAll(place) : reopen(place, stage)}`,
  ];
}

/** So long a lowering waits to know who asks for it, in ms. */
const CALLER_MS = 500;

/** Without stack files, the flags are known by the store's own schema, and else by the live document itself. */
async function specsFrom(store: AppConfigStore): Promise<FlagSpecs> {
  const known = specsOfSchema(await store.schema().catch(() => undefined));
  if (known) return known;
  const { live, underWay } = await store.read();
  const specs = { ...specsOfDocument(live?.document), ...specsOfDocument(underWay?.document) };
  if (Object.keys(specs).length > 0 || (!live && !underWay)) return specs;
  throw new Error(
    "neither the stack files, nor the profile's schema, nor the live document say which flags there are",
  );
}
