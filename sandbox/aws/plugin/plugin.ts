import type { AnyRow, Plugin } from "../../plugin/table";
import { explain, isMissing } from "./errors";
import { functions } from "./functions";
import { alarms } from "./rows/alarms";
import { appconfig } from "./rows/appconfig";
import { events } from "./rows/events";
import { iam } from "./rows/iam";
import { kms } from "./rows/kms";
import { lambda } from "./rows/lambda";
import { logs } from "./rows/logs";
import { rds } from "./rows/rds";
import { scheduler } from "./rows/scheduler";
import { secrets } from "./rows/secrets";
import { sns } from "./rows/sns";
import { sqs } from "./rows/sqs";
import { type Aws, config, openSession } from "./session";
import { waiting } from "./waits";

/** Each regional resource tells where it is; no service says so. */
function located(rows: Record<string, AnyRow<Aws>>): Record<string, AnyRow<Aws>> {
  return Object.fromEntries(
    Object.entries(rows).map(([type, row]) => {
      if (!row.inputs.region) return [type, row];
      const read: AnyRow<Aws>["read"] = async (aws, id, known) => {
        const found = await row.read(aws, id, known);
        return found && { ...found, region: aws.region };
      };
      return [type, { ...row, read }];
    }),
  );
}

export const aws: Plugin<Aws> = {
  name: "aws",
  version: "7.48.0",
  config,
  rows: waiting(
    located({
      ...{ ...appconfig, ...alarms, ...events, ...iam, ...kms, ...lambda },
      ...{ ...logs, ...rds, ...scheduler, ...secrets, ...sns, ...sqs },
    }),
  ),
  functions,
  open: openSession,
  explain,
  isMissing,
};
