import { expect, test } from "vitest";
import { snapshotProblems } from "../../../../src/rollout/checks/stages";
import { type Locate, showProblem } from "../../../../src/text/problem";
import { rollout, stageB } from "../../../support/build";

const locate: Locate = (stack, path) => [stack, ...path].join(" › ");
const HOST = "ops-db.internal";
const AT = "stageB › cutover:stage › snapshot › reachedAs › host";
const because = "CNAME of ops-db's endpoint";

test.each<[string, string | undefined, string | undefined, string[]]>([
  ["nothing is said of another name", undefined, HOST, []],
  ["it is the name that the gates go by", HOST, HOST, []],
  [
    "the gates go by another",
    "shop-db.internal",
    HOST,
    [
      `${AT}: is shop-db.internal, and the gates read ${HOST}. Write it as database.host in cutover:rollout has it, or take reachedAs out`,
    ],
  ],
  [
    "no gate reads a database",
    HOST,
    undefined,
    [
      `${AT}: is ${HOST}, and no gate reads a database. Take reachedAs out, or add database: to cutover:rollout`,
    ],
  ],
])("a name for the snapshot's database: %s", (_, said, host, expected) => {
  const reachedAs = said === undefined ? {} : { reachedAs: { host: said, because } };
  const stage = { ...stageB, snapshot: { instance: "ops-db", ...reachedAs } };
  const { database } = rollout(host === undefined ? {} : { database: { host } as never });
  expect(snapshotProblems(stage, database, locate).map(showProblem)).toEqual(expected);
});
