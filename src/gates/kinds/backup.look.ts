import { awsFailure, failed } from "../../aws/failure";
import { readArchive } from "../dumps/archive";
import { readIdentity } from "../dumps/identity";
import { FILES, manifest, readAs } from "../dumps/manifest";
import { atPlace } from "../dumps/open";
import type { Gate } from "../gate";
import type { Sources } from "../look";
import type { Seen } from "../observation";

/** Looks at the manifest of this promotion's dump, at the dump's own ends, and at whose database it has to be. */
export async function look(gate: Gate, sources: Sources): Promise<Seen> {
  const { dump } = gate;
  if (!dump) return failed("no-data", "the rollout does not say where dumps lie");
  const read = await readIdentity(gate, sources);
  if ("failure" in read) return read;
  const looked = atPlace(dump.at, { region: sources.region }, async (place): Promise<Seen> => {
    const file = FILES.manifest(dump.rollout, dump.stage, dump.attempt);
    const text = await place.text(file);
    if (text === undefined)
      return failed("no-data", `no backup was taken for this attempt: there is no ${file}`);
    const said = readAs(manifest, text);
    if (!said) return failed("bad-answer", `${file} is no manifest that this version of cutover understands`);
    const name = said.dump.file;
    const bytes = await place.bytes(name);
    if (bytes === undefined) return failed("no-data", `${file} is there, and its dump ${name} is not`);
    // A file that somebody cut off says where by itself; its seal would only say that it is another one.
    const { tables, faults } = await readArchive(place.part(name), bytes);
    const sealed = bytes === said.dump.bytes && (await place.seal(name)) === said.dump.seal;
    const { live } = sources.ledger;
    return {
      kind: "backup",
      file: name,
      rollout: said.rollout,
      stage: said.stage,
      attempt: said.attempt,
      takenAt: said.takenAt,
      ...(live ? { liveSince: live.completedAt } : {}),
      of: said.of,
      read,
      bytes,
      sealed,
      ...(said.last ? { last: said.last.bytes } : {}),
      tables: tables.length,
      missing: Object.keys(said.contents.tables).filter((table) => !tables.includes(table)),
      faults: [...faults],
    };
  });
  return looked.catch(awsFailure);
}
