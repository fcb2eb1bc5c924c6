import { z } from "zod";
import { type Answer, answer } from "../answer";
import type { Call } from "../call";
import { type Service, textOf, type World } from "../rule";
import { textsIn } from "../wire/xml";
import { whole } from "./whole";

/** The emulator does not know the call, and shares no snapshot: one that is there is shared with nobody. */
async function snapshotAttributes(call: Call, { upstream }: World): Promise<Answer> {
  const DBSnapshotIdentifier = textOf(call.input.DBSnapshotIdentifier) ?? "";
  // An error of the emulator's, such as that there is none, becomes the answer.
  const asked = { Action: "DescribeDBSnapshots", Version: "2014-10-31", DBSnapshotIdentifier };
  await upstream.query("rds", asked, call.scope);
  const restore = { DBSnapshotAttribute: { AttributeName: "restore", AttributeValues: {} } };
  return answer(call, {
    DBSnapshotAttributesResult: { DBSnapshotIdentifier, DBSnapshotAttributes: restore },
  });
}

/** Where a test or a sandbox says, below `/_front/`, where databases that are restored are reached: `{ host, port }`. */
export const RESTORED_AT = "rds-restored-at";
const place = z.strictObject({ host: z.string(), port: z.number() });

/** How many looks find a restored instance still being made: whoever waits for it is seen to wait. */
const LOOKS_MAKING = 2;

/** Restored instances, which the emulator has at once, without tags, and behind which it has nothing. */
function restoring() {
  /** By name: how many looks are left until it is there. */
  const making = new Map<string, number>();
  let at: z.infer<typeof place> | undefined;
  const asking = (call: Call, { upstream }: World, Action: string, more: Readonly<Record<string, string>>) =>
    upstream.query("rds", { Action, Version: "2014-10-31", ...more }, call.scope);

  async function restore(call: Call, world: World): Promise<Answer> {
    const said = await whole(call.raw, world.upstream);
    if (said.status >= 300) return said;
    making.set(textOf(call.input.DBInstanceIdentifier) ?? "", LOOKS_MAKING);
    const [arn = ""] = textsIn(String(said.body), "DBInstanceArn");
    const tags = [...new URLSearchParams(call.raw.body.toString())].filter(([name]) =>
      name.startsWith("Tags."),
    );
    if (tags.length > 0)
      await asking(call, world, "AddTagsToResource", { ResourceName: arn, ...Object.fromEntries(tags) });
    return mended(said);
  }

  async function describe(call: Call, world: World): Promise<Answer> {
    const said = await whole(call.raw, world.upstream);
    const asked = textOf(call.input.DBInstanceIdentifier);
    const left = asked === undefined ? undefined : making.get(asked);
    const answer = said.status >= 300 ? said : mended(said);
    if (asked !== undefined && left !== undefined) making.set(asked, left - 1);
    return answer;
  }

  /** Each restored instance as AWS has it: in creation, and then where it is reached. */
  function mended(said: Answer): Answer {
    const body = String(said.body).replaceAll(
      /<(DBInstance|member)>(?:(?!<\1>)[\s\S])*?<\/\1>|<RestoreDBInstanceFromDBSnapshotResult>[\s\S]*/g,
      (one) => {
        const left = making.get(textsIn(one, "DBInstanceIdentifier")[0] ?? "");
        if (left === undefined) return one;
        if (left > 0)
          return one
            .replace(/(<DBInstanceStatus>)[^<]*/, "$1creating")
            .replace(/<Endpoint>[\s\S]*?<\/Endpoint>/, "");
        return at === undefined
          ? one
          : one.replace(
              /<Endpoint>[\s\S]*?<\/Endpoint>/,
              `<Endpoint><Address>${at.host}</Address><Port>${at.port}</Port></Endpoint>`,
            );
      },
    );
    const { "content-length": _length, ...headers } = said.headers;
    return { ...said, headers, body };
  }

  return {
    restore,
    describe,
    isMaking: (name: string) => (making.get(name) ?? 0) > 0,
    pointTo: async (body: unknown) => {
      at = place.parse(body);
    },
    forget: () => making.clear(),
  };
}

const isIdentifier = (longest: number, name: unknown) =>
  new RegExp(`^(?=.{1,${longest}}$)[A-Za-z](-?[A-Za-z0-9])*$`).test(textOf(name) ?? "");
const notIdentifier = (parameter: string) =>
  `The parameter ${parameter} is not a valid identifier. Identifiers must begin with a letter; must contain only ASCII letters, digits, and hyphens; and must not end with a hyphen or contain two consecutive hyphens.`;

/** What the front knows of databases: what their names may be, with whom snapshots are shared, and how one is restored. */
export const rds = (): Service => {
  const restored = restoring();
  return {
    name: "rds",
    reference: "https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_",
    answers: {
      DescribeDBSnapshotAttributes: snapshotAttributes,
      DescribeDBInstances: restored.describe,
      RestoreDBInstanceFromDBSnapshot: restored.restore,
    },
    mends: {
      DescribeDBSnapshotAttributes: "answers that a snapshot is shared with nobody",
      DescribeDBInstances:
        "a restored instance is being created at first, and has no endpoint until it is there",
      RestoreDBInstanceFromDBSnapshot: "keeps the tags that it is given",
    },
    controls: { [RESTORED_AT]: restored.pointTo },
    forget: restored.forget,
    rules: [
      {
        id: "rds-snapshot-name",
        refuses:
          "snapshot names of more than 255 characters, that begin with no letter, or have two hyphens in a row or one at the end",
        code: "InvalidParameterValue",
        operations: ["CreateDBSnapshot"],
        when: ({ DBSnapshotIdentifier: name }) =>
          isIdentifier(255, name) ? undefined : notIdentifier("DBSnapshotIdentifier"),
      },
      {
        id: "rds-instance-name",
        refuses:
          "instance names of more than 63 characters, that begin with no letter, or have two hyphens in a row or one at the end",
        code: "InvalidParameterValue",
        operations: ["RestoreDBInstanceFromDBSnapshot", "CreateDBInstance"],
        when: ({ DBInstanceIdentifier: name }) =>
          isIdentifier(63, name) ? undefined : notIdentifier("DBInstanceIdentifier"),
      },
      {
        id: "rds-last-snapshot",
        refuses: "deleting an instance without saying whether a last snapshot of it is taken",
        code: "InvalidParameterCombination",
        operations: ["DeleteDBInstance"],
        when: ({ SkipFinalSnapshot, FinalDBSnapshotIdentifier }) =>
          String(SkipFinalSnapshot) === "true" || FinalDBSnapshotIdentifier !== undefined
            ? undefined
            : "FinalDBSnapshotIdentifier is required unless SkipFinalSnapshot is specified.",
      },
      {
        id: "rds-in-creation",
        refuses: "deleting an instance that is still being created",
        code: "InvalidDBInstanceState",
        operations: ["DeleteDBInstance"],
        when: ({ DBInstanceIdentifier }) => {
          const name = textOf(DBInstanceIdentifier) ?? "";
          return restored.isMaking(name) ? `Instance ${name} is currently being created.` : undefined;
        },
      },
    ],
  };
};
