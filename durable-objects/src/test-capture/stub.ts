import type { Page, Result, StampedEvent, TestCaptured } from "@cell-monitor/protocol";
import type { Captured, TestPage } from "./captures.ts";

/** What may be asked of a class's test capture. */
export interface TestCaptureStub {
  add(events: readonly StampedEvent[]): Promise<Result<Captured>>;
  list(page: Page, studentId?: string): Promise<TestPage>;
  read(testId: string, studentId?: string): Promise<TestCaptured | undefined>;
  remove(testId: string, studentId?: string): Promise<TestCaptured | undefined>;
  forget(studentId: string): Promise<number>;
}

/** The binding: one capture a class, by the class's name. */
export interface TestCaptureNamespace {
  getByName(classId: string): TestCaptureStub;
}
