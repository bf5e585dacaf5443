import { metricsQuerySchema } from "@cell-monitor/protocol";
import { classMetrics } from "../metrics/class-metrics.ts";
import { deploymentMetrics } from "../metrics/deployment-metrics.ts";
import { exposition, expositionType } from "../metrics/exposition.ts";
import { mayScrape } from "../metrics/may-scrape.ts";
import { openDatabase } from "../queries/database.ts";
import { defineOpenRoute } from "./define-route.ts";
import type { Route } from "./route.ts";

const metrics = defineOpenRoute({
  method: "get",
  path: "/metrics",
  tag: "operations",
  summary: "Figures of the deployment, as Prometheus reads them",
  description:
    "The bearer is METRICS_TOKEN, or an administrator's credential. With `class_id` also what the object of that class " +
    "knows; to ask for it wakes the class. A worker runs in many places at once and counts nothing across them: requests " +
    "and errors are told by the platform's own analytics.",
  policy: {
    kind: "public",
    because: "the bearer may be a scraper's token, which is nobody's credential",
    wrong: "wrong_keys",
  },
  query: metricsQuerySchema,
  refusals: ["unauthenticated", "token_expired", "token_revoked", "origin_refused", "forbidden"],
  answer: { status: 200, contentType: "text/plain" },
  async handle({ c, env, query: { class_id: classId } }) {
    const who = await mayScrape(c);
    if (!who.ok) return who;
    const ofAll = await deploymentMetrics(openDatabase(env, who.value));
    if (classId === undefined) return text(exposition(ofAll));
    const ofClass = await classMetrics(env, classId);
    return ofClass.ok ? text(exposition([...ofAll, ...ofClass.value])) : ofClass;
  },
});

function text(body: string): Response {
  return new Response(body, { headers: { "content-type": expositionType, "cache-control": "no-store" } });
}

export const metricsRoutes: readonly Route[] = [metrics];
