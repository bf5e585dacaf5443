import type { TestCaptureNamespace } from "./test-capture/stub.ts";

/** What the class objects need of the deployment: where the stores are, and the secrets they take. */
export interface ClassroomEnv {
  /** Absent where no class takes events of tests. */
  readonly TEST_CAPTURE?: TestCaptureNamespace;
  readonly DATABASE_URL?: string;
  /** Where Neon's HTTP protocol is spoken, when not at the host that DATABASE_URL implies. */
  readonly NEON_SQL_URL?: string;
  readonly INFLUX_URL?: string;
  readonly INFLUX_TOKEN?: string;
  readonly INFLUX_ORG?: string;
  readonly INFLUX_BUCKET?: string;
  /** Makes the pseudonyms that stand for students in InfluxDB. */
  readonly PSEUDONYM_KEY?: string;
}
