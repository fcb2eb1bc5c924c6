import { randomUUID } from "node:crypto";
import { at } from "../../src/gates/service";
import { type Check, type CheckContext, type CheckRequest, hold } from "../../src/gates/smokeCheck";

type Item = Readonly<Record<string, unknown>>;

/** Marks what checks create, so that it is known from what people create. */
const MARK = "cutover-check";

function base({ parameters }: CheckContext): string {
  return `/api/v2.5/workspaces/${parameters.workspace}`;
}

async function json(context: CheckContext, request: CheckRequest, status: number): Promise<unknown> {
  const answer = await context.send({ ...request, path: `${base(context)}${request.path}` });
  const method = request.method ?? "GET";
  hold(
    answer.status === status,
    `${method} ${request.path} as ${request.as} answered ${answer.status}, not ${status}`,
  );
  return at(answer.json, "data");
}

async function items(context: CheckContext, path: string, as: string): Promise<Item[]> {
  const list = at(await json(context, { path, as }, 200), "items");
  hold(Array.isArray(list), `GET ${path} as ${as} holds no list of items`);
  return list as Item[];
}

/** Creates something that is deleted again after the check. */
async function create(
  context: CheckContext,
  path: string,
  as: string,
  body: Record<string, unknown>,
): Promise<Item & { id: string; version: number }> {
  const made = (await json(context, { method: "POST", path, as, body }, 201)) as Item;
  const { id, version } = made;
  hold(typeof id === "string" && typeof version === "number", `POST ${path} answers without id and version`);
  context.cleanUp(() => context.send({ method: "DELETE", path: `${base(context)}${path}/${id}`, as }));
  return { ...made, id, version };
}

/** Whose token the role analyst has: the `author_id` of what they write. */
function analyst({ parameters }: CheckContext): string {
  const { analyst: id } = parameters;
  if (id === undefined)
    throw new Error("the rollout's parameter analyst says nothing: the analyst's author_id");
  return String(id);
}

/** SA2: every item that an analyst sees is their own. It only reads: at stage A nothing is written yet. */
export const analystSeesOwnItems: Check = async (context) => {
  const list = await items(context, "/patches", "analyst");
  hold(list.length > 0, "the analyst sees no items at all, so nothing is known about their scope");
  const authors = new Set(list.map((item) => item.author_id));
  hold(authors.size === 1, `the analyst sees items of ${authors.size} authors`);
  hold(authors.has(analyst(context)), "the items that the analyst sees are someone else's");
  return `all ${list.length} items are the analyst's own`;
};

/** E3: what each role sees is what the role may see. */
export const roleScoping: Check = async (context) => {
  const said = await analystSeesOwnItems(context);
  const admin = await items(context, "/patches", "admin");
  const verifier = await items(context, "/patches", "verifier");
  const authors = (list: Item[]) => new Set(list.map((item) => item.author_id)).size;
  hold(authors(admin) > 1, "the admin sees the items of one author only");
  const drafts = verifier.filter((item) => item.status === "Draft");
  hold(drafts.length === 0, `the verifier sees ${drafts.length} drafts`);
  hold(verifier.length > 0, "the verifier sees no items at all");
  hold(
    verifier.every((item) => admin.some((other) => other.id === item.id)),
    "the verifier sees items that the admin does not",
  );
  return `${said}; admin ${admin.length}, verifier ${verifier.length} without drafts`;
};

/** E2: the queue's counts are within 5 % of the workspace's items in the database. */
export const queueMatchesItems: Check = async (context) => {
  const total = at(await json(context, { path: "/operations/queue", as: "admin" }, 200), "counts.total");
  hold(typeof total === "number", "the queue tells no total");
  const known = await context.sql(
    "select (select count(*) from patches where workspace_id = $1) + (select count(*) from rfis where workspace_id = $1)",
    [String(context.parameters.workspace)],
  );
  hold(typeof known === "number" && known > 0, "the database holds no items of the workspace");
  const off = Math.abs(total - known) / known;
  hold(off <= 0.05, `the queue counts ${total}, the database ${known}: off by ${(off * 100).toFixed(1)} %`);
  return `queue ${total}, database ${known}`;
};

