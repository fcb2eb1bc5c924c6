import { at } from "../../text/dotted";
import { milliseconds } from "../../text/duration";
import { plain } from "../answer";
import { askEveryServer } from "../askServers";
import type { GateOf } from "../kind";
import type { Sources } from "../look";
import type { Seen } from "../observation";
import type { EveryServerGate } from "./everyServer";

/** Asks each server for its own answer, and keeps the value alone. */
export async function look(
  { definition: { path, value, timeout } }: GateOf<EveryServerGate>,
  { servers, region }: Sources,
): Promise<Seen> {
  const said = await askEveryServer(servers, region, path, milliseconds(timeout));
  if ("kind" in said) return said;
  return {
    kind: "everyServer",
    servers: said.map((one) => {
      if ("error" in one) return one;
      const found = at(one.json, value);
      // A server that has no build yet may say it by an empty text.
      const said = found !== undefined && found !== "";
      return { server: one.server, ...(said ? { value: plain(found) } : {}) };
    }),
  };
}
