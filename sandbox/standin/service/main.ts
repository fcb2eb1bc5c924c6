import { runServer } from "../../demo/service/run";
import { startServer } from "./server";
import { readSettings } from "./settings";

/** One server of a stand-in, described by its environment (see settings.ts). */
runServer(readSettings, startServer);
