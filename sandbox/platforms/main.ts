import { readFileSync } from "node:fs";
import { createServer } from "node:http";
import { type Answered, type Asked, bodyOf } from "../host/http";
import { LOOPBACK, listenAnywhere } from "../host/ports";
import { EnvServer } from "./envServer";
import { type Faults, Hosted } from "./platform";
import { standInFor } from "./standIns";
import type { PlatformsSettings } from "./start";
import { runTask } from "./tasks";

/** One delivery's platform, with a server on it. */
class Platform {
  readonly server: EnvServer;
  readonly hosted: Hosted;
  private readonly standIn;

  constructor(
    { aws, program }: PlatformsSettings,
    { config, declared }: PlatformsSettings["platforms"][string],
  ) {
    this.server = new EnvServer(program, { declared, names: config.names });
    this.hosted = new Hosted(0, (variables) => this.server.launch(variables));
    this.standIn = standInFor(config);
    if (config.kind === "ssm") runTask(aws, config, this.server);
  }

  /** What is below `/_sandbox/` is the sandbox's own; all else is the platform's. */
  async answer(asked: Asked): Promise<Answered> {
    switch (asked.path) {
      case "/_sandbox/flags": {
        const report = await this.server.report().catch(() => undefined);
        return { status: report === undefined ? 503 : 200, body: report ?? "{}" };
      }
      case "/_sandbox/faults":
        Object.assign(this.hosted.faults, JSON.parse(asked.body) as Partial<Faults>);
        return { status: 200, body: "{}" };
      case "/_sandbox/state": {
        const { variables, running, starts } = this.hosted;
        return {
          status: 200,
          body: JSON.stringify({ variables: Object.fromEntries(variables), running, starts }),
        };
      }
      default:
        if (this.hosted.faults.refusing) return { status: 401, body: '{"error":"Unauthorized"}' };
        return this.standIn?.answer(this.hosted, asked) ?? { status: 404, body: "" };
    }
  }
}

/** Platforms as a process of its own: each below the name of its delivery. Says where it listens. */
async function main(file: string): Promise<void> {
  const settings = JSON.parse(readFileSync(file, "utf8")) as PlatformsSettings;
  const platforms = new Map(
    Object.entries(settings.platforms).map(([name, one]) => [name, new Platform(settings, one)]),
  );
  const server = createServer((request, response) => {
    const [, name = "", path = "/"] = /^\/([a-z0-9-]+)(\/.*)?$/.exec(request.url ?? "") ?? [];
    const { method = "", headers } = request;
    void bodyOf(request)
      .then(async (body) => platforms.get(name)?.answer({ method, path, headers, body }))
      .then((answered) => {
        const { status, body, headers: more } = { headers: {}, ...(answered ?? { status: 404, body: "" }) };
        response.writeHead(status, { "content-type": "application/json", ...more }).end(body);
      })
      .catch(() => response.writeHead(500).end());
  });
  for (const signal of ["SIGTERM", "SIGINT"] as const)
    process.once(signal, () => {
      for (const { server } of platforms.values()) server.stop();
      process.exit(0);
    });
  console.log(JSON.stringify({ listening: `http://${LOOPBACK}:${await listenAnywhere(server)}` }));
}

void main(String(process.argv[2]));
