import { accept, refusalResponse, refuse, type Result } from "@cell-monitor/protocol";
import { isPerson, type Principal } from "../auth/claims.ts";
import type { Env } from "../env.ts";
import type { AppContext, Route } from "../routes/route.ts";
import { clientKeyOf } from "./client-address.ts";
import { type Counted, Counters } from "./counters.ts";
import { limitHeaders } from "./headers.ts";
import type { Reading } from "./meter.ts";
import { type LimitPolicy, policies, type PolicyName } from "./policy.ts";

// Of this isolate: docs/adr/0010 says why that is enough.
const counters = new Counters(() => Date.now());

/**
 * Counts a request for whoever asks, before anything of its body is read, and says on its answer how their limits stand.
 * @param who absent: whoever is at the client's address
 */
export async function limitRequest(
  c: AppContext,
  route: Route,
  run: () => Promise<Response>,
  who?: Principal,
): Promise<Response> {
  const wrong = wrongLimit(c, route);
  const wrongSoFar = wrong ? [counters.look(wrong)].filter(({ isAllowed }) => !isAllowed) : [];
  const readings =
    wrongSoFar.length > 0
      ? wrongSoFar
      : counters.take(who ? countedFor(c.env, route, who) : countedForClient(c));
  const outcome = outcomeOf(readings);
  const response = outcome.ok ? await run() : refusalResponse(outcome.refusal);
  if (wrong && opensNothing.has(response.status)) counters.take([wrong]);
  return withHeaders(response, limitHeaders(readings));
}

/** Counts a use of something that a body named. */
export function limitUse(env: Env, name: PolicyName, key: string): Result<true> {
  return outcomeOf(counters.take([{ policy: scaled(env, policies[name]), key }]));
}

/** Answers to a code or key that is none. */
const opensNothing = new Set([401, 404]);

function outcomeOf(readings: readonly Reading[]): Result<true> {
  const retryAfterMs = Math.max(
    0,
    ...readings.filter(({ isAllowed }) => !isAllowed).map((at) => at.retryAfterMs),
  );
  if (retryAfterMs === 0) return accept(true);
  const message = "That is more than may be asked in so short a time; wait, and ask again.";
  return refuse("rate_limited", message, { retryAfterMs });
}

function countedFor(env: Env, { policy }: Route, who: Principal): Counted[] {
  const own = { policy: scaled(env, ownPolicy(who)), key: who.sub };
  if (isPerson(who)) {
    const isHeavy = policy.kind === "roles" && policy.isHeavy === true;
    return isHeavy ? [own, { policy: scaled(env, policies.heavy), key: who.sub }] : [own];
  }
  const ofClass = scaled(env, policies.class);
  return [own, ...Object.keys(who.cls).map((classId) => ({ policy: ofClass, key: classId }))];
}

function ownPolicy(who: Principal): LimitPolicy {
  if (isPerson(who)) return policies.person;
  return who.role === "class_key" ? policies.class_key : policies.student;
}

function countedForClient(c: AppContext): Counted[] {
  const key = clientOf(c);
  return key === undefined ? [] : [{ policy: scaled(c.env, policies.address), key }];
}

function wrongLimit(c: AppContext, { policy }: Route): Counted | undefined {
  if (policy.kind !== "public" || policy.wrong === undefined) return undefined;
  const key = clientOf(c);
  return key === undefined ? undefined : { policy: scaled(c.env, policies[policy.wrong]), key };
}

/** Undefined where the platform names no address: then there is nothing to tell clients by. */
function clientOf(c: AppContext): string | undefined {
  // What a client sends under this name, the platform replaces.
  const address = c.req.header("cf-connecting-ip");
  return address === undefined ? undefined : clientKeyOf(address);
}

function scaled(env: Env, policy: LimitPolicy): LimitPolicy {
  const scale = Number(env.LIMIT_SCALE ?? 1);
  // What is no number would refuse everybody everything.
  if (scale === 1 || !(scale > 0 && Number.isFinite(scale))) return policy;
  return { ...policy, quota: Math.max(1, Math.round(policy.quota * scale)) };
}

function withHeaders(response: Response, headers: Readonly<Record<string, string>>): Response {
  // An upgrade's answer is the platform's, and cannot be changed.
  if (response.status === 101) return response;
  // A copy: what comes from an object has headers that cannot be changed either.
  const answer = new Response(response.body, response);
  for (const [name, value] of Object.entries(headers)) answer.headers.set(name, value);
  return answer;
}
