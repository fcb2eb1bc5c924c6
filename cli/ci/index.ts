import { footer, type Registration } from "../registration";

export const addCi: Registration = (program, exit) => {
  const ci = program
    .command("ci")
    .description(
      "What the jobs of a repository need on GitHub and GitLab: its stacks, and comments of pull requests.",
    );
  ci.command("stacks")
    .description("Print the stacks of this repository's rollouts as JSON, for the jobs of a pipeline.")
    .option("--since <commit>", "only those that the commits since this one concern, by its hash")
    .option("--rollout <name>", "only those of this rollout")
    .option("-s, --stage <stage>", "only this one of the rollout")
    .option(
      "--backups",
      "only the first one of each rollout whose dumps lie in a bucket, for a job that proves them",
    )
    .addHelpText(
      "after",
      footer(
        "A rollout is a folder with a Pulumi.yaml whose stack files have the key cutover:rollout or cutover:stage, also where they are broken otherwise. A change of the program, or of what npm installs, concerns every stack.\n\nExit code 0 where they are printed, none at all too; 1 where there is no such rollout or stage, or git does not know the commit.",
        ["cutover ci stacks", "cutover github stacks --rollout search -s p5"],
      ),
    )
    .action(async (asked) => {
      const { stacksCommand } = await import("./run");
      exit(stacksCommand({ ...asked, folder: process.cwd() }));
    });
  ci.command("guard")
    .description("Say what of this repository could promote something that nobody else has looked at.")
    .addHelpText(
      "after",
      footer(
        "CODEOWNERS has to name owners of every stack file, of each rollout's own code, of policies, of the program that promotes and what installs it, of workflows and actions, or GitLab's pipeline, and of itself, and not the team OWNER/release, which stands for yours. A job whose steps change an account with pulumi needs an environment, and not cutover-read, which asks nobody. No workflow checks strangers' code out with the rights of pull_request_target, workflow_run or issue_comment. Of scripts that a job calls it knows nothing.\n\nWith GITHUB_TOKEN (actions: read) and GITHUB_REPOSITORY it asks GitHub how the environments are set: cutover-read, that of each rollout and each that a job promotes in let the default branch in alone, no tag of its name; all but cutover-read have reviewers, who do not approve themselves, and administrators do not go past them. Not looked at is that the default branch asks for a code owner's review, and how GitLab is set.\n\nExit code 0 where nothing is open, else 1.",
        ["cutover ci guard"],
      ),
    )
    .action(async () => {
      const { guardCommand } = await import("./run");
      exit(await guardCommand({ folder: process.cwd() }));
    });
  ci.command("state")
    .description("Copy the states of a rollout to where previews read them, without their secrets.")
    .requiredOption("--rollout <name>", "the rollout")
    .addHelpText(
      "after",
      footer(
        "For a job that has promoted. Every stack that is there is copied: what is secret in its state keeps its shape, and nothing of what it says. cutover preview --copy reads the copies with a key of their own.\n\nIt takes from the environment PREVIEW_BACKEND_URL, where previews keep their state, and must not be the backend of the rollout; PREVIEW_SECRETS_PROVIDER, such as awskms://alias/preview, and else PREVIEW_CONFIG_PASSPHRASE; PREVIEW_ACCESS_TOKEN where the backend asks for one.\n\nExit code 0 when all are copied, else 1. The states themselves stay as they are.",
        ["cutover ci state --rollout search"],
      ),
    )
    .action(async ({ rollout }) => {
      const { stateCommand } = await import("./state");
      exit(await stateCommand({ rollout, folder: process.cwd() }));
    });
  ci.command("comment")
    .argument("<folder>", "where the comments are, as .md files that cutover preview --markdown wrote")
    .description(
      "Post each as a comment on a pull or merge request, in place of the one before it about the same stack.",
    )
    .addHelpText(
      "after",
      footer(
        "On GitHub it takes GITHUB_TOKEN, GITHUB_REPOSITORY and PULL_REQUEST, the pull request's number, from the environment; on GitLab GITLAB_TOKEN, CI_API_V4_URL, CI_PROJECT_ID and CI_MERGE_REQUEST_IID. What the files hold is posted as text alone: links to other files are refused, nobody is told by name, and no line is a command. One that cannot be posted keeps no other from it.\n\nExit code 0 when all are posted, else 1.",
        ["cutover ci comment comments"],
      ),
    )
    .action(async (folder: string) => {
      const { commentCommand } = await import("./run");
      exit(await commentCommand(folder, process.env));
    });
};
