import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { DeliverySettings } from "./deliverySettings";
import { DeliveryFunction } from "./deliveryWorld";
import type { QueueEvent } from "./queueWorker";

/** The Lambda that carries flags on to platforms. Its configuration lies beside its code. */
const settings = JSON.parse(readFileSync(join(__dirname, "config.json"), "utf8")) as DeliverySettings;
const worker = new DeliveryFunction(settings, (entry) => console.log(JSON.stringify(entry)));

export const handler = (event: QueueEvent) => worker.handle(event);
