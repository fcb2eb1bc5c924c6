import { z } from "zod";

/** Within one machine: a tool's stand-in, which no key of value is sent to. */
export const LOOPBACK = /^http:\/\/(127\.0\.0\.1|localhost|\[::1\])(:\d+)?(\/|$)/;

/** Where something is sent to that is nobody else's. A key that goes over http is everybody's. */
export const target = z
  .url({ protocol: /^https?$/, error: "an https URL such as https://hooks.example.com/cutover" })
  .refine(
    (url) => url.startsWith("https://") || LOOPBACK.test(url),
    "an https URL: what is sent over http can be read, and changed, on its way",
  )
  .refine((url) => !/^https?:\/\/[^/]*@/.test(url), "a URL without a password: sign-in belongs in the secret")
  .refine((url) => !url.includes("#"), "a URL without #: what stands behind it is sent to nobody");

/** Where paths are added to: the same with a slash at its end and without. */
export const base = target
  .refine((url) => !url.includes("?"), "a URL without a query: paths are added to it")
  .overwrite((url) => url.replace(/\/+$/, ""));
