import { readFileSync } from "node:fs";
import { join } from "node:path";
import { sendDue } from "../messages/sendDue";
import { checkTimeScale } from "../rollout/config/timeScale";
import type { MessagesSettings } from "./messagesSettings";
import { awsWorld } from "./messagesWorld";

/** The messages function's Lambda. Its configuration lies beside its code. */
const settings = JSON.parse(readFileSync(join(__dirname, "config.json"), "utf8")) as MessagesSettings;
// Checked here as well: scaled time must not reach a real account by any way.
checkTimeScale(settings.timeScale, process.env, undefined);
const world = awsWorld(settings, (entry) => console.log(JSON.stringify(entry)));

export const handler = (event: unknown): Promise<void> => sendDue(event, settings, world);
