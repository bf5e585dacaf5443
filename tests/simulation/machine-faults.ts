/** How the machine and its disk behave; `calm` once all is to be well. */
export interface MachineFaults {
  readonly slowDisk: number;
  readonly diskError: number;
  readonly lateAlarm: number;
  readonly twiceAlarm: number;
}

export const calm: MachineFaults = { slowDisk: 0, diskError: 0, lateAlarm: 0, twiceAlarm: 0 };
