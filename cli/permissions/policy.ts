import { allow, policyOf, type Statement } from "../../components/permissions/statement";
import type { Asked, Grant, Role } from "./asked";
import { BACKUP_GRANTS } from "./backups";
import { DECLARING } from "./declaring";
import { KEY_GRANTS } from "./keys";
import { LOOKING } from "./looking";
import { STATE_GRANTS } from "./state";

/** What AWS takes in one managed policy, in characters; white space counts for none. */
export const LONGEST_POLICY = 6_144;

/** Every grant that there is. */
export const GRANTS: readonly Grant[] = [
  ...LOOKING,
  ...DECLARING,
  ...KEY_GRANTS,
  ...STATE_GRANTS,
  ...BACKUP_GRANTS,
];

/** What a role may do, as statements. */
export function statementsOf(role: Role, asked: Asked): Statement[] {
  return GRANTS.filter(({ for: roles }) => roles.includes(role)).flatMap(({ sid, actions, on, when }) => {
    const resources = [...new Set(on(asked))];
    return resources.length > 0 ? [allow(sid, Object.keys(actions).sort(), resources, when?.(asked))] : [];
  });
}

/** The statements of a role in as few managed policies as hold them, in their order. */
export function policiesOf(role: Role, asked: Asked): object[] {
  const policies: Statement[][] = [];
  for (const statement of statementsOf(role, asked).flatMap(pieces)) {
    const last = policies.at(-1);
    if (last && lengthOf([...last, statement]) <= LONGEST_POLICY) last.push(statement);
    else policies.push([statement]);
  }
  return policies.map(policyOf);
}

/** A statement that no policy holds, by halves of its resources. Sids are unique within one policy alone. */
function pieces(statement: Statement): Statement[] {
  const { Resource, Sid } = statement;
  if (lengthOf([statement]) <= LONGEST_POLICY || Resource.length < 2) return [statement];
  const half = Math.ceil(Resource.length / 2);
  return [
    ...pieces({ ...statement, Sid: `${Sid}A`, Resource: Resource.slice(0, half) }),
    ...pieces({ ...statement, Sid: `${Sid}B`, Resource: Resource.slice(half) }),
  ];
}

function lengthOf(statements: readonly Statement[]): number {
  return JSON.stringify(policyOf(statements)).length;
}
