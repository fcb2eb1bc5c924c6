/** Who may know whom (ARCHITECTURE.md). `npm run check` runs it. */
const floors = [
  "text",
  "aws",
  "flags",
  "(channels|delivery)",
  "gates",
  "rollout",
  "(abort|probe|messages|imports|measuring|backups)",
  "(promotion|lambda)",
];

const rule = (name, from, to) => ({ name, severity: "error", from, to });

const upward = floors
  .slice(0, -1)
  .map((floor, index) =>
    rule(
      `src/${floor} knows no higher floor`,
      { path: `^src/${floor}/` },
      { path: `^src/(${floors.slice(index + 1).join("|")})/` },
    ),
  );

const WINGS = "^src/(abort|probe|messages|imports|measuring|backups)/";

module.exports = {
  forbidden: [
    rule("no circle", {}, { circular: true }),
    ...upward,
    rule("src has no floor but these", { path: "^src/", pathNot: `^src/(${floors.join("|")})/` }, {}),
    rule("the wings do not know each other", { path: WINGS }, { path: WINGS, pathNot: "^src/$1/" }),
    rule(
      "src knows nothing outside",
      { path: "^src/" },
      { path: "^(components|policies|cli|sandbox|rollouts)/" },
    ),
    rule(
      "components know src alone",
      { path: "^components/" },
      { path: "^(policies|cli|sandbox|rollouts)/" },
    ),
    rule("policies know src alone", { path: "^policies/" }, { path: "^(components|cli|sandbox|rollouts)/" }),
    rule(
      "the sandbox knows no command",
      { path: "^sandbox/" },
      { path: "^(components|policies|cli|rollouts)/" },
    ),
    // A rehearsal types commands.
    rule(
      "a command knows no other command",
      { path: "^cli/([^/]+)/", pathNot: "^cli/rehearse/" },
      { path: "^cli/([^/]+)/", pathNot: "^cli/$1/" },
    ),
    rule(
      "only rehearsals open a sandbox",
      { path: "^cli/", pathNot: "^cli/(rehearse/|sandbox/|prove-backup/|main)" },
      { path: "^sandbox/" },
    ),
    // A scratch server is the sandbox's PostgreSQL, and nothing else of it.
    rule(
      "a proof of a backup starts a database alone",
      { path: "^cli/prove-backup/" },
      { path: "^sandbox/", pathNot: "^sandbox/(host|postgres)/" },
    ),
    rule(
      "a kind of gate knows no other kind",
      { path: "^src/gates/kinds/([^./]+)\\." },
      { path: "^src/gates/kinds/", pathNot: "^src/gates/kinds/$1\\." },
    ),
    rule(
      "policies reach no network",
      { path: "^policies/" },
      { path: "@aws-sdk|node_modules/pg/|@pulumi/aws", reachable: true },
    ),
    rule(
      "functions reach no Pulumi",
      { path: "^src/lambda/(abortSwitch|probe|messages|measure|channels|delivery)" },
      { path: "@pulumi/", reachable: true },
    ),
    rule("break-glass reaches no Pulumi", { path: "^cli/abort/" }, { path: "@pulumi/", reachable: true }),
    // Apps install it: nothing of the project comes with it.
    rule(
      "the kit knows itself alone",
      { path: "^kit/" },
      { pathNot: "^kit/|^node_modules/|^node:|^[a-z_]+$" },
    ),
    rule("only apps import the kit", { path: "^", pathNot: "^(kit|sandbox/demo|test)/" }, { path: "^kit/" }),
  ],
  options: {
    doNotFollow: { path: "node_modules" },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: "tsconfig.json" },
  },
};
