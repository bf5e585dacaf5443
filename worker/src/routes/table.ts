import { assignmentRoutes } from "./assignments.ts";
import { classStudentRoutes } from "./class-students.ts";
import { auditRoutes } from "./audit.ts";
import { classTokenRoutes } from "./class-tokens.ts";
import { classRoutes } from "./classes.ts";
import { completenessRoutes } from "./completeness.ts";
import { consentRoutes } from "./consent.ts";
import { deadLetterRoutes } from "./dead-letters.ts";
import { enrolmentRoutes } from "./enrolments.ts";
import { documentationRoutes } from "./documentation.ts";
import { eraseRoutes } from "./erase.ts";
import { eventRoutes } from "./events.ts";
import { sectionRoutes, teamRoutes } from "./groups.ts";
import { exportRoutes } from "./export.ts";
import { healthRoutes } from "./health.ts";
import { helpRoutes } from "./help.ts";
import { insightRoutes } from "./insight.ts";
import { joinCodeRoutes } from "./join-codes.ts";
import { keyRoutes } from "./keys.ts";
import { lessonReferenceRoutes } from "./lesson-references.ts";
import { lessonStepRoutes } from "./lesson-steps.ts";
import { lessonRoutes } from "./lessons.ts";
import { liveRoutes } from "./live.ts";
import { loginLinkRoutes } from "./login-links.ts";
import { loginRoutes } from "./login.ts";
import { mapImageRoutes } from "./map-image.ts";
import { mapRoutes } from "./map.ts";
import { memberRoutes } from "./members.ts";
import { messageRoutes } from "./messages.ts";
import { personRoutes } from "./people.ts";
import { metricsRoutes } from "./metrics.ts";
import { notebookRoutes } from "./notebooks.ts";
import { oidcRoutes } from "./oidc.ts";
import { revocationRoutes } from "./revocations.ts";
import { rosterRoutes } from "./roster.ts";
import type { Route } from "./route.ts";
import { studentAuthRoutes } from "./student-auth.ts";
import { submissionRoutes } from "./submissions.ts";
import { testEventRoutes } from "./test-events.ts";
import { studentRoutes } from "./students.ts";

/** Everything the worker answers, and who may ask. */
export const routes: readonly Route[] = [
  ...healthRoutes,
  ...documentationRoutes(() => routes),
  ...eventRoutes,
  ...testEventRoutes,
  ...liveRoutes,
  ...studentAuthRoutes,
  ...loginRoutes,
  ...oidcRoutes,
  ...keyRoutes,
  ...joinCodeRoutes,
  ...loginLinkRoutes,
  ...revocationRoutes,
  ...classRoutes,
  ...teamRoutes,
  ...sectionRoutes,
  ...lessonRoutes,
  ...lessonStepRoutes,
  ...lessonReferenceRoutes,
  ...memberRoutes,
  ...personRoutes,
  ...studentRoutes,
  ...enrolmentRoutes,
  ...rosterRoutes,
  ...classTokenRoutes,
  ...deadLetterRoutes,
  ...completenessRoutes,
  ...helpRoutes,
  ...messageRoutes,
  ...notebookRoutes,
  ...assignmentRoutes,
  ...submissionRoutes,
  ...mapRoutes,
  ...mapImageRoutes,
  ...insightRoutes,
  ...classStudentRoutes,
  ...metricsRoutes,
  ...consentRoutes,
  ...auditRoutes,
  ...eraseRoutes,
  ...exportRoutes,
];
