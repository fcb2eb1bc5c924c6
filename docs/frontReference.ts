import { readFileSync } from "node:fs";
import { join } from "node:path";
import { MODELLED } from "../sandbox/aws/front/models/library";
import { allServices } from "../sandbox/aws/front/services";

/** The reference of what the sandbox's AWS refuses, written from the front's tables of rules. */
export function frontReference(): string {
  const { services } = allServices();
  const rows = services.flatMap(({ rules, reference }) =>
    rules.map(({ id, refuses, code, operations, source }) => {
      const said = source ?? `${reference}${operations[0]}.html`;
      return `| ${id} | ${operations.join(", ")} | ${refuses} | ${code} | [AWS](${said}) |`;
    }),
  );
  const mended = services.flatMap(({ name, mends = {} }) =>
    Object.entries(mends).map(([operation, does]) => `| ${name} | ${operation} | ${does} |`),
  );
  const modelled = Object.keys(MODELLED);
  const lines = [
    "# Reference: what the sandbox's AWS refuses",
    "",
    "Written by `npm run docs` from the front (`sandbox/aws/front/`), which stands before the emulator and refuses what AWS",
    "refuses and the emulator takes. A rehearsal ends with what was refused, and fails where that is anything.",
    "",
    "## By AWS's published models",
    "",
    `Each request is held to the model of its operation, as botocore ${botocore()} has it: members that are required, lengths,`,
    "values, patterns, words of an enumeration, sizes of lists and maps, types. AWS's answer comes back in the caller's",
    "protocol: JSON, CBOR, query or REST. A member that the model does not have AWS ignores, and the front refuses",
    "(`UnknownMember`): whoever wrote it believes otherwise.",
    "",
    `Signed for: ${modelled.join(", ")}. Requests to any other service pass without that.`,
    "",
    "## By rules that no model has",
    "",
    "Each row has a test for what is refused and for the nearest that is taken.",
    "",
    "| rule | operations | refuses | with | source |",
    "| --- | --- | --- | --- | --- |",
    ...rows,
    "",
    "## What it answers in the emulator's place",
    "",
    "The emulator leaves these out, or does them otherwise than AWS; a test asks for a row for each that the front answers.",
    "",
    "| service | operation | what the front does |",
    "| --- | --- | --- |",
    ...mended,
  ];
  return `${lines.join("\n")}\n`;
}

/** The version of AWS's models that a sandbox installs. */
function botocore(): string {
  const requirements = readFileSync(join(__dirname, "..", "sandbox", "aws", "requirements.txt"), "utf8");
  return /^botocore==(\S+)/m.exec(requirements)?.[1] ?? "of no version";
}
