import { bucketOf } from "../../src/gates/dumps/address";
import { FILES } from "../../src/gates/dumps/manifest";
import { kindOf } from "../../src/gates/gate";
import { gatesFor } from "../../src/promotion/resolve";
import type { Rollout, Stage } from "../../src/rollout/rollout";
import { type Place, quoted } from "../../src/text/command";
import { quoted as code, shell, words as text } from "../../src/text/markdown";
import { DATABASE_OWNER_URL } from "../../src/text/shell";

/**
 * How the data come back from the dump of a stage's promotion; nothing where no gate asks for one. How long that takes
 * stands in the record of the last restore, which changes without this file: here is how it is read.
 */
export function dataSection(rollout: Rollout, stage: Stage, place: Place): string[] {
  const { backup, name } = rollout;
  const dumped = gatesFor(rollout, stage).some(({ definition }) => kindOf(definition).madeBy !== undefined);
  if (!backup || !dumped) return [];
  const [dump, proof] = [FILES.dump(name, stage.name, stage.attempt), FILES.proof(name)];
  return [
    "### The data",
    "",
    `Only with the flags down: whatever was written since the dump is lost by it. The dump of this attempt is ${code(dump)} below ${text(backup.dumps)}. It goes into an empty database, whose owner ${code(DATABASE_OWNER_URL)} names, with ${code("pg_restore")} as new as the ${code("pg_dump")} that made it:`,
    "",
    ...shell([
      copied(backup.dumps, dump, "restored.dump", place),
      `pg_restore --exit-on-error --no-owner --jobs=2 --dbname="\${${DATABASE_OWNER_URL}:?}" restored.dump`,
    ]),
    "",
    "How long that took when it was last proven, and whether all of it came back:",
    "",
    ...shell([copied(backup.dumps, proof, "-", place)]),
    "",
  ];
}

/** A line that copies a file of ours to one here, or prints it. */
function copied(dumps: string, file: string, to: string, { region }: Place): string {
  if (bucketOf(dumps) === undefined) {
    const from = quoted(`${dumps.replace(/\/$/, "")}/${file}`);
    return to === "-" ? `cat ${from}` : `cp ${from} ${to}`;
  }
  const where = region === undefined ? "" : ` --region ${region}`;
  return `aws s3 cp ${quoted(`${dumps.replace(/\/$/, "")}/${file}`)} ${to}${where}`;
}
