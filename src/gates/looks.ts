import type { Gate } from "./gate";
import type { Sources } from "./look";
import type { Seen } from "./observation";
import type { MeasuredSource, Source } from "./registry";

/** A file that measures gates of one kind. */
interface Looking {
  look(gate: Gate, sources: Sources): Seen | Promise<Seen>;
}

type Looks<Of extends Source> = Readonly<Record<Of, () => Promise<Looking>>>;

/** What may lie in a private network (`inNetwork`). Loaded when a gate needs it, as all of them. */
const IN_NETWORK = {
  sql: () => import("./kinds/sql.look"),
  http: () => import("./kinds/http.look"),
  requests: () => import("./kinds/requests.look"),
  convergence: () => import("./kinds/convergence.look"),
  everyServer: () => import("./kinds/everyServer.look"),
  elsewhere: () => import("./kinds/elsewhere.look"),
} satisfies Partial<Looks<Source>>;

/** How each of the others is measured. A preview pays for the outside systems that it uses. */
const HERE: Looks<Exclude<MeasuredSource, keyof typeof IN_NETWORK>> = {
  soak: () => import("./kinds/soak.look"),
  metric: () => import("./kinds/metric.look"),
  alarms: () => import("./kinds/alarms.look"),
  check: () => import("./kinds/check.look"),
  signOff: () => import("./kinds/signOff.look"),
  snapshot: () => import("./kinds/snapshot.look"),
  backup: () => import("./kinds/backup.look"),
  restored: () => import("./kinds/restored.look"),
  providerBackup: () => import("./kinds/providerBackup.look"),
  drill: () => import("./kinds/drill.look"),
  date: () => import("./kinds/date.look"),
  calendar: () => import("./kinds/calendar.look"),
};

/** Looks at what a gate is about. Throws where that goes wrong in a way that its kind does not know. */
export type LookAt = (gate: Gate, sources: Sources) => Promise<Seen>;

export const lookAt: LookAt = (gate, sources) => by(gate, sources, IN_NETWORK, HERE);

/** The same from within a private network: a function that looks by this holds the clients of no other kind. */
export const lookWithin: LookAt = (gate, sources) => by(gate, sources, IN_NETWORK);

async function by(gate: Gate, sources: Sources, ...known: readonly Partial<Looks<Source>>[]): Promise<Seen> {
  const { source } = gate.definition;
  const look = known.map((looks) => looks[source]).find((one) => one);
  if (!look) throw new Error("judged from other gates, never measured");
  return (await look()).look(gate, sources);
}
