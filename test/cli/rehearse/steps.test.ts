import { expect, test } from "vitest";
import { chosen } from "../../../cli/rehearse/run";

test.each([
  [{}, ["ops-view"]],
  [{ keep: true }, ["ops-view"]],
  [{ rollout: "v2-pipeline" }, ["v2-pipeline"]],
  [{ rollout: "v2-pipeline", keep: true }, ["v2-pipeline"]],
  [{ all: true }, ["ops-view", "v2-pipeline"]],
])("%j rehearses %j", (options, rollouts) => {
  expect(chosen(options)).toEqual(rollouts);
});

test.each([
  [{ rollout: "v3-pipeline" }, "there is no rehearsal of v3-pipeline"],
  [{ rollout: "toString" }, "there is no rehearsal of toString"],
  [{ rollout: "ops-view", all: true }, "--all and --rollout ask for different things"],
  [{ all: true, keep: true }, "--keep leaves one sandbox"],
])("%j is refused", (options, said) => {
  expect(() => chosen(options)).toThrow(said);
});
