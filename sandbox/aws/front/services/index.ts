import type { Service } from "../rule";
import { appConfig } from "./appconfig";
import { type CloudWatchService, cloudWatch } from "./cloudwatch/service";
import { lambda } from "./lambda";
import { logs } from "./logs/service";
import { others } from "./others";
import { scheduler } from "./scheduler";
import { sns } from "./sns";

/** Every service that the front knows; all others pass it as they are. */
export function allServices(): {
  readonly services: readonly Service[];
  readonly cloudwatch: CloudWatchService;
} {
  const cloudwatch = cloudWatch();
  return {
    services: [cloudwatch, appConfig(), lambda(), logs(cloudwatch), scheduler(), sns(), ...others()],
    cloudwatch,
  };
}
