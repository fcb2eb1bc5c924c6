import { setTimeout as sleep } from "node:timers/promises";
import { AppConfigClient, GetDeploymentCommand } from "@aws-sdk/client-appconfig";
import { CloudWatchClient, PutMetricDataCommand } from "@aws-sdk/client-cloudwatch";
import { untilShown } from "../../src/abort/drillServers";
import { type AlarmNow, alarmsNow } from "../../src/aws/alarms";
import { awsClient } from "../../src/aws/clients";
import { keepConverged, lastConverged } from "../../src/aws/converged";
import { alarmName, DRILL_ROW, drillMetric } from "../../src/aws/names";
import { persist } from "../../src/aws/persist";
import { AppConfigStore, type FlagStoreIds, isNamed } from "../../src/flags/appConfigStore";
import { parseDocument } from "../../src/flags/document";
import { findFlagStore } from "../../src/flags/find";
import { type Flags, sameFlags, showFlags } from "../../src/flags/flags";
import { type Note, parseNote } from "../../src/flags/ledger";
import { restartsOf } from "../../src/flags/restart";
import type { ServersConfig } from "../../src/flags/servers";
import { shortestOf } from "../../src/gates/promise";
import type { Rollout, Stage } from "../../src/rollout/rollout";
import { abortAll, ofStack, type Place } from "../../src/text/command";
import { milliseconds } from "../../src/text/duration";
import { liveStage } from "./liveStage";
import { refusal } from "./refusal";
import { drillServers } from "./servers";

type Part = "detect" | "decide" | "deployed" | "converged" | "restart" | "total";

/** What a drill measured. */
export interface DrillResult {
  readonly rollout: string;
  readonly stage: string;
  readonly ok: boolean;
  readonly problems: readonly string[];
  readonly token?: string | undefined;
  readonly deployment?: number | undefined;
  readonly flags: Flags;
  /** How many were asked: those that an abort restarts take no part. */
  readonly servers: number;
  /**
   * Each from the end of the one before it; `total` from the breaching data point. Absent where it never came.
   * `restart` is what an abort's restart of servers takes beside `converged`, as measured at the last flip.
   */
  readonly ms: Partial<Record<Part, number | undefined>>;
}

/** What an abort has where no row says so. Source: R1 to R3 of the cutover's plan. */
const LIMIT = "120s";

/** What an abort of a stage has, from the breaching data point to the last server, and the row that says so. */
export function limitOf(rollout: Rollout, stage: Stage): { readonly row?: string; readonly within: string } {
  return shortestOf({ ...stage.rollback, ...rollout.rollback }) ?? { within: LIMIT };
}

/** How long each part is waited for: longer than most limits, so that a drill that is too slow still shows by how much. */
export const PATIENCE_MS = 180_000;
/** After a drill, its alarm takes a few periods to be quiet again. */
const QUIET_MS = 90_000;
const PAUSE_MS = 100;
/** Every server restarts: what a drill shows ends with its deployment. */
const NOBODY: Awaited<ReturnType<typeof untilShown>> = { problems: [] };

/** One drill of a stage. Nothing of it goes through Pulumi. */
export class Drill {
  private readonly appconfig: AppConfigClient;
  private readonly cloudwatch: CloudWatchClient;

  constructor(
    private readonly rollout: Rollout,
    private readonly stage: Stage,
    private readonly servers: ServersConfig,
    private readonly region: string,
    private readonly say: (line: string) => void,
    private readonly patience: number,
    private readonly place: Place = { rollout: rollout.name, region },
  ) {
    this.appconfig = awsClient(AppConfigClient, { region });
    this.cloudwatch = awsClient(CloudWatchClient, { region });
  }

  close(): void {
    this.appconfig.destroy();
    this.cloudwatch.destroy();
  }

