import type { AddressInfo } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { onTestFinished } from "vitest";
import type { FlagState } from "../../../../sandbox/demo/service/flags";
import { close, listen } from "../../../../sandbox/demo/service/http";
import { createApp } from "../../../../sandbox/standin/service/app";
import { faultSwitch, type StandInFaults } from "../../../../sandbox/standin/service/faults";
import { knownOf } from "../../../../sandbox/standin/service/known";
import { type Script, scriptOf } from "../../../../sandbox/standin/service/script";
import type { AskingRow, Scripted } from "../../../../sandbox/standin/service/serviceRows";
import type { Flags } from "../../../../src/flags/flags";
import type { SqlSource } from "../../../../src/gates/database";
import type { Gate } from "../../../../src/gates/gate";
import { kindOf } from "../../../../src/gates/gate";
import { judge } from "../../../../src/gates/judge";
import { look as lookByHttp } from "../../../../src/gates/kinds/http.look";
import { look as lookByRequests } from "../../../../src/gates/kinds/requests.look";
import type { Service } from "../../../../src/gates/service";
import { gateAs } from "../../../support/build";

/** A stand-in that listens, and the gates that ask it. */
export interface Served {
  readonly url: string;
  readonly script: Script;
  /** Replaces its faults, as a rehearsal does. */
  faults(set: StandInFaults): Promise<void>;
  /** Puts other flags live. */
  live(state: Partial<FlagState<Flags>>): void;
  /** How a row comes out, looked at and judged by its own kind. */
  outcome(row: AskingRow): Promise<string>;
  /** The same of its known-bad probe; undefined where it has none. */
  probed(row: AskingRow): Promise<string | undefined>;
}

/** A database that answers every query with the same. */
const sqlOf = (value: string | number): SqlSource => ({
  observe: async () => ({ kind: "value", value }),
  close: async () => {},
});

/** How a row comes out, looked at and judged by its own kind. */
export async function outcomeOf(
  { service, sql }: { readonly service: Service; readonly sql: SqlSource },
  { id, stage, section, definition }: AskingRow,
): Promise<string> {
  const sources = { service, sql, timeScale: 1, acting: true };
  const seen =
    definition.source === "http"
      ? await lookByHttp(gateAs({ ...definition, writes: true }), sources)
      : await lookByRequests(gateAs({ ...definition, writes: true }), sources);
  // What abort rows ask is judged as a gate's is.
  const gate: Gate = { id, stage, phase: section === "abort" ? "exit" : section, definition };
  const observation = { gate: id, definition: "", tookMs: 0, at: new Date().toISOString(), seen };
  return judge(gate, observation, { now: Date.now(), timeScale: 1, attempt: 1 }).outcome;
}

/** Serves a rollout's stand-in on loopback until the test ends. */
export async function serve(rollout: Scripted, known: string | number = 5): Promise<Served> {
  const script = scriptOf(rollout, { clock: { now: Date.now(), timeScale: 1 } });
  const faults = faultSwitch(script.plan.rows, {});
  const sql = sqlOf(known);
  const tokens = { admin: "t-admin", analyst: "t-analyst", verifier: "t-verifier" };
  let state: FlagState<Flags> = { flags: rollout.stages[0].flags, version: "1" };
  const app = createApp({
    server: "app-1",
    report: () => state,
    faults,
    plan: script.plan,
    specs: rollout.flags,
    tokens,
    known: (rows) => knownOf(rows, sql),
    wait: sleep,
  });
  const http = await listen(app.fetch, 0);
  onTestFinished(() => close(http));
  const url = `http://127.0.0.1:${(http.address() as AddressInfo).port}`;
  const sources = { service: { url, tokens }, sql };
  return {
    url,
    script,
    async faults(set) {
      const answer = await fetch(`${url}/_faults`, {
        method: "POST",
        headers: { "content-type": "application/json" },
        body: JSON.stringify(set),
      });
      if (!answer.ok) throw new Error(await answer.text());
    },
    live: (more) => {
      state = { ...state, ...more };
    },
    outcome: (row) => outcomeOf(sources, row),
    async probed(row) {
      const probe = kindOf(row.definition).probe?.(row.definition);
      return probe && outcomeOf(sources, { ...row, definition: probe as AskingRow["definition"] });
    },
  };
}
