import { z } from "zod";

/** An address that requests are sent to. `localhost:8080` is a URL, too, to a computer: of the scheme `localhost`. */
export const webUrl = z.url({ protocol: /^https?$/, error: "a URL such as https://ops.example.com" });
