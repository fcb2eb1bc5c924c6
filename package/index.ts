/**
 * What a rollout's own TypeScript imports from the package, by its name:
 *
 *     import { type Check, hold } from "cutover";
 *     import type { OwnWorld } from "cutover";
 */
export type { OwnWorld, Prepared, Running } from "../cli/sandbox/world/ownWorld";
export { type Check, type CheckContext, CheckFailed, hold } from "../src/gates/smokeCheck";
