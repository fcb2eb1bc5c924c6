import { ALL_STAGES, type Ledger, type LedgerEntry, showEntry } from "../flags/ledger";
import type { Verdict } from "../gates/judge";
import { isAbout } from "../rollout/entries";
import { rollbackAlarms } from "../rollout/rollbackAlarms";
import { stagesUpTo } from "../rollout/rollout";
import { flipOf } from "../rollout/stops";
import { reasonOf, UserError } from "../text/problem";
import { unarmedAfter, unarmedNow } from "./guards";
import { patiently } from "./patiently";
import { readAlarms } from "./readiness";
import type { Situation } from "./sources";

/** Between two looks at a world that does not answer. */
const PAUSE_MS = 500;
/** How long it is asked before the flags come down without its answer. */
const PATIENCE_MS = 30_000;
/** Between two looks while smoke checks run: AppConfig's control plane throttles early. */
const EVERY_MS = 5_000;

/** Under which row people read that something came after the flip, or that it cannot be known. */
const LEDGER_ROW = "ledger";

/**
 * Looks at what comes after a flip, until its smoke checks have ended: a stop, somebody else's deployment, or an alarm
 * that rolls back, of this stage or of one before it. An alarm that fired between the last look and the flip would
 * never fire again, and a promotion is never "promoted" over one that rings.
 */
export class Watch {
  private looked = Number.NEGATIVE_INFINITY;

  constructor(
    private readonly situation: Situation,
    private readonly read: () => Promise<Ledger>,
  ) {}

  /** The ledger, and what speaks against what it tells. */
  async begin(): Promise<Ledger | Verdict> {
    const ledger = await patiently(this.read, PATIENCE_MS).catch(
      unreadable("It is known what is live", "AppConfig tells its deployments"),
    );
    if ("outcome" in ledger) return ledger;
    return (await this.held(ledger)) ?? ledger;
  }

  /** A look in passing, at most every few seconds: what does not answer now is asked again. */
  async glance(): Promise<Verdict | undefined> {
    if (Date.now() - this.looked < EVERY_MS) return undefined;
    const ledger = await this.read().catch(() => undefined);
    return ledger && this.held(ledger, true);
  }

  /** The last look: what does not answer in time speaks against the promotion. */
  async end(): Promise<Verdict | undefined> {
    const ledger = await this.begin();
    if ("outcome" in ledger) return ledger;
    const [found] = await unarmedAfter(() => unarmedNow(this.situation, "raised", ledger), {
      patience: PATIENCE_MS,
      pause: PAUSE_MS,
    });
    return (
      found && {
        gate: found.rows[0] ?? found.stage,
        title: "What brings the flags down again could act",
        outcome: "fail",
        observed: `${found.stage} ${found.rows.join(", ")} not armed: ${found.what}`,
        required: "every guard in force is armed",
        remedy: `${found.remedy}. Then raise the attempt and run pulumi up again`,
      }
    );
  }

  private async held(ledger: Ledger, passing = false): Promise<Verdict | undefined> {
    this.looked = Date.now();
    return cameAfter(this.situation, ledger) ?? (await this.ringing(passing));
  }

  private async ringing(passing: boolean): Promise<Verdict | undefined> {
    const { rollout, stage, settings } = this.situation;
    const rows = rollbackAlarms(rollout, stagesUpTo(rollout, stage));
    if (rows.length === 0) return undefined;
    const names = rows.map(({ alarm }) => alarm);
    const ask = () => readAlarms(names, settings.region);
    const now = passing
      ? await ask().catch(() => undefined)
      : await patiently(ask, PATIENCE_MS).catch(
          unreadable("The alarms are quiet", "CloudWatch tells their states"),
        );
    if (!now) return undefined;
    if ("outcome" in now) return now;
    const loud = rows.find(({ alarm }) => now.get(alarm)?.state === "ALARM");
    return (
      loud && {
        gate: loud.row,
        title: loud.threshold.title,
        outcome: "fail",
        observed: `its alarm ${loud.alarm} is in ALARM${now.get(loud.alarm)?.reason ? ` (${now.get(loud.alarm)?.reason})` : ""}`,
        required: "no alarm that rolls back rings after the flip",
        remedy: "Mend what it is about, then raise the attempt and run pulumi up again",
      }
    );
  }
}

/** What came after a flip and changes what it put there. What merely carries it on does not, unless it is a stop. */
function cameAfter(situation: Situation, ledger: Ledger): Verdict | undefined {
  const { rollout, stage } = situation;
  const flip = flipOf(rollout, stage, stage.attempt, ledger);
  const later = ledger.history
    .filter((entry) => flip && entry.deployment > flip.deployment && counts(situation, entry))
    .at(-1);
  const what =
    flip === undefined
      ? "its deployment is not in the ledger"
      : flip.state === "rolled-back"
        ? `AppConfig took deployment ${flip.deployment} back`
        : later && `deployment ${later.deployment} (${showEntry(later)}) came after the flip`;
  return what === undefined
    ? undefined
    : {
        gate: later?.note?.row ?? LEDGER_ROW,
        title: "Nothing came after the flip",
        outcome: "fail",
        observed: later?.note?.reason ? `${what}: ${later.note.reason}` : what,
        required: "the flags are those of this flip until its smoke checks have ended",
        remedy: "Find out what it was about, then raise the attempt and run pulumi up again",
      };
}

/** A stop counts if it is of a stage in force: a stage after this one may be stopped before it ever goes up. */
function counts({ rollout, stage }: Situation, { note, carries }: LedgerEntry): boolean {
  if (!carries) return true;
  if (note?.kind !== "stop" || note.rollout !== rollout.name) return false;
  return note.stage === ALL_STAGES || stagesUpTo(rollout, stage).some((one) => isAbout(note, one));
}

/** In doubt, the flags come down. */
function unreadable(title: string, required: string): (error: unknown) => Verdict {
  return (error) => ({
    gate: LEDGER_ROW,
    title,
    outcome: "inconclusive",
    observed: headOf(error),
    required,
    remedy: "Check AWS, then raise the attempt and run pulumi up again",
  });
}

/** The first line of an error: what follows it is advice for another moment. */
function headOf(error: unknown): string {
  const [head = ""] = error instanceof UserError ? error.message.split("\n") : [];
  return head.replace(/:$/, "") || reasonOf(error);
}
