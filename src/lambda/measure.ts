import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { MeasureSettings } from "../measuring/places";
import { sha256 } from "../text/digest";
import { type MeasureContext, respond } from "./measureWorld";

/** The measuring function's Lambda. Its settings lie beside its code; what its code is, it finds out by itself. */
const settings = JSON.parse(readFileSync(join(__dirname, "config.json"), "utf8")) as MeasureSettings;
const code = sha256(readFileSync(__filename));

export const handler = (event: unknown, context: MeasureContext): Promise<object> =>
  respond(event, settings, code, context);
