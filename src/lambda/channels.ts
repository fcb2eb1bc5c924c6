import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { ChannelsSettings } from "./channelsSettings";
import { ChannelsWorld } from "./channelsWorld";
import type { QueueEvent } from "./queueWorker";

/** The Lambda that delivers messages to a rollout's channels. Its configuration lies beside its code. */
const settings = JSON.parse(readFileSync(join(__dirname, "config.json"), "utf8")) as ChannelsSettings;
const world = new ChannelsWorld(settings, (entry) => console.log(JSON.stringify(entry)));

export const handler = (event: QueueEvent) => world.handle(event);
