import { readFileSync } from "node:fs";
import { join } from "node:path";
import { herald } from "../messages/herald";
import type { HeraldConfig } from "../messages/heraldConfig";
import { awsWorld } from "../messages/world";
import { checkTimeScale } from "../rollout/config/timeScale";

/** The herald's Lambda. Its configuration lies beside its code. */
const config = JSON.parse(readFileSync(join(__dirname, "config.json"), "utf8")) as HeraldConfig;
// Checked here as well: scaled time must not reach a real account by any way.
checkTimeScale(config.timeScale, process.env, undefined);
const world = awsWorld(config, (entry) => console.log(JSON.stringify(entry)));

export const handler = (event: unknown): Promise<void> => herald(event, config, world);
