import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { PROGRAM } from "../../cli/sandbox/project";
import type { TestRollout } from "../engine/harness";

/** A project that declares the same resources as a stage, and does nothing else. */
export interface BareProject {
  readonly folder: string;
  readonly stack: string;
  /** How many resources it declares. */
  readonly resources: number;
}

interface Declared {
  readonly type: string;
  readonly name: string;
  readonly inputs: unknown;
}

/** What the engine puts where a value is not known in a preview. */
const UNKNOWN = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";

/**
 * Writes the program from a preview of the stage itself, so that both always declare the same. Options that order
 * or protect resources are left out: they are part of what the stage does on top.
 */
export async function writeBareProgram(rollout: TestRollout): Promise<BareProject> {
  const { stdout, stderr, code } = await rollout.pulumi([
    "preview",
    "--stack",
    "stageB",
    "--json",
    "--show-secrets",
  ]);
  if (code !== 0) throw new Error(`pulumi preview --json failed: ${stdout}${stderr}`);
  const { steps } = JSON.parse(stdout) as {
    steps: { op: string; newState?: { type: string; urn: string; custom: boolean; inputs?: object } }[];
  };
  const declared = steps.flatMap(({ op, newState }): Declared[] => {
    if (op !== "create" || !newState?.custom || /^pulumi:(providers|pulumi):/.test(newState.type)) return [];
    const { __defaults: _, ...inputs } = { __defaults: 0, ...newState.inputs };
    return [{ type: newState.type, name: newState.urn.split("::").at(-1) ?? "", inputs: known(inputs) }];
  });
  if (declared.length < 5) throw new Error(`only ${declared.length} resources in the preview: ${stdout}`);
  return writeProject(rollout, source(declared), declared.length);
}

/** The project of a bare program, with a stack. It runs as any other that is written in TypeScript: loaded by tsx. */
async function writeProject(rollout: TestRollout, text: string, resources: number): Promise<BareProject> {
  // Beside the project's modules, where imports are found.
  const program = join(PROGRAM, ".cutover", "bench");
  const folder = join(rollout.ground.sandbox.dir, "bare");
  for (const path of [program, folder]) await mkdir(path, { recursive: true });
  await writeFile(join(program, "index.ts"), text);
  const project = await readFile(join(PROGRAM, "Pulumi.yaml"), "utf8");
  await writeFile(
    join(folder, "Pulumi.yaml"),
    project
      .replace(/^name: .*$/m, "name: bare")
      .replace(/nodeargs: .*$/m, "nodeargs: --import tsx")
      .replace(/^main: .*$/m, `main: ${join(program, "index.ts")}`),
  );
  const made = await rollout.ground.sandbox.pulumi(["stack", "init", "bare", "--non-interactive"], {
    cwd: folder,
  });
  if (made.code !== 0) throw new Error(made.stderr);
  return { folder, stack: "bare", resources };
}

interface StateResource {
  readonly type: string;
  readonly urn: string;
  readonly custom: boolean;
  readonly inputs?: object;
  readonly provider?: string;
}

/**
 * The same for a stage that is up: the bare program declares what is in its state, and its stack has that state, so
 * that an `up` of it changes nothing either.
 */
export async function writeBareState(rollout: TestRollout): Promise<BareProject> {
  const exported = async (...more: string[]) =>
    JSON.parse((await rollout.must(["stack", "export", "--stack", "stageB", ...more])).stdout) as {
      deployment: { resources: StateResource[] };
    };
  const isDeclared = ({ custom, type }: StateResource) => custom && !/^pulumi:(providers|pulumi):/.test(type);
  const declared = (await exported("--show-secrets")).deployment.resources.filter(isDeclared);
  const lines = declared.map(({ type, urn, inputs }) =>
    declaration(type, urn.split("::").at(-1) ?? "", literal(known(inputs))),
  );
  const bare = await writeProject(rollout, program(lines), declared.length);
  const state = await exported();
  // No component is a parent there: what a URN tells of them goes.
  const rename = (urn: string) => {
    const [, , path = "", name] = urn.split("::");
    return `urn:pulumi:bare::bare::${path.split("$").at(-1)}::${name}`;
  };
  const kept = state.deployment.resources.filter(
    (one) => isDeclared(one) || /^pulumi:providers:/.test(one.type),
  );
  state.deployment.resources = kept.map((one) => {
    const {
      parent: _,
      protect: __,
      dependencies: ___,
      propertyDependencies: ____,
      ...rest
    } = one as StateResource & Record<string, unknown>;
    const provider = one.provider?.replace(/^urn:.*(?=::[^:]*$)/, rename);
    return {
      ...rest,
      urn: rename(one.urn),
      ...(provider === undefined ? {} : { provider }),
    } as StateResource;
  });
  const file = join(bare.folder, "state.json");
  await writeFile(file, JSON.stringify(state));
  const done = await rollout.ground.sandbox.pulumi(
    ["stack", "import", "--stack", bare.stack, "--file", file, "--non-interactive"],
    { cwd: bare.folder },
  );
  if (done.code !== 0) throw new Error(done.stderr);
  return bare;
}

/** How the engine marks what is no plain value, by its key of that name. */
const SIGNATURE = "4dabf18193072939515e22adb298388d";
const SECRET = "1b47061264138c4ac30d75fd1eb44270";
const ASSET = "c44067f5952c0a294b673a41bacd8c17";
const ARCHIVE = "0def7320c3a5731c473e5ecbe6d01bc7";

/** A value of a state as it is written in a program. */
function literal(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(literal).join(", ")}]`;
  if (typeof value !== "object" || value === null) return JSON.stringify(value);
  const { [SIGNATURE]: signature, ...rest } = value as Record<string, unknown>;
  if (signature === SECRET) return `pulumi.secret(${literal(JSON.parse(String(rest.plaintext)))})`;
  if (signature === ASSET)
    return rest.path
      ? `new pulumi.asset.FileAsset(${JSON.stringify(rest.path)})`
      : `new pulumi.asset.StringAsset(${JSON.stringify(rest.text)})`;
  if (signature === ARCHIVE) return `new pulumi.asset.AssetArchive(${literal(rest.assets)})`;
  return `{ ${Object.entries(rest)
    .map(([key, inner]) => `${JSON.stringify(key)}: ${literal(inner)}`)
    .join(", ")} }`;
}

function known(value: unknown): unknown {
  return JSON.parse(
    JSON.stringify(value, (key, inner) =>
      key === "__defaults" ? undefined : inner === UNKNOWN ? "1" : inner,
    ),
  );
}

function source(declared: readonly Declared[]): string {
  const lines = declared.map(({ type, name, inputs }) => {
    // A function's code is unknown in a preview; a bare program has it in a file, ready to be sent.
    return declaration(type, name, JSON.stringify(inputs).replace('"code":"1"', '"code":code'));
  });
  return program(lines);
}

function declaration(type: string, name: string, inputs: string): string {
  const [pkg, path, kind] = type.split(":") as [string, string, string];
  const module = path.split("/")[0];
  const type_ = pkg === "pulumi" ? `pulumi.${kind}` : `${pkg}.${module}.${kind}`;
  return `new ${type_}(${JSON.stringify(name)}, ${inputs} as never);`;
}

function program(lines: readonly string[]): string {
  return `import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";

const code = new pulumi.asset.AssetArchive({ "index.js": new pulumi.asset.StringAsset("exports.handler = 0") });
${lines.join("\n")}
`;
}
