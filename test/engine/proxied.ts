import { afterAll, afterEach, beforeAll, beforeEach } from "vitest";
import { type AwsProxy, startAwsProxy } from "./awsProxy";
import { Ground } from "./harness";

/** The calls of a promotion that tests wait for, in their order. */
export const SNAPSHOT = /^CreateDBSnapshot$/;
export const FLAG_VERSION = /^POST .*\/hostedconfigurationversions/;
export const DEPLOYMENT = /^POST .*\/deployments/;

/** What `underProxy` opens: there once the tests run. */
export interface UnderProxy {
  readonly ground: Ground;
  readonly proxy: AwsProxy;
  /** Leads a run's calls to AWS through the proxy. */
  readonly env: Record<string, string>;
}

/** A sandbox for all tests of a file or `describe`, and for each a new proxy before its AWS. */
export function underProxy(): UnderProxy {
  let ground: Ground;
  let proxy: AwsProxy;
  beforeAll(async () => {
    ground = await Ground.open();
  });
  afterAll(() => ground?.close());
  beforeEach(async () => {
    proxy = await startAwsProxy(ground.sandbox.aws.endpoint);
  });
  afterEach(() => proxy.stop());
  return {
    get ground() {
      return ground;
    },
    get proxy() {
      return proxy;
    },
    get env() {
      return { AWS_ENDPOINT_URL: proxy.url };
    },
  };
}
