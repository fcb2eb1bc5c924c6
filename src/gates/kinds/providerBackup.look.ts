import { milliseconds } from "../../text/duration";
import type { GateOf } from "../kind";
import { NO_SERVICE, type Sources } from "../look";
import type { Seen } from "../observation";
import type { Provider } from "../providers/provider";
import { PROVIDERS } from "../providers/registry";
import { requestFailure, send } from "../service";
import { type ProviderBackupGate, requestOf } from "./providerBackup";

/** More of them nobody looks at. */
const MOST = 20;

/** Asks the database's provider for its backups. */
export async function look(
  { definition }: GateOf<ProviderBackupGate>,
  { service, ledger: { live } }: Sources,
): Promise<Seen> {
  if (!service) return NO_SERVICE;
  const provider: Provider = PROVIDERS[definition.provider];
  try {
    const signal = AbortSignal.timeout(milliseconds(definition.timeout));
    const { status, json } = await send(service, requestOf(definition), signal);
    const backups = provider.read(json)?.toSorted((a, b) => Date.parse(b.at) - Date.parse(a.at));
    return {
      kind: "providerBackup",
      status,
      ...(backups ? { backups: backups.slice(0, MOST).map(({ at, state }) => ({ at, state })) } : {}),
      ...(live ? { liveSince: live.completedAt } : {}),
    };
  } catch (error) {
    return requestFailure(error);
  }
}
