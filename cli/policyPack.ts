import { join } from "node:path";

/** The pack that is applied where `PULUMI_OPTION_POLICY_PACK` names no other. */
export const POLICY_PACK = join(__dirname, "..", "policies");
