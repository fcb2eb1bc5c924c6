import { promotion } from "../../src/promotion/request";
import { isLoopback } from "../../src/rollout/config/timeScale";
import { stageInputs, stageRule } from "../stageRule";

/** Scaled time never reaches a real account. */
export const countTimeAsItPasses = stageRule({
  name: "count-time-as-it-passes",
  description: "Durations are scaled only while AWS is an emulator on this machine.",
  inputs: { stage: stageInputs.stage, promotion: promotion.optional() },
  check: (stage, report, { promoting }) => {
    const asked = promoting ? stage.promotion : undefined;
    if (!asked || asked.timeScale === 1) return;
    if (asked.awsEndpoint === undefined || !isLoopback(asked.awsEndpoint)) {
      report(
        `${stage.stage} counts time ${asked.timeScale} times as fast as it passes, on ${asked.awsEndpoint ?? "AWS itself"}. Remove cutover:timeScale from the stack's config.`,
      );
    }
  },
});
