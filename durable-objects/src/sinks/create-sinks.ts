import { classPseudonyms } from "@cell-monitor/protocol";
import { neon, neonConfig } from "@neondatabase/serverless";
import type { ClassroomEnv } from "../env.ts";
import { projections } from "../event-types/registry.ts";
import { createInfluxSink } from "./influx/influx-sink.ts";
import { heedingFetch } from "./postgres/heeding-fetch.ts";
import { createPostgresSink } from "./postgres/postgres-sink.ts";
import type { Sink } from "./sink.ts";

/** The stores that a deployment has, for one class. A store that isn't set up is not written to. */
export function createSinks(env: ClassroomEnv, classId: string): Sink[] {
  return [postgresSink(env, classId), influxSink(env, classId)].filter((sink) => sink !== undefined);
}

function postgresSink({ DATABASE_URL, NEON_SQL_URL }: ClassroomEnv, classId: string): Sink | undefined {
  if (DATABASE_URL === undefined) return undefined;
  if (NEON_SQL_URL !== undefined) neonConfig.fetchEndpoint = () => NEON_SQL_URL;
  neonConfig.fetchFunction = heedingFetch;
  return createPostgresSink({ classId, sql: neon(DATABASE_URL), projections });
}

function influxSink(env: ClassroomEnv, classId: string): Sink | undefined {
  const { INFLUX_URL, INFLUX_TOKEN, INFLUX_ORG = "", INFLUX_BUCKET, PSEUDONYM_KEY } = env;
  if (INFLUX_URL === undefined || INFLUX_TOKEN === undefined) return undefined;
  if (INFLUX_BUCKET === undefined || PSEUDONYM_KEY === undefined) return undefined;
  return createInfluxSink({
    classId,
    url: INFLUX_URL,
    token: INFLUX_TOKEN,
    org: INFLUX_ORG,
    bucket: INFLUX_BUCKET,
    pseudonymOf: classPseudonyms(PSEUDONYM_KEY, classId),
  });
}
