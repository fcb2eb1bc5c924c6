import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";

/** One of AWS's own shapes, of a `service-2.json` of botocore. */
export interface Shape {
  readonly type: string;
  readonly required?: readonly string[];
  readonly members?: Readonly<Record<string, Member>>;
  readonly member?: Member;
  readonly key?: Member;
  readonly value?: Member;
  readonly enum?: readonly string[];
  /** A length of text, bytes, a list or a map; of a number, its value. */
  readonly min?: number;
  readonly max?: number;
  readonly pattern?: string;
  readonly sensitive?: boolean;
  readonly flattened?: boolean;
  /** The member that is the whole body. */
  readonly payload?: string;
  readonly document?: boolean;
  readonly union?: boolean;
}

export interface Member {
  readonly shape: string;
  readonly location?: "uri" | "querystring" | "header" | "headers";
  readonly locationName?: string;
  readonly flattened?: boolean;
}

interface Operation {
  readonly http?: { readonly method?: string; readonly requestUri?: string };
  readonly input?: { readonly shape: string };
}

/** What AWS publishes of one service. */
export interface Model {
  readonly metadata: { readonly protocol: string };
  readonly operations: Readonly<Record<string, Operation>>;
  readonly shapes: Readonly<Record<string, Shape>>;
}

/** The folders in botocore's data of what a signature names; AppConfig's two services are one there. */
export const MODELLED: Readonly<Record<string, readonly string[]>> = {
  appconfig: ["appconfig", "appconfigdata"],
  ecs: ["ecs"],
  elasticloadbalancing: ["elbv2"],
  events: ["events"],
  iam: ["iam"],
  kms: ["kms"],
  lambda: ["lambda"],
  logs: ["logs"],
  monitoring: ["cloudwatch"],
  rds: ["rds"],
  scheduler: ["scheduler"],
  secretsmanager: ["secretsmanager"],
  sns: ["sns"],
  sqs: ["sqs"],
  sts: ["sts"],
};

/** AWS's published models, as botocore ships them. A service's are read when it is first called, in some 10 ms, and kept. */
export class Library {
  readonly #read = new Map<string, readonly Model[]>();

  /** @param folder botocore's `data` */
  constructor(private readonly folder: string) {}

  /** The models of a service as a signature names it; none for one that is not listed here. */
  of(service: string): readonly Model[] {
    const models = this.#read.get(service) ?? (MODELLED[service] ?? []).map((name) => this.#load(name));
    this.#read.set(service, models);
    return models;
  }

  #load(name: string): Model {
    const versions = readdirSync(join(this.folder, name)).filter((version) => /^\d{4}-/.test(version));
    const newest = versions.sort().at(-1) as string;
    const file = join(this.folder, name, newest, "service-2.json.gz");
    return JSON.parse(gunzipSync(readFileSync(file)).toString("utf8")) as Model;
  }
}
