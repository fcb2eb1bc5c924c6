import { z } from "zod";

/** An address that requests are sent to. `localhost:8080` is a URL, too, to a computer: of the scheme `localhost`. */
const webUrl = z.url({ protocol: /^https?$/, error: "a URL such as https://ops.example.com" });

/** An address that paths are added to. `signIn` says where a password belongs. */
export const baseUrl = (signIn: string) =>
  webUrl
    .refine((url) => !/[?#]/.test(url), "a URL without ? and #: paths are added to it")
    .refine((url) => !/^https?:\/\/[^/]*@/i.test(url), `a URL without a password: ${signIn}`);