  async run(): Promise<DrillResult> {
    const { rollout, stage } = this;
    const ids = await findFlagStore(this.appconfig, rollout.name);
    const servers = await drillServers(rollout, stage, this.servers, this.region);
    const before = await this.ready(ids);
    const { flags } = before;
    const base = { rollout: rollout.name, stage: stage.name, flags, servers: servers.count };
    const breach = await this.publish(Date.now());
    const begun = await this.begun(ids, before.newest, breach);
    if (typeof begun === "string") return { ...base, ok: false, problems: [begun], ms: {} };

    const token = begun.note.token ?? "";
    const { deployment } = begun;
    const [completed, shown, restart] = await Promise.all([
      this.completed(ids, deployment),
      servers.count > 0 ? untilShown(servers.ask, { token, flags }, this.patience) : NOBODY,
      this.restart(),
    ]);
    const problems = [
      ...(typeof completed === "string" ? [completed] : []),
      ...shown.problems,
      ...(await this.changed(ids, deployment, flags)),
    ];
    // Clocks of services differ, and some tell full seconds only: nothing happens before what caused it.
    const alarm = Math.max(breach, Date.parse(token));
    const started = Math.max(alarm, begun.startedAt);
    const ended = typeof completed === "number" ? Math.max(started, completed) : undefined;
    const converged = shown.at !== undefined && ended !== undefined ? Math.max(ended, shown.at) : undefined;
    const last = servers.count > 0 ? converged : ended;
    const total =
      last === undefined || ended === undefined ? undefined : Math.max(last, ended + (restart ?? 0)) - breach;
    const { row, within } = limitOf(rollout, stage);
    if (total !== undefined && total >= milliseconds(within))
      problems.push(`it took longer than ${row ? `the ${within} of ${row}` : within}`);
    await this.keep(converged && ended && converged - ended);
    return {
      ...base,
      ok: problems.length === 0,
      problems,
      token,
      deployment,
      ms: {
        detect: alarm - breach,
        decide: started - alarm,
        deployed: ended && ended - started,
        converged: converged && ended && converged - ended,
        ...(restart === undefined ? {} : { restart }),
        total,
      },
    };
  }

  /** For whoever rolls back later: not where some servers restart, which took no part and would take longer. */
  private async keep(ms: number | undefined): Promise<void> {
    if (ms === undefined || restartsOf(this.rollout).length > 0) return;
    const problem = await keepConverged(this.region, this.rollout.name, ms);
    if (problem !== undefined) this.say(`How long servers took could not be kept: ${problem}`);
  }

  /** What restarting servers took at the last flip, in ms. Undefined where an abort restarts none, or none was measured. */
  private async restart(): Promise<number | undefined> {
    const restarted = restartsOf(this.rollout);
    if (restarted.length === 0) return undefined;
    const names = restarted.map(({ cluster, service }) => `${cluster}/${service}`).join(", ");
    const measured = await lastConverged(this.region, this.rollout.name);
    const took = measured
      ? `took ${measured.ms} ms when it was last measured, on ${measured.day}, and counts as that`
      : "was not measured yet, and is not counted";
    this.say(`Not part of a drill: the restart of ${names}. It ${took}.`);
    return measured?.ms;
  }

  /** Looks before it leaps: nothing is published unless the drill can be told from everything else that goes on. */
  private async ready(ids: FlagStoreIds): Promise<{ newest: number; flags: Flags }> {
    const { rollout, stage } = this;
    const refuse = (what: string, remedy: string): never => {
      throw refusal(stage.name, { where: `stage ${stage.name}`, what, remedy });
    };
    const store = new AppConfigStore(this.appconfig, ids);
    const { live, underWay, newest } = await store.read();
    if (underWay)
      refuse(
        `deployment ${underWay.deployment} is under way`,
        "Wait until it is completed, then drill again",
      );
    const parsed = live?.document === undefined ? undefined : parseDocument(rollout.flags, live.document);
    if (!live || !parsed?.ok)
      return refuse(
        live
          ? `the live document cannot be used (${parsed?.ok === false ? parsed.problem : "it is gone"})`
          : "no flags are live",
        live
          ? `This deploys a sound one: ${abortAll(this.place)}`
          : `Bring it up first: ${ofStack(this.place, "up", rollout.stages[0].name)}`,
      );
    await this.quiet(refuse);
    this.say(
      `${rollout.name} ${stage.name}: a drill of the alarm path. No flag changes (${showFlags(parsed.flags)}).`,
    );
    const of = await liveStage(store, live.deployment);
    if (of !== undefined && of !== stage.name)
      this.say(`Live is ${of}: this proves the switch of ${stage.name} alone.`);
    this.say("It is a deployment all the same: the soak of what is live goes on.");
    return { newest, flags: parsed.flags };
  }

