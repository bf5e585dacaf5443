import type { ErasureReceipt } from "@cell-monitor/protocol";
import type { Env } from "../env.ts";
import { pseudonymOf } from "./pseudonyms.ts";

const timeoutMs = 8_000;

/** Takes a student's points out of InfluxDB, where it can: not every server that takes points does. */
export async function eraseFromInflux(
  env: Env,
  classId: string,
  studentId: string,
): Promise<ErasureReceipt["erased"]["influx"]> {
  const { INFLUX_URL, INFLUX_TOKEN, INFLUX_ORG = "", INFLUX_BUCKET } = env;
  if (INFLUX_URL === undefined || INFLUX_TOKEN === undefined || INFLUX_BUCKET === undefined)
    return "not_set_up";
  const url = new URL("api/v2/delete", INFLUX_URL.endsWith("/") ? INFLUX_URL : `${INFLUX_URL}/`);
  url.search = new URLSearchParams({ org: INFLUX_ORG, bucket: INFLUX_BUCKET }).toString();
  const predicate = `class="${classId}" AND userId="${await pseudonymOf(env, classId, studentId)}"`;
  const body = { start: "1970-01-01T00:00:00Z", stop: "2200-01-01T00:00:00Z", predicate };
  try {
    const response = await fetch(url, {
      method: "POST",
      headers: { authorization: `Token ${INFLUX_TOKEN}`, "content-type": "application/json" },
      body: JSON.stringify(body),
      signal: AbortSignal.timeout(timeoutMs),
    });
    await response.body?.cancel();
    if (response.ok) return "erased";
    return [400, 404, 405, 501].includes(response.status) ? "not_supported" : "failed";
  } catch {
    return "failed";
  }
}
