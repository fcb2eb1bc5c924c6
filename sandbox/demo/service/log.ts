/** To stderr: stdout carries the ready line alone, which the fleet waits for. */
export function log(message: string): void {
  console.error(`${new Date().toISOString()} ${message}`);
}
