import * as v from "valibot";
import { isDeeperThan } from "../json.ts";
import { limits } from "../limits.ts";

const text = v.union([v.string(), v.array(v.string())], "must be text, or a list of lines");
const metadata = v.looseObject({});
const count = v.nullable(v.pipe(v.number(), v.integer(), v.minValue(0)));
const mimeBundle = v.record(v.string(), v.unknown());

const outputSchema = v.variant(
  "output_type",
  [
    v.looseObject({
      output_type: v.literal("execute_result"),
      execution_count: count,
      data: mimeBundle,
      metadata,
    }),
    v.looseObject({ output_type: v.literal("display_data"), data: mimeBundle, metadata }),
    v.looseObject({ output_type: v.literal("stream"), name: v.string(), text }),
    v.looseObject({
      output_type: v.literal("error"),
      ename: v.string(),
      evalue: v.string(),
      traceback: v.array(v.string()),
    }),
  ],
  "must be an output as nbformat 4 has it",
);

const anyCell = {
  id: v.optional(v.pipe(v.string(), v.regex(/^[\w-]{1,64}$/, "must be 1 to 64 letters, digits, - or _"))),
  metadata,
  source: text,
};
const attachments = v.optional(v.record(v.string(), mimeBundle));

const cellSchema = v.variant(
  "cell_type",
  [
    v.looseObject({
      ...anyCell,
      cell_type: v.literal("code"),
      execution_count: count,
      outputs: v.array(outputSchema),
    }),
    v.looseObject({ ...anyCell, cell_type: v.literal("markdown"), attachments }),
    v.looseObject({ ...anyCell, cell_type: v.literal("raw"), attachments }),
  ],
  "must be a code, markdown or raw cell",
);

interface Identified {
  readonly nbformat_minor: number;
  readonly cells: readonly { readonly id?: string | undefined }[];
}

/** From 4.5 on every cell has an id, and no two have the same. */
function hasGoodIds({ nbformat_minor: minor, cells }: Identified): boolean {
  const ids = cells.map(({ id }) => id).filter((id) => id !== undefined);
  return new Set(ids).size === ids.length && (minor < 5 || ids.length === cells.length);
}

/**
 * A notebook as nbformat 4 describes it (nbformat.v4.schema.json, minors 0 to 5). What the format does not know is kept:
 * later minors add fields, and tools add their own.
 */
export const nbformatSchema = v.pipe(
  v.looseObject({
    nbformat: v.literal(4, "must be 4; open and save the notebook in JupyterLab to convert it"),
    nbformat_minor: v.pipe(v.number(), v.integer(), v.minValue(0)),
    metadata,
    cells: v.pipe(v.array(cellSchema), v.maxLength(10_000)),
  }),
  v.check(
    (notebook) => !isDeeperThan(notebook, limits.jsonDepth),
    `nests deeper than ${limits.jsonDepth} levels`,
  ),
  v.check((notebook) => hasGoodIds(notebook), "must give every cell an id of its own, from format 4.5 on"),
);
