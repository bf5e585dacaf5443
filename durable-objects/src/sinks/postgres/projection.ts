import type { ClassEvent } from "@cell-monitor/protocol";
import type { LoggedEvent } from "../sink.ts";
import type { ClassIds } from "./ids.ts";
import type { OrderKeys } from "./order.ts";
import type { RowSet } from "./row-set.ts";

/** An event on its way into rows; the rows it refers to are in `rows` already. */
export interface Projected {
  readonly event: ClassEvent;
  readonly logged: LoggedEvent;
  readonly classId: string;
  readonly studentId: string;
  /** Ids of the rows that the event names; absent when it names none. */
  readonly sessionRowId: string | undefined;
  readonly notebookRowId: string | undefined;
  readonly cellRowId: string | undefined;
  readonly order: OrderKeys;
  /** When it happened, by the server's clock and by the client's. */
  readonly time: string;
  readonly clientTime: string;
  readonly ids: ClassIds;
  readonly rows: RowSet;
}

/**
 * Puts an event of one type into rows.
 * @returns false when the event lacks what its own table needs; it is then kept as a progress event
 */
export type Projection = (projected: Projected) => boolean;