/** SB1: an analyst's patch can be created and submitted, and its version rises. */
export const patchIsWritten: Check = async (context) => {
  const patch = await create(context, "/patches", "analyst", {
    record_id: MARK,
    field_key: "due_date",
    intent: "correct",
  });
  const moved = (await json(
    context,
    {
      method: "PATCH",
      path: `/patches/${patch.id}`,
      as: "analyst",
      body: { status: "Submitted", version: patch.version },
    },
    200,
  )) as Item;
  hold(moved.status === "Submitted", `the patch is ${moved.status}, not Submitted`);
  hold(
    typeof moved.version === "number" && moved.version > patch.version,
    `its version did not rise from ${patch.version}`,
  );
  const stored = await context.sql("select count(*) from patches where id = $1", [patch.id]);
  hold(stored === 1, "the patch is not in the database");
  return `patch submitted, version ${patch.version} → ${moved.version}, in the database`;
};

/** SB2: an analyst's RFI can be created and handed to the verifier. */
export const rfiIsWritten: Check = async (context) => {
  const rfi = await create(context, "/rfis", "analyst", {
    question: "Is this a check?",
    target_record_id: MARK,
  });
  const moved = (await json(
    context,
    {
      method: "PATCH",
      path: `/rfis/${rfi.id}`,
      as: "analyst",
      body: { custody_status: "awaiting_verifier", version: rfi.version },
    },
    200,
  )) as Item;
  hold(
    moved.custody_status === "awaiting_verifier",
    `its custody is ${moved.custody_status}, not awaiting_verifier`,
  );
  return "RFI open → awaiting_verifier";
};

/** SB3: a verifier's change on a stale version is refused with 409. */
export const staleVersionIsRefused: Check = async (context) => {
  const patch = await create(context, "/patches", "analyst", {
    record_id: MARK,
    field_key: "due_date",
    intent: "correct",
  });
  const path = `${base(context)}/patches/${patch.id}`;
  const first = await context.send({
    method: "PATCH",
    path,
    as: "analyst",
    body: { status: "Submitted", version: patch.version },
  });
  // Otherwise the version of the second change would not be stale, and a service that refuses all would do.
  hold(first.status === 200, `the first change answered ${first.status}, not 200`);
  const stale = await context.send({
    method: "PATCH",
    path,
    as: "verifier",
    body: { status: "Verified", version: patch.version },
  });
  hold(stale.status === 409, `a stale version answered ${stale.status}, not 409`);
  const code = at(stale.json, "error.code");
  hold(code === "STALE_VERSION", `the 409 says ${code}, not STALE_VERSION`);
  return "a stale version answers 409 STALE_VERSION";
};

/** F5: submitting the same file and revision twice makes one batch. It stays: nothing takes a batch away. */
export const batchesAreDeduplicated: Check = async (context) => {
  const batch = { file: `${MARK}-${randomUUID()}.csv`, revision: 1 };
  const path = `${base(context)}/batches`;
  const first = await context.send({ method: "POST", path, as: "analyst", body: batch });
  hold(first.status === 201, `the first submission answered ${first.status}, not 201`);
  const second = await context.send({ method: "POST", path, as: "analyst", body: batch });
  hold(second.status === 200, `the second submission answered ${second.status}, not 200`);
  const ids = [first, second].map((answer) => at(answer.json, "data.id"));
  hold(ids[0] !== undefined && ids[0] === ids[1], "the two submissions made two batches");
  const stored = await context.sql("select count(*) from batches where file = $1", [batch.file]);
  hold(stored === 1, `the database holds ${stored} batches of it`);
  return "two submissions, one batch";
};
