import { exportQuerySchema } from "@cell-monitor/protocol";
import { publicOrigin } from "../env.ts";
import { csvFormat, exportStream, jsonlFormat, xapiFormat } from "../export/stream.ts";
import { exportShapes } from "../export/tables.ts";
import { withoutTelling } from "../export/without-telling.ts";
import { audit } from "../privacy/audit.ts";
import { pseudonymsOf, seesPseudonymsOnly } from "../privacy/pseudonyms.ts";
import { type Cursor, type ExportPage, exportPage } from "../queries/export.ts";
import { defineRoute } from "./define-route.ts";
import type { Route } from "./route.ts";

const download = defineRoute({
  method: "get",
  path: "/api/v1/classes/:classId/export",
  tag: "privacy",
  summary: "Export what a class's students did",
  description:
    'By time, as CSV (RFC 4180), JSON Lines or xAPI statements (1.0.3). A complete CSV ends with a record that begins with `#end` and the number of rows, JSON Lines with `{"end":true,"rows":…}`, xAPI with the end of its list: a download without it was cut off, and `from` goes on where it ended. Researchers get pseudonyms, and nothing that somebody typed.',
  policy: {
    kind: "roles",
    roles: ["instructor", "admin", "researcher"],
    classParameter: "classId",
    isHeavy: true,
  },
  query: exportQuerySchema,
  answer: { status: 200, contentType: "*/*" },
  async handle({ c, env, db, who, params: { classId }, query }) {
    const { format: name, from, to } = query;
    const table = name === "xapi" ? "cell_executions" : query.table;
    const shape = exportShapes[table];
    const isPseudonymous = seesPseudonymsOnly(who, classId);
    const columns = shape.columns.filter(({ isPersonal }) => !isPseudonymous || !isPersonal);
    const pseudonymOf = pseudonymsOf(env, classId);
    const mixedBy = isPseudonymous && shape.hasTellingOrder ? await pseudonymOf("order") : undefined;
    const read = async (after?: Cursor): Promise<ExportPage> => {
      const page = await exportPage(db, { classId, shape, columns, from, to, mixedBy }, after);
      if (!isPseudonymous) return page;
      const rows = page.rows.map((row) => withoutTelling(row, columns, pseudonymOf));
      return { ...page, rows: await Promise.all(rows) };
    };
    const details = {
      table,
      format: name,
      ...(from !== undefined && { from }),
      ...(to !== undefined && { to }),
    };
    await audit(db, { who, action: "exported", classId, details });
    const formats = {
      csv: () => csvFormat(columns.map((column) => column.name)),
      jsonl: () => jsonlFormat,
      xapi: () => xapiFormat(`${publicOrigin(env, c.req.url)}/classes/${classId}`),
    };
    const format = formats[name]();
    // What cannot be read at all is refused as anything else is; later on the stream can only break off.
    const body = exportStream(await read(), format, read);
    const extension = name === "xapi" ? "json" : name;
    c.header("content-type", format.contentType);
    c.header("content-disposition", `attachment; filename="${table}.${extension}"`);
    return new Response(body, { headers: c.res.headers });
  },
});

export const exportRoutes: readonly Route[] = [download];
