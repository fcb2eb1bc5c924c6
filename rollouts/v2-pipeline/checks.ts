import { type Check, CheckFailed, hold } from "../../src/gates/smokeCheck";
import { milliseconds, showDuration } from "../../src/text/duration";

/** How long before its end callers of v1 have to be told of it. */
const NOTICE = "7d";

/** D3: the end of v1 is far enough ahead for its callers to act on it. It asks nobody: the rollout declares the end. */
export const sunsetIsAhead: Check = async ({ parameters, timeScale }) => {
  const sunset = Date.parse(String(parameters.sunset));
  if (Number.isNaN(sunset)) throw new CheckFailed("the rollout's parameter sunset is no time");
  const left = (sunset - Date.now()) * timeScale;
  const remedy = `callers are promised ${NOTICE}: set a later sunset`;
  hold(left > 0, `the sunset ${show(sunset)} has passed already; ${remedy}`);
  hold(
    left >= milliseconds(NOTICE),
    `the sunset ${show(sunset)} is only ${showDuration(left)} ahead; ${remedy}`,
  );
  return `sunset ${show(sunset)}`;
};

function show(ms: number): string {
  return new Date(ms).toISOString().replace(/\.\d{3}Z$/, "Z");
}
