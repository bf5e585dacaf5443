import * as v from "valibot";

const figureSchema = v.object({
  name: v.string(),
  unit: v.string(),
  runs: v.pipe(v.array(v.number()), v.readonly()),
});

/** What a benchmark left behind. */
export const resultSchema = v.object({
  name: v.string(),
  at: v.string(),
  node: v.string(),
  machine: v.object({ cpu: v.string(), processors: v.number(), loadBefore: v.number() }),
  database: v.string(),
  quick: v.boolean(),
  runs: v.number(),
  tookSeconds: v.number(),
  figures: v.pipe(v.array(figureSchema), v.readonly()),
});
export type Result = v.InferOutput<typeof resultSchema>;
