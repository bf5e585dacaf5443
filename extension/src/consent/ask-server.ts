import { baseUrlOf, type Credentials, type Platform } from "@cell-monitor/client";
import { consentResponseSchema } from "@cell-monitor/protocol";
import * as v from "valibot";

export type ConsentText = v.InferOutput<typeof consentResponseSchema>;
export type Choice = NonNullable<ConsentText["choice"]>;

/** `changed`: the text is another by now. `unheard_of`: the server asks nothing of anybody. */
export type ConsentAnswer =
  | { readonly kind: "told"; readonly consent: ConsentText }
  | { readonly kind: "changed" | "unheard_of" | "unavailable" };

export interface ConsentServer {
  readonly server: string;
  readonly credentials: Credentials;
  readonly platform: Pick<Platform, "fetch">;
}

const deadlineMs = 15_000;

/** Asks what the student is to agree to, or says what they chose. */
export async function askServer(
  to: ConsentServer,
  chosen?: { readonly version: number; readonly choice: Choice },
): Promise<ConsentAnswer> {
  let response = await send(to, chosen);
  if (response?.status === 401 && (await to.credentials.refresh()) === "renewed") {
    response = await send(to, chosen);
  }
  const status = response?.status ?? 0;
  if (status === 409) return { kind: "changed" };
  if (status === 404) return { kind: "unheard_of" };
  if (!response?.ok) return { kind: "unavailable" };
  const body: unknown = await response.json().catch(() => undefined);
  const consent = v.safeParse(consentResponseSchema, body);
  return consent.success ? { kind: "told", consent: consent.output } : { kind: "unavailable" };
}

async function send({ server, credentials, platform }: ConsentServer, chosen: object | undefined) {
  const headers = {
    authorization: `Bearer ${credentials.token() ?? ""}`,
    ...(chosen && { "content-type": "application/json" }),
  };
  try {
    return await platform.fetch(`${baseUrlOf(server)}/api/v1/consent`, {
      method: chosen ? "PUT" : "GET",
      headers,
      ...(chosen && { body: JSON.stringify(chosen) }),
      credentials: "omit",
      signal: AbortSignal.timeout(deadlineMs),
    });
  } catch {
    return undefined;
  }
}
