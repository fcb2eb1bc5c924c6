import { runServer } from "../service/run";
import { startServer } from "./server";
import { readSettings } from "./settings";

/** One server of the demo service, described by its environment (see settings.ts). */
runServer(readSettings, startServer);
