/** How long after it was made a token opens connections, in s. Source: Amazon RDS user guide, "IAM database authentication". */
const LIFE_S = 900;

/**
 * What is wrong with a token of IAM database authentication; undefined where nothing is. It is an address, as the AWS SDKs
 * presign it: to whom it is, for which login, by whose credentials, when. Whether the signature is right, nobody can say
 * who knows no secret key.
 *
 * @param address host and port that the client connected to
 */
export function tokenFault(token: string, user: string, address: string, now: Date): string | undefined {
  let url: URL;
  try {
    url = new URL(`https://${token}`);
  } catch {
    return "it is no token";
  }
  const said = (name: string) => url.searchParams.get(name) ?? "";
  const date = /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/.exec(said("X-Amz-Date"));
  if (url.host !== address) return `it is for ${url.host}`;
  if (url.pathname !== "/" || said("Action") !== "connect") return "it is for something else";
  if (said("DBUser") !== user) return `it is for another login`;
  if (said("X-Amz-Algorithm") !== "AWS4-HMAC-SHA256" || !/^[0-9a-f]{64}$/.test(said("X-Amz-Signature")))
    return "it is not signed";
  if (!/^[^/]+\/\d{8}\/[a-z0-9-]+\/rds-db\/aws4_request$/.test(said("X-Amz-Credential")))
    return "it is signed for another service";
  if (said("X-Amz-Expires") !== String(LIFE_S) || date === null)
    return "it does not say how long it is valid";
  const [, year, month, day, hour, minute, second] = date.map(Number) as [
    number,
    number,
    number,
    number,
    number,
    number,
    number,
  ];
  const age = (now.getTime() - Date.UTC(year, month - 1, day, hour, minute, second)) / 1_000;
  return age > LIFE_S || age < -LIFE_S ? "it has expired" : undefined;
}
