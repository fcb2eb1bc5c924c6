import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { PROGRAM } from "../../cli/rehearse/project";
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
  // Beside the project's modules, where imports are found.
  const program = join(PROGRAM, ".cutover", "bench");
  const folder = join(rollout.ground.sandbox.dir, "bare");
  for (const path of [program, folder]) await mkdir(path, { recursive: true });
  await writeFile(join(program, "index.ts"), source(declared));
  const project = await readFile(join(PROGRAM, "Pulumi.yaml"), "utf8");
  await writeFile(
    join(folder, "Pulumi.yaml"),
    project.replace(/^name: .*$/m, "name: bare").replace(/^main: .*$/m, `main: ${join(program, "index.ts")}`),
  );
  const { sandbox } = rollout.ground;
  const made = await sandbox.pulumi(["stack", "init", "bare", "--non-interactive"], { cwd: folder });
  if (made.code !== 0) throw new Error(made.stderr);
  return { folder, stack: "bare", resources: declared.length };
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
    const [pkg, path, kind] = type.split(":") as [string, string, string];
    const module = path.split("/")[0];
    const type_ = pkg === "pulumi" ? `pulumi.${kind}` : `${pkg}.${module}.${kind}`;
    // A function's code is unknown in a preview; a bare program has it in a file, ready to be sent.
    const written = JSON.stringify(inputs).replace('"code":"1"', '"code":code');
    return `new ${type_}(${JSON.stringify(name)}, ${written} as never);`;
  });
  return `import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";

const code = new pulumi.asset.AssetArchive({ "index.js": new pulumi.asset.StringAsset("exports.handler = 0") });
${lines.join("\n")}
`;
}
