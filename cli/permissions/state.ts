import { each, type Grant } from "./asked";

const STATE = "a sandbox keeps its state in a folder";
const KEY = "a sandbox encrypts secrets with a passphrase";

/** Where Pulumi keeps the state, and what encrypts the secrets in it. */
export const STATE_GRANTS: readonly Grant[] = [
  {
    sid: "FindTheState",
    for: ["preview", "drift", "promote", "doctor"],
    actions: each(STATE, "s3:ListBucket"),
    on: ({ partition, stateBucket }) => (stateBucket ? [`arn:${partition}:s3:::${stateBucket}`] : []),
  },
  {
    sid: "ReadTheState",
    for: ["preview", "drift", "promote", "doctor"],
    actions: each(STATE, "s3:GetObject"),
    on: ({ partition, stateBucket }) =>
      stateBucket ? [`arn:${partition}:s3:::${stateBucket}/.pulumi/*`] : [],
  },
  {
    sid: "WriteTheState",
    for: ["promote"],
    actions: each(STATE, "s3:DeleteObject", "s3:PutObject"),
    on: ({ partition, stateBucket }) =>
      stateBucket ? [`arn:${partition}:s3:::${stateBucket}/.pulumi/*`] : [],
  },
  {
    sid: "DecryptTheState",
    for: ["preview", "drift", "promote", "doctor"],
    actions: each(KEY, "kms:Decrypt"),
    on: ({ stateKey }) => (stateKey ? [stateKey] : []),
  },
  {
    sid: "EncryptTheState",
    for: ["promote"],
    actions: each(KEY, "kms:Encrypt"),
    on: ({ stateKey }) => (stateKey ? [stateKey] : []),
  },
];
