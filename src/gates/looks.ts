import type { Gate } from "./gate";
import type { Sources } from "./look";
import type { Seen } from "./observation";
import type { MeasuredSource, Source } from "./registry";

/** A file that measures gates of one kind. */
interface Looking {
  look(gate: Gate, sources: Sources): Seen | Promise<Seen>;
}

/** How each kind is measured. Loaded when a gate needs it: a preview pays for the outside systems that it uses. */
const LOOKS: Readonly<Record<MeasuredSource, () => Promise<Looking>>> = {
  soak: () => import("./kinds/soak.look"),
  sql: () => import("./kinds/sql.look"),
  metric: () => import("./kinds/metric.look"),
  alarms: () => import("./kinds/alarms.look"),
  http: () => import("./kinds/http.look"),
  requests: () => import("./kinds/requests.look"),
  check: () => import("./kinds/check.look"),
  convergence: () => import("./kinds/convergence.look"),
  signOff: () => import("./kinds/signOff.look"),
  snapshot: () => import("./kinds/snapshot.look"),
  backup: () => import("./kinds/backup.look"),
  restored: () => import("./kinds/restored.look"),
  drill: () => import("./kinds/drill.look"),
  date: () => import("./kinds/date.look"),
};

/** Looks at what a gate is about. Throws where that goes wrong in a way that its kind does not know. */
export async function lookAt(gate: Gate, sources: Sources): Promise<Seen> {
  const look = (LOOKS as Partial<Record<Source, () => Promise<Looking>>>)[gate.definition.source];
  if (!look) throw new Error("judged from other gates, never measured");
  return (await look()).look(gate, sources);
}
