import { setTimeout as sleep } from "node:timers/promises";
import { lowerFlags } from "../abort/lower";
import { incidentNotice } from "../abort/pages";
import { tellEveryone } from "../abort/tell";
import { AppConfigStore, appConfigClient } from "../flags/appConfigStore";
import { showFlags } from "../flags/flags";
import type { Ledger } from "../flags/ledger";
import { readLedger } from "../flags/readLedger";
import type { Gate } from "../gates/gate";
import { gateHash } from "../gates/hash";
import { judge, type Verdict } from "../gates/judge";
import { floorOf } from "../rollout/rollout";
import { abort } from "../text/command";
import { milliseconds, showDuration } from "../text/duration";
import { reasonOf, UserError } from "../text/problem";
import { observe, type Sources, withSql } from "./measure";
import { smokeGatesOf } from "./resolve";
import type { Settlement } from "./settlement";
import { type Situation, sourcesOf } from "./sources";

/** The smoke checks of a stage have this long, all of them together. Source: the cutover's plan. */
const SMOKE_LIMIT_MS = 15 * 60_000;
/** However fast time is scaled, this much is left for them. */
const SHORTEST_LIMIT_MS = 15_000;
/** After how many minutes people are promised news of a rollback. */
const NEWS_IN_MINUTES = 60;
/** Between two looks at servers that do not agree yet, or at a check that cannot be made yet. */
const PAUSE_MS = 500;

/** How long the ledger is asked for before the flags come down without it. */
const LEDGER_LIMIT_MS = 30_000;
/** Under which row people read that it could not be read. */
const LEDGER_ROW = "ledger";

/**
 * What follows a flip: waits until every listed server reports the flags, then runs the smoke checks. A check that
 * fails, or that cannot be made in time, takes the flags down to the predecessor's at once. Throws a `UserError`
 * where they cannot be taken down: nothing is settled then, and the next run tries again.
 *
 * @param say tells the person what is being waited for
 */
export async function settle(situation: Situation, say: (line: string) => void): Promise<Settlement> {
  const { rollout, stage, settings } = situation;
  const gates = smokeGatesOf(rollout, stage);
  const verdicts: Verdict[] = [];
  const abortedBy = async (verdict: Verdict): Promise<Settlement> => {
    verdicts.push(verdict);
    return { outcome: "aborted", by: verdict.gate, verdicts, sentence: await takeDown(situation, verdict) };
  };
  const ledger = await readPatiently(situation);
  if ("outcome" in ledger) return abortedBy(ledger);
  const sources = sourcesOf(situation, stage.name, ledger);
  const scaled = (ms: number) => Math.max(SHORTEST_LIMIT_MS, ms / settings.timeScale);
  // Servers first: before they agree, a check would look at the old flags.
  const ordered = [...gates.filter(isConvergence), ...gates.filter((gate) => !isConvergence(gate))];
  const smokeEnds = Date.now() + scaled(SMOKE_LIMIT_MS);
  for (const gate of ordered) {
    const ends =
      gate.definition.source === "convergence"
        ? Date.now() + scaled(milliseconds(gate.definition.within))
        : smokeEnds;
    say(
      `${stage.name}: ${gate.id} ${gate.definition.title} (up to ${showDuration(Math.max(0, ends - Date.now()))})`,
    );
    const verdict = await lookUntil(gate, sources, stage.attempt, ends);
    if (verdict.outcome !== "pass") return abortedBy(verdict);
    verdicts.push(verdict);
  }
  return { outcome: "settled", verdicts };
}

/** The ledger; where it stays unreadable, a verdict that says so: in doubt, the flags come down. */
async function readPatiently({ rollout, foundation }: Situation): Promise<Ledger | Verdict> {
  for (const ends = Date.now() + LEDGER_LIMIT_MS; ; await sleep(PAUSE_MS)) {
    try {
      return await readLedger(foundation.store, rollout.flags);
    } catch (error) {
      if (Date.now() + PAUSE_MS <= ends) continue;
      return {
        gate: LEDGER_ROW,
        title: "It is known what is live",
        outcome: "inconclusive",
        observed: headOf(error),
        required: "AppConfig tells its deployments",
        remedy: "Check AppConfig, then raise the attempt and run pulumi up again",
      };
    }
  }
}

/** The first line of an error: what follows it is advice for another moment. */
function headOf(error: unknown): string {
  const [head = ""] = error instanceof UserError ? error.message.split("\n") : [];
  return head.replace(/:$/, "") || reasonOf(error);
}

const isConvergence = (gate: Gate) => gate.definition.source === "convergence";

/** Looks again until the gate passes, fails for good, or its time is over. */
async function lookUntil(gate: Gate, sources: Sources, attempt: number, ends: number): Promise<Verdict> {
  return withSql(sources, async (sql) => {
    for (;;) {
      const observation = await observe(gate, sources, sql);
      const verdict = judge(gate, observation.definition === gateHash(gate) ? observation : undefined, {
        now: Date.now(),
        timeScale: sources.timeScale,
        attempt,
      });
      // Servers take their time to agree, and a metric to have samples; anything else that fails has failed.
      const waits = verdict.outcome === "inconclusive" || (verdict.outcome === "fail" && isConvergence(gate));
      if (!waits || Date.now() + PAUSE_MS > ends) return verdict;
      await sleep(PAUSE_MS);
    }
  });
}

/** Down to the predecessor's flags; says in one sentence what happened. Throws where they may still be up. */
async function takeDown(
  { rollout, stage, foundation, settings }: Situation,
  verdict: Verdict,
): Promise<string> {
  const why = `${verdict.gate} (${verdict.title}): ${verdict.observed}; required ${verdict.required}`;
  const client = appConfigClient(settings.region);
  try {
    const floor = floorOf(rollout, stage);
    const note = {
      rollout: rollout.name,
      stage: stage.name,
      attempt: stage.attempt,
      row: verdict.gate,
      reason: why,
    };
    const store = new AppConfigStore(client, { ...foundation.store, strategyId: foundation.strategyId });
    const outcome = await lowerFlags(store, { specs: rollout.flags, floor, note });
    const of = {
      rollout: rollout.name,
      stage: stage.name,
      attempt: stage.attempt,
      specs: rollout.flags,
      newsInMinutes: NEWS_IN_MINUTES,
    };
    const notice = incidentNotice(of, { title: why, row: verdict.gate }, outcome, Date.now());
    const untold = await tellEveryone(settings.region, rollout.name, notice);
    const told = untold.length === 0 ? "" : `. Not everyone could be told: ${untold.join("; ")}`;
    return `${why}. The flags are down again after ${showDuration(outcome.ms)} (${showFlags(outcome.after ?? {})}), and stay down until the attempt rises${told}`;
  } catch (error) {
    throw new UserError(
      `${stage.name} was promoted, and should have been taken down by ${why}. THE FLAGS COULD NOT BE TAKEN DOWN:`,
      [
        {
          where: `stage ${stage.name}`,
          what: `may still be live: ${reasonOf(error)}`,
          remedy: `Now: ${abort({ rollout: rollout.name, region: settings.region }, stage.name)}. Until then, each pulumi up checks it anew`,
        },
      ],
    );
  } finally {
    client.destroy();
  }
}
