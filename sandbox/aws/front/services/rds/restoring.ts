import { Copies, type CopyAt, databaseServer } from "../../../../postgres/copies";
import type { Answer } from "../../answer";
import type { Call } from "../../call";
import { textOf, type World } from "../../rule";
import { textsIn } from "../../wire/xml";
import { whole } from "../whole";

/** Where the sandbox says, below `/_front/`, which PostgreSQL stands behind the instances that are declared. */
export const DATABASE_BEHIND = "rds-database-behind";

/** How many looks at least find a restored instance still being made: whoever waits for it is seen to wait. */
const LOOKS_MAKING = 1;

/** A restored instance. */
interface Restored {
  looks: number;
  /** As RDS has it. */
  status: "creating" | "available" | "restore-error";
  at?: CopyAt;
}

/**
 * Snapshots and restored instances, which the emulator has in name alone: a snapshot is a copy of the disk of the
 * sandbox's PostgreSQL by then, and what is restored from it a PostgreSQL of its own.
 */
export function restoring() {
  const instances = new Map<string, Restored>();
  let copies: Copies | undefined;

  async function snapshot(call: Call, { upstream }: World): Promise<Answer> {
    const said = await whole(call.raw, upstream);
    if (said.status < 300) await copies?.take(keyOf(call, "DBSnapshotIdentifier"));
    return said;
  }

  async function restore(call: Call, { upstream }: World): Promise<Answer> {
    const said = await whole(call.raw, upstream);
    if (said.status >= 300) return said;
    const key = keyOf(call, "DBInstanceIdentifier");
    const one: Restored = { looks: LOOKS_MAKING, status: copies ? "creating" : "available" };
    instances.set(key, one);
    copies?.start(keyOf(call, "DBSnapshotIdentifier"), key).then(
      (at) => Object.assign(one, { at, status: "available" }),
      (error) => {
        console.error(error);
        one.status = "restore-error";
      },
    );
    const [arn = ""] = textsIn(String(said.body), "DBInstanceArn");
    const tags = [...new URLSearchParams(call.raw.body.toString())].filter(([name]) =>
      name.startsWith("Tags."),
    );
    const tagged = { Action: "AddTagsToResource", Version: "2014-10-31", ResourceName: arn };
    if (tags.length > 0) await upstream.query("rds", { ...tagged, ...Object.fromEntries(tags) }, call.scope);
    return mended(call, said);
  }

  async function describe(call: Call, { upstream }: World): Promise<Answer> {
    const said = await whole(call.raw, upstream);
    const answer = said.status >= 300 ? said : mended(call, said);
    const one = instances.get(keyOf(call, "DBInstanceIdentifier"));
    if (one) one.looks -= 1;
    return answer;
  }

  /** Each restored instance as AWS has it: in creation, and then where it is reached. */
  function mended(call: Call, said: Answer): Answer {
    const body = String(said.body).replaceAll(
      /<(DBInstance|member)>(?:(?!<\1>)[\s\S])*?<\/\1>|<RestoreDBInstanceFromDBSnapshotResult>[\s\S]*/g,
      (text) => {
        const one = instances.get(keyIn(call, textsIn(text, "DBInstanceIdentifier")[0]));
        if (one === undefined) return text;
        const status = one.looks > 0 ? "creating" : one.status;
        const at = status === "available" ? one.at : undefined;
        const endpoint = at
          ? `<Endpoint><Address>${at.host}</Address><Port>${at.port}</Port></Endpoint>`
          : "";
        const told = text.replace(/(<DBInstanceStatus>)[^<]*/, `$1${status}`);
        // Without a database behind, nothing is known of where it would be.
        return status === "available" && !at
          ? told
          : told.replace(/<Endpoint>[\s\S]*?<\/Endpoint>/, endpoint);
      },
    );
    const { "content-length": _length, ...headers } = said.headers;
    return { ...said, headers, body };
  }

  return {
    snapshot,
    restore,
    describe,
    /** Whether it is still being made; whoever wants to delete it has looked as well. */
    isMaking: (call: Call) => {
      const one = instances.get(keyOf(call, "DBInstanceIdentifier"));
      return one !== undefined && (one.looks-- > 0 || one.status === "creating");
    },
    deleted: (call: Call) => {
      const key = keyOf(call, "DBInstanceIdentifier");
      instances.delete(key);
      void copies?.end(key).catch(console.error);
    },
    dropped: (call: Call) => void copies?.drop(keyOf(call, "DBSnapshotIdentifier")).catch(console.error),
    standOn: async (body: unknown) => {
      copies = new Copies(databaseServer.parse(body));
    },
    forget: () => {
      instances.clear();
      void copies?.forget().catch(console.error);
    },
    close: async () => copies?.forget(),
  };
}

/** Names are one account's, and one region's; no name has a dot. */
const keyIn = ({ scope: { accessKey, region } }: Call, name: string | undefined) =>
  [accessKey, region, name ?? ""].join(".");
const keyOf = (call: Call, parameter: string) => keyIn(call, textOf(call.input[parameter]));
