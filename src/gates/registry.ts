import { alarms } from "./kinds/alarms";
import { backup } from "./kinds/backup";
import { calendar } from "./kinds/calendar";
import { check } from "./kinds/check";
import { convergence } from "./kinds/convergence";
import { date } from "./kinds/date";
import { drill } from "./kinds/drill";
import { elsewhere } from "./kinds/elsewhere";
import { everyServer } from "./kinds/everyServer";
import { exit } from "./kinds/exit";
import { http } from "./kinds/http";
import { metric } from "./kinds/metric";
import { providerBackup } from "./kinds/providerBackup";
import { requests } from "./kinds/requests";
import { restored } from "./kinds/restored";
import { signOff } from "./kinds/signOff";
import { snapshot } from "./kinds/snapshot";
import { soak } from "./kinds/soak";
import { sql } from "./kinds/sql";

/** Every kind of gate, under the name that config calls it. Pure: how each is measured stands in `looks.ts`. */
export const KINDS = {
  soak,
  sql,
  metric,
  alarms,
  http,
  requests,
  elsewhere,
  check,
  convergence,
  everyServer,
  signOff,
  snapshot,
  backup,
  restored,
  providerBackup,
  drill,
  date,
  calendar,
  exit,
};

type Kinds = typeof KINDS;

/** The name of a kind. */
export type Source = keyof Kinds;

/** The name of a kind that has something to look at. */
export type MeasuredSource = {
  [S in Source]: Kinds[S] extends { readonly sees: object } ? S : never;
}[Source];

/** The schema of what config may say, of any kind. */
export type DefinitionSchema = Kinds[Source]["schema"];
/** The schema of what can be seen, of any kind. */
export type SeenSchema = Kinds[MeasuredSource]["sees"];

type Intersection<T> = (T extends unknown ? (one: T) => void : never) extends (all: infer All) => void
  ? All
  : never;

/** What verdicts depend on beside definitions, of all kinds. */
export type FactShapes = Intersection<NonNullable<Kinds[Source]["facts"]>>;
