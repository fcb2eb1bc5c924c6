import { LOOPBACK } from "../../host/ports";
import { Library } from "./models/library";
import { createFront } from "./server";
import { allServices } from "./services";
import { Upstream } from "./upstream";

const TICK_MS = 1_000;

const [port, endpoint, token, models] = process.argv.slice(2) as [string, string, string, string];
const { services, cloudwatch } = allServices();
const world = { upstream: new Upstream(endpoint), now: () => Date.now() };
const server = createFront(services, world, { token, library: new Library(models) });
server.on("error", (error) => {
  console.error(error.message);
  process.exit(1);
});
server.listen(Number(port), LOOPBACK);
// What a service has started would otherwise be killed with us, in the middle of what it writes.
process.once("SIGTERM", () => {
  void Promise.allSettled(services.map((service) => service.close?.())).then(() => process.exit(0));
});
setInterval(() => void cloudwatch.tick(world).catch(console.error), TICK_MS);
