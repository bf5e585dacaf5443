export { createInfluxSink, type InfluxSinkOptions } from "./influx/influx-sink.ts";
export { createPseudonyms } from "./influx/pseudonyms.ts";
export { createPostgresSink, type PostgresSinkOptions } from "./postgres/postgres-sink.ts";
export { type LoggedEvent, type Sink, type SinkName, sinkNames, type SinkOutcome } from "./sink.ts";
