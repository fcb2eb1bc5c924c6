import { policyOf, type Statement } from "../../components/permissions/statement";
import { roleArn } from "./arn";
import { flagStore, reminderRoles, switches, switchRoles } from "./arns";
import type { Asked } from "./asked";
import { delivering, deliveringRoles } from "./outside";

/** Whoever may start deployments, by the names of their roles. */
export interface Deployers {
  readonly promote: string;
  readonly breakGlass: string;
}

/**
 * Keeps everybody else in the account from changing the flags, also by way of a switch: by its code, its role or a call of
 * it; and from changing what platforms are given, by way of the function that carries flags on. AppConfig takes no policy of its own on a resource, so it has to be a service control policy, or a permissions
 * boundary of all others. Whoever may change the roles of the promoter and of who breaks the glass is left to the account:
 * somebody has to keep them.
 */
export function denyOthers(asked: Asked, { promote, breakGlass }: Deployers): object {
  const store = flagStore(asked);
  const promoter = roleArn(asked, promote);
  const functions = switches(asked);
  const ofSwitches = switchRoles(asked);
  const ofReminders = reminderRoles(asked);
  const ofDeliveries = deliveringRoles(asked);
  return policyOf(
    [
      deny(
        "OnlyWhoPromotesOrAborts",
        // One that is stopped, or taken back after it was completed (AllowRevert), puts the flags before it there again.
        // Source: AppConfig's API reference, StopDeployment.
        ["appconfig:StartDeployment", "appconfig:StopDeployment"],
        [store, `${store}/environment/*`],
        [promoter, roleArn(asked, breakGlass), ...ofSwitches],
      ),
      deny(
        "NothingElseDeploys",
        // A monitor rolls a deployment back, also an abort's; an extension changes what a deployment holds.
        ["appconfig:CreateExtensionAssociation", "appconfig:UpdateEnvironment"],
        [store, `${store}/*`],
        [promoter],
      ),
      deny(
        "OnlyAsDeclared",
        ["lambda:AddPermission", "lambda:UpdateFunctionCode", "lambda:UpdateFunctionConfiguration"],
        [...functions, ...delivering(asked)],
        [promoter],
      ),
      deny(
        "OnlyAlarmsAndReminders",
        ["lambda:InvokeFunction", "lambda:InvokeFunctionUrl"],
        functions.flatMap((fn) => [fn, `${fn}:*`]),
        ofReminders,
      ),
      deny(
        "NobodyElseInTheirPlace",
        ["iam:AttachRolePolicy", "iam:PutRolePolicy", "iam:UpdateAssumeRolePolicy"],
        [...ofSwitches, ...ofReminders, ...ofDeliveries],
        [promoter],
      ),
      // A switch hands the role of its reminders to the schedules that it makes.
      deny("NobodyHandsThemOn", ["iam:PassRole"], [...ofSwitches, ...ofDeliveries], [promoter]),
      deny("NobodyElseReminds", ["iam:PassRole"], ofReminders, [promoter, ...ofSwitches]),
    ].flat(),
  );
}

/** Nothing, where there is nothing to deny it on. */
function deny(
  Sid: string,
  Action: readonly string[],
  Resource: readonly string[],
  but: readonly string[],
): Statement[] {
  if (Resource.length === 0) return [];
  const others = { ArnNotLike: { "aws:PrincipalArn": but } };
  return [{ Sid, Effect: "Deny", Action, Resource, ...(but.length > 0 ? { Condition: others } : {}) }];
}
