import { allServices } from "../sandbox/aws/front/services";

/** The reference of what the sandbox's AWS refuses, written from the front's tables of rules. */
export function frontReference(): string {
  const rows = allServices().services.flatMap(({ rules }) =>
    rules.map(
      ({ id, refuses, code, operations }) => `| ${id} | ${operations.join(", ")} | ${refuses} | ${code} |`,
    ),
  );
  const lines = [
    "# Reference: what the sandbox's AWS refuses",
    "",
    "Written by `npm run docs` from the tables of the front (`sandbox/aws/front/services/`), which stands before the emulator",
    "and refuses what AWS refuses and the emulator takes. Each row has a test for what is refused and for the nearest that",
    "is taken.",
    "",
    "| rule | operations | refuses | with |",
    "| --- | --- | --- | --- |",
    ...rows,
  ];
  return `${lines.join("\n")}\n`;
}
