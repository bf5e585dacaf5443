/** Every bound of the protocol, in one place. Bytes are UTF-8 bytes, lengths are UTF-16 code units. */
export const limits = {
  batchEvents: 100,
  /** Of a request's body or a socket's frame, before and after inflating. */
  batchBytes: 1024 * 1024,
  textBytes: 64 * 1024,
  tracebackBytes: 16 * 1024,
  /** Of all that an event carries beyond the fields the protocol names, as JSON. */
  metadataBytes: 64 * 1024,
  /** Of an event, and of its metadata: what has more is not looked at, since looking alone takes long. */
  eventFields: 256,
  jsonDepth: 32,
  eventIdLength: 64,
  idLength: 128,
  nameLength: 256,
  /** Open at once. */
  studentConnections: 32,
  watcherConnections: 200,
  /** Of one connection: what a slow link has saved up may come at once, and a flood may not go on. */
  studentFrames: { burst: 2_000, perSecond: 1_000 },
  watcherFrames: { burst: 200, perSecond: 50 },
  /** Of what an instructor writes to students, in UTF-16 units. */
  noticeLength: 2_000,
  /** What waits for a student who is not there; the oldest go first. */
  waitingNotices: 20,
  noticeMs: 24 * 60 * 60 * 1000,
  pathLength: 1024,
  listLength: 64,
  /** A session's number may run ahead of the highest received one by this much. */
  sequenceJump: 10_000,
  /** The same of a declaration of loss, which closes the gap that it leaves. */
  lossJump: 1_000_000,
  /** Gaps an acknowledgement lists; `through` stops below the next one. */
  ackGaps: 16,
  /** An un-numbered event is told from its repeat for this long, and as long as a class has had no more of them since. */
  unnumberedMemoryMs: 48 * 60 * 60 * 1000,
  unnumberedMemoryIds: 300_000,
  /** Frames a dashboard may leave unacknowledged before it is sent no more. */
  unseenFrames: 8,
  frameIntervalMs: 40,
  steadyFrameIntervalMs: 100,
  steadyAfterMs: 5_000,
  /** A session of which nothing is heard for this long waits for nothing any more. */
  sessionSilentMs: 24 * 60 * 60 * 1000,
  tombstoneMs: 60 * 60 * 1000,
  recentRuns: 20,
  helpRepeatMs: 5_000,
  helpExpiresMs: 10 * 60 * 1000,
  awayAfterMs: 60_000,
  studentTokenMs: 15 * 60 * 1000,
  ticketMs: 60_000,
  loginLinkMs: 15 * 60 * 1000,
  /** Dead letters that one request offers to their stores again. */
  replayLetters: 100,
  webSessionMs: 12 * 60 * 60 * 1000,
  /** What is captured of a test is kept for this long after its last event. */
  captureMs: 10 * 60 * 1000,
  /** Of one class's test capture. */
  captureTests: 100,
  captureEvents: 2_000,
  captureBytes: 4 * 1024 * 1024,
  /** However often a session is made anew, one has to log in again after this. */
  webSessionLongestMs: 7 * 24 * 60 * 60 * 1000,
} as const;
