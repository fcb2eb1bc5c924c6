import { readLedger } from "../flags/readLedger";
import { observeMetric } from "../gates/kinds/metric.look";
import type { HeraldWorld } from "./herald";
import type { HeraldConfig } from "./heraldConfig";
import { AwsPost } from "./post";

/** The herald's world in AWS, with the credentials of whoever runs it. */
export function awsWorld(config: HeraldConfig, log: (entry: object) => void): HeraldWorld {
  const { of, store, timeScale, toldGroup } = config;
  const post = new AwsPost(store.region, toldGroup);
  return {
    ledger: () => readLedger(store, of.specs),
    measure: (gate, liveSince) => observeMetric(gate, { region: store.region, timeScale, liveSince }),
    publish: (topicArn, notice) => post.publish(topicArn, notice),
    sent: (attempt) => post.sent(attempt),
    keep: (key, letter) => post.keep(key, letter),
    log,
    now: Date.now,
  };
}
