/** Writes policies/dist/index.js. */
export declare function bundlePolicies(): Promise<void>;
