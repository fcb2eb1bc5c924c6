import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type Answers, METRICS } from "../cli/init/answers";
import { filesOf, type NewFile } from "../cli/init/files";
import own from "../package.json";
import { short } from "../src/text/command";

/** Where the template lies in a checkout, and in the package. */
const FOLDER = join(__dirname, "..", "template");

/** What `pulumi new` puts the project's name in place of, in every file. */
const NAME = "${PROJECT}";

/** A rollout that says most of what one can say, and is changed from there. */
const ANSWERS: Answers = {
  name: NAME,
  flags: [{ name: "NEW_PATH_PERCENT", kind: "percentage", title: "How many requests take the new path" }],
  stages: [{ name: "p5" }, { name: "p50" }, { name: "p100" }],
  metrics: { ...METRICS, namespace: "App" },
};

/** In YAML, Pulumi puts a whole value with the end of its line there: the name is a value by itself, or it is left out. */
function placed(text: string): string {
  return text
    .replaceAll(`"${NAME}"`, NAME)
    .replaceAll(` of ${NAME}`, "")
    .replace(`: The rollout ${NAME}.`, ": ${DESCRIPTION}");
}

/**
 * The files of the template for `pulumi new`: what `cutover init` writes where the package is installed, with what makes
 * a repository of it. `npm run template` writes them, and a test holds them against this.
 */
export function templateFiles(): NewFile[] {
  const paths = { schema: "./node_modules/cutover/docs/reference/stack.schema.json" };
  const [project, ...files] = filesOf(ANSWERS, paths);
  return [
    { name: "Pulumi.yaml", text: `${placed(project?.text ?? "")}${TEMPLATE}` },
    ...files.map(({ name, text }) => ({ name, text: placed(text) })),
    { name: "package.json", text: `${JSON.stringify(manifest(), undefined, 2)}\n` },
  ];
}

const TEMPLATE = `template:
  displayName: Cutover
  description: A feature-flag cutover, whose flags go up on measured evidence and come down by themselves.
  quickstart: |
    Each stage is a stack: the first is baseline, with every flag off.
      npx cutover validate
      ${short.pulumi("stack init", "baseline")}
      ${short.ofStack("preview", "baseline")}
`;

function manifest() {
  return {
    name: NAME,
    private: true,
    devDependencies: { cutover: `^${own.version}` },
  };
}

if (process.argv[1] === __filename) {
  mkdirSync(FOLDER, { recursive: true });
  for (const { name, text } of templateFiles()) writeFileSync(join(FOLDER, name), text);
}
