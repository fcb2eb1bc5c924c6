/**
 * What a rollout's own TypeScript imports from the package, by its name:
 *
 *     import { type Check, hold } from "cutover";
 */
export { type Check, type CheckContext, CheckFailed, hold } from "../src/gates/smokeCheck";
