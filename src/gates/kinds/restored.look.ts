import { awsFailure, failed } from "../../aws/failure";
import { readIdentity } from "../dumps/identity";
import { FILES, proof, readAs } from "../dumps/manifest";
import { atPlace } from "../dumps/open";
import type { Gate } from "../gate";
import type { Sources } from "../look";
import type { Seen } from "../observation";

/** Looks at the record of the last restore, and at whose database it has to be of. Restores nothing. */
export async function look(gate: Gate, sources: Sources): Promise<Seen> {
  const { proven } = gate;
  if (!proven) return failed("no-data", "the rollout does not say where dumps lie");
  const read = await readIdentity(gate, sources);
  if ("failure" in read) return read;
  const looked = atPlace(proven.at, { region: sources.region }, async (place): Promise<Seen> => {
    const file = FILES.proof(proven.rollout);
    const text = await place.text(file);
    if (text === undefined) return failed("no-data", `no backup was ever restored: there is no ${file}`);
    const said = readAs(proof, text);
    if (said?.rollout !== proven.rollout)
      return failed("bad-answer", `${file} is no record that this version of cutover understands`);
    const { fetch, restore } = said.took;
    return {
      kind: "restored",
      file: said.dump?.file ?? said.snapshot?.id ?? "what was restored",
      ...(said.dump ? { bytes: said.dump.bytes } : {}),
      at: said.at,
      of: said.of,
      read,
      ...(fetch === undefined || restore === undefined ? {} : { tookMs: fetch + restore }),
      ...(said.compared ? { tables: said.compared.tables, rows: said.compared.rows } : {}),
      ...(said.compared?.same === undefined ? {} : { same: said.compared.same }),
      failures: said.failures,
    };
  });
  return looked.catch(awsFailure);
}