  /** No alarm of the stage may be firing, and the drill's own must be there and quiet: it fires by becoming loud. */
  private async quiet(refuse: (what: string, remedy: string) => never): Promise<void> {
    const { rollout, stage } = this;
    const own = alarmName(rollout.name, stage.name, DRILL_ROW);
    const others = Object.keys(stage.abort).map((row) => alarmName(rollout.name, stage.name, row));
    for (const ends = Date.now() + QUIET_MS; ; await sleep(2_000)) {
      const states = await this.states([own, ...others]);
      if (!states.has(own))
        refuse(
          `its alarm ${own} is not there`,
          `Bring the stage up: ${ofStack(this.place, "up", stage.name)}`,
        );
      const firing = others.filter((name) => states.get(name)?.state === "ALARM");
      if (firing.length > 0)
        refuse(`in ALARM now: ${firing.join(", ")}`, "This is no drill: see to what the alarm is about");
      if (states.get(own)?.state !== "ALARM") return;
      if (Date.now() > ends) refuse(`its alarm ${own} stays in ALARM`, "Look at the alarm, then drill again");
      // By itself it is quiet after a period or two without data; a zero says so at once.
      await this.publish(0);
    }
  }

  private states(names: string[]): Promise<Map<string, AlarmNow>> {
    return persist(() => alarmsNow(this.cloudwatch, names), 20_000);
  }

  /** Publishes one data point. That of a breach has its own time for a value, so that the ledger can tell it. */
  private async publish(value: number): Promise<number> {
    const { namespace, name } = drillMetric(this.rollout.name, this.stage.name);
    await this.cloudwatch.send(
      new PutMetricDataCommand({
        Namespace: namespace,
        MetricData: [{ MetricName: name, Value: value, StorageResolution: 1 }],
      }),
    );
    return value;
  }

  /** The switch's deployment for this drill, or why there is none. */
  private async begun(
    ids: FlagStoreIds,
    newest: number,
    breach: number,
  ): Promise<{ deployment: number; startedAt: number; note: Note } | string> {
    const { rollout, stage } = this;
    const breachAt = new Date(breach).toISOString();
    let next = newest + 1;
    for (const ends = breach + this.patience; Date.now() < ends; ) {
      const found = await this.deployment(ids, next);
      const note = parseNote(found?.Description);
      if (
        found &&
        note?.kind === "drill" &&
        note.stage === stage.name &&
        (note.breachAt ?? breachAt) === breachAt
      )
        return { deployment: next, startedAt: found.StartedAt?.getTime() ?? Date.now(), note };
      if (found) next++;
      else await sleep(PAUSE_MS);
    }
    const own = alarmName(rollout.name, stage.name, DRILL_ROW);
    const fired = (await this.states([own])).get(own)?.state === "ALARM";
    if (!fired) return `the alarm ${own} did not fire within ${this.patience / 1_000} s`;
    const passed = next > newest + 1 ? `; deployment ${next - 1} came first` : "";
    return `the alarm fired, and the switch deployed nothing${passed}: read the page that on-call was sent, or the log of the stage's abort switch`;
  }

  /** When the deployment was completed, or why it was not. */
  private async completed(ids: FlagStoreIds, deployment: number): Promise<number | string> {
    for (const ends = Date.now() + this.patience; Date.now() < ends; await sleep(PAUSE_MS)) {
      const { State, CompletedAt } = (await this.deployment(ids, deployment)) ?? {};
      if (State === "COMPLETE") return CompletedAt?.getTime() ?? Date.now();
      if (State === "ROLLED_BACK" || State === "REVERTED") return `deployment ${deployment} was taken back`;
    }
    return `deployment ${deployment} was not completed within ${this.patience / 1_000} s`;
  }

  /** A drill that changed a flag would be the worst of all outcomes. */
  private async changed(ids: FlagStoreIds, deployment: number, flags: Flags): Promise<string[]> {
    const { live } = await new AppConfigStore(this.appconfig, ids).read();
    if (live?.deployment !== deployment || live.document === undefined) return [];
    const parsed = parseDocument(this.rollout.flags, live.document);
    return parsed.ok && sameFlags(this.rollout.flags, parsed.flags, flags)
      ? []
      : ["THE DRILL CHANGED A FLAG"];
  }

  private async deployment(ids: FlagStoreIds, DeploymentNumber: number) {
    const { applicationId: ApplicationId, environmentId: EnvironmentId } = ids;
    try {
      return await persist(
        () =>
          this.appconfig.send(new GetDeploymentCommand({ ApplicationId, EnvironmentId, DeploymentNumber })),
        20_000,
      );
    } catch (error) {
      if (isNamed(error, "ResourceNotFoundException")) return undefined;
      throw error;
    }
  }
}
