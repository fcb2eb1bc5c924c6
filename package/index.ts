/**
 * What a rollout's own TypeScript imports from the package, by its name:
 *
 *     import { type Check, hold } from "cutover";
 */

/** What `rehearsal.ts` beside the stack files may say: `export default { … } satisfies OwnWorld`. */
export type { OwnWorld } from "../cli/rehearse/derived/own";
export { type Check, type CheckContext, CheckFailed, hold } from "../src/gates/smokeCheck";
