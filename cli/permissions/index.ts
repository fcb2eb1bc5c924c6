import { Argument, Option } from "commander";
import { find, folder, footer, type Registration, region, rollout } from "../registration";
import { ROLES } from "./asked";

export const addPermissions: Registration = (program, exit) => {
  program
    .command("permissions")
    .addArgument(new Argument("<role>", "for whom: see below").choices([...ROLES, "deny"]))
    .description("Print the least that a role needs on AWS for this rollout, and who may take it.")
    .requiredOption("--account <id>", "the AWS account, by its twelve digits")
    .option("--application <id>", "the AppConfig application's id, once the first stack is up: *", "*")
    .option("--state-bucket <name>", "the S3 bucket that keeps Pulumi's state")
    .option("--state-key <arn>", "the KMS key that encrypts the stacks' secrets")
    .option("--preview-bucket <name>", "the S3 bucket that a promotion copies states to, for previews")
    .option("--preview-key <arn>", "the KMS key that encrypts the copies")
    .option("--boundary <arn>", "the policy that must bound each role that a promotion makes")
    .option("--github <repository>", "jobs of this repository may take it: OWNER/NAME")
    .option("--gitlab <project>", "jobs of this project may take it: GROUP/PROJECT")
    .option("--gitlab-instance <host>", "where that project is", "gitlab.com")
    .option("--branch <name>", "the protected branch that a GitLab project promotes from", "main")
    .addOption(new Option("--as <form>", "how it is printed").choices(["json", "pulumi"]).default("json"))
    .addOption(folder())
    .addOption(rollout())
    .addOption(region())
    .hook("preAction", find)
    .addHelpText(
      "after",
      footer(
        "measure: looks at gates, guards and flags (status, check, prove, report).\npreview: the same, and reads the state: the job that runs unreviewed code.\ndrift: the same, and reads every resource that a stack declares.\npromote: brings stages up, finishes, drills; one of the three that start deployments.\nbreak-glass: a person who aborts, stops, holds, dismisses and acknowledges, without Pulumi.\ndoctor: a person who looks whether the set-up is as it has to be.\nretire: a person who takes a rollout away for good, the flag store with it.\nbackup: a job that dumps the database and proves the dumps (backup, prove-backup).\ndeny: a service control policy, or a boundary of all other roles, that keeps them from starting or stopping deployments, also by way of a switch. AppConfig takes no policy of its own that could.\n\nAsks nothing of AWS. What does not fit into one managed policy is several.\n\nExit code 0 when it is printed.",
        [
          "cutover permissions measure --account 123456789012",
          "cutover permissions promote --account 123456789012 --github acme/ops --as pulumi",
          "cutover permissions deny --account 123456789012 --application abc1234",
        ],
      ),
    )
    .action(async (role, { cwd, ...asked }) => {
      const { permissionsCommand } = await import("./run");
      exit(permissionsCommand({ role, folder: cwd, ...asked }));
    });
};
