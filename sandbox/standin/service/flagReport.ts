import { tokenPath } from "../../../src/abort/drillServers";
import type { Flags } from "../../../src/flags/flags";
import type { ServersConfig } from "../../../src/flags/servers";
import { ask } from "../../../src/gates/askJson";
import { astOf } from "../../../src/gates/ast";
import { at, keysIn } from "../../../src/text/dotted";
import { buildBody, type Choices, type Json, laidOver } from "./invent/body";
import { climb, type Tried } from "./invent/climb";
import { poolOf } from "./invent/pool";
import { newShape, readInto } from "./invent/shape";

/** Where a server tells its flags. */
export type FlagsPlace = Pick<ServersConfig, "path" | "at" | "source" | "drillAt">;

/** Where they are told by the servers of a rollout that says nothing of them. */
const PLACE: FlagsPlace = { path: "/feature-flags", at: "data.flags", source: "data.source" };

/** Where the servers of a rollout tell their flags, whether or not it says so. */
export function flagsPlaceOf({ servers }: { readonly servers?: FlagsPlace | undefined }): FlagsPlace {
  return servers ?? PLACE;
}

/** What a server says of its flags. */
export interface Report {
  /** Absent: it tells none. */
  readonly flags?: Flags | undefined;
  /** The word for what they come from: `appconfig`, or another one. */
  readonly source: string;
  /** The token of the last drill. */
  readonly drill?: Json | undefined;
  /** What else it tells of itself, beside the flags where they have a place of their own. */
  readonly more?: Readonly<Record<string, Json>>;
}

/** A report in the shape that a rollout reads; undefined where its source has a place that cannot be told in. */
export function reportIn(place: FlagsPlace, { flags, source, drill, more = {} }: Report): Json | undefined {
  const parent = keysIn(place.at).slice(0, -1);
  const beside = place.at === "" ? ["_cutover"] : parent;
  const told = [
    setAt(beside, { ...more }),
    setAt(keysIn(place.at), { ...flags }),
    ...(drill === undefined ? [] : [setAt(keysIn(tokenPath(place)), drill)]),
  ].reduce<Json>((under, over) => laidOver(under, over) as Json, {});
  if (place.source === undefined) return told;
  const said = wordAt(place.source, source, told);
  if (said === undefined) return undefined;
  // What says the source must leave the flags as they are.
  const kept = Object.entries(flags ?? {}).every(([flag, value]) => flagIn(said, place, flag) === value);
  return kept ? said : undefined;
}

function flagIn(report: Json, place: FlagsPlace, flag: string): unknown {
  const told = at(report, place.at);
  return typeof told === "object" && told !== null ? (told as Record<string, unknown>)[flag] : undefined;
}

function setAt(names: readonly string[], value: Json): Json {
  return names.reduceRight<Json>((inner, name) => ({ [name]: inner }), value);
}

/** The report with a word at the place that an expression names. */
function wordAt(expression: string, word: string, told: Json): Json | undefined {
  const ast = astOf(expression);
  if (!ast) return undefined;
  const shape = newShape();
  readInto(ast, shape).near.add(word);
  const pool = poolOf([word], []);
  const attempt = (choices: Choices): Tried & { readonly body: Json } => {
    const built = buildBody(shape, pool, choices);
    const body = laidOver(built.body, told) as Json;
    const { value } = ask(expression, body);
    return { body, holds: value === word, score: value === undefined ? 0 : 1, options: built.options };
  };
  return climb(attempt, SOURCE_TRIES)?.body;
}

const SOURCE_TRIES = 1_000;
