import { createApp } from "./app.ts";
import { routes } from "./routes/table.ts";

export { Classroom } from "@cell-monitor/durable-objects";
export default createApp(routes);
