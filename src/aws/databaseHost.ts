/**
 * Amazon's names of databases say where they are. Sources: Amazon RDS user guide, "Finding the connection information"; the
 * DNS suffixes of the SDKs' partitions.
 */
const AMAZON_HOST =
  /\.([a-z]{2,4}(?:-[a-z]+)+-\d)\.rds\.(?:amazonaws\.com(?:\.cn)?|amazonaws\.eu|c2s\.ic\.gov|sc2s\.sgov\.gov|cloud\.adc-e\.uk|csp\.hci\.ic\.gov)$/i;

/** The region of a database by Amazon's own name of it; undefined where the host is another name. */
export function regionOfHost(host: string): string | undefined {
  return AMAZON_HOST.exec(host)?.[1]?.toLowerCase();
}
