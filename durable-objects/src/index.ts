export { Classroom } from "./classroom/classroom.ts";
export { type ClassClaims } from "./classroom/claims.ts";
export { type DeadLetterPage, type DeadLetterQuery } from "./classroom/dead-letter-page.ts";
export { type Recorded } from "./classroom/class-object.ts";
export { type LiveHolder } from "./classroom/live/holder.ts";
export { liveHolderHeader } from "./classroom/live/open-live.ts";
export { type ClassSettings } from "./classroom/settings.ts";
export { type ClassroomEnv } from "./env.ts";
export { type ClassroomNamespace, type ClassroomStub } from "./classroom/stub.ts";
