import { decide, least } from "../../../src/abort/decide";
import { boundBy, floorBy, furthest, type Marks, marksFor } from "../../../src/flags/doors";
import { heldAgainstFacts } from "../../../src/flags/facts";
import { allOff, type Flags, lowersBeyond } from "../../../src/flags/flags";
import {
  ALL_STAGES,
  type DeploymentState,
  type Ledger,
  type LedgerEntry,
  liveSince,
  type Note,
} from "../../../src/flags/ledger";
import type { AbortTo } from "../../../src/rollout/config/rowConfig";
import { doorsOf, doorsThrough } from "../../../src/rollout/doors";
import { type Plan, plan } from "../../../src/rollout/plan";
import { floorOf, type Rollout, type Stage, stageNamed } from "../../../src/rollout/rollout";
import { attemptsOf, nextAttempt } from "../../../src/rollout/stops";
import { again, entry, note as noteOf } from "../../support/build";

/** How far down a row goes, and by whom it is asked for: by hand where no stage is live that it is a row of. */
export interface WayDown {
  readonly to?: AbortTo | undefined;
  readonly flags?: readonly string[] | undefined;
  readonly live?: Stage | undefined;
}

/** What a rollout's ledger becomes by what is done to it, and by nothing else. */
export class World {
  readonly entries: LedgerEntry[] = [];
  live: Flags;
  private doors: Marks = {};

  constructor(readonly of: Rollout) {
    this.live = allOff(of.flags);
    this.add({ kind: "promote", stage: of.stages[0].name }, { flags: this.live });
  }

  get ledger(): Ledger {
    const history = heldAgainstFacts(this.of.flags, this.entries);
    const on = history.find(({ state }) => state === "complete") as LedgerEntry;
    const live = {
      ...on,
      completedAt: liveSince(history) ?? "",
      flags: this.live,
      undeclared: [],
      doors: this.doors,
    };
    return { history, live, newest: on.deployment };
  }

  stage(name: string): Stage {
    const found = stageNamed(this.of, name) as Stage;
    return again(found, nextAttempt(this.of, found, this.ledger));
  }

  /** In the next attempt. */
  plan(name: string): Plan {
    return plan(this.of, this.stage(name), this.ledger);
  }

  /** Begins to promote a stage, which an abort ends: of a stage, or of all. It asks for a floor, or all off. */
  abortUnderWay(name: string, aborted: string, way: WayDown): void {
    const { attempt } = this.stage(name);
    const made = this.plan(name);
    if (made.kind !== "raise") return;
    const contracts = lowersBeyond([], made.changes);
    const { live } = this;
    this.add(
      { stage: name, attempt, ...(contracts.length > 0 ? { contracts } : {}) },
      { flags: made.to, state: "rolled-back" },
    );
    this.live = live;
    this.abort(aborted, way, made.to);
  }

  /** Promotes a stage in its next attempt where the plan is a step forward, or starts it over. */
  up(name: string): Plan {
    const one = this.stage(name);
    const made = this.plan(name);
    if (made.kind === "restart") this.add({ stage: name, attempt: one.attempt }, { flags: this.live }, true);
    if (made.kind === "raise") {
      const contracts = lowersBeyond([], made.changes);
      this.doors = { ...this.doors, ...marksFor(doorsThrough(this.of, one, this.ledger.live)) };
      this.add(
        { stage: name, attempt: one.attempt, ...(contracts.length > 0 ? { contracts } : {}) },
        { flags: made.to },
      );
    }
    return made;
  }

  /**
   * What an abort of a stage does, or of all of them: down to its predecessor's flags, or as far as is said.
   *
   * @param coming what a promotion was bringing when the abort ended it
   */
  abort(name: string, way: AbortTo | WayDown = {}, coming?: Flags): void {
    const { to, flags, live } = typeof way === "string" ? { to: way } : way;
    const { flags: specs } = this.of;
    const one = stageNamed(this.of, name);
    const asked = one
      ? floorOf(this.of, one, { to: to ?? "predecessor", flags }, live ?? { ...one, flags: this.live })
      : allOff(specs);
    const settled = { flags: this.live, doors: this.doors };
    const all = coming ? [this.live, coming] : [this.live];
    const bound = boundBy(specs, doorsOf(this.of), { settled, all });
    this.doors = bound.behind;
    const served = all.map((flags) => ({ ok: true as const, flags, undeclared: [], doors: this.doors }));
    const floor = floorBy(specs, bound, asked);
    const { kind } = decide({ specs, floor, served });
    const attempt = Math.max(1, one ? attemptsOf(this.of, one, this.ledger).highest : 1);
    const note = { stage: one ? name : ALL_STAGES, attempt, row: "X1" };
    // A promotion that was ended says nothing of the reason: one more deployment puts it into the ledger.
    if (kind === "deploy" || coming)
      this.add(
        { ...note, kind: "abort" },
        { flags: furthest(specs, least(specs, served, floor), bound.kept) },
      );
    else this.add({ ...note, kind: "stop" }, { flags: this.live }, true);
  }

  /** What `up` of a stage does with a written reason to lower. */
  lower(name: string): void {
    const one = this.stage(name);
    const made = plan(this.of, { ...one, lower: { reason: "writes have to wait" } }, this.ledger);
    if (made.kind === "lower")
      this.add({ kind: "lower", stage: name, attempt: one.attempt }, { flags: made.to });
  }

  /** What somebody deploys by hand, with the doors that the document before it tells of. */
  stranger(flags: Flags): void {
    this.add(undefined, { flags });
  }

  private add(
    note: Partial<Note> | undefined,
    { flags, state = "complete" }: { readonly flags: Flags; readonly state?: DeploymentState },
    carried = false,
  ): void {
    const deployment = this.entries.length + 1;
    const last = this.entries.findLast((one) => one.state === "complete")?.configurationVersion;
    this.entries.push(
      entry(deployment, {
        note: note && noteOf(note),
        flags,
        state,
        completedAt: new Date(deployment * 60_000).toISOString(),
        ...(carried && last !== undefined ? { configurationVersion: last } : {}),
      }),
    );
    this.live = flags;
  }
}
