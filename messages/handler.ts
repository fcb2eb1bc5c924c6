import { readFileSync } from "node:fs";
import { join } from "node:path";
import { checkTimeScale } from "../config/time-scale";
import { observeMetric } from "../gates/sources/metric";
import { readLedger } from "../ledger/appconfig";
import { type HeraldWorld, herald } from "./herald";
import type { HeraldConfig } from "./heraldConfig";
import { AwsPost } from "./post";

/** The herald's Lambda. Its configuration lies beside its code. */
const config = JSON.parse(readFileSync(join(__dirname, "config.json"), "utf8")) as HeraldConfig;
// Checked again here: scaled time must not reach a real account by any way.
const timeScale = checkTimeScale(config.timeScale, process.env, undefined);
const { region } = config.store;
const post = new AwsPost(region, config.toldGroup);

const world: HeraldWorld = {
  ledger: () => readLedger(config.store, config.specs),
  measure: (gate, liveSince) => observeMetric(gate, { region, timeScale, liveSince }),
  publish: (topicArn, notice) => post.publish(topicArn, notice),
  sent: (attempt) => post.sent(attempt),
  keep: (key, letter) => post.keep(key, letter),
  log: (entry) => console.log(JSON.stringify(entry)),
  now: Date.now,
};

export const handler = (event: unknown): Promise<void> => herald(event, config, world);
