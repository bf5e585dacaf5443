/** List prices in US dollars, without what a plan includes. */
export const cloudflare = {
  workerRequest: 0.3 / 1e6,
  objectRequest: 0.15 / 1e6,
  /** Frames that come in, to a request. */
  framesARequest: 20,
  gigabyteSecond: 12.5 / 1e6,
  /** What an object is charged as, whatever it uses. */
  objectGigabytes: 0.128,
  rowWritten: 1 / 1e6,
  gigabyteMonth: 0.2,
} as const;

/** Of the smallest plans that are paid for; they change oftener than what is counted. */
export const stores = {
  neonComputeHour: 0.106,
  /** The smallest size, which such a class does not fill. */
  neonComputeUnits: 0.25,
  influxMegabyteIn: 0.0025,
} as const;
