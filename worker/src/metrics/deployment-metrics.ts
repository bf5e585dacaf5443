import * as v from "valibot";
import about from "../../package.json" with { type: "json" };
import { type Database, DatabaseUnavailableError } from "../queries/database.ts";
import type { Metric, Sample } from "./exposition.ts";

const countedSchema = v.object({
  figure: v.picklist(["classes", "students", "help", "submissions", "untold"]),
  label: v.nullable(v.string()),
  value: v.number(),
});
type Counted = v.InferOutput<typeof countedSchema>;

const countText = `SELECT 'classes' AS figure, CASE WHEN is_active THEN 'active' ELSE 'over' END AS label,
    count(*)::integer AS value FROM classes GROUP BY is_active
  UNION ALL SELECT 'students', CASE WHEN rostered THEN 'true' ELSE 'false' END, count(*)::integer
    FROM students GROUP BY rostered
  UNION ALL SELECT 'help', NULL, count(*)::integer FROM help_requests WHERE is_open
  UNION ALL SELECT 'submissions', status, count(*)::integer FROM assignment_submissions GROUP BY status
  UNION ALL SELECT 'untold', NULL, count(*)::integer FROM assignment_submissions WHERE NOT is_told
  ORDER BY figure, label`;

async function count(db: Database): Promise<Counted[] | undefined> {
  try {
    return await db.rows(countedSchema, countText, []);
  } catch (error) {
    if (error instanceof DatabaseUnavailableError) return undefined;
    throw error;
  }
}

/** What holds of the deployment. Where the database does not answer, that it does not. */
export async function deploymentMetrics(db: Database): Promise<Metric[]> {
  const counted = await count(db);
  const samples = (figure: Counted["figure"], labelName?: string): Sample[] =>
    (counted ?? [])
      .filter((row) => row.figure === figure)
      .map(({ label, value }) => ({
        value,
        ...(labelName !== undefined && label !== null && { labels: { [labelName]: label } }),
      }));
  return [
    {
      name: "cell_monitor_build_info",
      help: "The worker's version.",
      samples: [{ labels: { version: about.version }, value: 1 }],
    },
    {
      name: "cell_monitor_database_up",
      help: "Whether the database answers.",
      samples: [{ value: counted ? 1 : 0 }],
    },
    { name: "cell_monitor_classes", help: "Classes.", samples: samples("classes", "state") },
    {
      name: "cell_monitor_students",
      help: "Students of all classes.",
      samples: samples("students", "rostered"),
    },
    { name: "cell_monitor_help_open", help: "Hands that are up in all classes.", samples: samples("help") },
    { name: "cell_monitor_submissions", help: "Submissions.", samples: samples("submissions", "status") },
    {
      name: "cell_monitor_submissions_untold",
      help: "Submissions that their class has not been told of yet.",
      samples: samples("untold"),
    },
  ];
}
