import { dirname, join } from "node:path";
import { compiled } from "../src/text/packaged";

/** The pack that is applied where `PULUMI_OPTION_POLICY_PACK` names no other. */
export const POLICY_PACK = packFolder(join(__dirname, "..", "policies"));

/** The pack's own folder: compiled, it is one of its own, which can be published. */
function packFolder(sources: string): string {
  return dirname(compiled(join(sources, "index.ts")) ?? join(sources, "index.ts"));
}
